"""Hybrid search: words and vectors propose, late interaction re-scores, fusion ranks, matching looks again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedders import Embedder
from index.errors import LibraryError
from index.fusion import MATCHED, Fused, fuse, matched
from index.late_interaction import late_interaction
from index.lexical import LexicalIndex
from index.matching import Matcher
from index.pinyin import respelled
from index.question import Question
from index.records import Hit, Paragraph
from index.static_model import StaticEmbedder, Tokens
from index.store import Store
from index.text import fold
from index.vectors import VectorIndex
from index.words import query_words, words

CANDIDATES = 100
"""Passages that each half proposes."""


class Searcher:
    """The search structures of one library, kept level with its newest generation."""

    def __init__(self, folder: Path, store: Store, embedder: Embedder) -> None:
        self._folder, self._store, self._embedder = folder, store, embedder
        self._matcher = Matcher.beside(embedder) if isinstance(embedder, StaticEmbedder) else None
        self._generation = store.generation()
        self._vectors = self._load()
        self.words = _words(folder, store)
        self._catch_up()

    def close(self) -> None:
        """Release the files of the lexical index."""
        self.words.close()

    def search(self, question: Question, k: int, source: str | Sequence[str] | None = None) -> list[Hit]:
        """The best k passages; the same library and question give the same list, always."""
        self.refresh()
        keys = None if source is None else self._store.passage_keys(source)
        lexical = self.words.search(question.words, CANDIDATES, keys)
        named = self.words.search(self.words.spellings(question.text), CANDIDATES, keys)
        dense, cjk = self._dense(question, keys)
        candidates = list(dict.fromkeys(key for key, _ in (*lexical, *named, *dense)))
        asked = question.tokens
        late, known = self._late(asked, candidates)
        cjk |= self._store.in_cjk(set(candidates).difference(key for key, _ in dense))
        fused = fuse(lexical, dense, late, self.words.ceiling(question.words), named, known, cjk)
        fused = self._matched(asked, fused, known)
        return self._hits(question, fused, k)

    def _hits(self, question: Question, fused: list[Fused], k: int) -> list[Hit]:
        """The first k passages that still exist and whose paragraphs did not all occur before."""
        found = self._store.passage_paragraphs([item.key for item in fused[: 2 * k + 10]])
        hits: list[Hit] = []
        seen: set[str] = set()
        for item in fused[: 2 * k + 10]:
            passage = found.get(item.key, ())
            if len(hits) < k and not seen.issuperset(paragraph.id for paragraph in passage):
                seen.update(paragraph.id for paragraph in passage)
                best = passage[self._best(question, passage)]
                hits.append(Hit(best, item.score, len(hits) + 1, item.lexical_rank, item.dense_rank, passage))
        return hits

    def _best(self, question: Question, passage: Sequence[Paragraph]) -> int:
        """Which paragraph of a passage fits the question best by its words and, with a table, its tokens."""
        if len(passage) == 1:
            return 0
        texts = ["\n".join((*one.heading, one.context, one.text)) for one in passage]
        asked = respelled(question.text, fold("\n".join(texts)))  # the Bund is 外滩 here
        terms, held = query_words(asked), [set(words(text)) for text in texts]
        scores = [sum(word in own for word in terms) / max(len(terms), 1) for own in held]
        if question.table is not None:
            tokens, *passages = question.table.tokens([asked, *texts])
            late = late_interaction(question.table, tokens, passages)
            scores = [score + float(more) for score, more in zip(scores, late, strict=True)]
        return max(range(len(passage)), key=lambda i: (scores[i], -i))

    @property
    def stale(self) -> bool:
        """Whether something was committed since the last look."""
        return self._store.generation() != self._generation

    def refresh(self) -> None:
        """Take up what was committed since the last look."""
        generation = self._store.generation()
        if generation != self._generation:
            self.words.close()
            self.words = _words(self._folder, self._store)  # anew: it may be in memory, or have been rebuilt
            self._catch_up()
            self._generation = generation

    def _catch_up(self) -> None:
        self._vectors.add(*self._store.chunk_vectors(self._vectors.last_key, self._vectors.dim))
        self._gone = len(self._vectors) - self._store.count("chunks")

    def _load(self) -> VectorIndex:
        try:
            return VectorIndex.load(self._folder / "vectors.faiss", self._embedder.dim)
        except LibraryError:  # missing or torn: everything it held is in SQLite
            return VectorIndex(self._embedder.dim)

    def _dense(self, question: Question, keys: Collection[int] | None) -> tuple[list[tuple[int, float]], set[int]]:
        """Passages by their best chunk, and which of them are in CJK.

        As many of either script: the question's own would crowd out the other.
        """
        chunk_keys = None if keys is None else self._store.chunk_keys(keys)
        vector, most = self._vector(question), 2 * CANDIDATES + self._gone
        found: dict[bool, list[tuple[int, float]]] = {}
        for cjk in (False, True):
            hits = self._vectors.search(vector, most, cjk=cjk, keys=chunk_keys)
            owner = self._store.chunk_passages([key for key, _ in hits])
            best: dict[int, float] = {}
            for key, score in hits:
                if key in owner:
                    best.setdefault(owner[key], score)
            found[cjk] = list(best.items())[:CANDIDATES]
        both = sorted(found[False] + found[True], key=lambda pair: (-pair[1], pair[0]))
        return both, {key for key, _ in found[True]}

    def _vector(self, question: Question) -> NDArray[np.float32]:
        if question.table is None or question.tokens is None:
            return self._embedder.embed_query(question.text)
        vector: NDArray[np.float32] = question.table.embed_tokens([question.tokens])[0]
        return vector

    def _late(self, asked: Tokens | None, candidates: list[int]) -> tuple[dict[int, float] | None, float]:
        """Late-interaction scores, and how much of the question the table knows."""
        if asked is None or not isinstance(self._embedder, StaticEmbedder):
            return None, 1.0
        scores = late_interaction(self._embedder, asked, self._store.tokens(candidates))
        return dict(zip(candidates, map(float, scores), strict=True)), self._embedder.known(asked)

    def _matched(self, asked: Tokens | None, fused: list[Fused], known: float) -> list[Fused]:
        """The first few in the order of a closer look, where the model has weights for it."""
        if asked is None or self._matcher is None:
            return fused
        matches = self._matcher(asked, self._store.tokens([item.key for item in fused[:MATCHED]]))
        return matched(fused, matches.tolist(), known)


def _words(folder: Path, store: Store) -> LexicalIndex:
    """The lexical index on disk; built in memory when it is missing or damaged (the next write mends it)."""
    try:
        index = LexicalIndex(folder / "words")
        if len(index) >= store.count("passages"):
            return index
        index.close()
    except LibraryError:
        pass
    index = LexicalIndex(None)
    index.add(store.passages())
    index.commit()
    return index
