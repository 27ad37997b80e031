"""Paired, clustered statistics for comparing two runs of one eval set: numpy only, pure, the same numbers every time.

Questions about one paragraph pass or fail together, so intervals and tests take clusters (the cases' `group`).
Nothing here is NaN: what is not defined is None.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float64]

DRAWS = 10_000
"""Random draws of a bootstrap or permutation."""
EXACT = 16
"""Clusters up to which all sign flips are enumerated."""

quantile = NormalDist().inv_cdf
"""Quantile of the standard normal distribution."""


def mean(values: Iterable[float]) -> float | None:
    """The mean, of truth values the share; None of nothing."""
    known = list(values)
    return sum(known) / len(known) if known else None


def f1(precision: float, recall: float) -> float:
    """Harmonic mean; 0 when either is."""
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0


def mcnemar(losses: int, wins: int) -> float:
    """Exact McNemar test (McNemar 1947) on the pairs that differ, one-sided for a loss.

    P(at least `losses` of losses + wins fair coins). mcnemar(5, 0) -> 1/32. No differing pair gives 1.
    """
    n = losses + wins
    return float(sum(math.comb(n, i) for i in range(losses, n + 1)) / 2**n)


def sign_flips(differences: Sequence[float], clusters: Sequence[Hashable], seed: int = 0) -> float:
    """One-sided p that the mean difference is below zero by chance: sign flips of cluster sums (Fisher 1935).

    Exact by enumeration up to EXACT clusters with a difference, else DRAWS random flips with the +1 correction
    (Phipson and Smyth 2010). 1 when nothing differs.
    """
    sums = _sums(differences, clusters)
    sums = sums[sums != 0]
    if not len(sums):
        return 1.0
    limit = sums.sum() + 1e-9 * np.abs(sums).sum()  # equal sums, added up in another order
    if len(sums) <= EXACT:
        signs = 1.0 - 2 * ((np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums))) & 1)
        return float(np.mean(signs @ sums <= limit))
    random, count = np.random.default_rng(seed), 0
    for size in _batches(len(sums)):
        signs = random.integers(0, 2, size=(size, len(sums)), dtype=np.int8) * 2.0 - 1
        count += int(np.sum(signs @ sums <= limit))
    return (count + 1) / (DRAWS + 1)


def bootstrap(
    values: Sequence[float], clusters: Sequence[Hashable], seed: int = 0, level: float = 0.95
) -> tuple[float, float] | None:
    """Percentile interval of the mean, whole clusters drawn with replacement (Field and Welsh 2007).

    None with fewer than two clusters: one cluster shows no spread.
    """
    sums, sizes = _sums(values, clusters), _sums([1.0] * len(values), clusters)
    if len(sums) < 2:
        return None
    random, means = np.random.default_rng(seed), []
    for size in _batches(len(sums)):
        drawn = random.integers(0, len(sums), size=(size, len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def wilson(successes: float, n: int, design_effect: float = 1.0) -> tuple[float, float] | None:
    """95 % interval of a share (Wilson 1927), for n / design_effect independent cases. None for n = 0."""
    if n == 0:
        return None
    share, size, z = successes / n, n / max(design_effect, 1.0), quantile(0.975)
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    return max(0.0, middle - half), min(1.0, middle + half)


def design_effect(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """Variance of the mean with clusters over the one as if all cases were independent (Kish 1965).

    None when there are fewer than two clusters or all values are equal; below 1 when cases of a cluster differ more
    than others.
    """
    data, count = np.asarray(values, dtype=float), len(set(clusters))
    if count < 2 or np.ptp(data) == 0:
        return None
    residuals = _sums(data - data.mean(), clusters)
    clustered = count / (count - 1) * float(residuals @ residuals) / len(data) ** 2
    return clustered / (float(data.var(ddof=1)) / len(data))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given (Holm 1979): reject those at most alpha, whatever hangs together."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def detectable_mean_loss(
    gains: Sequence[float], clusters: Sequence[Hashable], alpha: float, power: float, smallest: float
) -> float:
    """The smallest true loss of a mean over [0, 1] that is both significant and at least `smallest`, with this power.

    The variance of one case's difference is that of these two runs. A loss m adds up to m to it, when it takes a few
    cases wholly, so m = z * sqrt((variance + m) * design effect / n) with z = z(1 - alpha) + z(power) is solved for m.
    """
    n, effect = len(gains), max(design_effect(gains, clusters) or 1.0, 1.0)
    variance = float(np.var(gains, ddof=1)) if n > 1 else 0.0
    c = (quantile(1 - alpha) + quantile(power)) ** 2 * effect / n
    significant = min(1.0, (c + math.sqrt(c * c + 4 * c * variance)) / 2)
    return max(significant, smallest + quantile(power) * math.sqrt((variance + significant) * effect / n))


@lru_cache(maxsize=256)
def detectable_share_loss(n: int, differing: float, alpha: float, power: float, smallest: float) -> float | None:
    """The same for a share of single 0/1 outcomes, by the binomial: at these sizes the normal curve flatters the gate.

    `differing` is the share of cases that differ between two runs by noise alone; noise turns as many cases one way as
    the other. None when no loss is ever detected.
    """

    def detected(loss: float) -> float:
        total, found = differing + loss, 0.0
        for pairs, chance in enumerate(_binomial(n, total)):
            if chance > 1e-9:  # so many pairs differ, and of them so many are losses
                fair, lost = np.cumsum(_binomial(pairs, 0.5)[::-1])[::-1], np.arange(pairs + 1)
                seen = (fair < alpha) & (2 * lost - pairs >= smallest * n - 1e-9)
                found += chance * float(_binomial(pairs, (differing / 2 + loss) / total) @ seen)
        return found

    low, high = 0.0, 1 - differing
    if n == 0 or detected(high) < power:
        return None
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if detected(middle) < power else (low, middle)
    return high


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Chance that a positive scores above a negative, ties half (Mann and Whitney 1947). None without either."""
    if not positive or not negative:
        return None
    low, high = np.sort(np.asarray(negative, dtype=float)), np.asarray(positive, dtype=float)
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
    widths = np.diff([0.0, *(coverage for coverage, _ in points)])
    return float(widths @ [risk for _, risk in points]) if points else None


def _binomial(n: int, p: float) -> Row:
    """The probability of 0 to n successes, shape (n + 1,)."""
    factorials = np.cumsum([0.0, *np.log(np.arange(1, n + 1))])
    k, p = np.arange(n + 1), min(max(p, 1e-300), 1 - 1e-16)
    logs = factorials[n] - factorials - factorials[::-1] + k * math.log(p) + (n - k) * math.log1p(-p)
    return np.asarray(np.exp(logs))


def _sums(values: Sequence[float] | Row, clusters: Sequence[Hashable]) -> Row:
    """The sum of each cluster's values, clusters by first appearance."""
    sums: dict[Hashable, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + float(value)
    return np.array(list(sums.values()))


def _batches(width: int) -> Iterator[int]:
    """DRAWS in parts that keep a matrix of `width` columns small."""
    size = max(1, min(DRAWS, 2_000_000 // max(width, 1)))
    return (min(size, DRAWS - done) for done in range(0, DRAWS, size))
