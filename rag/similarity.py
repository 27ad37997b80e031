"""Late interaction as the extractive model's similarity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.late import late_interaction
from index.static import StaticEmbedder


class StaticSimilarity:
    """Question and sentences compared token by token over a static table."""

    def __init__(self, table: StaticEmbedder) -> None:
        self._table = table

    def __call__(self, question: str, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Late-interaction scores, float32 in [-1, 1], shape (len(sentences),)."""
        asked, *passages = self._table.tokens([question, *sentences])
        return late_interaction(self._table, asked, passages)
