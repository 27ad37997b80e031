"""What type of answer a question asks for, a number, a date, more than a clause or neither, and which a sentence has;
and which of its clauses asks.

Question classification (Li and Roth 2002, https://aclanthology.org/C02-1150) by a small network over the rows of the
table: 多少, "how long" and "wie viele" are near each other there, and none of them is listed. What a sentence has is
read exactly. `training/answer_type.py` makes the weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.late_interaction import unit_rows
from index.network import Floats, Network, around, relu, softmax
from index.static_model import StaticEmbedder, Tokens
from rag.checking.agreement import stated
from rag.checking.quantities import Quantity, compatible

FILE = "answer_type.npz"
"""Its weights, beside the table that they were trained with."""
ASKING = "asking.npz"
"""Those that tell whether a clause asks or states, from `training/asking.py`."""

OTHER, DATE, NUMBER, LONG = range(4)
"""LONG: neither a date nor a number, of LENGTH columns and more: how, why, which steps."""

LENGTH = 60
"""Columns, a Chinese character being two."""

QUESTION = 32
"""Tokens of a question that are read at most."""

_LIKELY = 0.5
"""Probability of a figure below which sentences are not searched for one."""
_LEAST = 0.02
"""Probability that a sentence without such a figure answers nonetheless: the network may be wrong."""


class Classifier(Network):
    """Classifies questions or clauses in any language of the table, by the weights in a file."""

    def __init__(self, table: StaticEmbedder, file: Path) -> None:
        super().__init__(file)
        self._table = table

    def __call__(self, question: Tokens) -> Floats:
        """Probabilities of the types, shape (types,), of token ids: "How many?" -> mostly NUMBER. The first of none."""
        if not len(question):
            first: Floats = np.eye(len(self._weights["told.bias"]), dtype=np.float32)[0]
            return first
        encoded = relu(self.linear("meaning", unit_rows(self._table.rows(question[:QUESTION]))))
        encoded = encoded + relu(self.linear("around", around(encoded)))
        weighed = softmax(self.linear("weigh", encoded)[:, 0]) @ encoded
        return softmax(self.linear("told", np.concatenate([weighed, encoded.max(axis=0)])))


def fit(expected: Floats, given: Sequence[Quantity], sentences: Sequence[str]) -> NDArray[np.float64]:
    """Log-probability that each sentence has the figure that is asked for, at most 0, shape (len(sentences),).

    `given` are the question's own figures: they do not answer it.
    """
    if expected[DATE] + expected[NUMBER] < _LIKELY:
        return np.zeros(len(sentences))
    shares = [1 - sum(float(expected[one]) for one in {DATE, NUMBER} - types(text, given)) for text in sentences]
    return np.log(np.maximum(shares, _LEAST))


def types(text: str, given: Sequence[Quantity] = ()) -> set[int]:
    """DATE and NUMBER, as far as the text has such figures beside those given: "23间，2023年" -> both."""
    return {kind for one in stated(text) if (kind := _type(one)) and not any(compatible(own, one) for own in given)}


def _type(one: Quantity) -> int:
    """A year may be a bare number; an ordinal or a code answers neither how many nor when."""
    year = one.kind == "number" and one.unit in ("", "年") and re.fullmatch(r"[12]\d{3}", str(one.value))
    return DATE if one.kind == "date" or year else NUMBER if one.kind in ("number", "percent") else OTHER
