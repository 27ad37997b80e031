"""Whether a passage holds what a question asks, read off how their tokens match.

A small network over the tokens of the question, each with a value and a gate that says how much it counts, after DRMM
(Guo et al. 2016, https://doi.org/10.1145/2983323.2983769), over rows of the static table in the place of histograms.
Late interaction takes every match at its face value; here it is learned what a missing token tells, and matches that
stand together count for more than scattered ones. `training/matching.py` makes the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.late_interaction import similarities, unit_rows
from index.network import Floats, Network, around, relu
from index.static_model import StaticEmbedder, Tokens

FILE = "matching.npz"
"""Its weights, beside the table that they were trained with."""

WINDOW, STRIDE = 24, 6
"""Tokens of the stretch of a passage that holds most of the question, and between the beginnings of two such."""

ALIKE, EXACT = 0.7, 0.999
"""Cosines from which two tokens count as alike, and as the same one."""


class Matcher(Network):
    """Scores passages of one table's tokens, by the weights in `folder`."""

    def __init__(self, table: StaticEmbedder, folder: Path) -> None:
        super().__init__(folder / FILE)
        self._table = table

    @classmethod
    def beside(cls, table: StaticEmbedder) -> Matcher | None:
        """The one of the table's own folder; None where there is none (a table that somebody else made)."""
        return cls(table, table.folder) if (table.folder / FILE).is_file() else None

    def __call__(self, question: Tokens, passages: Sequence[Tokens]) -> Floats:
        """Log-odds that each passage answers, beside passages much like it; float32, shape (len(passages),).

        A passage without tokens scores as one without any match; a question without tokens scores 0.
        """
        if not len(question) or not passages:
            return np.zeros(len(passages), dtype=np.float32)
        rows = self._table.rows(question)
        norms = np.linalg.norm(rows, axis=1)
        unit = unit_rows(rows)
        ends = np.cumsum([len(passage) for passage in passages])[:-1]
        similarity = np.split(similarities(self._table, unit, passages), ends)
        matches = [_matches(one.T, norms) for one in similarity]
        meaning = self.linear("meaning", unit)
        seen = np.concatenate([np.stack(matches), np.broadcast_to(meaning, (len(passages), *meaning.shape))], axis=2)
        hidden = relu(self.linear("first", around(seen)))
        hidden = hidden + relu(self.linear("second", around(hidden)))
        told = self.linear("told", hidden)
        gate = 1 / (1 + np.exp(-told[:, :, 0]))
        scores: Floats = (gate * told[:, :, 1]).sum(axis=1) / gate.sum(axis=1)
        return scores


def _matches(cosines: Floats, norms: Floats) -> Floats:
    """What is seen of each token of the question in one passage, shape (tokens, 6)."""
    similarity = np.maximum(cosines, 0)
    similarity = np.pad(similarity, ((0, 0), (0, WINDOW)))
    windows = np.lib.stride_tricks.sliding_window_view(similarity, WINDOW, axis=1)[:, ::STRIDE].max(axis=2)
    best = similarity.max(axis=1)
    together = windows[:, np.argmax(np.square(norms) @ windows)]
    pairs = np.zeros(len(norms) + 1, dtype=np.float32)
    pairs[1:-1] = (similarity[:-1, :-1] + similarity[1:, 1:]).max(axis=1) / 2
    beside = np.maximum(pairs[:-1], pairs[1:])
    times = np.log1p((similarity > ALIKE).sum(axis=1)) / 2
    return np.stack([best, together, beside, best > EXACT, times, norms * 0.3], axis=1).astype(np.float32)
