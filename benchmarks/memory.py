"""A library's search over paragraphs held in memory, with every intermediate list in sight."""

from __future__ import annotations

import numpy as np

from index.embedders import Embedder, spread
from index.embedding import segment_of
from index.fusion import Fused, fuse, matched, to_match
from index.late_interaction import Interaction, late_interaction
from index.matching import Matcher
from index.passages import Passage
from index.question import Question
from index.records import Hit, Paragraph
from index.search import CANDIDATES
from index.segments import Segments
from index.static_model import StaticEmbedder
from index.text import is_cjk

Scored = list[tuple[int, float]]
"""Keys with their scores, best first."""
_PART = 4000
"""Paragraphs of a segment."""


class MemoryIndex:
    """Paragraph i has key i. `lists` gives the ranked keys of each way to search."""

    def __init__(self, paragraphs: list[str], table: StaticEmbedder, embedder: Embedder | None = None) -> None:
        """`embedder` takes the place of the table's own vectors."""
        self.paragraphs, self.table, self.embedder = paragraphs, table, embedder or table
        self.spread = spread(embedder) if embedder else None
        passages = [Passage(i, (text,), ((),), "") for i, text in enumerate(paragraphs)]
        parts = [passages[first : first + _PART] for first in range(0, len(passages), _PART)]
        self.words = Segments([segment_of(part, table, [])[0] for part in parts]).words
        self.tokens = table.tokens(paragraphs)
        self.vectors = self.embedder.embed_passages(paragraphs)
        self.matcher = Matcher.beside(table)
        self.cjk = {i for i, text in enumerate(paragraphs) if is_cjk(text)}

    def lists(self, question: str) -> dict[str, list[int]]:
        asked = Question(question, self.table)
        lexical, translated, dense, late = self._search(asked)
        both = fuse([], dense, {key: late[key] for key, _ in dense}, spread=self.spread)
        return {
            "words": [key for key, _ in lexical],
            "mean": [key for key, _ in dense],
            "mean + late": [item.key for item in both],
            "hybrid": [item.key for item in self._fuse(asked, lexical, translated, dense, late)],
        }

    def hits(self, question: str, k: int = 5) -> list[Hit]:
        asked = Question(question, self.table)
        return [
            Hit(Paragraph(str(f.key), self.paragraphs[f.key], (), "", 0, 0), f.score, rank)
            for rank, f in enumerate(self._fuse(asked, *self._search(asked))[:k], start=1)
        ]

    def _fuse(
        self, question: Question, lexical: Scored, translated: Scored, dense: Scored, late: dict[int, float]
    ) -> list[Fused]:
        [asked] = self.table.tokens([question.text])
        known = self.table.known(asked)
        ceiling = self.words.ceiling(question.words)
        foreign = {key for key in late if (key in self.cjk) != question.cjk}
        fused = fuse(lexical, dense, late, ceiling, (), translated, known, foreign, self.spread)
        first = [self.tokens[item.key] for item in to_match(fused, foreign)]
        interaction = Interaction(self.table, asked, first)
        cosines = [interaction.cosines(place) for place in range(len(first))]
        matches = self.matcher(asked, cosines).tolist() if self.matcher else []
        return matched(fused, matches, known)

    def _search(self, question: Question) -> tuple[Scored, Scored, Scored, dict[int, float]]:
        lexical = self.words.search(question.words, CANDIDATES)
        translated = self.words.search(question.translations, CANDIDATES, cjk=not question.cjk)
        [asked] = self.table.tokens([question.text])
        cosines = self.vectors @ self.embedder.embed_query(question.text)
        order = [int(i) for i in np.argsort(-cosines, kind="stable")]
        kept = {i for script in (False, True) for i in [i for i in order if (i in self.cjk) is script][:CANDIDATES]}
        dense = [(i, float(cosines[i])) for i in order if i in kept]
        keys = list(dict.fromkeys(key for key, _ in (*lexical, *translated, *dense)))
        late = late_interaction(self.table, asked, [self.tokens[key] for key in keys])
        return lexical, translated, dense, dict(zip(keys, map(float, late), strict=True))
