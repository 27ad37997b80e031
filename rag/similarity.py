"""How near texts are to a question, in whatever languages they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedders import Embedder
from index.fusion import KNOWN
from index.late_interaction import late_interaction
from index.matching import FILE, Matcher
from index.pinyin import respelled
from index.static_model import StaticEmbedder, Tokens
from index.text import fold

Similarity = Callable[[str, Sequence[str]], NDArray[np.float32]]
"""(question, texts) to one score in [-1, 1] per text, higher is nearer."""


class StaticSimilarity:
    """Question and sentences compared token by token over a static table, names as the sentences write them."""

    @classmethod
    def of(cls, embedder: Embedder) -> StaticSimilarity:
        """By the library's own table where matching weights stand beside it, else by the packaged one."""
        if isinstance(embedder, StaticEmbedder) and (embedder.folder / FILE).is_file():
            return cls(embedder)
        return cls(StaticEmbedder())

    def __init__(self, table: StaticEmbedder) -> None:
        self._table = table
        self._matcher = Matcher(table, table.folder)

    def __call__(self, question: str, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Late-interaction scores, float32 in [-1, 1], shape (len(sentences),); 0 in a language the table lacks."""
        asked, *passages = self._tokens(question, sentences)
        if self._table.known(asked) <= KNOWN[0]:
            return np.zeros(len(sentences), dtype=np.float32)
        return late_interaction(self._table, asked, passages)

    def match(self, question: str, text: str) -> float:
        """Log-odds that the text holds what is asked (`index.matching`)."""
        asked, passage = self._tokens(question, [text])
        return float(self._matcher(asked, [passage])[0])

    def _tokens(self, question: str, texts: Sequence[str]) -> list[Tokens]:
        """Those of the question, then those of each text."""
        return self._table.tokens([respelled(question, fold("\n".join(texts))), *texts])
