"""Why a case failed: every reason once, and which of several counts."""

import pytest

from eval.diagnosis import REASONS, Trail, diagnose
from eval.record import CaseRun
from eval.report.wording import Wording
from index.records import Paragraph
from rag.types import Answer, Citation, Sentence
from tests.support.eval_runs import case

FOUND = Trail(("p1", "p2", "p3"), 3, ("p1", "p2", "p3"))
GOLD = (frozenset({"p1"}),)
BOTH = (*GOLD, frozenset({"p9"}))
FAILED = {"trusted": 0.0}


def answer(text, cites="p1", verdict="supported", refused=None):
    paragraph = Paragraph(cites, "建成23间", (), "a.txt", 0, 5)
    citations = (Citation(1, paragraph, None, verdict),) if cites else ()
    return Answer("问", text, refused, citations, (Sentence(text, (1,), verdict),))


REFUSED = answer("文档中没有说明。", cites="", refused="low_evidence")


@pytest.mark.parametrize(
    ("gold", "said", "trail", "reason", "why"),
    [
        ((frozenset(),), REFUSED, FOUND, "not indexed", "no paragraph"),
        (GOLD, REFUSED, Trail(("p2",), 3, ("p2",)), "not retrieved", "among the first 1"),
        (GOLD, answer("共32间", "p2"), Trail(("p2",), 3, ("p2",)), "not retrieved", "among the first 1"),
        (
            GOLD,
            REFUSED,
            Trail(("p2", "p3", "p4", "p1"), 3, ("p2",)),
            "ranked low",
            "at rank 4; the answer uses",
        ),
        (GOLD, REFUSED, Trail(("p2", "p1"), 3, ("p2",)), "dropped from the prompt", "at rank 2"),
        (GOLD, REFUSED, FOUND, "refused wrongly", "low_evidence"),
        (GOLD, answer("共32间"), FOUND, "wrong figure", "not 23间"),
        (GOLD, answer("建成了车间"), FOUND, "not answered", "lacks 23间"),
        (GOLD, answer("共23间", "p2"), FOUND, "wrong citation", "none of the paragraphs cited"),
        (GOLD, answer("共23间", verdict="wrong_paragraph"), FOUND, "wrong citation", "another paragraph"),
        (GOLD, answer("共23间", verdict="partly"), FOUND, "unsupported", "not supported: 共23间"),
        (GOLD, answer("共23间"), FOUND, "unsupported", "beside the point"),
        (BOTH, answer("车间"), FOUND, "not retrieved", "among the first 3"),  # one of two pieces is missing
    ],
)
def test_the_first_stage_that_lost_it(gold, said, trail, reason, why):
    found, details = diagnose(case(), gold, said, FAILED, trail)
    assert found == reason
    assert found in REASONS
    assert why in Wording("en").particulars(CaseRun(case=case(), attribution=found, particulars=details))
    assert Wording("zh").particulars(CaseRun(case=case(), attribution=found, particulars=details))


def test_what_only_a_wrong_answer_says():
    forbidding = case(forbidden=["32间"])
    reason, details = diagnose(forbidding, GOLD, answer("23间还是32间"), FAILED, FOUND)
    assert (reason, details) == ("wrong figure", {"said": "32间"})


def test_a_question_without_answer_that_was_answered():
    reason, _ = diagnose(case(type="unanswerable"), (), answer("共32间"), FAILED, FOUND)
    assert reason == "answered wrongly"


def test_trusted_answers_have_no_reason():
    assert diagnose(case(), GOLD, answer("共23间"), {"trusted": 1.0}, FOUND) is None
    assert diagnose(case(), GOLD, answer("共23间"), {"trusted": 2 / 3}, FOUND) is None
