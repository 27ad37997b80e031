"""What only a whole set shows: agreement between wordings and languages, and what the confidence is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval import stats
from eval.cases import Case

Scored = Sequence[tuple[Case, Mapping[str, float | None]]]
"""Cases with their scores by name."""

PRECISION = 0.95
"""The precision of coverage@95."""


def set_scores(scored: Scored) -> dict[str, float | None]:
    """Every measure of a whole set by name; None where the set has nothing to measure it on."""
    curve = stats.risk_coverage(*answered(scored))
    precision, recall = mean(scored, "refusal_precision"), mean(scored, "refusal_recall")
    confidence = [(case.answerable, scores.get("confidence") or 0.0) for case, scores in scored]
    both = None if precision is None or recall is None else precision + recall
    return {
        "refusal_f1": None if both is None else 2 * (precision or 0) * (recall or 0) / both if both else 0.0,
        "auroc": stats.auroc([c for yes, c in confidence if yes], [c for yes, c in confidence if not yes]),
        "aurc": stats.aurc(curve),
        "coverage@95": max((share for share, risk in curve if risk <= 1 - PRECISION), default=0.0) if curve else None,
        "consistency": consistency(scored, "correct"),
        "cross_lingual_gap": cross_lingual_gap(scored, "correct"),
    }


def mean(scored: Scored, metric: str) -> float | None:
    """Mean over the cases for which the metric is defined; None when it is for none."""
    values = [value for _, scores in scored if (value := scores.get(metric)) is not None]
    return sum(values) / len(values) if values else None


def answered(scored: Scored) -> tuple[list[float], list[float]]:
    """(confidences, correctness) of the cases that were answered, for the risk-coverage curve."""
    found = [
        (scores.get("confidence") or 0.0, correct)
        for _, scores in scored
        if scores.get("refusal_precision") is None and (correct := scores.get("correct")) is not None
    ]
    return [confidence for confidence, _ in found], [correct for _, correct in found]


def consistency(scored: Scored, metric: str) -> float | None:
    """Share of the families of paraphrases and translations whose cases all have the same value.

    Families of one, and cases for which the metric is not defined, do not count; None when no family is left.
    """
    head = {case.id: case.id for case, _ in scored}

    def find(name: str) -> str:
        while head[name] != name:
            name = head[name]
        return name

    for case, _ in scored:
        for other in (case.paraphrase_of, case.translation_of):
            if other in head:
                head[find(case.id)] = find(other)
    values: dict[str, list[float]] = {}
    for case, scores in scored:
        if (value := scores.get(metric)) is not None:
            values.setdefault(find(case.id), []).append(value)
    families = [own for own in values.values() if len(own) > 1]
    return sum(len(set(own)) == 1 for own in families) / len(families) if families else None


def cross_lingual_gap(scored: Scored, metric: str) -> float | None:
    """Mean loss of a case against the one in another language that it translates; None without translations."""
    known = {case.id: (case.language, scores.get(metric)) for case, scores in scored}
    losses = []
    for case, scores in scored:
        language, original = known.get(case.translation_of or "", (case.language, None))
        own = scores.get(metric)
        if language != case.language and original is not None and own is not None:
            losses.append(original - own)
    return sum(losses) / len(losses) if losses else None
