"""What loss a gate over single 0/1 outcomes can see: exact, because at these sizes the normal curve flatters it."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float64]

_STEPS = 20
"""Halvings of the interval in which the loss is looked for: to a millionth."""


@lru_cache(maxsize=256)
def mcnemar_mde(n: int, differing: float, alpha: float, power: float, smallest: float) -> float | None:
    """The smallest true loss of a share that the gate sees with this power; None when it never does.

    `differing` is the share of cases that differ between two runs by noise alone. The gate sees a loss when the exact
    McNemar test rejects at `alpha` and the share fell by `smallest` at least.
    """
    highest = 1 - differing
    if n == 0 or mcnemar_power(n, differing, highest, alpha, smallest) < power:
        return None
    low, high = 0.0, highest
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if mcnemar_power(n, differing, middle, alpha, smallest) < power:
            low = middle
        else:
            high = middle
    return high


def mcnemar_power(n: int, differing: float, loss: float, alpha: float, smallest: float) -> float:
    """The chance that a true loss is seen: over every number of differing pairs, and of losses among them.

    Noise turns as many cases one way as the other, so a case is lost with probability differing / 2 + loss.
    """
    total = min(1.0, differing + loss)
    if total == 0:
        return 0.0
    pairs, critical = _binomial(n, total), _critical(n, alpha, smallest)
    lost = (differing / 2 + loss) / total
    likely = [int(count) for count in np.flatnonzero(pairs > 1e-9)]
    return sum(float(pairs[m] * _binomial(m, lost)[critical[m] :].sum()) for m in likely if critical[m] <= m)


@lru_cache(maxsize=64)
def _critical(n: int, alpha: float, smallest: float) -> tuple[int, ...]:
    """For each number of differing pairs the fewest losses that raise the alarm; more than the pairs when none do."""
    fewest = []
    for m in range(n + 1):
        tail = np.cumsum(_binomial(m, 0.5)[::-1])[::-1]  # P(at least so many losses of m fair coins)
        sure, large = int(np.sum(tail >= alpha)), math.ceil((m + smallest * n - 1e-9) / 2)
        fewest.append(max(sure, large))
    return tuple(fewest)


def _binomial(n: int, p: float) -> Row:
    """Probabilities of 0..n successes."""
    if p <= 0 or p >= 1:
        certain = np.zeros(n + 1)
        certain[n if p >= 1 else 0] = 1.0
        return certain
    logs = _log_factorials(n)
    k = np.arange(n + 1)
    chances: Row = np.exp(logs[n] - logs[k] - logs[n - k] + k * np.log(p) + (n - k) * np.log1p(-p))
    return chances


@lru_cache(maxsize=2048)
def _log_factorials(n: int) -> Row:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
