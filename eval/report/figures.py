"""The figures that the reports draw, from the records of a run alone."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from eval import stats
from eval.diagnosis import REASONS
from eval.gate import GateResult
from eval.metrics.retrieval import first_ranks
from eval.metrics.scoring import METRICS
from eval.metrics.whole_set import set_scores
from eval.record import Run, rounded
from eval.report.wording import Wording, share, signed

Points = list[tuple[float, float]]

SHOWN = (
    *("trusted", "correct", "fact_recall", "all_hit@5", "mrr@10", "ndcg@10", "gold_cite_f1", "citation_precision"),
    *("citation_recall", "refusal_recall", "over_refusal"),
)
"""Metrics that a short report shows; the CSV and JSON files have all of them."""


class Level(NamedTuple):
    """A metric over the accepted cases that define it."""

    name: str
    n: int
    """Cases that define it."""
    mean: float
    interval: tuple[float, float]
    """Wilson's 95 % interval, widened by the design effect of the clusters."""


def level(run: Run, metric: str) -> Level | None:
    """None when no case defines the metric."""
    values = run.values(metric)
    if not values:
        return None
    clusters = [case.case.group or case.id for case in run.gated if case.id in values]
    effect = stats.design_effect(list(values.values()), clusters) or 1.0
    total, n = sum(values.values()), len(values)
    return Level(metric, n, total / n, stats.wilson(total, n, effect) or (0.0, 1.0))


def levels(run: Run) -> list[Level]:
    """The metrics that a short report shows."""
    return [found for name in SHOWN if (found := level(run, name))]


def table(run: Run, result: GateResult, w: Wording) -> tuple[list[str], list[tuple[tuple[str, ...], str]]]:
    """Heads, and (cells, tone) of each metric: how it moved, or its level without a baseline."""
    if not result.movements:
        heads = [*map(w, ("metric", "now", "interval")), "n"]
        spans = ((w(f.name), share(f.mean), " … ".join(map(share, f.interval)), str(f.n)) for f in levels(run))
        return heads, [(cells, "") for cells in spans]
    rows: list[tuple[tuple[str, ...], str]] = []
    for item in (m for name in SHOWN for m in result.movements if m.name == name):
        interval = " … ".join(map(signed, item.interval)) if item.interval else "–"
        p = f"{item.p_adjusted:.3f}" if item.gated else ""
        cells = (w(item.name), share(item.before), share(item.after), signed(item.delta), interval, p, str(item.n))
        rows.append((cells, item.tone))
    return [*map(w, ("metric", "baseline", "now", "change", "interval")), "p", "n"], rows


def recall_curve(run: Run) -> Points:
    """(k, share of the evidence among the first k paragraphs), the mean over the answerable cases."""
    cases = [case for case in run.scored if case.gold]
    ranks = [first_ranks(case.retrieved, case.gold) for case in cases]
    depth = max((len(case.retrieved) for case in cases), default=0)
    return [
        (k, sum(sum(r is not None and r <= k for r in own) / len(own) for own in ranks) / len(ranks))
        for k in range(1, min(depth, 20) + 1)
    ]


def of_the_set(run: Run) -> dict[str, float]:
    """The measures that only the whole set has, by name; those without a value are left out."""
    return {name: value for name, value in set_scores(run).items() if value is not None}


def by_kind(run: Run) -> dict[tuple[str, str], tuple[float, int]]:
    """Type and language to the share that can be trusted, and the number of cases."""
    found: dict[tuple[str, str], list[bool]] = {}
    for case in run.scored:
        found.setdefault((case.case.type, case.case.language), []).append(case.passed)
    return {kind: (sum(passed) / len(passed), len(passed)) for kind, passed in sorted(found.items())}


def reasons(run: Run) -> dict[str, int]:
    """Why cases fail, with the number of cases, in the order of the stages."""
    counts = Counter(case.attribution for case in run.gated)
    return {reason: counts[reason] for reason in REASONS if counts[reason]}


def latency(run: Run) -> tuple[float, float] | None:
    """(p50, p95) of the milliseconds per case, nearest rank; None for a run that was read from a file."""
    times = sorted(run.latency_ms.values())
    return (times[(len(times) - 1) // 2], times[-(-len(times) * 95 // 100) - 1]) if times else None


def summary(run: Run, result: GateResult) -> dict[str, Any]:
    """What `footnote eval run --json` prints. Latency is of this process only."""
    english, times = Wording("en"), latency(run)
    change = ("gated", "n", "before", "after", "interval", "p", "p_adjusted", "mde")
    findings = [
        {"kind": f.kind, "exit_code": f.exit_code, "cases": f.cases, "says": english.sentence(f), **f.values}
        for f in result.findings
    ]
    flips = [
        {"id": f.after.id, "lost": f.lost, "before": f.before.attribution, "after": f.after.attribution}
        for f in result.flips
    ]
    record: dict[str, Any] = {
        "set": run.set_name,
        "exit_code": result.exit_code,
        "cases": len(run.gated),
        "drafts": len(run.cases) - len(run.gated),
        "live": result.live or run.live,
        "metrics": {name: run.mean(name) for name in METRICS},
        "of_the_set": of_the_set(run),
        "reasons": reasons(run),
        "findings": findings,
        "changes": [{"metric": m.name} | {name: getattr(m, name) for name in change} for m in result.movements],
        "flips": flips,
        "fingerprints": run.fingerprints,
        "latency_ms": dict(zip(("p50", "p95"), times, strict=True)) if times else None,
    }
    return dict(rounded(record))
