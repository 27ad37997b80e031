"""The measures of a whole set beside the means of its cases."""

from __future__ import annotations

from eval import statistics
from eval.metrics.groups import Scored, answered, confidences, consistency, cross_lingual_gap, harmonic
from eval.scoring import Metric, Scores

PRECISION = 0.95
"""The precision at which coverage is told."""

SET_METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("refusal_f1", "higher", False, "Harmonic mean of refusal precision and recall"),
        Metric("auroc", "higher", False, "Chance that an answerable question has more confidence than another"),
        Metric("aurc", "lower", False, "Mean share of wrong answers over all confidence thresholds"),
        Metric("coverage@95", "higher", False, "Share of the answered questions above the threshold with 5 % errors"),
        Metric("consistency", "higher", False, "Share of paraphrase and translation groups that fare alike"),
        Metric("cross_lingual_gap", "lower", False, "Loss of correctness from a question to its translation"),
    )
}
"""Every measure of a set by name."""


def mean(scored: Scored, metric: str) -> float | None:
    """Mean over the cases for which the metric is defined; None when it is for none."""
    values = [value for _, scores in scored if (value := scores.get(metric)) is not None]
    return sum(values) / len(values) if values else None


def set_scores(scored: Scored) -> Scores:
    """Every measure of SET_METRICS; None where the set has nothing to measure it on."""
    curve = statistics.risk_coverage(*answered(scored))
    return {
        "refusal_f1": harmonic(mean(scored, "refusal_precision"), mean(scored, "refusal_recall")),
        "auroc": statistics.auroc(*confidences(scored)),
        "aurc": statistics.aurc(curve),
        "coverage@95": max((share for share, risk in curve if risk <= 1 - PRECISION), default=0.0) if curve else None,
        "consistency": consistency(scored, "correct"),
        "cross_lingual_gap": cross_lingual_gap(scored, "correct"),
    }
