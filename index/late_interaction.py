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
    """Weighted mean over the question's tokens of the best cosine in each passage, float32 in [-1, 1].

    Shape (len(passages),). A passage or a question without tokens scores 0.
    """
    scores = np.zeros(len(passages), dtype=np.float32)
    filled = [i for i, ids in enumerate(passages) if len(ids)]
    if not filled or not len(question):
        return scores
    asked, times = np.unique(question, return_counts=True)
    rows = table.rows(asked)
    weights = np.square(rows).sum(axis=1) * times
    cosines, places = _looked_up(table, unit_rows(rows), [passages[i] for i in filled])
    starts = np.concatenate(([0], np.cumsum([len(passages[i]) for i in filled])))
    best = np.empty((len(filled), len(asked)), dtype=np.float32)
    for first in range(0, len(filled), _AT_A_TIME):
        own = starts[first : first + _AT_A_TIME + 1]
        some = cosines.take(places[own[0] : own[-1]], axis=0)
        np.maximum.reduceat(some, own[:-1] - own[0], axis=0, out=best[first : first + _AT_A_TIME])
    scores[filled] = best @ weights / max(float(weights.sum()), 1e-12)
    return scores


def similarities(table: StaticEmbedder, unit: NDArray[np.float32], passages: Sequence[Tokens]) -> NDArray[np.float32]:
    """Cosine of every token of the passages, one after the other, with each of the rows `unit`.

    Shape (tokens, len(unit)).
    """
    cosines, places = _looked_up(table, unit, passages)
    found: NDArray[np.float32] = cosines.take(places, axis=0)
    return found


def _looked_up(
    table: StaticEmbedder, unit: NDArray[np.float32], passages: Sequence[Tokens]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Cosines of each distinct token, and which of these rows belongs to each token of the passages."""
    every = np.concatenate([np.zeros(0, dtype=np.int32), *passages])
    place = np.full(int(every.max(initial=-1)) + 1, -1, dtype=np.int32)  # sorting the tokens would cost the most of all
    place[every] = 0
    distinct = np.flatnonzero(place == 0).astype(np.int32)
    place[distinct] = np.arange(len(distinct))
    return table.cosines(distinct, unit), place.take(every)


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows at length 1; those of length 0 stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return unit
