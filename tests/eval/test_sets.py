"""Reading and checking eval sets: what is wrong is named with file and line."""

import json

import pytest

from eval.anchors import Anchors
from eval.cases import Case, Quote, dump_case, language_of, load_set, read_set
from eval.nearest import nearest
from eval.validation import validate
from index.errors import InputError
from index.library import Library
from tests.support.eval_library import TEXT, opened_library
from tests.support.eval_runs import case


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    yield from opened_library(tmp_path_factory.mktemp("sets"))


def written(tmp_path, *lines):
    file = tmp_path / "set.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    file.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return file


# --- reading --------------------------------------------------------------------------------------------------


def test_what_follows_is_filled_in():
    made = Case.model_validate({"id": "a", "question": "有幾座車站？", "type": "false_premise"})
    assert (made.answerable, made.language, made.group) == (False, "zh-Hant", "a")
    made = Case.model_validate({"id": "a", "question": "How many?", "answerable": False})
    assert (made.type, made.language) == ("unanswerable", "en")


@pytest.mark.parametrize("text", ["有多少座车站？", "著名的于先生", "How many stations?"])
def test_languages(text):
    assert language_of(text) == ("en" if text.isascii() else "zh")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", r"set.jsonl:2: it is not valid JSON"),
        ("[1]", r"set.jsonl:2:"),
        ("{" * 5000, r"set.jsonl:2:"),
        ({"id": "a", "question": "q", "fact": []}, r"'fact' is not known; did you mean 'facts'\?"),
        (
            {"id": "a", "question": "q", "facts": [{"any": ["x"]}]},
            r"'facts.0.any' is not known; did you mean 'any_of'\?",
        ),
        ({"id": "a", "question": "q", "zzz": 1}, r"'zzz' is not known; remove it."),
        ({"id": "a", "question": "  "}, r"question: string should have at least 1 character"),
        ({"id": "a b", "question": "q"}, r"id: string should match"),
        (
            {"id": "a", "question": "q", "facts": [{"any_of": ["x"], "kind": "figure"}]},
            r"facts.0.kind: input should be",
        ),
        ('{"id": "a", "id": "b", "question": "q"}', r"the field 'id' is there twice"),
        ({"_meta": {}}, r'"_meta" is an object on the first line'),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, said):
    file = written(tmp_path, {"id": "ok", "question": "q"}, line)
    with pytest.raises(InputError, match=said):
        load_set(file)
    eval_set, problems = read_set(file)
    assert [one.id for one in eval_set.cases] == ["ok"]
    assert [problem.line for problem in problems] == [2]


