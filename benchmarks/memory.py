"""A library's search over paragraphs held in memory, with every intermediate list in sight."""

from __future__ import annotations

import numpy as np

from index.fusion import fuse
from index.late import late_interaction
from index.lexical import LexicalIndex
from index.records import Hit, Paragraph
from index.search import CANDIDATES
from index.static import StaticEmbedder
from index.words import query_words


class MemoryIndex:
    """Paragraph i has key i. `lists` gives the ranked keys of each way to search."""

    def __init__(self, paragraphs: list[str], table: StaticEmbedder) -> None:
        self.paragraphs, self.table = paragraphs, table
        self.words = LexicalIndex(None)
        self.words.add((i, text, ()) for i, text in enumerate(paragraphs))
        self.words.commit()
        self.tokens = table.tokens(paragraphs)
        self.vectors = table.embed_tokens(self.tokens)

    def lists(self, question: str) -> dict[str, list[int]]:
        lexical, dense, late = self._search(question)
        cosine = dict(dense)
        low = min(cosine.values(), default=0.0)
        keys = list(late)
        both = _z([late[k] for k in keys]) + _z([cosine.get(k, low) for k in keys])
        return {
            "words": [key for key, _ in lexical],
            "mean": [key for key, _ in dense],
            "mean + late": [keys[i] for i in np.argsort(-both, kind="stable")],
            "hybrid": [item.key for item in fuse(lexical, dense, late, self._ceiling(question))],
        }

    def hits(self, question: str, k: int = 5) -> list[Hit]:
        lexical, dense, late = self._search(question)
        return [
            Hit(Paragraph(str(f.key), self.paragraphs[f.key], (), "", 0, 0), f.score, rank)
            for rank, f in enumerate(fuse(lexical, dense, late, self._ceiling(question))[:k], start=1)
        ]

    def _ceiling(self, question: str) -> float:
        return self.words.ceiling(query_words(question))

    def _search(self, question: str) -> tuple[list[tuple[int, float]], list[tuple[int, float]], dict[int, float]]:
        lexical = self.words.search(query_words(question), CANDIDATES)
        [asked] = self.table.tokens([question])
        cosines = self.vectors @ self.table.embed_tokens([asked])[0]
        dense = [(int(i), float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:CANDIDATES]]
        keys = list(dict.fromkeys([key for key, _ in lexical] + [key for key, _ in dense]))
        late = late_interaction(self.table, asked, [self.tokens[key] for key in keys])
        return lexical, dense, dict(zip(keys, map(float, late), strict=True))


def _z(values: list[float]) -> np.ndarray:
    array = np.array(values)
    return (array - array.mean()) / (array.std() + 1e-9)
