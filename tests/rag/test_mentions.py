"""Which documents mention something: every one that does is quoted, and no other."""

import pytest

from rag import Assistant
from rag.mentions import MOST


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
