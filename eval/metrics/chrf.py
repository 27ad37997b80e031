"""chrF (Popović 2015): F-beta over character n-grams, one to six characters, white space dropped, beta 2.

It needs no word boundaries and so treats Chinese as any other script; in [0, 1] here, in [0, 100] elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

ORDER = 6
"""Longest n-gram."""
BETA = 2
"""How many times recall weighs as much as precision."""


def chrf(answer: str, references: Sequence[str]) -> float | None:
    """The best score against any reference; None without one."""
    return max((_chrf(answer, reference) for reference in references), default=None)


def _chrf(answer: str, reference: str) -> float:
    """Precision and recall averaged over the orders for which both have n-grams, as in sacrebleu."""
    shares: list[tuple[float, float]] = []
    for size in range(1, ORDER + 1):
        said, wanted = _grams(answer, size), _grams(reference, size)
        if said and wanted:
            common = (said & wanted).total()
            shares.append((common / said.total(), common / wanted.total()))
    if not shares:
        return 0.0
    precision = sum(share for share, _ in shares) / len(shares)
    recall = sum(share for _, share in shares) / len(shares)
    if not precision + recall:
        return 0.0
    weight = BETA * BETA
    return (1 + weight) * precision * recall / (weight * precision + recall)


def _grams(text: str, size: int) -> Counter[str]:
    characters = "".join(text.split())
    return Counter(characters[i : i + size] for i in range(len(characters) - size + 1))