def test_more_than_one_bad_line_is_counted(tmp_path):
    with pytest.raises(InputError, match=r"set.jsonl:1: .*\(2 more; see: footnote eval validate"):
        load_set(written(tmp_path, "{", "{", "{"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "contains no case"),
        (b"\xff\xfe", "is not UTF-8"),
        (None, "cannot be read"),
        (b'{"_meta": {}}\n', "contains no case"),
    ],
)
def test_a_bad_file_is_named(tmp_path, content, said):
    if content is not None:
        (tmp_path / "set.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=said):
        load_set(tmp_path / "set.jsonl")


def test_the_schema_and_the_name_stand_on_the_first_line(tmp_path):
    assert load_set(written(tmp_path, {"_meta": {"name": "mine"}}, {"id": "a", "question": "q"})).name == "mine"
    with pytest.raises(InputError, match="'footnote-eval/9' is not known"):
        load_set(written(tmp_path, {"_meta": {"schema": "footnote-eval/9"}}, {"id": "a", "question": "q"}))


def test_a_dumped_case_reads_back(tmp_path):
    made = case("a", forbidden=["32间"], tags=["x"], must_pass=True, paraphrase_of="b", language="zh")
    assert load_set(written(tmp_path, dump_case(made))).cases == (made,)


# --- checking -------------------------------------------------------------------------------------------------


def fine(name="a", **fields):
    quote = {"source": "a.txt", "quote": "建成中试车间23间"}
    content = {"question": f"{name}望江区建成多少间？", "facts": [{"any_of": ["23间"], "kind": "number"}]}
    return {"id": name, **content, "evidence": [{"any_of": [quote]}], **fields}


def quoting(quote, source="a.txt", **more):
    return fine(facts=[{"any_of": [quote]}], evidence=[{"any_of": [{"source": source, "quote": quote, **more}]}])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([fine(facts=[])], "requires no fact"),
        ([fine(facts=[{"any_of": ["23间"], "required": False}])], "requires no fact"),
        ([fine(evidence=[])], "has no evidence"),
        ([fine(answerable=False)], "not answerable but has facts"),
        ([fine(facts=[{"any_of": ["147项"], "kind": "number"}])], "147项"),
        ([fine(forbidden=["二十三间"])], "both a fact and forbidden"),
        ([fine(paraphrase_of="nobody")], "names 'nobody', which is no other case"),
        ([fine(), {**fine(), "id": "b"}], "the same question is asked on line 1"),
        ([fine(), {**fine(), "id": "b", "paraphrase_of": "a"}], "the same question is asked on line 1"),
        ([fine(), fine("b", question="a望江区建成了多少间？", paraphrase_of="a")], ""),
        ([quoting("建成中试车间32间")], "does not contain '建成中试车间32间'"),
        ([quoting("x", source="z.txt")], "has no document 'z.txt'"),
        ([quoting("全市共有车站17座", source="sub/b.txt")], ""),
        ([quoting("建成中试車間23間")], ""),
        ([quoting("投入4.8亿元建了中试车间23间")], "is not verbatim"),
        ([fine()], ""),
        ([{"id": "u", "question": "谁是市长？", "type": "unanswerable"}], ""),
    ],
)
def test_what_validation_finds(tmp_path, library, lines, said):
    _, problems = validate(written(tmp_path, *lines), library)
    found = [str(problem) for problem in problems]
    assert all(f"set.jsonl:{len(lines)}: " in line for line in found)
    assert [line for line in found if said in line] if said else found == []


def test_a_quote_that_stands_in_two_paragraphs_is_ambiguous(tmp_path, library):
    (tmp_path / "c.txt").write_text("甲说有车站17座。\n\n乙也说有车站17座。\n", encoding="utf-8")
    with Library.open(tmp_path / "library", create=True) as opened:
        opened.add([tmp_path / "c.txt"])
        _, problems = validate(written(tmp_path, quoting("有车站17座", source="c.txt")), opened)
    assert [p for p in problems if "is in 2 paragraphs; quote more words, or add start or heading" in p.message]


def test_figures_tell_questions_apart(tmp_path):
    file = written(tmp_path, fine(question="2023年的收入是多少？"), fine("b", question="2024年的收入是多少？"))
    assert not [problem for problem in validate(file)[1] if "question" in problem.message]


# --- anchors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "how"),
    [
        ("建成中试车间23间", "exact"),
        ("建成監測站9座", "folded"),
        ("发布《人才十条》", "folded"),
        ("望江区投入4.8亿元建了中试车间23间", "fuzzy"),
        ("望江区投入4.8亿元建了中试车间24间", None),  # a figure is never guessed
        ("COUNTED 2.34 million visits", "folded"),
    ],
)
def test_quotes_are_found_again(library, quote, how):
    found = Anchors(library).find(Quote(source="a.txt", quote=quote))
    assert [anchor.how for anchor in found] == ([how] if how else [])
    for anchor in found:
        document = TEXT[anchor.start : anchor.end]
        assert document
        assert "fuzzy" in anchor.how or anchor.how == "folded" or document == quote


def test_evidence_in_either_of_two_places(library):
    two = case(
        evidence=[{"any_of": [{"source": "a.txt", "quote": "车站17座"}, {"source": "b.txt", "quote": "车站17座"}]}]
    )
    [places] = Anchors(library).resolve(two)
    assert len(places) == 1  # the same text is one paragraph with two places
    dead = Anchors(library).resolve(case(evidence=[{"any_of": [{"source": "a.txt", "quote": "没有这句话在里面"}]}]))
    assert dead == (frozenset(),)


def test_the_nearest_stretch():
    assert nearest("abcd", "xxabzdxx") == (0.75, 2, 6)
    assert nearest("abc", "abc") == (1.0, 0, 3)
    assert nearest("", "abc")[0] == nearest("abc", "")[0] == 0
