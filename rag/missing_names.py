"""How far a paragraph is not about what a question names: another document, another heading."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from index.engine import Words
from index.records import Paragraph
from index.words import query_words, words
from rag.readings import context, whole

_COMMON = 0.08
"""Up to this share, words that the paragraph's document lacks and others repeat are most often no names."""
_UNLIKELY = 0.25
"""Probability below which the one word most like a name is not taken for one in full."""


class Terms(Protocol):
    """What is known of the terms of a library; a `Library` knows it."""

    @property
    def words(self) -> Words:
        """How often they occur."""

    def holders(self, terms: Sequence[str]) -> Sequence[Mapping[str, int]]:
        """In which documents they occur, see `index.engine.Structures`."""


def elsewhere(rare: Mapping[str, float], naming: Sequence[float], paragraph: Paragraph, terms: Terms) -> float:
    """How far a question names another document than the paragraph's, in [0, 1]: "the pulse of V. Martin".

    `rare` is how rare each of its words is, `naming` how likely each belongs to a name (`Readings.naming`). It is the
    share of the question's names, rare words counting more, that the paragraph's document lacks and another one
    repeats. Words that recur in the few documents that have them are most often names (Church and Gale 1995, "Inverse
    Document Frequency (IDF): A Measure of Deviations from Poisson", https://aclanthology.org/W95-0110/), but in a small
    library any word may: each counts as far as its tokens look like a name's.
    """
    counts = {word: rare[word] * likely for word, likely in zip(rare, naming, strict=True)}
    own = set(words(whole(paragraph)))
    sources = {paragraph.source, *(place.source for place in paragraph.also)}
    held, missing = sum(counts[word] for word in counts if word in own), [word for word in counts if word not in own]
    lacking = 0.0
    for word, holders in zip(missing, terms.holders(missing), strict=True):
        held += counts[word] if holders else 0.0
        if holders and sources.isdisjoint(holders):
            lacking += counts[word] * (1 - len(holders) / sum(holders.values()))
    least = _UNLIKELY * max(rare.values(), default=1.0)  # a question may hold no name
    return max(0.0, lacking / max(held, least) - _COMMON)


def misnamed(names: Collection[str], paragraph: Paragraph) -> float:
    """How far the paragraph is not about one of the titles or headings that the question names, in [0, 1].

    The share of such a name's words that it lacks, of the name that fits it best; squared, for a name that is there in
    part is often meant (of such questions in `benchmarks/refusal.py` 9 of 36 have an answer; where all words are
    missing, 7 of 106). The head of its document does not count: it names every district that the report goes on to.
    """
    own = set(words(f"{context(paragraph)}\n{paragraph.text}"))
    asked = [query_words(name) for name in names]
    return min((sum(word not in own for word in one) / max(len(one), 1) for one in asked), default=0.0) ** 2


def rarity(asked: Sequence[str], known: Words) -> dict[str, float]:
    """How rare each word is, as in BM25."""
    size = len(known)
    counts = {word: min(known.document_frequency(word), size) for word in asked}
    return {word: math.log(1 + (size - n + 0.5) / (n + 0.5)) for word, n in counts.items()}
