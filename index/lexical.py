"""The lexical half of a search: BM25 over our own terms, exact over the passages that are there now.

What was removed counts for nothing at once: the scores are those of a library that never held it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.pinyin import Name, pairs
from index.postings import Array, hashes
from index.segment import FIELDS, Segment
from index.words import query_words

_HEADING_BOOST = 0.5
"""A heading counts, but less than the words of the paragraph itself."""
_HEAD_BOOST = 2.0
"""The document's head is searched for what a passage itself lacks: each word counts where it scores higher, never in
both, so that a passage which names its subject gains nothing over one that leaves it to the head."""
BOOSTS = (1.0, _HEADING_BOOST, _HEAD_BOOST)
NAMED = (1.0, 3.0, _HEAD_BOOST)
"""For names in another script: of "Hongkou" a section headed 虹口区 has nothing else that the question's words could
match."""
_AT_A_TIME = 64
"""Terms that are scored together: it bounds the memory that a long question takes."""
K1, B = 1.2, 0.75
"""Robertson and Zaragoza 2009, doi 10.1561/1500000019."""

Alive = NDArray[np.bool_] | None
"""Which rows of a segment are still in the library, shape (n,); None for all."""


Scored = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Keys of passages and their scores, of one segment."""


class Lexical:
    """BM25 of passages in several segments, by term."""

    def __init__(self, segments: Sequence[Segment], alive: Sequence[Alive]) -> None:
        self._segments, self._alive = segments, alive
        self._count = sum(len(s) if a is None else int(a.sum()) for s, a in zip(segments, alive, strict=True))
        self._mean = {field: self._lengths(field) / max(self._count, 1) for field in FIELDS}
        self._norms: dict[tuple[int, str], NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return self._count

    @cached_property
    def scripts(self) -> set[bool]:
        """True where there are passages in a CJK script, False where there are others."""
        return {cjk for cjk in (False, True) if any((segment.cjk == cjk).any() for segment in self._segments)}

    def search(
        self,
        terms: Iterable[str] | Mapping[str, float],
        k: int,
        keys: Collection[int] | None = None,
        boosts: Sequence[float] = BOOSTS,
        cjk: bool | None = None,
    ) -> list[tuple[int, float]]:
        """The best k (key, BM25 score), best first, ties by key; only among `keys`, and of one script, when given.

        A term that is given twice counts twice, one with a number beside it that many times. Terms that no passage
        holds cost and change nothing.
        """
        if not terms or k <= 0 or (keys is not None and not keys):
            return []
        times = Counter(terms)
        wanted, weights = hashes(times), np.array(list(times.values()), dtype=np.float32)
        idf = {field: boost * weights * self._idf(field, wanted) for field, boost in zip(FIELDS, boosts, strict=True)}
        among = None if keys is None else np.fromiter(keys, dtype=np.int64, count=len(keys))
        return best_of([self._best(i, wanted, idf, k, among, cjk) for i in range(len(self._segments))], k)

    def _best(
        self, i: int, terms: Array, idf: dict[str, Array], k: int, among: NDArray[np.int64] | None, cjk: bool | None
    ) -> Scored:
        """Keys and scores in one segment, those that tie with the k-th included."""
        segment, alive = self._segments[i], self._alive[i]
        scores = self._scores(i, terms, idf)
        if alive is not None:
            scores[~alive] = 0
        if cjk is not None:
            scores[segment.cjk != cjk] = 0
        if among is not None:
            scores[~np.isin(segment.keys, among)] = 0
        if len(scores) > k and (bar := np.partition(scores, -k)[-k]) > 0:
            rows = np.flatnonzero(scores >= bar)
        else:
            rows = np.flatnonzero(scores)
        return segment.keys[rows], scores[rows]

    def _scores(self, i: int, terms: Array, idf: dict[str, Array]) -> NDArray[np.float32]:
        """BM25 of every row: for each term that of the text and of its heading, or that of the head."""
        segment = self._segments[i]
        total = np.zeros(len(segment))
        for first in range(0, len(terms), _AT_A_TIME):
            some = slice(first, first + _AT_A_TIME)
            held = [segment.fields[field].of(terms[some]) for field in FIELDS]
            scores = [
                idf[field][some][of] * (counts / (counts + self._norm(i, field)[rows]))
                for field, (of, rows, counts) in zip(FIELDS, held, strict=True)
            ]
            (body, heading, head), every = [(of, rows) for of, rows, _ in held], [rows for _, rows, _ in held]
            if len(scores[2]):
                own = np.zeros((_AT_A_TIME, len(segment)), dtype=np.float32)
                own[body] = scores[0]
                own[heading] += scores[1]
                scores[2] = np.maximum(scores[2] - own[head], 0)
            # Added up in the order of the terms: a row's sum does not depend on the segment that it is in.
            total += np.bincount(np.concatenate(every), np.concatenate(scores), len(segment))
        return total.astype(np.float32)

    def _norm(self, i: int, field: str) -> NDArray[np.float32]:
        """What the lengths of a segment's rows make of BM25's denominator; reckoned once."""
        if (i, field) not in self._norms:
            lengths, mean = self._segments[i].fields[field].lengths, max(self._mean[field], 1e-9)
            self._norms[i, field] = (K1 * (1 - B) + _rough(lengths) * np.float32(K1 * B / mean)).astype(np.float32)
        return self._norms[i, field]

    def _lengths(self, field: str) -> int:
        pairs = zip(self._segments, self._alive, strict=True)
        return sum(int((s.fields[field].lengths if a is None else s.fields[field].lengths[a]).sum()) for s, a in pairs)

    def _idf(self, field: str, terms: NDArray[np.uint64]) -> NDArray[np.float32]:
        frequencies = self._frequencies(field, terms)
        # log1p as in Lucene: else a word that most passages hold would count against them.
        return ((K1 + 1) * np.log1p((self._count - frequencies + 0.5) / (frequencies + 0.5))).astype(np.float32)

    def _frequencies(self, field: str, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many passages hold each term in this field."""
        found = np.zeros(len(terms), dtype=np.int64)
        for segment, alive in zip(self._segments, self._alive, strict=True):
            if alive is None:
                starts, ends = segment.fields[field].find(terms)
                found += ends - starts
            else:
                of, rows, _ = segment.fields[field].of(terms)
                found += np.bincount(of[alive[rows]], minlength=len(terms))
        return found

    # --- terms ------------------------------------------------------------------------------------------------

    def spellings(self, names: Sequence[Name], exonyms: Sequence[str]) -> list[str]:
        """What a question's names in Latin letters may be written with in these paragraphs: Putuo -> 普陀."""
        held: dict[str, int] = {}
        unknown: set[str] = set()

        def holds(term: str) -> bool:
            if term not in held:
                unknown.add(term)
            return bool(held.get(term))

        while True:  # what is not known of a term is asked for all terms at once, and tried again
            known = [term for chinese in exonyms for term in query_words(chinese) if holds(term)]
            found = known + [pair for name in names for pair in pairs(name, holds)]
            if not unknown:
                return found
            asked = sorted(unknown)
            held |= zip(asked, self.held(asked), strict=True)
            unknown.clear()

    def document_frequency(self, term: str) -> int:
        """How many passages hold the term in their text."""
        return int(self._frequencies("body", hashes([term]))[0])

    def holders(self, terms: Sequence[str], most: int) -> list[list[int]]:
        """Of each term, the keys of the passages that have it, in whatever field; empty where they are over `most`."""
        wanted, found = hashes(terms), [list[int]() for _ in terms]
        least = np.max([self._frequencies(field, wanted) for field in FIELDS], axis=0)
        for segment, alive in zip(self._segments, self._alive, strict=True):
            places = [(postings.rows, *postings.find(wanted)) for postings in segment.fields.values()]
            for t in np.flatnonzero(least <= most):
                rows = np.unique(np.concatenate([rows[starts[t] : ends[t]] for rows, starts, ends in places]))
                found[t] += segment.keys[rows if alive is None else rows[alive[rows]]].tolist()
        return [own if len(own) <= most else [] for own in found]

    def held(self, terms: Sequence[str]) -> list[int]:
        """See `index.engine.Words.held`."""
        wanted = hashes(terms)
        held: list[int] = np.max([self._frequencies(field, wanted) for field in FIELDS], axis=0).tolist()
        return held

    def ceiling(self, terms: Sequence[str]) -> float:
        """What a passage could score at most for these terms; words that no passage holds count too."""
        n = max(len(self), 1)
        frequencies = self._frequencies("body", hashes(terms)).tolist()
        return sum((K1 + 1) * math.log(1 + (n - df + 0.5) / (df + 0.5)) for df in frequencies)


def _rough(lengths: NDArray[np.int32]) -> NDArray[np.int32]:
    """Lengths above 40 with four significant bits of what exceeds 24, as Lucene and tantivy count them.

    What is fitted to scores (fusion, answerability) was fitted to these.
    """
    more = np.maximum(lengths - 24, 1)
    shift = np.maximum(np.floor(np.log2(more)).astype(np.int32) - 3, 0)
    return np.where(lengths < 40, lengths, 24 + ((more >> shift) << shift)).astype(np.int32)


def best_of(parts: Sequence[Scored], k: int) -> list[tuple[int, float]]:
    """The best k of all parts, best first, ties by key."""
    if not parts:
        return []
    keys, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    # Keys come from the content: ties end the same way whatever a library's history.
    best = np.lexsort((keys, -scores))[:k]
    return list(zip(keys[best].tolist(), scores[best].tolist(), strict=True))
