"""How documents get into Milvus, and out of it.

Milvus has no transactions. So a document's rows are written under a version of their own, which nothing reads yet;
then one row, the journal, records what makes them count. It is carried out, and deleted. A writer that finds a journal
carries it out first: a kill leaves the former state, or one that the next writer completes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from index import manifest, passages
from index.embedders import Embedder
from index.embedding import segment_of
from index.engine import Written
from index.milvus.counts import TermCounts, changes
from index.milvus.records import row_key
from index.milvus.tables import Row, Tables, chunks_of, pack, unpack
from index.passages import key_of
from index.records import Block, Document, Metadata, Recognised
from index.segment import FIELDS, Segment
from index.store import content_of, free_id, name_of

Cut = list[tuple[int, int, passages.Passage]]
"""First and last block of each passage of a document, and the passage."""


@dataclass(frozen=True, slots=True)
class _Put:
    """A document on its way in."""

    document: Document
    path: str
    version: int
    cut: Cut


class MilvusWriter:
    """The one writer of a library; see `index.engine.Writer`. `alive` is called before each commit."""

    def __init__(self, tables: Tables, embedder: Embedder, alive: Callable[[], None]) -> None:
        self._tables, self._embedder, self._alive = tables, embedder, alive
        self._chunks = chunks_of(embedder)
        self._versioned = ("paragraphs", "passages", self._chunks)
        if journal := tables.rows("meta", ["journal"], ["value"]).get("journal"):
            self._carry_out(json.loads(unpack(journal["value"])))
        for name in self._versioned:  # of a write that was cut off before its journal
            tables.delete_above(name, int(tables.meta().get("version", 0)))

    def write(self, batch: Sequence[tuple[Document, Path]], gone: Sequence[str]) -> Written:
        """See `Writer.write`."""
        entries = manifest.entries(self._embedder)
        return self._replace([(document, str(file.resolve())) for document, file in batch], gone, entries)

    def reembed(self) -> int:
        """See `Writer.reembed`. A kill in between leaves every document findable by its words."""
        rows = [*self._tables.every("documents", ["source", "path"])]
        embedded = sum(self._replace([(self._document(r["source"]), r["path"])], (), {}).embedded for r in rows)
        generation = int(self._tables.meta().get("generation", 0)) + 1
        self._tables.set_meta({**manifest.entries(self._embedder), "generation": generation})
        self._tables.drop_other_chunks(self._chunks)
        return embedded

    def _document(self, source: str) -> Document:
        """A document as it was put."""
        fields = ["version", "encoding", "sha256", "about", "text"]
        row = self._tables.rows("documents", [source], fields)[source]
        places = self._tables.where(
            "paragraphs", "version", [row["version"]], ["passage", "position", "inside", "start", "end", "page"]
        )
        texts = self._tables.rows("passages", {place["passage"] for place in places}, ["text"])
        inside = {key: json.loads(unpack(found["text"])) for key, found in texts.items()}
        blocks = []
        for place in sorted(places, key=lambda place: place["position"]):
            said = inside[place["passage"]][place["inside"]]
            page = place["page"] if place["page"] >= 0 else None
            blocks.append(
                Block(place["start"], place["end"], tuple(said["heading"]), page, said["kind"], said["context"])
            )
        about, text = json.loads(unpack(row["about"])), unpack(row["text"]).decode("utf-8", errors="surrogatepass")
        recognised = tuple(Recognised(*line) for line in about.get("recognised", ()))
        metadata = Metadata(**about["metadata"])
        made = (text, tuple(blocks), metadata, row["encoding"], (), recognised)
        return Document(*made, source=source, sha256=row["sha256"])

    def _replace(
        self, batch: Sequence[tuple[Document, str]], gone: Sequence[str], entries: Mapping[str, object]
    ) -> Written:
        self._alive()
        meta = self._tables.meta()
        last = int(meta.get("version", 0))
        put = [_Put(one, path, last + i, _keyed(one, last + i)) for i, (one, path) in enumerate(batch, start=1)]
        sources = [*(one.document.source for one in put), *gone]
        former = [*self._tables.rows("documents", sources, ["version", "paragraphs", "passages"]).values()]
        old = [row["version"] for row in former]
        segment, embedded = segment_of([passage for one in put for _, _, passage in one.cut], self._embedder, [])
        new, lost = TermCounts.of(segment), self._counts(old)
        totals = Counter[str](json.loads(meta.get("totals", "{}")))
        totals.update(_totals(new, [len(one.document.blocks) for one in put], len(segment.vectors)))
        chunks = len(self._tables.where(self._chunks, "version", old, ["key"]))
        totals.subtract(_totals(lost, [row["paragraphs"] for row in former], chunks))
        paragraphs, fresh = self._paragraphs(put, set(old))
        self._tables.put("paragraphs", paragraphs)
        self._tables.put("passages", [*_passages(put, segment, new.passages(totals))])
        self._tables.put(self._chunks, [*_chunks(put, segment)])
        journal = {
            "documents": [_row(one) for one in put],
            "gone": [row["source"] for row in former if row["source"] in gone],
            "old": old,
            "terms": changes(self._tables, new, lost),
            "meta": {
                **entries,
                "totals": json.dumps(totals),
                "version": last + len(put),
                "generation": int(meta.get("generation", 0)) + 1,
            },
        }
        self._tables.put("meta", [{"name": "journal", "value": pack(json.dumps(journal).encode())}])
        self._carry_out(journal)
        return Written(fresh, embedded)

    def _carry_out(self, journal: Mapping[str, Any]) -> None:
        """Make a write count; doing so twice changes nothing."""
        tables = self._tables
        tables.put("documents", journal["documents"])  # from here on readers find the new versions
        tables.delete("documents", "source", journal["gone"])
        tables.put("terms", [dict(zip(("key", *FIELDS), row, strict=True)) for row in journal["terms"]])
        for name in self._versioned:
            tables.delete(name, "version", journal["old"])
        tables.set_meta(journal["meta"])
        tables.delete("meta", "name", ["journal"])  # last: until then the next writer would carry it out again

    def _counts(self, versions: Sequence[int]) -> TermCounts:
        rows = self._tables.where("passages", "version", versions, ["counts"])
        return TermCounts.unpacked([unpack(row["counts"]) for row in rows])

    def _paragraphs(self, put: Sequence[_Put], old: set[int]) -> tuple[list[Row], int]:
        """Rows for the paragraphs of documents, and how many of them are new; `old` are the versions that go.

        Ids are given as on one machine: the same text under other headings is another paragraph, with a number.
        """
        texts = {id(b): one.document.text[b.start : b.end] for one in put for b in one.document.blocks}
        names = {name_of(text) for text in texts.values()}
        held = self._tables.where("paragraphs", "base", names, ["id", "content", "version"])
        versions = {row["version"] for row in held}
        here = {row["version"] for row in self._tables.where("documents", "version", versions, ["version"])}
        known = {row["content"]: row["id"] for row in held if row["version"] in here}
        taken = {row["id"] for row in held if row["version"] in here - old}
        rows, fresh = list[Row](), 0
        for one in put:
            contents = [content_of(texts[id(block)], block).hex() for block in one.document.blocks]
            taken |= {known[content] for content in contents if content in known}
            for content, block in zip(contents, one.document.blocks, strict=True):
                if content not in known:
                    known[content] = free_id(texts[id(block)], taken.__contains__)
                    taken.add(known[content])
                    fresh += 1
            rows += _places(one, [(known[content], content) for content in contents])
        return rows, fresh


def _totals(counted: TermCounts, paragraphs: Sequence[int], chunks: int) -> dict[str, int]:
    """What some documents add to the library's totals; `paragraphs` of each."""
    lengths = dict(zip(FIELDS, counted.lengths.sum(axis=0).tolist(), strict=True))
    of = {"documents": len(paragraphs), "paragraphs": sum(paragraphs), "passages": len(counted.lengths)}
    return {**lengths, **of, "chunks": chunks}


