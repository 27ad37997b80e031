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
    kept = [passages[i] for i in filled]
    distinct, position = np.unique(np.concatenate(kept), return_inverse=True)
    rows = table.rows(question)
    weights = np.square(rows).sum(axis=1)
    similarity = unit_rows(rows) @ unit_rows(table.rows(distinct)).T
    starts = np.concatenate(([0], np.cumsum([len(ids) for ids in kept])[:-1]))
    best = np.maximum.reduceat(similarity[:, position], starts, axis=1)
    scores[filled] = weights @ best / max(float(weights.sum()), 1e-12)
    return scores


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows at length 1; those of length 0 stay."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return unit
