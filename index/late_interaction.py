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
    similarity = similarities(table, unit_rows(rows), [passages[i] for i in filled])
    starts = np.concatenate(([0], np.cumsum([len(passages[i]) for i in filled])[:-1]))
    best = np.maximum.reduceat(similarity, starts, axis=0)
    scores[filled] = best @ weights / max(float(weights.sum()), 1e-12)
    return scores


def similarities(table: StaticEmbedder, unit: NDArray[np.float32], passages: Sequence[Tokens]) -> NDArray[np.float32]:
    """Cosine of every token of the passages, one after the other, with each of the rows `unit`.

    Shape (tokens, len(unit)). Each token is looked up once, however often it occurs.
    """
    every = np.concatenate([np.zeros(0, dtype=np.int32), *passages])
    place = np.full(int(every.max(initial=-1)) + 1, -1, dtype=np.int32)  # sorting the tokens would cost the most of all
    place[every] = 0
    distinct = np.flatnonzero(place == 0).astype(np.int32)
    place[distinct] = np.arange(len(distinct))
    found: NDArray[np.float32] = table.cosines(distinct, unit).take(place.take(every), axis=0)
    return found


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows at length 1; those of length 0 stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return unit
