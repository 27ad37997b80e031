"""Hybrid search: words and vectors propose, late interaction re-scores, fusion ranks, matching looks again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from index.embedders import Embedder, spread, table_of
from index.engine import Structures, Words
from index.fusion import Fused, fuse, matched, to_match
from index.late_interaction import Interaction, late_interaction
from index.matching import Matcher
from index.pinyin import respelled
from index.question import Question
from index.records import Hit, Paragraph
from index.static_model import StaticEmbedder
from index.text import fold
from index.versions import newest_first
from index.words import folded_words, query_words

CANDIDATES = 50
"""Passages that each way to search proposes."""
_BESIDE = 5
"""Passages looked at beyond those that are returned: some repeat what came before, are gone, or are newer versions."""
_MARGIN = 0.02
"""What late interaction of a paragraph may exceed that of its passage, which was cut into tokens elsewhere."""


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

    def held(self, terms: Sequence[str]) -> list[int]:
        """Of each term, how many passages hold it; see `Words.held`."""
        with self._structures.snapshot():
            return self._structures.words.held(terms)

    def holders(self, terms: Sequence[str]) -> list[Counter[str]]:
        """Of each term, how many passages of each document have it; see `Structures.holders`."""
        with self._structures.snapshot():
            return self._structures.holders(terms)

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
            interaction = Interaction(self._table, asked, list(found.tokens.values()))
            late, known = dict(zip(found.tokens, interaction.scores().tolist(), strict=True)), self._table.known(asked)
            foreign = {key for key in found.tokens if (key in found.cjk) != question.cjk}
            proposed = (found.lexical, found.dense, late, found.ceiling, found.named, found.translated, known, foreign)
            fused = fuse(*proposed, None if own else self._spread)
            if self._matcher:
                places = {key: place for place, key in enumerate(found.tokens)}
                first = [interaction.cosines(places[item.key]) for item in to_match(fused, foreign)]
                fused = matched(fused, self._matcher(asked, first).tolist(), known)
            return self._hits(question, fused, late, k, source or "*")

    def _hits(
        self, question: Question, fused: list[Fused], late: Mapping[int, float], k: int, source: str | Sequence[str]
    ) -> list[Hit]:
        """The first k passages that still exist and whose paragraphs did not all occur before."""
        chosen: list[tuple[Fused, tuple[Paragraph, ...]]] = []
        for most in (k + _BESIDE, len(fused)):  # to fetch passages costs much; all are needed where many repeat others
            chosen = self._distinct(question, fused[:most], k, source)
            if len(chosen) == k:
                break
        passages = [passage for _, passage in chosen]
        best = _closest(self._table, question, passages, [late[item.key] for item, _ in chosen])
        return [
            Hit(passage[at], item.score, rank, item.lexical_rank, item.dense_rank, passage)
            for rank, ((item, passage), at) in enumerate(zip(chosen, best, strict=True), start=1)
        ]

    def _distinct(
        self, question: Question, fused: Sequence[Fused], k: int, source: str | Sequence[str]
    ) -> list[tuple[Fused, tuple[Paragraph, ...]]]:
        found = self._structures.passage_paragraphs([item.key for item in fused], source)
        there = [item for item in fused if found.get(item.key)]
        chosen: list[tuple[Fused, tuple[Paragraph, ...]]] = []
        seen: set[str] = set()
        for place, newer in newest_first([found[item.key] for item in there], question.folded):
            passage = found[there[place].key]
            if len(chosen) < k and not seen.issuperset(paragraph.id for paragraph in passage):
                seen.update(paragraph.id for paragraph in passage)
                passage = tuple(replace(paragraph, newer=newer) for paragraph in passage) if newer else passage
                chosen.append((there[place], passage))
        return chosen


class _Text(NamedTuple):
    passage: int
    """Place of its passage."""
    place: int
    """Its own place there."""
    text: str
    """What governs it, and its own text."""
    share: float
    """Share of the question's words that it holds."""


def _closest(
    table: StaticEmbedder, question: Question, passages: Sequence[Sequence[Paragraph]], late: Sequence[float]
) -> list[int]:
    """Place of the paragraph of each passage that fits the question best by its words and tokens, the first of equals.

    `late` is the late interaction of each passage. That of a paragraph is hardly more, so that only those are cut into
    tokens whose words leave them a chance.
    """
    found = [0] * len(passages)
    for wording, texts in _worded(question, passages).items():
        same = wording == question.text
        asked = question.tokens if same and question.tokens is not None else table.tokens([wording])[0]
        of, shares = np.array([one.passage for one in texts]), np.array([one.share for one in texts])
        scores, best = np.full(len(texts), -np.inf), np.full(len(passages), -np.inf)
        most = np.array(late)[of] + _MARGIN if same else np.inf  # other words have another late interaction
        # `of` ascends, so a passage's first place is the same in this order: its paragraph with most of the words.
        ahead = np.lexsort((-shares, of))[np.unique(of, return_index=True)[1]]
        for left in (False, True):  # the first of each passage by its words, and those that may yet be better
            rows = np.flatnonzero(shares + most >= best[of]) if left else ahead
            rows = rows[np.isneginf(scores[rows])]
            tokens = table.tokens([texts[row].text for row in rows])
            scores[rows] = shares[rows] + late_interaction(table, asked, tokens)
            np.maximum.at(best, of[rows], scores[rows])
        # Backwards: of equals, the first is written last.
        for row in np.flatnonzero(scores == best[of])[::-1]:
            found[texts[row].passage] = texts[row].place
    return found


def _worded(question: Question, passages: Sequence[Sequence[Paragraph]]) -> dict[str, list[_Text]]:
    """Paragraphs of passages with several, by the question with names as the passage writes them: 外滩 for the Bund."""
    worded: dict[str, list[_Text]] = {}
    for number, passage in enumerate(passages):
        if len(passage) > 1:
            texts = ["\n".join((*one.heading, one.context, one.text)) for one in passage]
            folded = [fold(text) for text in texts]
            wording = respelled(question.text, "\n".join(folded))
            terms = question.words if wording == question.text else query_words(wording)
            for place, (text, plain) in enumerate(zip(texts, folded, strict=True)):
                share = len(set(terms).intersection(folded_words(plain))) / max(len(terms), 1)
                worded.setdefault(wording, []).append(_Text(number, place, text, share))
    return worded
