"""The figures that the reports draw, from the records of a run alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from eval import statistics
from eval.attribution import REASONS
from eval.metrics.groups import Scored, answered, percentile
from eval.record import CaseRun, Run
from eval.scoring import METRICS
from eval.summary import set_scores

Points = list[tuple[float, float]]

SHOWN = (
    "trusted",
    "correct",
    "fact_recall",
    "all_hit@5",
    "mrr@10",
    "ndcg@10",
    "gold_cite_f1",
    "citation_precision",
    "citation_recall",
    "refusal_recall",
    "over_refusal",
)
"""Metrics that a short report shows; the tables of every metric are in the CSV and JSON files."""


@dataclass(frozen=True, slots=True)
class Level:
    """A metric's mean over the cases that count."""

    name: str
    """The metric."""
    n: int
    """Cases for which it is defined."""
    mean: float
    """Their mean."""
    low: float
    """Lower end of the 95 % interval (Wilson, widened by the design effect of the clusters)."""
    high: float
    """Upper end."""

    @property
    def gated(self) -> bool:
        """Whether the gate looks at it."""
        return METRICS[self.name].gated


def level(run: Run, metric: str) -> Level | None:
    """None when no case defines the metric."""
    values = run.values(metric)
    if not values:
        return None
    clusters = [case.case.group or case.id for case in run.gated if case.id in values]
    effect = statistics.design_effect(list(values.values()), clusters) or 1.0
    low, high = statistics.wilson(sum(values.values()), len(values), effect) or (0.0, 1.0)
    return Level(metric, len(values), sum(values.values()) / len(values), low, high)


def levels(run: Run) -> list[Level]:
    """The metrics that a short report shows."""
    return [found for name in SHOWN if (found := level(run, name)) is not None]


def recall_curve(run: Run) -> Points:
    """(k, share of the evidence that stands among the first k paragraphs), the mean over the answerable cases."""
    cases = [case for case in run.gated if case.gold and case.error is None]
    depth = max((len(case.retrieved) for case in cases), default=0)
    return [(k, sum(_found(case, k) for case in cases) / len(cases)) for k in range(1, min(depth, 20) + 1)]


def risk_curve(run: Run) -> Points:
    """(share of the answers given, share of them that is wrong), the most confident first."""
    return statistics.risk_coverage(*answered(_scored(run)))


def of_the_set(run: Run) -> dict[str, float]:
    """The measures that only the whole set has, by name; those without a value are left out."""
    return {name: value for name, value in set_scores(_scored(run)).items() if value is not None}


def by_kind(run: Run) -> dict[tuple[str, str], tuple[float, int]]:
    """Type and language to the share that can be trusted, and the number of cases."""
    found: dict[tuple[str, str], list[bool]] = {}
    for case in run.gated:
        if case.error is None:
            found.setdefault((case.case.type, case.case.language), []).append(case.passed)
    return {kind: (sum(passed) / len(passed), len(passed)) for kind, passed in sorted(found.items())}


def reasons(run: Run) -> dict[str, int]:
    """Attribution to the number of cases, in the order of the stages."""
    counts = Counter(case.attribution for case in run.gated)
    return {reason: counts[reason] for reason in REASONS if counts[reason]}


def expected(case: CaseRun, refuse: str) -> str:
    """What a right answer says: its facts, or the reference; `refuse` for questions that have no answer."""
    if not case.case.answerable:
        return refuse
    return " · ".join(fact.any_of[0] for fact in case.case.facts if fact.required) or case.case.reference or "–"


def latency(run: Run) -> tuple[float, float] | None:
    """(p50, p95) of the milliseconds per case; None for a run that was read from a file."""
    times = list(run.latency_ms.values())
    middle, slow = percentile(times, 50), percentile(times, 95)
    return None if middle is None or slow is None else (middle, slow)


def _scored(run: Run) -> Scored:
    return [(case.case, case.scores) for case in run.gated if case.error is None]


def _found(case: CaseRun, k: int) -> float:
    ranks = case.ranks
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)
