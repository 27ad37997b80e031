"""Questions made from paragraphs: what is asked, what is not, and that every draft stands on its quote."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cli.main import main
from eval.anchors import Anchors
from eval.authoring.coverage import coverage
from eval.authoring.drafting import draft_cases, unanswerable_cases
from eval.authoring.leaving_out import split, write_corpus
from eval.authoring.mining import mine
from eval.cases import load_set
from eval.data import packaged_corpus, packaged_set
from eval.validation import validate
from index.library import Library
from index.records import Paragraph
from rag.assistant import Assistant
from rag.settings import Settings


def paragraph(text, *heading, source="a.txt", start=0):
    identity = f"{source}:{start}:{text[:8]}"
    return Paragraph(identity, text, heading, source, start, start + len(text))


def questions(*paragraphs, **options):
    return [case.question for case in draft_cases(paragraphs, **options)]


@pytest.mark.parametrize(
    ("text", "kind", "answers"),
    [
        ("望江区建成中试车间23间。", "figure", ("23间",)),
        ("毕业生就业率为91.5%。", "share", ("91.5%",)),
        ("数字港于2024年6月18日开园。", "date", ("2024年6月18日",)),
        ("发布《人才十条》，效果很好。", "title", ("人才十条",)),
        ("启动“一校一馆”计划。", "title", ("一校一馆",)),
        ("学院开设光刻维护、精密封装、镜片检测三个专业方向。", "list", ("光刻维护", "精密封装", "镜片检测")),
        ("全縣開設越語、印語、泰語三種課程。", "list", ("越語", "印語", "泰語")),
        ("布局建设河北高新、山河湾等四大功能区。", "list", None),  # the items differ in length
        ("发布甲乙丙丁、戊己等。", "list", None),  # where the first item begins is not known
        ("发布《甲方案》《乙方案》。", "title", None),  # one of two cannot be asked for alone
        ("They hung boxes in stations, markets and schools.", "list", None),
        ("Boxes hang in stations, markets and schools.", "list", ("stations", "markets", "schools")),
        ("The library counted 2.34 million visits.", "figure", ("2.34 million",)),
        ("The store at Berth 9 is full.", "figure", None),
        ("The port handled nothing in 2024.", "figure", None),
        ("It was 12% of all.", "share", None),
    ],
)
def test_what_can_be_asked(text, kind, answers):
    found = [one for one in mine(text) if one.kind == kind]
    assert [one.answers for one in found] == ([answers] if answers else [])
    assert all(text[one.start : one.end] for one in found)


def test_questions_of_each_kind_name_what_they_are_about():
    label = paragraph("建成中试车间23间，就业率为91.5%。发布的政策是《人才十条》，给予补贴。", "望江区")
    other = paragraph("别的话。", "松岭区", start=90)
    assert [case.question for case in draft_cases([label, other]) if case.answerable] == [
        "望江区建成中试车间多少间？",
        "望江区就业率为百分之多少？",
        "望江区发布的政策是哪一部？",
    ]
    assert questions(paragraph("設置解說牌58面，於2024年3月9日重新開放。")) == [
        "設置解說牌多少面？",
        "設置解說牌58面，於什麼時候重新開放？",
    ]
    assert questions(paragraph("布局建设河北、山河、湾区等四大功能区。")) == ["布局建设哪四大功能区？"]
    assert questions(paragraph("着力打造河北、山河、湾区等。")) == ["着力打造哪些？"]
    assert questions(paragraph("以经济为引擎,并发布《人才十条》。")) == ["以经济为引擎，并发布哪一部？"]
    assert questions(paragraph("全力推进“山河硅巷”建设。")) == []  # by whom?
    assert questions(paragraph("The room opened on 23 April 2024.")) == ["The room opened on which date?"]


def test_a_false_premise_swaps_the_entity_and_forbids_the_value():
    cases = draft_cases(
        [
            paragraph("望江区建成中试车间23间。", "望江区"),
            paragraph("松岭区发展光芯片产业。", "松岭区", start=40),
        ]
    )
    swapped = [case for case in cases if case.type == "false_premise"]
    assert [(case.question, case.forbidden, case.answerable) for case in swapped] == [
        ("松岭区建成中试车间多少间？", ("23间",), False)
    ]


def test_no_false_premise_when_the_other_says_it_too():
    cases = draft_cases(
        [
            paragraph("望江区建成中试车间23间。", "望江区"),
            paragraph("松岭区建成中试车间7间。", "松岭区", start=40),
        ]
    )
    assert {case.type for case in cases} == {"single"}


def test_what_several_paragraphs_state_has_all_as_evidence_and_what_they_contradict_is_dropped():
    same = draft_cases([paragraph("全市建成车站17座。"), paragraph("全市建成车站17座。", source="b.txt")])
    assert [[quote.source for quote in case.evidence[0].any_of] for case in same] == [["a.txt", "b.txt"]]
    assert questions(paragraph("全市建成车站17座。"), paragraph("全市建成车站18座。", source="b.txt")) == []


def test_left_out_paragraphs_give_questions_without_answer():
    paragraphs = [paragraph(f"第{name}厂建成车间{n}间。", start=n * 40) for n, name in enumerate("甲乙丙丁戊", 11)]
    left_out, kept = split(paragraphs)
    assert [one.text for one in left_out] == ["第丁厂建成车间14间。"]
    assert [(case.question, case.answerable) for case in unanswerable_cases(left_out, kept)] == [
        ("第丁厂建成车间多少间？", False)
    ]
    assert unanswerable_cases(left_out, left_out) == []


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_mined(text):
    for one in mine(text):
        assert one.sentence[0] <= one.clause[0] <= one.start < one.end <= one.clause[1]
        assert draft_cases([paragraph(text)]) == draft_cases([paragraph(text)])


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drafting")
    shutil.copytree(packaged_corpus(), folder / "reports")
    with Library.open(folder / ".footnote", create=True) as opened:
        opened.add([folder / "reports"])
    return folder / ".footnote"


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return stop.value.code, capsys.readouterr().out


@pytest.mark.slow
def test_the_command_drafts_valid_cases_that_the_product_can_answer(library, tmp_path, capsys):
    code, out = run(capsys, "eval", "draft", "--library", str(library), "--out", "set.jsonl")
    first = (tmp_path / "set.jsonl").read_bytes()
    assert code == 0
    assert "new drafts in set.jsonl" in out
    run(capsys, "eval", "draft", "--library", str(library), "--out", "other.jsonl")
    assert (tmp_path / "other.jsonl").read_bytes() == first
    assert "0 new drafts" in run(capsys, "eval", "draft", "--library", str(library), "--out", "set.jsonl")[1]
    with Library.open(library) as opened:
        eval_set, problems = validate("set.jsonl", opened)
        assert problems == []
        assert coverage(eval_set, opened).unreached == []
    assert len(eval_set.cases) > 100
    assert eval_set.accepted == ()
    with Assistant.open(settings=Settings(library=library)) as assistant:
        asked = [case for case in eval_set.cases if case.answerable][::10]
        answered = [assistant.ask(case.question).refused is None for case in asked]
    assert sum(answered) >= 0.8 * len(answered)


def test_the_corpus_without_some_paragraphs_has_the_others(library, tmp_path):
    with Library.open(library) as opened:
        left_out, kept = split(list(Anchors(opened).all_paragraphs()))
    write_corpus(kept, tmp_path / "corpus")
    with Library.open(tmp_path / "reduced", create=True) as reduced:
        reduced.add([tmp_path / "corpus"])
        texts = {one.text: one.heading for one in Anchors(reduced).all_paragraphs()}
    assert texts == {one.text: one.heading for one in kept}
    assert not any(one.text in texts for one in left_out)


def test_the_coverage_command_names_what_no_question_reaches(library, tmp_path, capsys):
    lines = packaged_set().read_text(encoding="utf-8").splitlines()
    (tmp_path / "few.jsonl").write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    code, out = run(capsys, "eval", "coverage", "few.jsonl", "--library", str(library))
    assert code == 0
    assert out.startswith("1 of 46 paragraphs have a question\n")
    assert "瀾灣縣文化年報.txt › 珊瑚鎮: 修復百年漁會大樓" in out
    assert load_set("few.jsonl").cases[0].id not in out
