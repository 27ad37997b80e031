"""What small models replied, through all that comes after a model."""

import pytest

from tests.support.packaged import index_reports
from tests.support.replies import BROAD, answered, points

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return answered(index_reports(tmp_path_factory.mktemp("reports")))


def test_a_model_never_makes_an_answer_worse_than_quoting(found):
    worse = [
        (one["model"], case["id"])
        for one, case, quoted, written in found
        if "facts" in case and points(case, written) < points(case, quoted)
    ]
    assert not worse


def test_broad_questions_are_answered_with_their_points(found):
    shares = [
        points(case, written) for one, case, _, written in found if one["model"] == "1.5b" and case["id"] in BROAD
    ]
    assert sum(shares) / len(shares) >= 0.7


def test_an_invented_name_is_refused(found):
    [(recorded, written)] = [
        (one["reply"], written)
        for one, case, _, written in found
        if (one["model"], case["id"]) == ("1.5b", "zh-no-mayor")
    ]
    assert "王明" in recorded
    assert written.refused == "unsupported"


def test_what_is_called_quoted_or_supported_has_a_mark_and_the_words_that_carry_it(found):
    sure = [
        (sentence, written)
        for *_, written in found
        for sentence in written.sentences
        if sentence.verdict in ("quoted", "supported")
    ]
    assert len(sure) > 10
    for sentence, written in sure:
        cited = {citation.mark: citation.paragraph.text for citation in written.citations}
        assert sentence.quote.text in cited[sentence.marks[0]]
