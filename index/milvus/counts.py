"""How often terms occur in passages, as Milvus keeps it: beside each passage, and summed up over all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.lexical import BOOSTS, K1, B
from index.milvus.tables import Tables
from index.postings import Array
from index.segment import FIELDS, Segment

_DIMENSIONS = 2**32 - 2
"""Milvus has no dimension above. Two of a million terms share one about once in four thousand terms."""


def dimensions(terms: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Those of sparse vectors, for hashes of terms."""
    return ((terms & np.uint64(0xFFFFFFFF)) % np.uint64(_DIMENSIONS)).astype(np.uint32)


class TermCounts(NamedTuple):
    """Of several passages."""

    lengths: NDArray[np.int64]
    """Terms of each passage in each of FIELDS, repeats included, shape (passages, 3)."""
    starts: NDArray[np.int64]
    """Where the terms of each passage begin, shape (passages + 1,)."""
    terms: NDArray[np.uint32]
    """Dimensions, ascending within a passage, shape (terms,)."""
    counts: NDArray[np.uint8]
    """How often each of FIELDS holds each, shape (3, terms)."""

    @classmethod
    def of(cls, segment: Segment) -> Self:
        """Those of a segment's passages, in its order."""
        fields = [segment.fields[name] for name in FIELDS]
        places = [_places(field.rows, np.repeat(dimensions(field.terms), np.diff(field.starts))) for field in fields]
        every = np.unique(np.concatenate(places))
        counts = np.zeros((len(FIELDS), len(every)), dtype=np.uint8)
        for i, (field, place) in enumerate(zip(fields, places, strict=True)):
            counts[i, np.searchsorted(every, place)] = field.counts
        starts = np.searchsorted(every, np.arange(len(segment) + 1, dtype=np.uint64) << np.uint64(32))
        lengths = np.stack([field.lengths for field in fields], axis=1).astype(np.int64)
        return cls(lengths, starts, (every & np.uint64(0xFFFFFFFF)).astype(np.uint32), counts)

    @classmethod
    def unpacked(cls, packed: Sequence[bytes]) -> Self:
        """From what `passages` gives of each."""
        width, head = 1 + len(FIELDS), len(FIELDS)
        rows = [np.frombuffer(one, dtype=np.uint32) for one in packed]
        inside = [row[head:].reshape(width, -1) for row in rows] or [np.zeros((width, 0), dtype=np.uint32)]
        lengths = np.array([row[:head] for row in rows], dtype=np.int64).reshape(-1, head)
        starts = np.cumsum([0, *(own.shape[1] for own in inside[: len(rows)])])
        joined = np.concatenate(inside, axis=1)
        return cls(lengths, starts, joined[0], joined[1:].astype(np.uint8))

    def passages(self, totals: Mapping[str, int]) -> list[tuple[bytes, dict[int, float]]]:
        """Of each passage: its counts, packed, and its sparse vector of what each term counts in BM25 without idf."""
        mean = [max(totals[field] / max(totals["passages"], 1), 1e-9) for field in FIELDS]
        found = []
        for row, (first, end) in enumerate(zip(self.starts, self.starts[1:], strict=False)):
            terms, counts = self.terms[first:end], self.counts[:, first:end]
            norms = K1 * (1 - B + B * self.lengths[row] / mean)
            body, heading, head = (boost * c / (c + norm) for boost, c, norm in zip(BOOSTS, counts, norms, strict=True))
            weights = np.maximum(body + heading, head)
            packed = np.concatenate([self.lengths[row], terms, counts.reshape(-1)]).astype(np.uint32).tobytes()
            # Of a passage without a word too: Milvus refuses a vector without a weight.
            found.append((packed, dict(zip(terms.tolist(), weights.tolist(), strict=True)) or {0: 1e-9}))
        return found

    def frequencies(self) -> tuple[Array, NDArray[np.int64]]:
        """Every term, and how many passages hold it in each of FIELDS, shape (terms, 3)."""
        terms, at = np.unique(self.terms, return_inverse=True)
        return terms, np.stack([np.bincount(at, c > 0, len(terms)) for c in self.counts], axis=1).astype(np.int64)


def changes(tables: Tables, new: TermCounts, lost: TermCounts) -> list[list[int]]:
    """Rows of `terms` as they are when the new passages are in and the lost ones out: term, then frequencies."""
    (more, added), (less, removed) = new.frequencies(), lost.frequencies()
    every = np.union1d(more, less)
    frequencies = np.zeros((len(every), len(FIELDS)), dtype=np.int64)
    frequencies[np.searchsorted(every, more)] += added
    frequencies[np.searchsorted(every, less)] -= removed
    changed = frequencies.any(axis=1)
    every, frequencies = every[changed], frequencies[changed]
    held = tables.rows("terms", every.tolist(), FIELDS)
    for i, term in enumerate(every.tolist()):
        if term in held:
            frequencies[i] += [held[term][field] for field in FIELDS]
    rows: list[list[int]] = np.concatenate([every[:, None].astype(np.int64), frequencies], axis=1).tolist()
    return rows


def _places(rows: Array, terms: NDArray[np.uint32]) -> NDArray[np.uint64]:
    return (rows.astype(np.uint64) << np.uint64(32)) | terms.astype(np.uint64)
