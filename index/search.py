"""Hybrid search: words and vectors propose, late interaction re-scores, fusion ranks, matching looks again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from index.embedders import Embedder, spread, table_of
from index.engine import Structures, Words
from index.fusion import MATCHED, Fused, fuse, matched
from index.late_interaction import late_interaction
from index.matching import Matcher
from index.pinyin import respelled
from index.question import Question
from index.records import Hit, Paragraph
from index.static_model import Tokens
from index.text import fold
from index.versions import newest_first
from index.words import query_words, words

CANDIDATES = 100
"""Passages that each way to search proposes."""


class Searcher:
    """Ranks what the search structures of one library propose."""

    def __init__(self, structures: Structures, embedder: Embedder) -> None:
        self._structures, self._embedder, self._table = structures, embedder, table_of(embedder)
        self._matcher = Matcher.beside(self._table)

    @cached_property
    def _spread(self) -> float:
        """Of a foreign model, which embeds for it: when first searched, not when a library is opened."""
        return spread(self._embedder)

    def close(self) -> None:
        """Release the search structures."""
        self._structures.close()

    @property
    def words(self) -> Words:
        """How often terms occur."""
        return self._structures.words

    @property
    def stale(self) -> bool:
        """Whether something was committed since the last look."""
        return self._structures.stale

    def verify(self) -> None:
        """Raises LibraryError when what is searched is damaged."""
        self._structures.verify()

    def search(self, question: Question, k: int, source: str | Sequence[str] | None = None) -> list[Hit]:
        """The best k passages; the same library and question give the same list, always."""
        asked = self._table.tokens([question.text])[0] if question.tokens is None else question.tokens
        own = self._table is self._embedder
        vector = self._table.embed_tokens([asked])[0] if own else self._embedder.embed_query(question.text)
        with self._structures.snapshot():
            found = self._structures.candidates(question, vector, CANDIDATES, source)
            scores = late_interaction(self._table, asked, list(found.tokens.values()))
            late, known = dict(zip(found.tokens, map(float, scores), strict=True)), self._table.known(asked)
            proposed = (found.lexical, found.dense, late, found.ceiling, found.named, known, found.cjk)
            fused = fuse(*proposed, None if own else self._spread)
            return self._hits(question, self._matched(asked, fused, known, found.tokens), k)

    def _hits(self, question: Question, fused: list[Fused], k: int) -> list[Hit]:
        """The first k passages that still exist and whose paragraphs did not all occur before."""
        found = self._structures.passage_paragraphs([item.key for item in fused[: 2 * k + 10]])
        hits: list[Hit] = []
        seen: set[str] = set()
        there = [item for item in fused[: 2 * k + 10] if found.get(item.key)]
        for place, newer in newest_first([found[item.key] for item in there], question.folded):
            item = there[place]
            passage = found[item.key]
            if len(hits) < k and not seen.issuperset(paragraph.id for paragraph in passage):
                seen.update(paragraph.id for paragraph in passage)
                passage = tuple(replace(paragraph, newer=newer) for paragraph in passage) if newer else passage
                best = passage[self._best(question, passage)]
                hits.append(Hit(best, item.score, len(hits) + 1, item.lexical_rank, item.dense_rank, passage))
        return hits

    def _best(self, question: Question, passage: Sequence[Paragraph]) -> int:
        """Which paragraph of a passage fits the question best by its words and tokens."""
        if len(passage) == 1:
            return 0
        texts = ["\n".join((*one.heading, one.context, one.text)) for one in passage]
        asked = respelled(question.text, fold("\n".join(texts)))  # the Bund is 外滩 here
        terms, held = query_words(asked), [set(words(text)) for text in texts]
        scores = [sum(word in own for word in terms) / max(len(terms), 1) for own in held]
        tokens, *passages = self._table.tokens([asked, *texts])
        late = late_interaction(self._table, tokens, passages)
        scores = [score + float(more) for score, more in zip(scores, late, strict=True)]
        return max(range(len(passage)), key=lambda i: (scores[i], -i))

    def _matched(self, asked: Tokens, fused: list[Fused], known: float, passages: Mapping[int, Tokens]) -> list[Fused]:
        """The first few in the order of a closer look, where the model has weights for it."""
        if self._matcher is None:
            return fused
        matches = self._matcher(asked, [passages[item.key] for item in fused[:MATCHED]])
        return matched(fused, matches.tolist(), known)