def _keyed(document: Document, version: int) -> Cut:
    cut = passages.passages(document)
    return [(first, last, replace(passage, key=row_key(passage.key, version))) for first, last, passage in cut]


def _places(one: _Put, named: Sequence[tuple[str, str]]) -> Iterator[Row]:
    for first, last, passage in one.cut:
        for position in range(first, last + 1):
            block, (name, content) = one.document.blocks[position], named[position]
            yield {
                **{
                    "key": key_of(one.version, position),
                    "id": name,
                    "base": name.partition("-")[0],
                    "content": content,
                },
                **{"version": one.version, "passage": passage.key, "position": position, "inside": position - first},
                **{"start": block.start, "end": block.end, "page": -1 if block.page is None else block.page},
            }


def _passages(
    put: Sequence[_Put], segment: Segment, counted: Sequence[tuple[bytes, dict[int, float]]]
) -> Iterator[Row]:
    row_of = {int(key): i for i, key in enumerate(segment.keys)}
    tokens = segment.tokens(np.arange(len(segment)))
    for one in put:
        for first, last, passage in one.cut:
            i = row_of[passage.key]
            said = [
                {"text": one.document.text[b.start : b.end], "heading": b.heading, "kind": b.kind, "context": b.context}
                for b in one.document.blocks[first : last + 1]
            ]
            counts, words = counted[i]
            yield {
                **{"key": passage.key, "version": one.version, "cjk": bool(segment.cjk[i]), "words": words},
                **{"counts": pack(counts), "tokens": pack(tokens[i].astype(np.int32).tobytes())},
                "text": pack(json.dumps(said).encode()),
            }


def _chunks(put: Sequence[_Put], segment: Segment) -> Iterator[Row]:
    row_of = {int(key): i for i, key in enumerate(segment.keys)}
    for one in put:
        for _, _, passage in one.cut:
            i = row_of[passage.key]
            for chunk in range(int(segment.chunks[i]), int(segment.chunks[i + 1])):
                key = key_of(passage.key, chunk - int(segment.chunks[i]))
                yield {
                    **{"key": key, "passage": passage.key, "version": one.version, "cjk": bool(segment.cjk[i])},
                    "vector": segment.vectors[chunk].astype(np.float32).tolist(),
                }


def _row(one: _Put) -> Row:
    document = one.document
    about: dict[str, Any] = {"metadata": asdict(document.metadata), "head": passages.head(document)}
    about["recognised"] = document.recognised
    return {
        **{"source": document.source, "version": one.version, "path": one.path, "sha256": document.sha256},
        **{"encoding": document.encoding, "characters": len(document.text), "paragraphs": len(document.blocks)},
        **{"passages": len(one.cut), "about": pack(json.dumps(about).encode())},
        "text": pack(document.text.encode("utf-8", errors="surrogatepass")),
    }
