"""Which rows hold a term, and how often: arrays, searched by the term's hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROWS = 1 << 16
"""Rows that one set of postings may hold: their numbers are kept in 16 bits."""
_OFTEN = 255
"""A term that occurs more often in a row counts as this often: BM25 is all but level there."""

Array = NDArray[Any]


class Postings(NamedTuple):
    """The postings of one field. Those of the i-th term lie between `starts[i]` and `starts[i + 1]`."""

    terms: NDArray[np.uint64]
    """Hash of each term, ascending, shape (terms,)."""
    starts: NDArray[np.uint32]
    """Shape (terms + 1,)."""
    rows: NDArray[np.uint16]
    """Those that hold the term, each once, in no particular order."""
    counts: NDArray[np.uint8]
    """How often each of them does, at least once."""
    lengths: NDArray[np.int32]
    """Terms of each row, repeats included, shape (rows,)."""

    def find(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the postings of each of the terms start and end; at the same place for a term that no row holds."""
        at = np.searchsorted(self.terms, terms)
        held = at < len(self.terms)
        at[~held] = 0
        if len(self.terms):
            held &= self.terms[at] == terms
        starts = np.where(held, self.starts[at], 0)
        return starts, np.where(held, self.starts[at + held], 0)

    def of(self, terms: NDArray[np.uint64]) -> tuple[Array, Array, Array]:
        """All postings of the terms, those of each together: place of the term in `terms`, row, count."""
        starts, ends = self.find(terms)
        sizes = (ends - starts).astype(np.int64)
        at = spans(starts, sizes)
        return np.repeat(np.arange(len(terms)), sizes), self.rows[at], self.counts[at]


def hashes(terms: Iterable[str]) -> NDArray[np.uint64]:
    """64 bits of each term: two of a million terms share them about once in forty million libraries."""
    digests = b"".join([blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest() for term in terms])
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def build(rows: Sequence[Iterable[str]]) -> Postings:
    """From the terms of each row."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__  # a new term gets the next number, counted in C
    held = [list(map(numbers.__getitem__, row)) for row in rows]
    lengths = np.array([len(own) for own in held], dtype=np.int32)
    flat = np.fromiter(chain.from_iterable(held), dtype=np.int64, count=int(lengths.sum()))
    terms = hashes(numbers)
    order = np.argsort(terms)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    pairs, counts = np.unique(place[flat] * ROWS + np.repeat(np.arange(len(held)), lengths), return_counts=True)
    starts = np.searchsorted(pairs, np.arange(len(order) + 1) * ROWS).astype(np.uint32)
    often = np.minimum(counts, _OFTEN).astype(np.uint8)
    return Postings(terms[order], starts, (pairs % ROWS).astype(np.uint16), often, lengths)


def merge(parts: Sequence[Postings], renumbered: Sequence[NDArray[np.int64]]) -> Postings:
    """One for all. `renumbered` holds the new number of each row of each part, below 0 where it is left out."""
    terms = np.concatenate([part.terms for part in parts])
    order = np.argsort(terms, kind="stable")  # sorted runs: they are merged
    sizes = np.concatenate([np.diff(part.starts) for part in parts]).astype(np.int64)[order]
    bases = np.cumsum([0, *(len(part.rows) for part in parts[:-1])])
    starts = np.concatenate([part.starts[:-1] + base for part, base in zip(parts, bases, strict=True)])[order]
    gathered = spans(starts, sizes)
    rows = np.concatenate([new[part.rows] for part, new in zip(parts, renumbered, strict=True)])[gathered]
    counts = np.concatenate([part.counts for part in parts])[gathered]
    kept = rows >= 0
    distinct, first = np.unique(terms[order], return_index=True)
    ends = np.append(np.cumsum(sizes)[first[1:] - 1], len(rows)) if len(first) else np.zeros(0, dtype=np.int64)
    bounds = np.concatenate(([0], np.cumsum(kept)))[np.concatenate(([0], ends)).astype(np.int64)]
    filled = np.flatnonzero(np.diff(bounds))
    lengths = np.zeros(sum(int((new >= 0).sum()) for new in renumbered), dtype=np.int32)
    for part, new in zip(parts, renumbered, strict=True):
        lengths[new[new >= 0]] = part.lengths[new >= 0]
    starts = np.append(bounds[filled], bounds[-1:]).astype(np.uint32)
    return Postings(distinct[filled], starts, rows[kept].astype(np.uint16), counts[kept], lengths)


def spans(starts: Array, sizes: Array) -> NDArray[np.int64]:
    """The indices of several stretches, one after the other: ([3, 0], [2, 1]) -> [3, 4, 0]."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts.astype(np.int64) - before, sizes) + np.arange(int(sizes.sum()))
