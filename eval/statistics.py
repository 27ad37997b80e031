"""Paired, clustered statistics for comparing two runs of one eval set: numpy only, pure, the same numbers every time.

Questions about one paragraph stand or fall together, so that intervals and tests take clusters (the cases' `group`).
Nothing here is NaN: what is not defined is None.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
"""Random draws of a bootstrap or permutation."""
EXACT = 16
"""Clusters up to which all sign flips are enumerated."""
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class McNemar:
    """One-sided test that losses are more likely than wins."""

    p: float
    """Exact binomial tail."""
    mid_p: float
    """The same with half the probability of the outcome itself: less conservative, for reading."""


def mcnemar_exact(losses: int, wins: int) -> McNemar:
    """Exact McNemar test (McNemar 1947; mid-p: Lancaster 1961) on the pairs that differ, one-sided for a loss.

    P(at least `losses` of losses + wins fair coins). mcnemar_exact(5, 0).p -> 1/32. No differing pair gives 1.
    """
    n = losses + wins
    at = math.comb(n, losses) / 2**n
    above = sum(math.comb(n, i) for i in range(losses + 1, n + 1)) / 2**n
    return McNemar(above + at, above + at / 2)


def sign_flip_permutation(
    differences: Sequence[float], clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> float:
    """One-sided p that the mean difference is below zero by chance: sign flips of cluster sums (Fisher 1935).

    Exact by enumeration up to EXACT clusters with a difference, else DRAWS random flips with the +1 correction
    (Phipson and Smyth 2010). 1 when nothing differs.
    """
    sums = cluster_sums(differences, clusters)
    sums = sums[sums != 0]
    if not len(sums):
        return 1.0
    seen = sums.sum()
    slack = 1e-9 * np.abs(sums).sum()  # equal sums, added up in another order
    if len(sums) <= EXACT:
        flips = 1.0 - 2 * ((np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums))) & 1)
        return float(np.mean(flips @ sums <= seen + slack))
    count = 0
    random = _random(seed)
    for size in _batches(DRAWS, len(sums)):
        flips = random.integers(0, 2, size=(size, len(sums)), dtype=np.int8) * 2.0 - 1
        count += int(np.sum(flips @ sums <= seen + slack))
    return (count + 1) / (DRAWS + 1)


def cluster_bootstrap(
    values: Sequence[float], clusters: Sequence[Hashable] | None = None, seed: int = 0, level: float = 0.95
) -> tuple[float, float] | None:
    """Percentile interval of the mean, whole clusters drawn with replacement (Field and Welsh 2007).

    None with fewer than two clusters: one cluster shows no spread.
    """
    sums, sizes = cluster_sums(values, clusters), cluster_sums([1.0] * len(values), clusters)
    if len(sums) < 2:
        return None
    random = _random(seed)
    means = []
    for size in _batches(DRAWS, len(sums)):
        drawn = random.integers(0, len(sums), size=(size, len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def wilson(successes: float, n: int, design_effect: float = 1.0) -> tuple[float, float] | None:
    """95 % interval of a share (Wilson 1927), for n / design_effect independent cases. None for n = 0."""
    if n == 0:
        return None
    share, size, z = successes / n, n / max(design_effect, 1.0), _Z95
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    return max(0.0, middle - half), min(1.0, middle + half)


def design_effect(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """Variance of the mean with clusters over the one as if all cases were independent (Kish 1965).

    None when there are fewer than two clusters or all values are equal; below 1 when cases of a cluster differ more
    than others.
    """
    data = np.asarray(values, dtype=float)
    count = len(set(clusters))
    if count < 2 or np.ptp(data) == 0:
        return None
    residuals = cluster_sums(data - data.mean(), clusters)
    clustered = count / (count - 1) * float(residuals @ residuals) / len(data) ** 2
    independent = float(data.var(ddof=1)) / len(data)
    return clustered / independent


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given (Holm 1979): reject those at most alpha, whatever hangs together."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def minimum_detectable_effect(
    n: int, variance: float, design_effect: float = 1.0, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """The smallest true loss of a mean over [0, 1] that a one-sided paired test sees with this power.

    `variance` is that of one case's difference between two runs of an unchanged system. A loss m adds up to m to it,
    when it takes a few cases wholly, so that m = z * sqrt((variance + m) * design_effect / n) with
    z = z(1 - alpha) + z(power) is solved for m. None for n = 0; at most 1.
    """
    if n == 0:
        return None
    c = (quantile(1 - alpha) + quantile(power)) ** 2 * max(design_effect, 1.0) / n
    return min(1.0, (c + math.sqrt(c * c + 4 * c * variance)) / 2)


def standard_error(n: int, variance: float, design_effect: float = 1.0) -> float:
    """Of a mean over n cases with this variance, in clusters."""
    return math.sqrt(variance * max(design_effect, 1.0) / n)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Chance that a positive scores above a negative, ties half (Mann and Whitney 1947). None without either."""
    if not positive or not negative:
        return None
    low = np.sort(np.asarray(negative, dtype=float))
    high = np.asarray(positive, dtype=float)
    wins = np.searchsorted(low, high, side="left") + np.searchsorted(low, high, side="right")
    return float(wins.sum() / (2 * len(low) * len(high)))


def risk_coverage(confidences: Sequence[float], correct: Sequence[float]) -> list[tuple[float, float]]:
    """(coverage, risk) when only the most confident are answered, from few to all (El-Yaniv and Wiener 2010).

    Cases of one confidence are taken together. Risk is the share of the answered that is wrong.
    """
    points: list[tuple[float, float]] = []
    order = sorted(zip(confidences, correct, strict=True), key=lambda pair: -pair[0])
    wrong = 0.0
    for i, (confidence, right) in enumerate(order, 1):
        wrong += 1 - right
        if i == len(order) or order[i][0] != confidence:
            points.append((i / len(order), wrong / i))
    return points


def aurc(points: Sequence[tuple[float, float]]) -> float | None:
    """Area under a risk-coverage curve: the mean risk over all coverages (Geifman et al. 2019). None without points."""
    area, last = 0.0, 0.0
    for coverage, risk in points:
        area += (coverage - last) * risk
        last = coverage
    return area if points else None


def cluster_sums(
    values: Sequence[float] | NDArray[np.float64], clusters: Sequence[Hashable] | None
) -> NDArray[np.float64]:
    """The sum of each cluster's values, clusters by first appearance; each value alone without clusters."""
    data = np.asarray(values, dtype=np.float64)
    if clusters is None:
        return data
    rows: dict[Hashable, int] = {}
    places = [rows.setdefault(cluster, len(rows)) for cluster in clusters]
    return np.bincount(places, weights=data).astype(np.float64) if places else data


def _random(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _batches(draws: int, width: int) -> list[int]:
    """The draws in parts that keep a matrix of `width` columns small."""
    size = max(1, min(draws, 2_000_000 // max(width, 1)))
    return [min(size, draws - done) for done in range(0, draws, size)]


def quantile(p: float) -> float:
    """Quantile of the standard normal distribution, by the standard library."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)
