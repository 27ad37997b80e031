"""Every measure of one case, and the headline `trusted`."""

from __future__ import annotations

from collections.abc import Sequence

from eval.anchors import Gold
from eval.cases import Case
from eval.metrics import citations
from eval.metrics.answers import answer_scores, correct, states
from eval.metrics.retrieval import KS, retrieval_scores
from eval.stats import mean
from index.text import aligned
from prompts.citations import strip_marks
from rag.types import Answer

HALF = 0.5
"""In a trusted answer this share of the citations must be needed, and more than it of the statements to the point."""

Scores = dict[str, float | None]
"""Measure to value in [0, 1]; None where it is not defined for the case."""


GATED = frozenset(
    {"trusted", "correct", "all_hit@5", "mrr@10", "ndcg@10", "gold_cite_f1", "citation_valid", "quote_fidelity"}
)
"""Measures whose loss fails the gate."""
LOWER = frozenset({"contradiction", "over_refusal"})
"""Measures of which less is better."""
METRICS = (
    *("trusted", "correct", "fact_recall", "contradiction"),
    *(f"{name}@{k}" for name in ("hit", "all_hit", "recall") for k in KS),
    *("mrr@10", "ndcg@10", "ap@10"),
    *("gold_cite_precision", "gold_cite_recall", "gold_cite_f1", "citation_valid", "citation_coverage"),
    *("citation_recall", "citation_precision", "quote_fidelity", "focus"),
    *("refusal_recall", "refusal_precision", "over_refusal", "confidence", "em", "f1"),
)
"""Every measure, the headline first; docs/evaluation.md defines each."""


def score(case: Case, gold: Gold, answer: Answer) -> Scores:
    """Every measure of one case by name; the names are those of METRICS, always all of them."""
    refused = answer.refused is not None
    scores: Scores = dict.fromkeys(METRICS)
    scores["confidence"] = answer.confidence
    scores["over_refusal" if case.answerable else "refusal_recall"] = float(refused)
    scores["refusal_precision"] = float(not case.answerable) if refused else None
    claims = citations.statements(answer)
    if case.answerable:
        ranked = list(dict.fromkeys(one.id for hit in answer.hits for one in hit.paragraphs))
        scores |= retrieval_scores(ranked, gold)
        scores |= answer_scores(case, "" if refused else strip_marks(answer.text))
    if not refused:
        scores |= citations.citation_scores(answer, claims)
    if case.answerable and not refused:
        scores |= citations.gold_scores({c.paragraph.id for c in answer.citations}, gold)
        scores["focus"] = _focus(case, claims)
    scores["correct"] = _correct(case, scores, refused=refused)
    scores["trusted"] = _trusted(case, gold, scores, refused=refused)
    return scores


def _focus(case: Case, claims: Sequence[citations.Statement]) -> float | None:
    """Share of the statements that contain a fact, or words of evidence or reference; None without statements."""
    wanted = [quote.quote for evidence in case.evidence for quote in evidence.any_of]
    folded = [aligned(text)[0] for text in (*wanted, case.reference) if text]

    def to_the_point(text: str) -> bool:
        plain = aligned(text)[0]
        stated = any(states(text, fact) for fact in case.facts)
        return stated or (bool(plain) and any(plain in gold or gold in plain for gold in folded))

    return mean(to_the_point(claim.text) for claim in claims)


def _correct(case: Case, scores: Scores, *, refused: bool) -> float | None:
    """Whether the answer contains all required facts and nothing forbidden, or refuses what has no answer.

    None when the case names neither facts nor anything forbidden.
    """
    if not case.answerable or refused:
        return float(refused != case.answerable)
    right = correct(scores)
    return None if right is None else float(right)


def _trusted(case: Case, gold: Gold, scores: Scores, *, refused: bool) -> float | None:
    """Correct AND cited AND supported, without padding in text or footnotes.

    Every mark resolves, some gold evidence is cited, every statement is supported by what it cites, at least half of
    the citations are needed and more than half of the statements to the point. None where `correct` is.
    """
    if not case.answerable or refused or not scores["correct"]:
        return scores["correct"]
    cited = scores["gold_cite_recall"] if gold else scores["citation_coverage"]
    holds = scores["citation_valid"] == 1 and bool(cited) and scores["citation_recall"] == 1
    return float(holds and (scores["citation_precision"] or 0) >= HALF and (scores["focus"] or 0) > HALF)
