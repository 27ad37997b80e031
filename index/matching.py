"""Whether a passage holds what a question asks, read off how their tokens match.

A small network over the tokens of the question, each with a value and a gate that says how much it counts, after DRMM
(Guo et al. 2016, https://doi.org/10.1145/2983323.2983769), over rows of the static table in the place of histograms.
Late interaction takes every match at its face value; here it is learned what a missing token tells, and matches that
stand together count for more than scattered ones. `training/matching.py` makes the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import numpy as np

from index.late_interaction import unit_rows
from index.network import Floats, Network, around, relu
from index.static_model import StaticEmbedder, Tokens

FILE = "matching.npz"
"""Its weights, beside the table that they were trained with."""

WINDOW, STRIDE = 24, 6
"""Tokens of the stretch of a passage that holds most of the question, and between the beginnings of two such."""

ALIKE, EXACT = 0.7, 0.999
"""Cosines from which two tokens count as alike, and as the same one: with itself a token has .99999 in float32; of
1 500 tokens of the packaged table none has .99 with another."""


class Matcher(Network):
    """Scores passages of one table's tokens, by the weights in `folder`."""

    def __init__(self, table: StaticEmbedder, folder: Path) -> None:
        super().__init__(folder / FILE)
        self._table = table

    @classmethod
    def beside(cls, table: StaticEmbedder) -> Matcher | None:
        """The one of the table's own folder; None where there is none (a table that somebody else made)."""
        return cls(table, table.folder) if (table.folder / FILE).is_file() else None

    def __call__(self, question: Tokens, cosines: Sequence[Floats]) -> Floats:
        """Log-odds that each passage answers, beside passages much like it; float32, shape (len(cosines),).

        `cosines` are those of each passage's tokens with the question's (`Interaction.cosines`). A passage without
        tokens scores as one without any match; a question without tokens scores 0.
        """
        if not len(question) or not cosines:
            return np.zeros(len(cosines), dtype=np.float32)
        rows = self._table.rows(question)
        norms = np.linalg.norm(rows, axis=1)
        unit = unit_rows(rows)
        matches, meaning = _matches(_aligned(cosines), norms), self.linear("meaning", unit)
        seen = np.concatenate([matches, np.broadcast_to(meaning, (len(cosines), *meaning.shape))], axis=2)
        hidden = relu(self.linear("first", around(seen)))
        hidden = hidden + relu(self.linear("second", around(hidden)))
        told = self.linear("told", hidden)
        gate = 1 / (1 + np.exp(-told[:, :, 0]))
        scores: Floats = (gate * told[:, :, 1]).sum(axis=1) / gate.sum(axis=1)
        return scores


def _aligned(cosines: Sequence[Floats]) -> Floats:
    """Cosines above 0 of several passages, each of shape (tokens, asked), as (passages, asked, tokens).

    Zeros follow each passage: at least a window of them, and as many as a whole number of strides takes.
    """
    width = -(-(max(map(len, cosines)) + WINDOW) // STRIDE) * STRIDE
    aligned = np.zeros((len(cosines), cosines[0].shape[1], width), dtype=np.float32)
    for own, one in zip(aligned, cosines, strict=True):
        np.maximum(one.T, 0, out=own[:, : len(one)])
    return aligned


def _matches(similarity: Floats, norms: Floats) -> Floats:
    """What is seen of each token of the question in each passage, shape (passages, asked, 6)."""
    # Several slices are compared at once: numpy is slow to reduce an axis of a few.
    strides = reduce(np.maximum, (similarity[:, :, i::STRIDE] for i in range(STRIDE)))
    beginnings = strides.shape[2] - WINDOW // STRIDE + 1
    windows = reduce(np.maximum, (strides[:, :, i : i + beginnings] for i in range(WINDOW // STRIDE)))
    best = strides.max(axis=2)
    densest = np.argmax(np.square(norms) @ windows, axis=1)
    together = np.take_along_axis(windows, densest[:, None, None], axis=2)[:, :, 0]
    pairs = np.zeros((len(similarity), len(norms) + 1), dtype=np.float32)
    pairs[:, 1:-1] = (similarity[:, :-1, :-1] + similarity[:, 1:, 1:]).max(axis=2) / 2
    beside = np.maximum(pairs[:, :-1], pairs[:, 1:])
    # Halved, and by .3, as `training/matching.py` has them: the weights were fitted to these.
    times = np.log1p(np.count_nonzero(similarity > ALIKE, axis=2)) / 2
    weights = np.broadcast_to(norms * 0.3, best.shape)
    return np.stack([best, together, beside, best > EXACT, times, weights], axis=2).astype(np.float32)
