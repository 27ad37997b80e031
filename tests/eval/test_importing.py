"""Foreign question sets become cases: answers are found in the library, what cannot be used is named."""

import json

import openpyxl
import pytest

from eval.authoring.importing import import_file
from eval.cases import load_set
from eval.validation import validate
from index.errors import InputError
from tests.support.eval_library import opened_library


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    yield from opened_library(tmp_path_factory.mktemp("sets"))


def imported(tmp_path, library, name, content, **options):
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    made = import_file(file, tmp_path / "out.jsonl", library, **options)
    return made, load_set(tmp_path / "out.jsonl")


def squad(*qas, context="望江区投入4.8亿元建成中试车间23间。全年验证147项。", version="2.0"):
    return {"version": version, "data": [{"title": "t", "paragraphs": [{"context": context, "qas": list(qas)}]}]}


def qa(answer, name="1", start=-1, **more):
    answers = [{"text": answer, "answer_start": start}] if answer else []
    return {"id": name, "question": "望江区建成多少间？", "answers": answers, **more}


def test_csv(tmp_path, library):
    rows = (
        'question,answer,source\n多少间？,23间|二十三间,a.txt\n多少车站？,17座,\n"谁, 是市长？",,\n去哪？,火星,a.txt\n'
    )
    (_, left_out), eval_set = imported(tmp_path, library, "in.csv", rows)
    assert left_out == ["line 5: the library does not contain '火星'."]
    first, second, third = eval_set.cases
    assert first.facts[0].any_of == ("23间", "二十三间")
    assert first.facts[0].kind == "number"
    assert first.evidence[0].any_of[0].quote == "望江区投入4.8亿元建成中试车间23间。"
    assert second.evidence[0].any_of[0].quote == "全市共有车站17座。"
    assert (third.question, third.answerable, third.type) == ("谁, 是市长？", False, "unanswerable")
    assert validate(tmp_path / "out.jsonl", library)[1] == []
    assert {one.origin for one in eval_set.cases} == {"imported"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("in.csv", "q,a\n1,2\n", r"in.csv:1: the header is q,a; it must be question,answer,source"),
        ("in.csv", "question,answer,source\na,b,c,d\n", r"in.csv, line 2: the row has more columns"),
        ("in.csv", "question,answer,source\n,b,c\n", r"in.csv, line 2: the question is empty"),
        ("in.csv", 'question,answer,source\n"a,b,c\n', r"it is not valid CSV"),
        ("in.csv", "question,answer,source\n", "has no question"),
        ("in.csv", "question,answer,source\n去哪？,火星,\n", "None of the 1 answers"),
        ("in.json", "{", r"in.json:1: it is not valid JSON"),
        ("in.json", '{"rows": []}', "is not in SQuAD's format"),
        (
            "in.json",
            '{"data": [{"paragraphs": [{"context": "x", "qas": [{"question": "q"}]}]}]}',
            "is not in SQuAD's format",
        ),
        ("in.json", '{"data": []}', "has no question"),
        ("in.xml", "<a/>", "is neither .json nor .csv nor .xlsx"),
    ],
)
def test_what_cannot_be_imported_is_named(tmp_path, library, name, content, said):
    with pytest.raises(InputError, match=said):
        imported(tmp_path, library, name, content)
    assert not (tmp_path / "out.jsonl").exists()


EXCEL = "\ufeff问题;答案;来源\r\n多少间？;23间|二十三间;a.txt\r\n;;\r\n谁，是市长？;;\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "gb18030"])
def test_what_excel_saves_as_csv(tmp_path, library, encoding):
    (tmp_path / "in.csv").write_bytes((EXCEL[1:] if encoding == "gb18030" else EXCEL).encode(encoding))
    cases, _ = import_file(tmp_path / "in.csv", tmp_path / "out.jsonl", library)
    assert [(one.question, one.answerable) for one in cases] == [("多少间？", True), ("谁，是市长？", False)]
    assert cases[0].evidence[0].any_of[0].source == "a.txt"


def test_a_workbook(tmp_path, library):
    book = openpyxl.Workbook()
    for row in (["Source", "Question", "Answer"], ["a.txt", "多少项？", 147], [None, "去哪？", "火星"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    cases, left_out = import_file(tmp_path / "in.xlsx", tmp_path / "out.jsonl", library)
    assert [one.facts[0].any_of for one in cases] == [("147",)]
    assert left_out == ["line 3: the library does not contain '火星'."]
    (tmp_path / "in.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"in\.xlsx: it is damaged"):
        import_file(tmp_path / "in.xlsx", tmp_path / "out.jsonl", library)


def test_squad_1_and_2(tmp_path, library):
    content = squad(qa("23间", start=15), qa("", "2", is_impossible=True, plausible_answers=[{"text": "147项"}]))
    _, eval_set = imported(tmp_path, library, "in.json", content)
    first, second = eval_set.cases
    assert (first.group, first.facts[0].any_of) == ("t/0", ("23间",))
    assert first.evidence[0].any_of[0].quote == "望江区投入4.8亿元建成中试车间23间。"
    assert (second.answerable, second.evidence) == (False, ())


def test_the_answers_place_decides_between_two_of_its_kind(tmp_path, library):
    context = "The library counted 2.34 million visits in 2024. It has 12 branches."
    content = squad(qa("12", start=context.index("12")), context=context)
    _, eval_set = imported(tmp_path, library, "in.json", content)
    assert eval_set.cases[0].evidence[0].any_of[0].quote == "It has 12 branches."
    assert eval_set.cases[0].language == "en"


def test_cmrc_in_its_own_format_and_repeated_ids(tmp_path, library):
    one = {"query_id": "Q 1", "query_text": "多少间？", "answers": ["23间", "23间"]}
    text = "望江区投入4.8亿元建成中试车间23间。全年验证147项。"
    content = [{"context_id": "C", "context_text": text, "qas": [one, {**one, "query_text": "共多少间？"}]}]
    _, eval_set = imported(tmp_path, library, "in.json", content)
    assert [(one.id, one.group, one.facts[0].any_of) for one in eval_set.cases] == [
        ("Q-1", "C", ("23间",)),
        ("Q-1-2", "C", ("23间",)),
    ]


def test_a_context_that_the_library_lacks_is_left_out(tmp_path, library):
    content = squad(qa("23间", start=15))
    content["data"] += squad(qa("99间", "2", start=2), context="乙区99间。")["data"]
    (_, left_out), _ = imported(tmp_path, library, "in.json", content)
    assert left_out == ["2: the library does not contain '99间'."]


def test_the_language_can_be_given(tmp_path, library):
    _, eval_set = imported(tmp_path, library, "in.json", squad(qa("23间", start=15)), language="yue")
    assert eval_set.cases[0].language == "yue"
