"""What only a whole set shows: agreement between wordings and languages, and what the confidence is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from eval.cases import Case

Scored = Sequence[tuple[Case, Mapping[str, float | None]]]
"""Cases with their scores by name."""


def consistency(scored: Scored, metric: str) -> float | None:
    """Share of the groups of paraphrases and translations whose cases all have the same value.

    Groups of one, and cases for which the metric is not defined, do not count; None when no group is left.
    """
    families = [values for values in _families(scored, metric) if len(values) > 1]
    return sum(len(set(values)) == 1 for values in families) / len(families) if families else None


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


def confidences(scored: Scored) -> tuple[list[float], list[float]]:
    """The confidences of answerable and of unanswerable cases, for AUROC; nothing found is no confidence: 0."""
    both: tuple[list[float], list[float]] = ([], [])
    for case, scores in scored:
        both[not case.answerable].append(scores.get("confidence") or 0.0)
    return both


def answered(scored: Scored) -> tuple[list[float], list[float]]:
    """(confidences, correctness) of the cases that were answered, for the risk-coverage curve."""
    found = [
        (scores.get("confidence") or 0.0, correct)
        for _, scores in scored
        if scores.get("refusal_precision") is None and (correct := scores.get("correct")) is not None
    ]
    return [confidence for confidence, _ in found], [correct for _, correct in found]


def harmonic(precision: float | None, recall: float | None) -> float | None:
    """F1 of two means; None when one of them is not defined, 0 when both are 0."""
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least this share of the values does not exceed (nearest rank); None without values."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)] if values else None


def _families(scored: Scored, metric: str) -> list[list[float]]:
    """The values of each group of cases that are linked, directly or through others, as paraphrase or translation."""
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
        value = scores.get(metric)
        if value is not None:
            values.setdefault(find(case.id), []).append(value)
    return list(values.values())
