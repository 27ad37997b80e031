"""The dense half of a search: exact cosines of a question's vector with every chunk, by FAISS."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.lexical import Alive, Scored, best_of
from index.segment import Segment

if TYPE_CHECKING:
    import faiss

_TIES = 16
"""Chunks fetched beyond k at first, so that ties at the cut-off are seen and broken by key."""


class Dense:
    """Chunks in several segments, by their vectors."""

    def __init__(self, segments: Sequence[Segment], alive: Sequence[Alive]) -> None:
        self._segments, self._alive = segments, alive

    def search(
        self, vector: NDArray[np.float32], k: int, *, cjk: bool, keys: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Passages of the best k chunks of one script, (key, cosine of its best chunk), best first, ties by key.

        Only among `keys` when given; `vector` is of unit length, float32, shape (dim,).
        """
        among = None if keys is None else np.fromiter(keys, dtype=np.int64, count=len(keys))
        best: dict[int, float] = {}
        for key, score in best_of([self._best(i, vector, k, cjk, among) for i in range(len(self._segments))], k):
            best.setdefault(key, score)
        return list(best.items())

    def _best(self, i: int, vector: NDArray[np.float32], k: int, cjk: bool, among: NDArray[np.int64] | None) -> Scored:
        """Keys and cosines of the chunks of one segment, those that tie with the k-th included."""
        segment, chosen = self._segments[i], self._alive[i]
        if among is not None:
            inside = np.isin(segment.keys, among)
            chosen = inside if chosen is None else inside & chosen
        index, owners = segment.by_script[cjk]
        options, size = None, len(owners)
        if chosen is not None:
            import faiss

            bits = chosen[owners]
            selector = faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))  # type: ignore[call-arg,arg-type]
            options = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
            size = int(bits.sum())
        limit = min(k + _TIES, size)
        scores, found = _search(index, vector, limit, options)
        while limit < size and scores[-1] == scores[k - 1]:
            limit = min(4 * limit, size)
            scores, found = _search(index, vector, limit, options)
        return segment.keys[owners[found]], scores


def _search(
    index: faiss.Index, vector: NDArray[np.float32], limit: int, options: faiss.SearchParameters | None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    if not limit:
        return np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int64)
    scores, found = index.search(vector[None, :], limit, params=options)
    return scores[0], found[0]
