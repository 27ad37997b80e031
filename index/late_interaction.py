"""Late interaction over a static token table: every token of the question looks for its best partner in the passage.

After ColBERT (Khattab and Zaharia 2020, https://arxiv.org/abs/2004.12832), with static rows in the place of
contextual vectors. A question token counts by the squared norm of its row: training leaves frequent, meaningless
tokens short.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.static_model import StaticEmbedder, Tokens

_AT_A_TIME = 16
"""Passages whose cosines are gathered together: what fits the processor's cache."""


def late_interaction(table: StaticEmbedder, question: Tokens, passages: Sequence[Tokens]) -> NDArray[np.float32]:
    """The scores of an `Interaction`."""
    return Interaction(table, question, passages).scores()


class Interaction:
    """The tokens of a question beside those of passages; the cosine of two that come again is reckoned once."""

    def __init__(self, table: StaticEmbedder, question: Tokens, passages: Sequence[Tokens]) -> None:
        asked, self._columns, times = np.unique(question, return_inverse=True, return_counts=True)
        rows = table.rows(asked)
        self._weights = np.square(rows).sum(axis=1) * times
        self._lengths = np.array([len(ids) for ids in passages], dtype=np.int64)
        self._ends = np.cumsum(self._lengths)
        every = np.concatenate([np.zeros(0, dtype=np.int32), *passages])
        # Sorting the tokens would cost the most of all.
        place = np.full(int(every.max(initial=-1)) + 1, -1, dtype=np.int32)
        place[every] = 0
        distinct = np.flatnonzero(place == 0).astype(np.int32)
        place[distinct] = np.arange(len(distinct))
        self._cosines, self._rows = table.cosines(distinct, unit_rows(rows)), place.take(every)

    def cosines(self, passage: int) -> NDArray[np.float32]:
        """Of every token of this passage with each of the question, in order, shape (tokens, len(question))."""
        end = self._ends[passage]
        found: NDArray[np.float32] = self._cosines.take(self._rows[end - self._lengths[passage] : end], axis=0)
        return found[:, self._columns]

    def scores(self) -> NDArray[np.float32]:
        """Weighted mean over the question's tokens of the best cosine in each passage, float32 in [-1, 1].

        Shape (passages,). A passage or a question without tokens scores 0.
        """
        filled = np.flatnonzero(self._lengths)
        starts = np.append(0, self._ends[filled])
        best = np.empty((len(filled), len(self._weights)), dtype=np.float32)
        for first in range(0, len(filled), _AT_A_TIME):
            own = starts[first : first + _AT_A_TIME + 1]
            some = self._cosines.take(self._rows[own[0] : own[-1]], axis=0)
            np.maximum.reduceat(some, own[:-1] - own[0], axis=0, out=best[first : first + _AT_A_TIME])
        scores = np.zeros(len(self._lengths), dtype=np.float32)
        scores[filled] = best @ self._weights / max(float(self._weights.sum()), 1e-12)
        return scores


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows at length 1; those of length 0 stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return unit
