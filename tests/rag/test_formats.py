"""The same handbook in every format gives the same answers to the same questions, from the right page."""

import re

import pytest

from index.reading.files import read
from rag.assistant import Assistant
from tests.support.formats import CHAPTERS, CHINESE, ENGLISH, PAGED, TABLES_ONLY, WRITERS, write

QUESTIONS = {  # chapter, question, what the answer holds
    ENGLISH: (
        ("hours", "When does the harbour office open?", "opens at 7:30 in the morning"),
        ("berths", "How many berths does the South quay have?", "South quay | 21 "),
        ("berths", "Who is the warden of the West quay?", "West quay | 58 | 3.8 | Ravi Nair"),
        ("leaving", "What do I do before I cast off?", "Pay the open fees at the counter"),
        ("questions", "For how many nights may guests sleep on board?", "at most twelve nights"),
        ("questions", "Where is the fuel station?", "behind the old customs shed"),
    ),
    CHINESE: (
        ("hours", "港务处几点开门？", "早上七点半开门"),
        ("berths", "南码头有多少个泊位？", "南码头 | 21 "),
        ("berths", "西码头的管理员是谁？", "西码头 | 58 | 3.8 | 奈尔"),
        ("leaving", "离港之前要做什么？", "把钥匙交还门房"),
        ("questions", "客人最多可以在船上住几晚？", "十二晚"),
        ("questions", "加油站在哪里？", "旧海关仓库后面"),
    ),
}


SHELVES = [
    pytest.param((book, ending), id=f"{book.title} {ending}", marks=[pytest.mark.slow] * (ending != "docx"))
    for book in QUESTIONS
    for ending in WRITERS
]


@pytest.fixture(scope="module", params=SHELVES)
def shelf(request, tmp_path_factory):
    """A handbook, its file ending, and an assistant over that one file."""
    book, ending = request.param
    folder = tmp_path_factory.mktemp(ending)
    file = write(book, ending, folder)
    if file is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium fonts-noto-cjk")
    with Assistant.open(folder / "library") as assistant:
        report = assistant.add([file])
        assert not report.skipped
        yield book, ending, assistant


def test_the_same_questions_get_the_same_answers_from_the_right_page(shelf):
    book, ending, assistant = shelf
    for chapter, question, expected in QUESTIONS[book]:
        answer = assistant.ask(question)
        if ending in TABLES_ONLY and chapter != "berths":
            assert answer.refused, question
            continue
        assert expected in re.sub(r"\t", " | ", answer.text), (question, answer.text)
        paragraph = answer.citations[0].paragraph
        assert paragraph.page == (CHAPTERS[chapter] if ending in PAGED else None)
        if chapter == "berths":
            assert paragraph.context == " | ".join(book.table[0])
            assert paragraph.kind == "table_row"
        if chapter == "leaving":
            assert paragraph.context == book.leaving[1]


def test_who_wrote_it_is_answered_from_the_properties(shelf):
    book, ending, assistant = shelf
    if ending in ("txt", "csv", "tsv", "pdf"):  # the browser's PDF names none
        pytest.skip("the format has no place for an author")
    english = book is ENGLISH
    who = assistant.ask(f"Who wrote the {book.title}?" if english else f"{book.title}是谁写的？")
    assert book.author in who.text, who.text
    what = assistant.ask(f"What did {book.author} write?" if english else f"{book.author}写了什么？")
    assert book.title in what.text, what.text


@pytest.mark.slow
@pytest.mark.parametrize("ending", [ending for ending in WRITERS if ending not in TABLES_ONLY])
def test_the_paragraphs_are_the_same_in_every_format(ending, tmp_path):
    wanted = read(write(ENGLISH, "html", tmp_path), "a.html")
    file = write(ENGLISH, ending, tmp_path)
    if file is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium fonts-noto-cjk")
    assert _paragraphs(read(file, file.name)) == _paragraphs(wanted)


def _paragraphs(document):
    """Kind, words and last heading of each paragraph, without the document's own data."""
    texts = [(b.kind, document.text[b.start : b.end], b.heading[-1:]) for b in document.blocks]
    return [(kind, re.findall(r"[\w.:]+", text), *heading) for kind, text, heading in texts if heading]
