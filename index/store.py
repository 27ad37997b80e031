"""The truth: one SQLite file with documents, paragraphs, chunks, vectors and the manifest.

Everything else in a library folder is derived from it. Keys of paragraphs and chunks only grow and are never used
twice, so a derived index that is behind, or ahead by an unfinished write, can be told apart and mended.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import passages
from index.records import Block, Document, Location, Paragraph
from index.schema import TABLES
from index.text import is_cjk, squeeze

_BEGINNING = 200
"""Characters of a paragraph that tell its script."""

_LOOSE = """
CREATE TEMP TABLE IF NOT EXISTS loose (paragraph INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS loose_vectors (vector INTEGER PRIMARY KEY);
"""
"""What lost its place in the write at hand, and goes at its end unless it found another."""


def digest(*parts: str) -> bytes:
    """The first half of a sha256: 16 bytes."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", errors="surrogatepass")).digest()[:16]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _content(text: str, block: Block) -> bytes:
    return digest(text, _json(block.heading), block.kind, block.context)


def _compressed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", errors="surrogatepass"))


class Store:
    """The tables and the questions put to them. Writers call `begin` and `commit`; readers need neither."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        if create and self.empty:  # new, or its making was cut off
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.executescript("BEGIN IMMEDIATE;" + TABLES + "COMMIT;")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(_LOOSE)

    @property
    def empty(self) -> bool:
        """Whether the file has no tables: its making was cut off."""
        return self.db.execute("SELECT 1 FROM sqlite_master").fetchone() is None

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    # --- manifest ---------------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """The manifest: embedder, versions, generation."""
        return dict(self.db.execute("SELECT name, value FROM meta"))

    def set_meta(self, **values: object) -> None:
        """Set entries of the manifest."""
        rows = [(name, str(value)) for name, value in values.items()]
        self.db.executemany("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", rows)

    def generation(self) -> int:
        """Counts the commits; readers look at it to notice a newer state."""
        row = self.db.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
        return int(row[0]) if row else 0

    # --- writing ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a write."""
        self.db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make the write the truth."""
        self.set_meta(generation=self.generation() + 1)
        self.db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the write."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    def put_document(self, document: Document, path: str) -> tuple[int, list[int]]:
        """Write a document in the place of its former version: how many paragraphs are new, and its passages' keys."""
        self.remove_document(document.source, collect=False)
        row = (document.source, path, document.sha256, document.encoding, len(document.text))
        kept = (_json(asdict(document.metadata)), _compressed(document.text), passages.head(document))
        cursor = self.db.execute(
            "INSERT INTO documents (source, path, sha256, encoding, characters, metadata, text, head)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, *kept),
        )
        key = int(cursor.lastrowid or 0)
        fresh = self._put_paragraphs(key, document)
        return fresh, [self._put_passage(key, document, first, last) for first, last in passages.passages(document)]

    def _put_paragraphs(self, key: int, document: Document) -> int:
        """The document's paragraphs in their places; how many of them are new."""
        contents = [_content(document.text[b.start : b.end], b) for b in document.blocks]
        known = [self._key_by_content(content) for content in contents]
        for position, paragraph in enumerate(known):
            if paragraph is not None:
                self._put_location(key, position, paragraph, document.blocks[position])
        self.collect()  # before the new paragraphs come: one that was only wrapped anew takes over the old one's id
        fresh = 0
        for position, block in enumerate(document.blocks):
            if known[position] is None:
                paragraph = self._key_by_content(contents[position])
                if paragraph is None:
                    paragraph = self._put_paragraph(document.text[block.start : block.end], block)
                    fresh += 1
                self._put_location(key, position, paragraph, block)
        return fresh

    def _put_passage(self, document: int, of: Document, first: int, last: int) -> int:
        start, end = of.blocks[first].start, of.blocks[last].end
        row = (document, first, last, is_cjk(of.text[start : min(end, start + _BEGINNING)]))
        query = "INSERT INTO passages (document, first, last, cjk) VALUES (?, ?, ?, ?)"
        return int(self.db.execute(query, row).lastrowid or 0)

    def _key_by_content(self, content: bytes) -> int | None:
        row = self.db.execute("SELECT key FROM paragraphs WHERE content = ?", (content,)).fetchone()
        return int(row[0]) if row else None

    def _put_location(self, document: int, position: int, paragraph: int, block: Block) -> None:
        row = (document, position, paragraph, block.start, block.end, block.page)
        self.db.execute("INSERT INTO locations VALUES (?, ?, ?, ?, ?, ?)", row)

    def _put_paragraph(self, text: str, block: Block) -> int:
        base = digest(squeeze(unicodedata.normalize("NFKC", text))).hex()[:16]
        name, ordinal = base, 1
        while self.key_of(name) is not None:  # the same words under other headings: another paragraph
            ordinal += 1
            name = f"{base}-{ordinal}"
        row = (name, _content(text, block), text, _json(block.heading), block.kind, block.context)
        cursor = self.db.execute(
            "INSERT INTO paragraphs (id, content, text, heading, kind, context) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        return int(cursor.lastrowid or 0)

    def put_chunks(self, passage: int, hashes: Sequence[bytes], head: bytes | None) -> None:
        """The chunks of a passage, each by the hash of its text, whose vector must be there already; and the token
        ids of its document's head.
        """
        rows = [(passage, name) for name in hashes]
        self.db.executemany(
            "INSERT INTO chunks (passage, vector) VALUES (?, (SELECT key FROM vectors WHERE hash = ?))", rows
        )
        self.db.execute("UPDATE passages SET head = ? WHERE key = ?", (head, passage))

    def put_vectors(self, rows: Iterable[tuple[bytes, bytes, bytes | None]]) -> None:
        """(hash, vector, token ids) of texts embedded for the first time."""
        self.db.executemany("INSERT OR IGNORE INTO vectors (hash, vector, tokens) VALUES (?, ?, ?)", rows)

    def known_vectors(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Those of the hashes that have a vector already."""
        query = "SELECT 1 FROM vectors WHERE hash = ?"
        return {name for name in hashes if self.db.execute(query, (name,)).fetchone()}

    def remove_document(self, source: str, *, collect: bool = True) -> bool:
        """Remove a document; its paragraphs go with it unless another document holds them. False if unknown.

        With `collect=False` paragraphs without a place stay until `collect`, so that a new version finds them again.
        """
        row = self.db.execute("SELECT key FROM documents WHERE source = ?", (source,)).fetchone()
        if row is None:
            return False
        self.db.execute("INSERT OR IGNORE INTO loose SELECT paragraph FROM locations WHERE document = ?", row)
        keys = json.dumps([key for (key,) in self.db.execute("SELECT key FROM passages WHERE document = ?", row)])
        these = "IN (SELECT value FROM json_each(?))"
        self.db.execute(f"INSERT OR IGNORE INTO loose_vectors SELECT vector FROM chunks WHERE passage {these}", (keys,))  # noqa: S608
        self.db.execute(f"DELETE FROM chunks WHERE passage {these}", (keys,))  # noqa: S608 (our own words)
        self.db.execute("INSERT INTO dead SELECT value FROM json_each(?)", (keys,))
        self.db.execute("DELETE FROM passages WHERE document = ?", row)
        self.db.execute("DELETE FROM locations WHERE document = ?", row)
        self.db.execute("DELETE FROM documents WHERE key = ?", row)
        if collect:
            self.collect()
        return True

    def collect(self) -> None:
        """Drop the paragraphs that lost their last place."""
        self.db.execute("DELETE FROM loose WHERE paragraph IN (SELECT paragraph FROM locations)")
        self.db.execute("DELETE FROM paragraphs WHERE key IN (SELECT paragraph FROM loose)")
        self.db.execute("DELETE FROM loose")

    def collect_vectors(self) -> None:
        """Drop the vectors that no chunk has any more: at the end of a write, which may bring their texts again."""
        self.db.execute("DELETE FROM loose_vectors WHERE vector IN (SELECT vector FROM chunks)")
        self.db.execute("DELETE FROM vectors WHERE key IN (SELECT vector FROM loose_vectors)")
        self.db.execute("DELETE FROM loose_vectors")

    def drop_vectors(self) -> None:
        """Forget every chunk and vector, for another embedder or chunker."""
        self.db.execute("DELETE FROM chunks")
        self.db.execute("DELETE FROM vectors")

    # --- reading ----------------------------------------------------------------------------------------------

    def documents(self) -> list[dict[str, object]]:
        """Every document: source, path, sha256, encoding, characters, paragraphs; sorted by source."""
        names = ("source", "path", "sha256", "encoding", "characters", "paragraphs")
        rows = self.db.execute(
            "SELECT source, path, sha256, encoding, characters,"
            " (SELECT count(*) FROM locations WHERE document = documents.key) FROM documents ORDER BY source"
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 (our own names)

    def document_file(self, source: str) -> tuple[str, str] | None:
        """Path and SHA-256 of a document's file, as it was indexed; None when there is no such document."""
        row = self.db.execute("SELECT path, sha256 FROM documents WHERE source = ?", (source,)).fetchone()
        return (str(row[0]), str(row[1])) if row else None

    def document_text(self, source: str) -> str | None:
        """The text that its reader made of a document; None when there is no such document."""
        row = self.db.execute("SELECT text FROM documents WHERE source = ?", (source,)).fetchone()
        return zlib.decompress(row[0]).decode("utf-8", errors="surrogatepass") if row else None

    def paragraphs(self, keys: Sequence[int]) -> dict[int, Paragraph]:
        """Paragraphs by key; a key that is gone is left out."""
        found: dict[int, Paragraph] = {}
        for key in keys:
            query = "SELECT id, text, heading, kind, context FROM paragraphs WHERE key = ?"
            row = self.db.execute(query, (key,)).fetchone()
            places = self.db.execute(
                'SELECT source, start, "end", page, metadata, head, (SELECT count(*) FROM passages'
                " WHERE passages.document = documents.key) FROM locations JOIN documents ON documents.key = document"
                " WHERE paragraph = ? ORDER BY source, position",  # whatever came first: the same from any history
                (key,),
            ).fetchall()
            if row and places:
                name, text, heading, kind, context = row
                source, start, end, page, metadata, head, count = places[0]
                also, title = tuple(Location(*other[:4]) for other in places[1:]), json.loads(metadata)["title"]
                where = (tuple(json.loads(heading)), source, start, end, page, also)
                found[key] = Paragraph(
                    name, text, *where, kind=kind, context=context, title=title, head=head if count > 1 else ""
                )
        return found

    def passage_keys(self, source: str | Sequence[str]) -> set[int]:
        """Keys of the passages of every document whose source matches a pattern (`*`, `?`, `[...]`)."""
        patterns = [source] if isinstance(source, str) else list(source)
        query = (
            "SELECT passages.key FROM passages JOIN documents ON documents.key = document"
            " WHERE EXISTS (SELECT 1 FROM json_each(?) WHERE source GLOB value)"
        )
        return {int(row[0]) for row in self.db.execute(query, (json.dumps(patterns),))}

    def passage_paragraphs(self, keys: Sequence[int]) -> dict[int, tuple[Paragraph, ...]]:
        """The paragraphs of passages, in order, placed in the passage's own document; one that is gone is left out."""
        rows = self.db.execute(
            "SELECT passages.key, paragraph FROM passages JOIN locations ON locations.document = passages.document"
            " AND position BETWEEN first AND last"
            " WHERE passages.key IN (SELECT value FROM json_each(?)) ORDER BY passages.key, position",
            (json.dumps(list(keys)),),
        ).fetchall()
        known = self.paragraphs(list(dict.fromkeys(int(paragraph) for _, paragraph in rows)))
        found: dict[int, tuple[Paragraph, ...]] = {}
        for key, paragraph in rows:
            found[int(key)] = (*found.get(int(key), ()), known[paragraph])
        return found

    def document_paragraphs(self, source: str) -> list[int]:
        """Keys of a document's paragraphs, in order."""
        rows = self.db.execute(
            "SELECT paragraph FROM locations JOIN documents ON documents.key = document"
            " WHERE source = ? ORDER BY position",
            (source,),
        )
        return [int(row[0]) for row in rows]

    def neighbours(self, key: int) -> tuple[int | None, int | None]:
        """Keys of the paragraphs before and after this one, where it stands first; None at either end."""
        place = self.db.execute(
            "SELECT document, position FROM locations JOIN documents ON documents.key = document"
            " WHERE paragraph = ? ORDER BY source, position LIMIT 1",
            (key,),
        ).fetchone()
        if place is None:
            return None, None
        query = "SELECT paragraph FROM locations WHERE document = ? AND position = ?"
        rows = [self.db.execute(query, (place[0], place[1] + step)).fetchone() for step in (-1, 1)]
        before, after = (int(row[0]) if row else None for row in rows)
        return before, after

    def key_of(self, paragraph_id: str) -> int | None:
        """Key of the paragraph with this id."""
        row = self.db.execute("SELECT key FROM paragraphs WHERE id = ?", (paragraph_id,)).fetchone()
        return int(row[0]) if row else None

    def passages(self, keys: Iterable[int] | None = None) -> Iterator[passages.Passage]:
        """Passages by key, for the search structures; all of them without `keys`. One that is gone is left out."""
        query = (
            "SELECT key, document, first, last, (SELECT head FROM documents WHERE key = document),"
            " (SELECT count(*) FROM passages AS other WHERE other.document = passages.document) FROM passages"
        )
        if keys is None:
            rows = self.db.execute(query + " ORDER BY key").fetchall()
        else:
            rows = [row for key in keys for row in self.db.execute(query + " WHERE key = ?", (key,))]
        for key, document, first, last, head, count in rows:
            inside = self.db.execute(
                "SELECT text, heading, context FROM locations JOIN paragraphs ON paragraphs.key = paragraph"
                " WHERE document = ? AND position BETWEEN ? AND ? ORDER BY position",
                (document, first, last),
            ).fetchall()
            contexts = tuple((*json.loads(heading), *filter(None, (context,))) for _, heading, context in inside)
            yield passages.Passage(int(key), tuple(text for text, _, _ in inside), contexts, head if count > 1 else "")

    def in_cjk(self, keys: Iterable[int]) -> set[int]:
        """Those of the passages that begin in Chinese, Japanese or Korean."""
        query = "SELECT key FROM passages WHERE cjk AND key IN (SELECT value FROM json_each(?))"
        return {int(row[0]) for row in self.db.execute(query, (json.dumps(list(keys)),))}

    def chunk_vectors(self, after: int, dim: int) -> tuple[list[int], NDArray[np.float32], list[bool]]:
        """Of every chunk with a key above `after`: key, vector (together of shape (n, dim)), whether it is CJK."""
        rows = self.db.execute(
            "SELECT chunks.key, vectors.vector, cjk FROM chunks JOIN vectors ON vectors.key = chunks.vector"
            " JOIN passages ON passages.key = passage WHERE chunks.key > ? ORDER BY chunks.key",
            (after,),
        ).fetchall()
        data = b"".join(blob for _, blob, _ in rows)
        vectors = np.frombuffer(data, dtype=np.float32).reshape(-1, dim)
        return [int(key) for key, _, _ in rows], vectors, [bool(cjk) for _, _, cjk in rows]

    def chunk_passages(self, keys: Sequence[int]) -> dict[int, int]:
        """Chunk key to passage key; a chunk that is gone is left out."""
        query = "SELECT key, passage FROM chunks WHERE key IN (SELECT value FROM json_each(?))"
        return {int(key): int(passage) for key, passage in self.db.execute(query, (json.dumps(list(keys)),))}

    def chunk_keys(self, passage_keys: Iterable[int]) -> list[int]:
        """Keys of all chunks of these passages."""
        query = "SELECT key FROM chunks WHERE passage IN (SELECT value FROM json_each(?))"
        return [int(row[0]) for row in self.db.execute(query, (json.dumps(list(passage_keys)),))]

    def tokens(self, passage_keys: Sequence[int]) -> list[NDArray[np.int32]]:
        """Token ids of each passage: its document's head, then its chunks; empty when the embedder has none."""
        asked = (json.dumps(list(passage_keys)),)
        query = "SELECT key, head FROM passages WHERE key IN (SELECT value FROM json_each(?))"
        held = {int(key): [head or b""] for key, head in self.db.execute(query, asked)}
        rows = self.db.execute(
            "SELECT passage, tokens FROM chunks JOIN vectors ON vectors.key = chunks.vector"
            " WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY chunks.key",
            asked,
        )
        for passage, tokens in rows:
            held[passage].append(tokens or b"")
        return [np.frombuffer(b"".join(held.get(key, ())), dtype=np.int32) for key in passage_keys]
