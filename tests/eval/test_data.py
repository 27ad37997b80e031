"""The packaged set: what it promises about itself, and every quote word for word in the packaged reports."""

from collections import Counter
from pathlib import Path

import pytest

from api.cli.main import main
from eval.cases import load_set
from eval.data import packaged_corpus, packaged_set
from eval.record import load_baseline
from eval.validation import validate
from index.library import Library
from index.words import query_words, words

pytestmark = pytest.mark.slow

CASES = load_set(packaged_set()).cases
ANSWERABLE = [case for case in CASES if case.answerable]


@pytest.fixture
def library(packaged):
    with Library.open(packaged) as opened:
        yield opened


def test_it_is_large_and_mixed_enough():
    types, languages = Counter(case.type for case in CASES), Counter(case.language for case in CASES)
    assert len(CASES) >= 60
    assert types["unanswerable"] >= 15
    assert types["false_premise"] >= 5
    assert min(types[name] for name in ("list", "compare", "multi", "boolean", "heading_only")) >= 1
    assert min(languages[name] for name in ("zh", "zh-Hant", "en")) >= 15
    assert {case.origin for case in CASES} == {"human"}
    assert {case.status for case in CASES} == {"accepted"}
    related = [case for case in CASES if case.paraphrase_of or case.translation_of]
    group = {case.id: case.group for case in CASES}
    assert len(related) >= 15
    assert all(case.group == group[case.paraphrase_of or case.translation_of] for case in related)


def test_every_quote_stands_exactly_once_in_its_report():
    for case in ANSWERABLE:
        for quote in (quote for evidence in case.evidence for quote in evidence.any_of):
            text = (packaged_corpus().parent / quote.source).read_text(encoding="utf-8")
            assert text.count(quote.quote) == 1, f"{case.id}: {quote.quote}"


def test_no_validator_finds_anything(library):
    eval_set, problems = validate(packaged_set(), library)
    assert problems == []
    assert len(eval_set.cases) == len(CASES)


def test_a_third_of_the_answerable_share_few_words_with_their_paragraph(library):
    paragraphs = library.store.paragraphs(
        [key for one in library.store.documents() for key in library.store.document_paragraphs(one["source"])]
    ).values()

    def overlap(case):
        """Share of the question's words that stand in the paragraphs with its evidence."""
        quotes = [quote.quote for evidence in case.evidence for quote in evidence.any_of]
        known = {word for p in paragraphs if any(quote in p.text for quote in quotes) for word in words(p.text)}
        asked = query_words(case.question)
        return sum(word in known for word in asked) / len(asked)

    low = [case for case in ANSWERABLE if "low-overlap" in case.tags]
    assert len(low) * 3 >= len(ANSWERABLE)
    assert [case.id for case in low if overlap(case) > 0.4] == []


def test_every_report_has_questions():
    asked = {quote.source for case in ANSWERABLE for evidence in case.evidence for quote in evidence.any_of}
    assert asked == {f"reports/{file.name}" for file in Path(packaged_corpus()).iterdir()}


def test_the_gate_passes_against_the_committed_baseline(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["eval", "run", "--baseline", str(packaged_set().with_name("baseline.json"))])
    assert stop.value.code == 0, capsys.readouterr().out


def test_the_baseline_is_of_these_cases_and_hides_no_failure():
    blessed = load_baseline(packaged_set().with_name("baseline.json"))
    assert {one.id: one.case.fingerprint for one in blessed.cases} == {case.id: case.fingerprint for case in CASES}
    assert blessed.errors == ()
    assert [case.id for case in blessed.cases if case.case.must_pass and not case.passed] == []
    assert all(case.attribution for case in blessed.cases if not case.passed)
