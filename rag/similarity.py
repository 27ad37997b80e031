"""How near texts are to a question, in whatever languages they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.fusion import KNOWN
from index.late import late_interaction
from index.pinyin import respelled
from index.static import StaticEmbedder
from index.text import fold

Similarity = Callable[[str, Sequence[str]], NDArray[np.float32]]
"""(question, texts) to one score in [-1, 1] per text, higher is nearer."""


class StaticSimilarity:
    """Question and sentences compared token by token over a static table, names as the sentences write them."""

    def __init__(self, table: StaticEmbedder) -> None:
        self._table = table

    def __call__(self, question: str, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Late-interaction scores, float32 in [-1, 1], shape (len(sentences),); 0 in a language the table lacks."""
        named = respelled(question, fold("\n".join(sentences)))
        asked, *passages = self._table.tokens([named, *sentences])
        if self._table.known(asked) <= KNOWN[0]:
            return np.zeros(len(sentences), dtype=np.float32)
        return late_interaction(self._table, asked, passages)
