"""Questions about documents themselves: each document that answers is quoted, and no other."""

import pytest

from rag import Assistant
from rag.documents import MOST


@pytest.fixture
def assistant(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    for place in ("north", "south", "west"):
        (documents / f"{place}.txt").write_text(
            f"The {place} depot was painted.\n\nTrams leave the {place} depot at 6."
        )
    (documents / "east.txt").write_text("The hospital has nine wards.\n\nThe Harrow Foundation paid.")
    (documents / "桥.txt").write_text("大桥于五月通车。\n\n武宁路站同日启用。")
    with Assistant.open(tmp_path / "library") as opened:
        opened.add([documents])
        yield opened


def test_every_document_is_quoted_once(assistant):
    answer = assistant.ask("Which documents mention trams?")
    assert sorted(citation.paragraph.source for citation in answer.citations) == [
        "documents/north.txt",
        "documents/south.txt",
        "documents/west.txt",
    ]
    assert answer.text.count("Trams leave") == 3
    assert answer.confidence == 1.0
    assert {sentence.verdict for sentence in answer.sentences} == {"quoted"}


def test_other_forms_of_a_word_are_found_where_nothing_has_the_word_itself(assistant):
    assert assistant.ask("Which documents mention hospitals?").text == "The hospital has nine wards.[1]"


def test_a_mention_in_chinese(assistant):
    assert assistant.ask("哪些文件提到武宁路？").text == "武宁路站同日启用。[1]"


@pytest.mark.parametrize("name", ["Mars rockets", "Wharrow Foundation", "武定路"])
def test_what_nothing_mentions_is_refused(assistant, name):
    assert assistant.ask(f"Which documents mention {name}?").refused == "low_evidence"


def test_sources_bound_the_mentions(assistant):
    answer = assistant.ask("Which documents mention trams?", source="*/north.txt")
    assert [citation.paragraph.source for citation in answer.citations] == ["documents/north.txt"]


def test_a_library_of_many_documents_is_quoted_in_part(tmp_path):
    for number in range(MOST + 3):
        (tmp_path / f"{number}.txt").write_text(f"Line {number} has trams.")
    with Assistant.open(tmp_path / "library") as opened:
        opened.add(sorted(tmp_path.glob("*.txt")))
        assert len(opened.search("trams", 50)) > MOST
        assert len(opened.ask("Which documents mention trams?").citations) == MOST


@pytest.fixture
def authors(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    for name, title, author, body in (
        ("pump", "Pump manual", "Ines Holt", "Ines Holt's team tested the valve. The pump runs at 40 bar."),
        ("bridge", "Bridge report", "Marco Silva", "The bridge was inspected in March."),
        ("shui", "水厂年报", "李国庆", "水厂由周敏负责安全工作，全年供水三千万吨。"),
    ):
        front = f"---\ntitle: {title}\nauthor: {author}\ndate: 2023-05-04\n---\n\n"
        (documents / f"{name}.md").write_text(f"{front}# {title}\n\n{body}\n", encoding="utf-8")
    with Assistant.open(tmp_path / "library") as opened:
        opened.add([documents])
        yield opened


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who wrote the pump manual?", "author: Ines Holt[1]"),
        ("Who is the author of the bridge report?", "author: Marco Silva[1]"),
        ("谁写了水厂年报？", "author: 李国庆[1]"),
        ("水厂年报的作者是谁？", "author: 李国庆[1]"),
        ("When was the bridge report written?", "date: 2023-05-04[1]"),
        ("水厂年报是什么时候写的？", "date: 2023-05-04[1]"),
        ("What did Ines Holt write?", "title: Pump manual[1]"),
        ("Which documents did Marco Silva write?", "title: Bridge report[1]"),
        ("李国庆写了什么？", "title: 水厂年报[1]"),
    ],
)
def test_properties_answer_who_wrote_what_and_when(authors, question, text):
    assert authors.ask(question).text.replace(" [1]", "[1]").strip("| ") == text


def test_other_questions_with_such_words_are_asked_of_the_paragraphs(authors):
    answer = authors.ask("Who wrote the letter to the mayor?")
    assert "author" not in answer.text
    assert authors.ask("谁负责水厂的安全工作？").text.startswith("水厂由周敏负责")


def test_sources_bound_what_somebody_wrote(authors):
    assert "Pump" not in authors.ask("What did Ines Holt write?", source="*/bridge.md").text
