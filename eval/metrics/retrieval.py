"""Ranked paragraphs against the gold evidence: pure functions of ids.

`ranked` are paragraph ids, best first, repeats dropped; `groups` are the gold paragraphs, one set for each evidence of
a case: any of a set covers it, and a case needs all. With single-paragraph groups these are the usual measures. Binary
gain; a group is credited once, at its first paragraph.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

KS = (1, 3, 5, 10)
"""Depths of hit, all_hit and recall."""
DEPTH = 10
"""Of the measures that look at ranks."""


def first_ranks(ranked: Sequence[str], groups: Sequence[Collection[str]]) -> tuple[int | None, ...]:
    """For each group the rank, from 1, of its first paragraph in the list; None when it has none there."""
    place = {name: rank for rank, name in reversed(list(enumerate(ranked, 1)))}
    return tuple(min((place[name] for name in group if name in place), default=None) for group in groups)


def retrieval_scores(ranked: Sequence[str], groups: Sequence[Collection[str]]) -> dict[str, float]:
    """hit, all_hit (every group) and recall at each of KS, mrr@10, ndcg@10 and ap@10; empty without groups.

    Discount of nDCG log2(rank + 1) (Järvelin and Kekäläinen 2002); the average precision is over all groups.
    """
    if not groups:
        return {}
    scores: dict[str, float] = {}
    ranks = [rank for rank in first_ranks(ranked, groups) if rank]
    for k in KS:
        covered = sum(rank <= k for rank in ranks)
        scores[f"hit@{k}"] = float(covered > 0)
        scores[f"all_hit@{k}"] = float(covered == len(groups))
        scores[f"recall@{k}"] = covered / len(groups)
    credited = _credited(ranked[:DEPTH], groups)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(groups), DEPTH) + 1))
    return scores | {
        "mrr@10": 1 / min(credited) if credited else 0.0,
        "ndcg@10": sum(1 / math.log2(rank + 1) for rank in credited) / ideal,
        "ap@10": sum(i / rank for i, rank in enumerate(credited, 1)) / len(groups),
    }


def _credited(ranked: Sequence[str], groups: Sequence[Collection[str]]) -> list[int]:
    """The ranks that cover a group, ascending, one group a rank: a paragraph earns its gain once."""
    left, ranks = [set(group) for group in groups], []
    for rank, name in enumerate(ranked, 1):
        kept = [group for group in left if name not in group]
        if len(kept) < len(left):
            left = kept
            ranks.append(rank)
    return ranks
