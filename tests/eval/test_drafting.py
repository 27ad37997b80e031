"""Questions made from paragraphs: what is asked, what is not, and that every draft stands on its quote."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cli.main import main
from eval.anchors import Anchors
from eval.authoring.drafting import draft_cases, drafts_of, split, stated, unanswerable_cases, write_corpus
from eval.cases import load_set
from eval.data import packaged_set
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


def test_a_text_without_stops_is_no_sentence_to_ask_about():
    assert stated("建成车间23间，" * 2000 + "建成。望江区建成中试车间35间。") == [("figure", "35间")]


@pytest.mark.parametrize(
    ("text", "kind", "answer"),
    [
        ("望江区建成中试车间23间。", "figure", "23间"),
        ("毕业生就业率为91.5%。", "share", "91.5%"),
        ("数字港于2024年6月18日开园。", "date", "2024年6月18日"),
        ("发布《人才十条》，效果很好，反响热烈。", "title", None),  # too bare: 发布哪一部？
        ("全市今年集中发布《人才十条》，效果很好。", "title", "人才十条"),
        ("以山河为名启动“一校一馆”计划。", "title", "一校一馆"),
        ("今年全市集中发布《甲方案》《乙方案》。", "title", None),  # one of two cannot be asked for alone
        ("The library counted 2.34 million visits.", "figure", "2.34 million"),
        ("The store at Berth 9 is full.", "figure", None),
        ("The port handled nothing in 2024.", "figure", None),
    ],
)
def test_what_can_be_asked(text, kind, answer):
    found = [one.answer for one in drafts_of(paragraph(text)) if one.kind == kind]
    assert found == ([answer] if answer else [])


def test_questions_of_each_kind_name_what_they_are_about():
    label = paragraph("建成中试车间23间，就业率为91.5%。发布的政策是《人才十条》，给予补贴。", "望江区")
    assert questions(label) == [
        "望江区：建成中试车间多少间？",
        "望江区：建成中试车间23间，就业率为百分之多少？",
        "望江区：发布的政策是哪一部？",
    ]
    assert questions(paragraph("設置解說牌58面，於2024年3月9日重新開放。")) == [
        "設置解說牌多少面？",
        "設置解說牌58面，於什麼時候重新開放？",
    ]
    assert questions(paragraph("甲，乙，丙有车间23间，丁。")) == ["乙，丙有车间多少间？"]  # with the clause before
    assert questions(paragraph("全力推进“山河硅巷”建设。")) == []  # by whom?
    assert questions(paragraph("The room opened on 23 April 2024.")) == ["The room opened on which date?"]


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
def test_any_text_can_be_asked_about(text):
    for one in drafts_of(paragraph(text)):
        assert one.answer in one.quote.quote
        assert one.quote.quote == text[one.quote.start :][: len(one.quote.quote)]
    assert draft_cases([paragraph(text)]) == draft_cases([paragraph(text)])


@pytest.fixture
def library(packaged):
    return packaged


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
        assert all(Anchors(opened).questions(eval_set.cases).values())
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
