"""Two runs side by side: which cases were compared, which flipped, and how each metric moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from eval import stats
from eval.metrics.scoring import GATED, LOWER, METRICS
from eval.record import CaseRun, Run

SEED = 20240601
"""Of every draw; the same runs always get the same verdict."""
POWER = 0.8
"""At which the smallest detectable loss is stated."""
ALPHA = 0.05
"""Share of false alarms over all gated metrics together, when a live model answered."""
SMALLEST_LOSS = 0.02
"""A smaller loss of a mean is no regression of a live model, however significant it is."""
INVARIANTS = ("citation_valid", "quote_fidelity")
"""Metrics that are 1 for every case, or something is broken: checked case by case, so no test is spent on them."""


class Pair(NamedTuple):
    """One case in two runs."""

    before: CaseRun
    """In the baseline."""
    after: CaseRun
    """Now."""

    @property
    def lost(self) -> bool:
        """Whether it passed before and does not now."""
        return self.before.passed and not self.after.passed


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which cases two runs share."""

    pairs: tuple[Pair, ...]
    """Every accepted case whose text is the same in both and that ran in both."""
    changed: tuple[str, ...]
    """Ids whose case reads otherwise now: not compared."""
    added: tuple[str, ...]
    """Ids that the baseline lacks."""
    removed: tuple[str, ...]
    """Ids that only the baseline has."""
    differences: tuple[str, ...]
    """Fingerprints that differ, sorted."""

    @property
    def flips(self) -> list[Pair]:
        """The cases that passed in one of the runs only, lost ones first, in the order of the set."""
        return sorted((p for p in self.pairs if p.before.passed != p.after.passed), key=lambda pair: not pair.lost)


@dataclass(frozen=True)
class Movement:
    """A metric before and after, over the cases for which both runs define it."""

    name: str
    """The metric."""
    gated: bool
    """Whether a loss fails the gate."""
    before: float
    """Mean in the baseline."""
    after: float
    """Mean now."""
    gains: tuple[float, ...]
    """How much better each case became; negative is worse, whichever way the metric points."""
    clusters: tuple[str, ...]
    """The group of each case: cases that pass or fail together."""
    ids: tuple[str, ...]
    """The cases."""
    p: float
    """One-sided: how often noise alone would lose as much."""
    p_adjusted: float = 1.0
    """After Holm, over the gated metrics."""
    mde: float | None = None
    """The smallest true loss of a gated metric that the gate over a live model detects with POWER, if any."""

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
    def tone(self) -> str:
        """good, bad, or empty when nothing moved."""
        return "good" if self.gain > 1e-9 else "bad" if self.gain < -1e-9 else ""

    @property
    def losers(self) -> tuple[str, ...]:
        """Cases that got worse."""
        return tuple(name for name, gain in zip(self.ids, self.gains, strict=True) if gain < 0)

    def spread(self, level: float = 0.95) -> tuple[float, float] | None:
        """Interval of the gain, by bootstrap over the clusters; None when these are too few to show a spread."""
        return stats.bootstrap(self.gains, self.clusters, SEED, level) if any(self.gains) else (0.0, 0.0)

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the change."""
        found = self.spread()
        return found if found is None or self.name not in LOWER else (-found[1], -found[0])


def align(before: Run, after: Run) -> Alignment:
    """Match the accepted cases of two runs by id, and by fingerprint, so that a changed case is never compared."""
    old = {case.id: case for case in before.gated}
    new = {case.id: case for case in after.gated}
    shared = [Pair(old[name], case) for name, case in new.items() if name in old]
    changed = tuple(b.id for a, b in shared if a.case.fingerprint != b.case.fingerprint)
    prints = sorted({*before.fingerprints, *after.fingerprints})
    return Alignment(
        pairs=tuple(p for p in shared if p.after.id not in changed and p.before.error is p.after.error is None),
        changed=changed,
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        differences=tuple(name for name in prints if before.fingerprints.get(name) != after.fingerprints.get(name)),
    )


def movements(pairs: Sequence[Pair], *, live: bool) -> list[Movement]:
    """Every known metric that both runs define for at least one case, in the registry's order."""
    moved = [item for name in METRICS if (item := _movement(name, pairs)) is not None]
    tested = [item for item in moved if item.gated]
    adjusted = dict(zip((m.name for m in tested), stats.holm([m.p for m in tested]), strict=True))
    alpha = ALPHA / max(len(tested), 1)
    return [
        replace(m, p_adjusted=adjusted.get(m.name, m.p), mde=_detectable(m, alpha) if live and m.gated else None)
        for m in moved
    ]


def _movement(metric: str, pairs: Sequence[Pair]) -> Movement | None:
    found = [(a.scores.get(metric), b.scores.get(metric), b) for a, b in pairs]
    both = [(a, b, case) for a, b, case in found if a is not None and b is not None]
    if not both:
        return None
    sign = -1 if metric in LOWER else 1
    gains = tuple(sign * (b - a) for a, b, _ in both)
    clusters = tuple(case.case.group or case.id for _, _, case in both)
    return Movement(
        name=metric,
        gated=metric in GATED and metric not in INVARIANTS,
        before=sum(a for a, _, _ in both) / len(both),
        after=sum(b for _, b, _ in both) / len(both),
        gains=gains,
        clusters=clusters,
        ids=tuple(case.id for _, _, case in both),
        # McNemar for single 0/1 outcomes, else sign flips of the clusters' sums.
        p=stats.mcnemar(gains.count(-1), gains.count(1))
        if set(gains) <= {-1, 0, 1}
        else stats.sign_flips(gains, clusters, SEED),
    )


def _detectable(item: Movement, alpha: float) -> float | None:
    """The loss that stage 3 of the gate detects with POWER, if the noise is as in this pair of runs.

    One more differing case is assumed than was seen: none in a hundred does not show that there is no noise.
    """
    if set(item.gains) <= {-1, 0, 1}:
        differing = (sum(gain != 0 for gain in item.gains) + 1) / (item.n + 1)
        return stats.detectable_share_loss(item.n, min(differing, 1.0), alpha, POWER, SMALLEST_LOSS)
    return stats.detectable_mean_loss(item.gains, item.clusters, alpha, POWER, SMALLEST_LOSS)
