"""Exact search by the packaged table alone: cosine of the means plus late interaction, over every paragraph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.static_model import StaticEmbedder

Scores = NDArray[np.float32]


class ExactIndex:
    """Paragraphs with their token rows gathered once; `late_interaction` gathers them per question."""

    def __init__(self, paragraphs: Sequence[str], table: StaticEmbedder) -> None:
        self.table = table
        tokens = table.tokens(paragraphs)
        self.vectors = table.embed_tokens(tokens)
        distinct, self.position = np.unique(np.concatenate(tokens), return_inverse=True)
        self.rows = unit(table.rows(distinct))
        self.starts = np.concatenate(([0], np.cumsum([len(ids) for ids in tokens])[:-1]))

    def scores(self, question: str) -> tuple[Scores, Scores]:
        """Cosine of the means and late interaction, each of shape (paragraphs,)."""
        [ids] = self.table.tokens([question])
        rows = self.table.rows(ids)
        weights = np.square(rows).sum(axis=1)
        similarity = unit(rows) @ self.rows.T
        best = np.maximum.reduceat(similarity[:, self.position], self.starts, axis=1)
        return self.vectors @ self.table.embed_tokens([ids])[0], weights @ best / max(float(weights.sum()), 1e-12)

    def dense(self, question: str) -> Scores:
        """Sum of both, each with mean 0 and deviation 1 over the paragraphs."""
        mean, late = self.scores(question)
        return standard(mean) + standard(late)


def standard(scores: Scores) -> Scores:
    """Shifted and scaled to mean 0 and deviation 1."""
    result: Scores = (scores - scores.mean()) / (scores.std() + 1e-9)
    return result


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; zeros stay zeros."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    result: NDArray[np.float32] = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return result
