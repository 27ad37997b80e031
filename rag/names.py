"""Which tokens of a question belong to a name, so that a paragraph that lacks the name is not taken to answer.

A small network over the rows of the table tags each token: 徐汇 and "Martin" are near other names there, and none of
them is listed. `training/names.py` makes the weights, from titles and capitals that nobody marked for it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.late_interaction import Interaction, unit_rows
from index.matching import ALIKE, EXACT
from index.network import Floats, Network, around, relu
from index.static_model import StaticEmbedder, Tokens

FILE = "names.npz"
"""Its weights, beside the table that they were trained with."""

QUESTION = 40
"""Tokens of a question that are read at most."""

_NAME = 0.5
"""What the tokens of a name count together at least."""

NORM = 0.3
"""What the norms of rows are multiplied by, as in training."""


class Names(Network):
    """Tags the tokens of questions in any language of the table, by the weights in a folder."""

    def __init__(self, table: StaticEmbedder, folder: Path) -> None:
        super().__init__(folder / FILE)
        self._table = table

    def __call__(self, question: Tokens) -> Floats:
        """Probability that each of the first QUESTION tokens belongs to a name, shape (n,); 0 of what has no row."""
        rows = self._table.rows(question[:QUESTION])
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        known = (norms > 0).astype(np.float32)
        encoded = relu(self.linear("meaning", np.concatenate([unit_rows(rows), norms * NORM], axis=1))) * known
        encoded = encoded + relu(self.linear("around", around(encoded)))
        probabilities: Floats = known[:, 0] / (1 + np.exp(-self.linear("told", encoded)[:, 0]))
        return probabilities

    def lacking(self, question: Tokens, text: Tokens) -> float:
        """How far a text that has what is asked for lacks the names of the question, in [0, 1]; 0 without names.

        The share of the names that have nothing like them in the text, times the share of the other tokens that are in
        it literally: a text in another language, or in quite other words, may well have them. Names count by the norms
        of their rows, for 区 is in many, and by the cube of their probability: many tokens that are hardly of a name do
        not make up for one that is.
        """
        question = question[:QUESTION]
        if not len(question):
            return 0.0
        rows, names = self._table.rows(question), self(question)
        cosines = Interaction(self._table, question, [text]).cosines(0).max(axis=0, initial=0.0)
        counts, others = names**3 * np.linalg.norm(rows, axis=1), 1 - names
        missing = (counts * (cosines < ALIKE)).sum() / max(counts.sum(), _NAME)
        there = (others * (cosines > EXACT)).sum() / max(others.sum(), 1e-9)
        return float(missing * there)
