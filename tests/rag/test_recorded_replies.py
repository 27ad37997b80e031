"""What small models replied (`benchmarks/real_llm.py --record`), through all that comes after a model."""

import json
import re
from pathlib import Path

import pytest

from index.text import fold
from rag import Assistant, Settings
from tests.support.packaged import index_reports
from tests.support.scripted import Server, whole

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def lines(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


SETS = (ROOT / "benchmarks" / "broad.jsonl", ROOT / "eval" / "data" / "reports.jsonl")
CASES = {case["id"]: case for file in SETS for case in lines(file) if "id" in case}
REPLIES = lines(ROOT / "tests" / "data" / "replies.jsonl")


@pytest.fixture(scope="module")
def assistants(tmp_path_factory):
    """One that quotes, one that asks the server, and the server."""
    settings, server = Settings(library=index_reports(tmp_path_factory.mktemp("reports"))), Server()
    endpoint = settings.model_copy(update={"model": "small", "base_url": server.url, "retries": 0})
    with Assistant.open(settings=settings) as quoting, Assistant.open(settings=endpoint) as asking:
        yield quoting, asking, server
    server.close()


def renumbered(reply, recorded, now):
    """The reply with its marks for the paragraphs as they are numbered now; one that is not shown loses its mark."""

    def mark(found):
        named = [recorded[int(n) - 1] for n in re.findall(r"\d+", found.group()) if 0 < int(n) <= len(recorded)]
        numbers = [str(now.index(one) + 1) for one in named if one in now]
        return f"[{', '.join(numbers)}]" if numbers else ""

    return re.sub(r"\[\d+(?:, ?\d+)*\]", mark, reply)


def points(case, answer):
    """Share of the case's facts that an answer states."""
    text = re.sub(r"[\s,，]", "", fold(answer.text))
    held = [any(re.sub(r"[\s,，]", "", fold(one)) in text for one in fact["any_of"]) for fact in case["facts"]]
    return 0.0 if answer.refused else sum(held) / len(held)


@pytest.fixture(scope="module")
def answered(assistants):
    """(recording, case, the answer in the documents' words, the answer with the model's reply) of each."""
    quoting, asking, server = assistants
    found = []
    for one in REPLIES:
        case = CASES[one["id"]]
        question = case["question"]
        sources = [source.paragraph.id for source in asking.prompt(question, asking.search(question)).sources]
        server.replies = [whole(renumbered(one["reply"], one["paragraphs"], sources))]
        found.append((one, case, quoting.ask(question), asking.ask(question)))
    return found


def test_a_model_never_makes_an_answer_worse_than_quoting(answered):
    worse = [
        (one["model"], case["id"])
        for one, case, quoted, written in answered
        if "facts" in case and points(case, written) < points(case, quoted)
    ]
    assert not worse


def test_broad_questions_are_answered_with_their_points(answered):
    broad = {case["id"] for case in lines(SETS[0]) if "id" in case}
    shares = [
        points(case, written) for one, case, _, written in answered if one["model"] == "1.5b" and case["id"] in broad
    ]
    assert sum(shares) / len(shares) >= 0.7


def test_an_invented_name_is_refused(answered):
    [(recorded, written)] = [
        (one["reply"], written)
        for one, case, _, written in answered
        if (one["model"], case["id"]) == ("1.5b", "zh-no-mayor")
    ]
    assert "王明" in recorded
    assert written.refused == "unsupported"


def test_what_is_called_quoted_or_supported_has_a_mark_and_the_words_that_carry_it(answered):
    sure = [
        (sentence, written)
        for *_, written in answered
        for sentence in written.sentences
        if sentence.verdict in ("quoted", "supported")
    ]
    assert len(sure) > 10
    for sentence, written in sure:
        cited = {citation.mark: citation.paragraph.text for citation in written.citations}
        assert sentence.quote.text in cited[sentence.marks[0]]
