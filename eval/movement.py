"""How one metric moved between two runs of the same cases: the paired difference, its interval, its p-value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eval import statistics
from eval.power import mcnemar_mde
from eval.record import CaseRun
from eval.scoring import METRICS, Metric

SEED = 20240601
"""Of every draw; the same runs always get the same verdict."""
POWER = 0.8
"""At which the smallest loss that can be seen is stated."""
ALPHA = 0.05
"""Share of false alarms over all gated metrics together, when a live model answered."""
SMALLEST_LOSS = 0.02
"""A smaller loss of a mean is no regression of a live model, however sure it is."""
INVARIANTS = ("citation_valid", "quote_fidelity")
"""Metrics that are 1 for every case, or something is broken: held case by case, so no test is spent on them."""

Pairs = Sequence[tuple[CaseRun, CaseRun]]


@dataclass(frozen=True, slots=True)
class Movement:
    """A metric before and after, over the cases for which both runs define it."""

    name: str
    """The metric."""
    gated: bool
    """Whether the gate looks at it."""
    before: float
    """Mean in the baseline."""
    after: float
    """Mean now."""
    gains: tuple[float, ...]
    """How much better each case became; negative is worse, whichever way the metric points."""
    clusters: tuple[str, ...]
    """The group of each case: cases that stand or fall together."""
    ids: tuple[str, ...]
    """The cases."""
    p: float
    """One-sided: how often noise alone would lose as much."""
    p_adjusted: float = 1.0
    """After Holm, over the gated metrics."""
    mde: float | None = None
    """The smallest true loss of a gated metric that the gate over a live model sees with a power of POWER, if any."""

    @property
    def n(self) -> int:
        """Cases compared."""
        return len(self.gains)

    @property
    def delta(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def gain(self) -> float:
        """How much better the mean became."""
        return sum(self.gains) / len(self.gains)

    @property
    def winners(self) -> tuple[str, ...]:
        """Cases that got better."""
        return tuple(name for name, gain in zip(self.ids, self.gains, strict=True) if gain > 0)

    @property
    def losers(self) -> tuple[str, ...]:
        """Cases that got worse."""
        return tuple(name for name, gain in zip(self.ids, self.gains, strict=True) if gain < 0)

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the change, by bootstrap over the clusters; None when these are too few to show a spread."""
        found = self._gain_interval(0.95)
        return found if found is None or METRICS[self.name].direction == "higher" else (-found[1], -found[0])

    @property
    def bound(self) -> float:
        """One-sided 95 % lower bound of the gain; the worst when nothing can be said."""
        found = self._gain_interval(0.9)
        return found[0] if found else -1.0

    def _gain_interval(self, level: float) -> tuple[float, float] | None:
        if not any(self.gains):
            return 0.0, 0.0
        return statistics.cluster_bootstrap(self.gains, self.clusters, SEED, level)


def movements(pairs: Pairs, *, live: bool) -> tuple[Movement, ...]:
    """Every known metric that both runs define for at least one case, in the registry's order."""
    moved = [item for metric in METRICS.values() if (item := _movement(metric, pairs)) is not None]
    tested = [item for item in moved if item.gated]
    adjusted = dict(zip((m.name for m in tested), statistics.holm([m.p for m in tested]), strict=True))
    alpha = ALPHA / max(len(tested), 1)
    return tuple(
        replace(
            item, p_adjusted=adjusted.get(item.name, item.p), mde=_mde(item, alpha) if live and item.gated else None
        )
        for item in moved
    )


def _movement(metric: Metric, pairs: Pairs) -> Movement | None:
    found = [(a.scores.get(metric.name), b.scores.get(metric.name), b) for a, b in pairs]
    both = [(a, b, case) for a, b, case in found if a is not None and b is not None]
    if not both:
        return None
    sign = 1 if metric.direction == "higher" else -1
    gains = tuple(sign * (b - a) for a, b, _ in both)
    clusters = tuple(case.case.group or case.id for _, _, case in both)
    return Movement(
        name=metric.name,
        gated=metric.gated and metric.name not in INVARIANTS,
        before=sum(a for a, _, _ in both) / len(both),
        after=sum(b for _, b, _ in both) / len(both),
        gains=gains,
        clusters=clusters,
        ids=tuple(case.id for _, _, case in both),
        p=_p_value(gains, clusters),
    )


def _p_value(gains: Sequence[float], clusters: Sequence[str]) -> float:
    """McNemar for single 0/1 outcomes, else sign flips of the clusters' sums."""
    if set(gains) <= {-1, 0, 1}:
        return statistics.mcnemar_exact(gains.count(-1), gains.count(1)).p
    return statistics.sign_flip_permutation(gains, clusters, SEED)


def _mde(item: Movement, alpha: float) -> float | None:
    """The loss that stage 3 sees with POWER, if the noise is as in this pair of runs.

    One more differing case is assumed than was seen: none in a hundred does not show that there is no noise.
    """
    n = item.n
    differing = (sum(gain != 0 for gain in item.gains) + 1) / (n + 1)
    if set(item.gains) <= {-1, 0, 1}:
        return mcnemar_mde(n, min(differing, 1.0), alpha, POWER, SMALLEST_LOSS)
    variance = sum((gain - item.gain) ** 2 for gain in item.gains) / max(n - 1, 1)
    effect = statistics.design_effect(item.gains, item.clusters) or 1.0
    tested = statistics.minimum_detectable_effect(n, variance, effect, alpha, POWER) or 1.0
    spread = statistics.standard_error(n, variance + tested, effect)
    return max(tested, SMALLEST_LOSS + statistics.quantile(POWER) * spread)
