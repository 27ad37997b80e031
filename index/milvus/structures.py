"""What proposes passages for a question, from Milvus.

Milvus proposes more passages by words than are wanted, scored with the lengths that were usual when each was written;
the best of them are then scored again with what is usual now, by the code that scores them on one machine.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from index import manifest
from index.embedders import Embedder
from index.engine import MOST_HOLDERS, Candidates, Scored
from index.lexical import BOOSTS, NAMED
from index.milvus.counts import TermCounts, dimensions
from index.milvus.lexical import MilvusLexical, Ranked
from index.milvus.records import MilvusRecords, matches, row_key
from index.milvus.tables import Tables, chunks_of, unpack
from index.postings import hashes
from index.question import Question
from index.records import Paragraph

_MORE, _MOST = 4, 32
"""Passages proposed by words for each that is wanted: at first, and at most."""
_KEPT = 20_000
"""Passages kept in memory, about 5 kB each: what has the same key is the same."""


class MilvusStructures:
    """Words and vectors of one library; see `index.engine.Structures`."""

    def __init__(self, tables: Tables, embedder: Embedder) -> None:
        self._tables, self._embedder, self._records = tables, embedder, MilvusRecords(tables)
        self._chunks = chunks_of(embedder)
        self._kept: dict[int, Ranked] = {}
        self._generation = -1
        self.words = MilvusLexical(tables, {})
        self._here: dict[int, bool] = {}
        self._rows: dict[int, int] = {}

    def close(self) -> None:
        """The connection is the engine's."""

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See `Structures.snapshot`."""
        if self._records.generation() != self._generation:
            meta = self._tables.meta()
            manifest.check(meta, self._embedder, self._tables.address.text)
            self.words = MilvusLexical(self._tables, json.loads(meta.get("totals", "{}")))
            self._here, self._rows = {}, {}
            self._generation = int(meta.get("generation", 0))
        yield

    def candidates(
        self, question: Question, vector: NDArray[np.float32], most: int, source: str | Sequence[str] | None = None
    ) -> Candidates:
        """See `Structures.candidates`."""
        if not len(self.words):
            return Candidates([], [], [], [], 0.0, set(), {})
        where = "" if source is None else f"version in {self._versions(source)}"
        lexical = self._by_words(question.words, most, where)
        named = self._by_words(self.words.spellings(*question.foreign_names), most, where, NAMED)
        translated = self._by_words(question.translations, most, _script(not question.cjk, where))
        dense = self._by_vectors(vector, most, where)
        keys = list(dict.fromkeys(key for key, _ in (*lexical, *named, *translated, *dense)))
        passages = self._passages(keys)
        ceiling, cjk = self.words.ceiling(question.words), {key for key in keys if passages[key].cjk}
        tokens = {key: passages[key].tokens for key in keys}
        return Candidates(lexical, named, translated, dense, ceiling, cjk, tokens)

    def holders(self, terms: Sequence[str]) -> list[Counter[str]]:
        """See `Structures.holders`."""
        if not terms or not len(self.words):
            return [Counter() for _ in terms]
        queries = [{dimension: 1.0} for dimension in dimensions(hashes(terms)).tolist()]
        # Twice as many: some may be of versions that are gone.
        found = self._tables.nearest("passages", "words", queries, 2 * MOST_HOLDERS, "", ["version"])
        versions = [[row["version"] for row, _ in rows] for rows in found]
        documents = self._tables.where(
            "documents", "version", {one for own in versions for one in own}, ["version", "source"]
        )
        sources = {row["version"]: row["source"] for row in documents}
        counted = [Counter(sources[version] for version in own if version in sources) for own in versions]
        return [own if own.total() <= MOST_HOLDERS else Counter() for own in counted]

    def verify(self) -> None:
        """See `Structures.verify`."""
        if len(self.words):
            for name in ("passages", self._chunks, "terms"):
                self._tables.rows(name, [0], ["key"])

    def passage_paragraphs(
        self, keys: Sequence[int], source: str | Sequence[str] = "*"
    ) -> dict[int, tuple[Paragraph, ...]]:
        """See `Structures.passage_paragraphs`."""
        found = self._records.passage_paragraphs([self._rows[key] for key in keys], source)
        return {key: found[row] for key in keys if (row := self._rows[key]) in found}

    def _versions(self, source: str | Sequence[str]) -> list[int]:
        """Documents whose source matches a pattern."""
        rows = self._tables.every("documents", ["source", "version"])
        return [row["version"] for row in rows if matches(row["source"], source)]

    def _by_words(
        self, terms: Sequence[str] | Mapping[str, float], most: int, where: str, boosts: Sequence[float] = BOOSTS
    ) -> Scored:
        if not terms:
            return []
        times = Counter[str](terms)
        wanted = hashes(times)
        weights = self.words.weights(wanted) * np.array(list(times.values()), dtype=np.float32)
        query = dict(zip(dimensions(wanted).tolist(), weights.tolist(), strict=True))
        for limit in (_MORE * most, _MOST * most):
            [found] = self._tables.nearest("passages", "words", [query], limit, where, ["key", "version"])
            keys = self._keys((row["key"], row["version"]) for row, _ in found)
            best = self.words.of(self._passages([key for key in keys if key is not None]), wanted).search(
                terms, most, boosts=boosts
            )
            # While lengths are what they were, Milvus scores none too low: what it left out is no better than its last.
            if len(found) < limit or (len(best) == most and found[-1][1] < best[-1][1]):
                break
        return best

    def _by_vectors(self, vector: NDArray[np.float32], most: int, where: str) -> Scored:
        """As many of either script: the question's own would crowd out the other."""
        every: Scored = []
        for cjk in (True, False):
            both, fields = _script(cjk, where), ["passage", "version"]
            # Twice as many chunks as passages: some passages have several of the best.
            [found] = self._tables.nearest(self._chunks, "vector", [vector.tolist()], 2 * most, both, fields)
            best: dict[int, float] = {}
            keys = self._keys((row["passage"], row["version"]) for row, _ in found)
            for key, (_, score) in zip(keys, found, strict=True):
                if key is not None:
                    best[key] = max(score, best.get(key, score))
            every += sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        return sorted(every, key=lambda pair: (-pair[1], pair[0]))

    def _keys(self, rows: Iterable[tuple[int, int]]) -> list[int | None]:
        """Key of each passage, from its row's key and version; None where its document has another version now."""
        places = list(rows)
        if unknown := {version for _, version in places if version not in self._here}:
            held = {row["version"] for row in self._tables.where("documents", "version", unknown, ["version"])}
            self._here |= {version: version in held for version in unknown}
        keys = [row_key(row, version) if self._here[version] else None for row, version in places]
        self._rows |= {key: row for key, (row, _) in zip(keys, places, strict=True) if key is not None}
        return keys

    def _passages(self, keys: Collection[int]) -> dict[int, Ranked]:
        missing = {self._rows[key]: key for key in keys if key not in self._kept}
        rows = self._tables.rows("passages", missing, ["cjk", "counts", "tokens"])
        new = {
            missing[key]: Ranked(
                missing[key],
                bool(row["cjk"]),
                np.frombuffer(unpack(row["tokens"]), dtype=np.int32),
                TermCounts.unpacked([unpack(row["counts"])]),
            )
            for key, row in rows.items()
        }
        found = {key: self._kept.get(key) or new[key] for key in keys if key in self._kept or key in new}
        self._kept |= new
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return found


def _script(cjk: bool, where: str) -> str:
    """The filter, for what is in a CJK script, or what is not."""
    return " and ".join(filter(None, (f"cjk == {str(cjk).lower()}", where)))
