"""BM25 of passages that Milvus proposes, with frequencies and lengths that it keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.lexical import Lexical
from index.milvus.counts import TermCounts, dimensions
from index.milvus.tables import Tables
from index.postings import Array, Postings
from index.segment import FIELDS, Segment
from index.static_model import Tokens


@dataclass(frozen=True, slots=True)
class Ranked:
    """What ranking needs of one passage."""

    key: int
    cjk: bool
    tokens: Tokens
    counts: TermCounts
    """Of this passage alone."""


class MilvusLexical(Lexical):
    """Scores as `Lexical` does: the passages at hand, by how often terms occur in all of the library."""

    def __init__(self, tables: Tables, totals: Mapping[str, int]) -> None:
        super().__init__([], [])
        self._tables = tables
        self._known: dict[int, tuple[int, ...]] = {}
        self._count = totals.get("passages", 0)
        self._mean = {field: totals.get(field, 0) / max(self._count, 1) for field in FIELDS}

    def of(self, passages: Mapping[int, Ranked], terms: NDArray[np.uint64]) -> Self:
        """The same, over these passages; of their words only the terms count."""
        only = copy(self)  # frequencies once looked up stay known
        ordered = [passages[key] for key in sorted(passages)]
        only._segments, only._alive, only._norms = [_segment(ordered, np.unique(terms))], [None], {}
        return only

    def _frequencies(self, field: str, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        keys = dimensions(terms).tolist()
        if unknown := [key for key in keys if key not in self._known]:
            rows = self._tables.rows("terms", unknown, FIELDS) if self._count else {}
            for key in unknown:
                self._known[key] = tuple(int(rows[key][name]) if key in rows else 0 for name in FIELDS)
        at = FIELDS.index(field)
        return np.array([self._known[key][at] for key in keys], dtype=np.int64)

    def weights(self, terms: NDArray[np.uint64]) -> NDArray[np.float32]:
        """What each counts in the vectors of passages: the largest of what it counts in fields that hold it."""
        held = [np.where(self._frequencies(field, terms) > 0, self._idf(field, terms), 0) for field in FIELDS]
        weights: NDArray[np.float32] = np.max(held, axis=0) + np.float32(1e-6)
        return weights


def _segment(passages: Sequence[Ranked], terms: NDArray[np.uint64]) -> Segment:
    """Passages in the order of their keys, with these terms only (ascending)."""
    wanted = dimensions(terms)
    counts = np.zeros((len(FIELDS), len(terms), len(passages)), dtype=np.uint8)
    for row, passage in enumerate(passages):
        held = passage.counts.terms
        if len(held):
            at = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
            counts[:, :, row] = np.where(held[at] == wanted, passage.counts.counts[:, at], 0)
    arrays: dict[str, Array] = {
        "keys": np.array([passage.key for passage in passages], dtype=np.int64),
        "cjk": np.array([passage.cjk for passage in passages], dtype=np.bool_),
        "chunks": np.zeros(len(passages) + 1, dtype=np.int64),
        "hashes": np.zeros(0, dtype=np.uint64),
        "vectors": np.zeros((0, 1), dtype=np.float16),
    }
    for i, field in enumerate(FIELDS):
        places = np.nonzero(counts[i])
        starts = np.searchsorted(places[0], np.arange(len(terms) + 1)).astype(np.uint32)
        lengths = np.array([passage.counts.lengths[0, i] for passage in passages], dtype=np.int32)
        made = Postings(terms, starts, places[1].astype(np.uint16), counts[i][places], lengths)
        arrays |= {f"{field}.{part}": array for part, array in made._asdict().items()}
    return Segment(arrays)
