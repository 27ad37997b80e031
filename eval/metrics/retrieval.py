"""Ranked paragraphs against the gold evidence: pure functions of ids.

`ranked` are paragraph ids, best first, repeats dropped; `groups` are the gold paragraphs, one set for each evidence of
a case: any of a set covers it, and a case needs all. With single-paragraph groups these are the usual measures. Every
function is None without groups, and 0 for an empty list. Binary gain; a group is credited once, at its first paragraph.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

Groups = Sequence[Collection[str]]
"""The gold paragraphs of each evidence."""


def first_ranks(ranked: Sequence[str], groups: Groups) -> tuple[int | None, ...]:
    """For each group the rank, from 1, of its first paragraph in the list; None when it has none there."""
    place = {name: rank for rank, name in reversed(list(enumerate(ranked, 1)))}
    return tuple(min((place[name] for name in group if name in place), default=None) for group in groups)


def hit(ranked: Sequence[str], groups: Groups, k: int) -> float | None:
    """1 when some group is covered in the first k."""
    return float(_covered(ranked, groups, k) > 0) if groups else None


def all_hit(ranked: Sequence[str], groups: Groups, k: int) -> float | None:
    """1 when every group is covered in the first k."""
    return float(_covered(ranked, groups, k) == len(groups)) if groups else None


def recall(ranked: Sequence[str], groups: Groups, k: int) -> float | None:
    """Share of the groups that are covered in the first k."""
    return _covered(ranked, groups, k) / len(groups) if groups else None


def reciprocal_rank(ranked: Sequence[str], groups: Groups, k: int) -> float | None:
    """1 / the rank of the first gold paragraph in the first k, else 0."""
    ranks = [rank for rank in first_ranks(ranked[:k], groups) if rank is not None]
    return (1 / min(ranks) if ranks else 0.0) if groups else None


def ndcg(ranked: Sequence[str], groups: Groups, k: int) -> float | None:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), discount log2(rank + 1)."""
    found = sum(1 / math.log2(rank + 1) for rank in _credited(ranked, groups, k))
    return found / sum(1 / math.log2(rank + 1) for rank in range(1, min(len(groups), k) + 1)) if groups else None


def average_precision(ranked: Sequence[str], groups: Groups, k: int) -> float | None:
    """Mean over all groups of the precision at the rank that covers each; 0 for one not covered in the first k."""
    ranks = _credited(ranked, groups, k)
    return sum(i / rank for i, rank in enumerate(ranks, 1)) / len(groups) if groups else None


def _credited(ranked: Sequence[str], groups: Groups, k: int) -> list[int]:
    """The ranks that cover a group, ascending, one group a rank: a paragraph earns its gain once."""
    left = [set(group) for group in groups]
    ranks = []
    for rank, name in enumerate(ranked[:k], 1):
        kept = [group for group in left if name not in group]
        if len(kept) < len(left):
            left = kept
            ranks.append(rank)
    return ranks


def _covered(ranked: Sequence[str], groups: Groups, k: int) -> int:
    return sum(rank is not None for rank in first_ranks(ranked[:k], groups))
