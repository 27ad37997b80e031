"""Slips of the keyboard, put right by the words that a library has."""

import pytest

from index.library import Library
from index.spelling import corrected
from index.static_model import StaticEmbedder


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spelling")
    (folder / "leave.md").write_text(
        "# Parental leave\n\nThe primary caregiver gets 16 weeks.\n\n# Räume\n\nDie Versicherung zahlt.\n\n"
        "The government of Henan runs 5 hospitals.\n\n上海市长宁区政府新建三所医院，铁路线路全长五公里。",
        encoding="utf-8",
    )
    with Library.open(folder / "library", create=True) as opened:
        opened.add([folder / "leave.md"])
        yield opened


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("how long is prental leave?", "how long is parental leave?"),  # a letter missing
        ("the primaray caregiver", "the primary caregiver"),  # one too many
        ("the goverment and the govarnment", "the government and the government"),  # in two places
        ("the govenrment", "the government"),  # two exchanged
        ("Was zahlt die Versicherng?", "Was zahlt die Versicherung?"),  # a capital stays one
        ("How many hospitals has Hunan?", "How many hospitals has Hunan?"),  # both in pieces: both may be names
        ("What are the primaries?", "What are the primaries?"),  # another form of the word
        ("Whose mortgage?", "Whose mortgage?"),  # no passage has it, but it is a word
        ("the covernment", "the covernment"),  # the first letter is hardly ever wrong
        ("the governmenz", "the governmenz"),  # the last one makes another form
        ("the governmetn", "the government"),
        ("铁掳全长多少公里？", "铁路全长多少公里？"),  # read alike
        ("新建幾所醫怨？", "新建幾所醫院？"),
        ("怨全长？", "怨全长？"),  # of no word of the documents
        ("哪所医院在哪儿？", "哪所医院在哪儿？"),  # no passage has 哪, which means little by itself
        ("医院の怨は？", "医院の怨は？"),  # Japanese is not read so
        ("", ""),
    ],
)
def test_a_word_in_pieces_becomes_a_whole_one_that_a_passage_has(library, asked, meant):
    assert corrected(asked, library.held, library.embedder) == meant


def test_of_several_words_the_one_that_most_passages_have(library):
    counts = {"parental": 1, "patental": 0}
    assert corrected("prental", lambda terms: [counts.get(term, 0) for term in terms], library.embedder) == "parental"
    assert corrected("prental", lambda terms: [0 for _ in terms], library.embedder) == "prental"


@pytest.mark.parametrize(
    ("question", "word", "times"),
    [("prental " * 50, "parental", 8), ("铁掳，" * 50, "铁路", 4), ("x" * 1900, "xx", 950), ("鼒" * 1900, "鼒", 1900)],
)
def test_of_a_question_with_hundreds_of_unknown_words_a_few_are_looked_at(library, question, word, times):
    asked = []

    def held(terms):
        asked.append(len(terms))
        return library.held(terms)

    assert corrected(question, held, library.embedder).count(word) == times
    assert len(asked) <= 10


def test_short_texts_and_the_whole_tokenizer_know_the_same_pieces(library):
    table, whole = library.embedder, StaticEmbedder()
    whole.tokens(["a" * 30_000])
    pieces = ("parental", "prental", "铁路", "铁掳", "")
    assert [one.has(piece) for one in (table, whole) for piece in pieces] == [True, False, True, False, False] * 2
