"""Words and vectors into one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LEXICAL, _LATE, _DENSE = 1.0, 1.0, 0.3


@dataclass(frozen=True, slots=True)
class Fused:
    """One paragraph of the fused list."""

    key: int
    """Its key in the store."""
    score: float
    """Higher is better; comparable within one list only."""
    lexical_rank: int | None
    """Place by words, from 1."""
    dense_rank: int | None
    """Place by vectors, from 1."""


def fuse(
    lexical: Sequence[tuple[int, float]],
    dense: Sequence[tuple[int, float]],
    late: Mapping[int, float] | None,
    ceiling: float,
) -> list[Fused]:
    """Best first, ties by key."""
    words, vectors = dict(lexical), dict(dense)
    by_words = {key: rank for rank, (key, _) in enumerate(lexical, start=1)}
    by_vectors = {key: rank for rank, (key, _) in enumerate(dense, start=1)}
    floor = min(vectors.values(), default=0.0)
    fused = [
        Fused(
            key,
            _LEXICAL * words.get(key, 0.0) / max(ceiling, 1e-9)
            + _LATE * (late.get(key, 0.0) if late else 0.0)
            + _DENSE * vectors.get(key, floor),
            by_words.get(key),
            by_vectors.get(key),
        )
        for key in dict.fromkeys([*words, *vectors])
    ]
    return sorted(fused, key=lambda item: (-item.score, item.key))
