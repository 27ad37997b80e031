"""The truth: one SQLite file with documents, paragraphs, passages, the manifest and the list of segments.

What searching needs lies in segments (`index.segment`), which are made from it and never changed.
"""

from __future__ import annotations

import json
import os
import sqlite3
import unicodedata
import zlib
from collections.abc import Callable, Collection
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from index import passages
from index.lookup import Lookup, digest
from index.passages import Passage
from index.records import Block, Document
from index.schema import RECOGNISED, TABLES
from index.text import squeeze


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def content_of(text: str, block: Block) -> bytes:
    """What tells a paragraph from others: the same content is the same paragraph, with several places."""
    return digest(text, _json(block.heading), block.kind, block.context)


def name_of(text: str) -> str:
    """Id of a paragraph with this text; others with the same words under other headings get a number as well."""
    return digest(squeeze(unicodedata.normalize("NFKC", text))).hex()[:16]


def _compressed(text: str) -> bytes:
    # Twice as fast as the default level, and a twentieth more bytes.
    return zlib.compress(text.encode("utf-8", errors="surrogatepass"), 1)


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def free_id(text: str, taken: Callable[[str], bool]) -> str:
    """An id for a paragraph with this text: the first that is free of NAME, NAME-2, NAME-3."""
    name = base = name_of(text)
    ordinal = 1
    while taken(name):  # the same words under other headings: another paragraph
        ordinal += 1
        name = f"{base}-{ordinal}"
    return name


class Store(Lookup):
    """The tables, and how they are written. Writers call `begin` and `commit`; readers need neither."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        self._alone: tuple[int, int] | None = None
        self._connect()
        if create and self.empty:  # new, or its making was cut off
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.executescript("BEGIN IMMEDIATE;" + TABLES + "COMMIT;")

    def _connect(self) -> None:
        """Open the file, for reading only where nothing may be written beside it.

        SQLite wants to write beside a file in WAL mode even to read it, unless it is promised that the file stays as it
        is; `generation` looks whether it did.
        """
        place = "file:" + quote(str(self._path.absolute()))
        for options in ("?mode=rwc", "?mode=ro", "?immutable=1"):
            # isolation_level None: Python would begin a transaction at a write only, and searches read in one too.
            self.db = sqlite3.connect(
                place + options, uri=True, isolation_level=None, check_same_thread=False, timeout=30
            )
            self._alone = self._stamp() if "immutable" in options else None
            try:
                self.db.execute("PRAGMA synchronous = FULL")
                self.db.execute("SELECT 1 FROM sqlite_master").fetchone()
                return
            except sqlite3.OperationalError:
                self.db.close()
                waiting = self._path.with_name(self._path.name + "-wal")
                if self._alone or _writable(self._path.parent) or ("ro" in options and _size(waiting)):
                    raise

    def _stamp(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size

    def generation(self) -> int:
        """See `Lookup.generation`."""
        if self._alone and self._alone != self._stamp():
            self.close()
            self._connect()
        return super().generation()

    @property
    def empty(self) -> bool:
        """Whether the file has no tables: its making was cut off."""
        return self.db.execute("SELECT 1 FROM sqlite_master").fetchone() is None

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def set_meta(self, **values: object) -> None:
        """Set entries of the manifest."""
        rows = [(name, str(value)) for name, value in values.items()]
        self.db.executemany("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", rows)

    # --- transactions -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a write."""
        # What lost its place in the write at hand, and goes at its end unless it found another.
        self.db.execute("CREATE TEMP TABLE IF NOT EXISTS loose (paragraph INTEGER PRIMARY KEY)")
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute(RECOGNISED)

    def commit(self) -> None:
        """Make the write the truth."""
        self.set_meta(generation=self.generation() + 1)
        self.db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the write."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    # --- segments ---------------------------------------------------------------------------------------------

    def new_segment(self) -> int:
        """Number of a segment that is about to be saved."""
        return int(self.db.execute("INSERT INTO segments (checksum) VALUES (0)").lastrowid or 0)

    def set_checksum(self, number: int, checksum: int) -> None:
        """List a segment that was saved."""
        self.db.execute("UPDATE segments SET checksum = ? WHERE number = ?", (checksum, number))

    def drop_segments(self, numbers: Collection[int]) -> None:
        """Forget segments."""
        self.db.executemany("DELETE FROM segments WHERE number = ?", [(number,) for number in numbers])

    def bury(self, keys: Collection[int]) -> None:
        """Passages that were removed and are still in a segment."""
        self.db.executemany("INSERT OR IGNORE INTO dead VALUES (?)", [(key,) for key in keys])

    def forget_dead(self, keys: Collection[int]) -> None:
        """Passages that are in no segment any more, or in the library again."""
        self.db.executemany("DELETE FROM dead WHERE passage = ?", [(key,) for key in keys])

    # --- documents --------------------------------------------------------------------------------------------

    def put_document(self, document: Document, path: str) -> tuple[int, list[Passage]]:
        """Write a document in the place of its former version: how many paragraphs are new, and its passages."""
        self.remove_document(document.source, collect=False)
        cut = passages.passages(document)
        row = (document.source, path, document.sha256, document.encoding, _json(asdict(document.metadata)))
        kept = (len(document.text), passages.head(document), len(cut), _compressed(document.text))
        cursor = self.db.execute(
            "INSERT INTO documents (source, path, sha256, encoding, metadata, characters, head, passages, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, *kept),
        )
        key = int(cursor.lastrowid or 0)
        if document.recognised:
            self.db.execute("INSERT INTO recognised VALUES (?, ?)", (key, _json(document.recognised)))
        rows = [(passage.key, key, first, last) for first, last, passage in cut]
        self.db.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", rows)
        return self._put_paragraphs(key, document), [passage for _, _, passage in cut]

    def _put_paragraphs(self, key: int, document: Document) -> int:
        """The document's paragraphs in their places; how many of them are new."""
        contents = [content_of(document.text[b.start : b.end], b) for b in document.blocks]
        known = {content: held for content in contents if (held := self._key_by_content(content)) is not None}
        self.db.executemany("DELETE FROM loose WHERE paragraph = ?", [(held,) for held in known.values()])
        self.collect()  # before the new paragraphs come: one that was only wrapped anew takes over the old one's id
        fresh = 0
        for content, block in zip(contents, document.blocks, strict=True):
            if content not in known:
                known[content] = self._put_paragraph(content, document.text[block.start : block.end], block)
                fresh += 1
        rows = [
            (key, position, known[content], block.start, block.end, block.page)
            for position, (content, block) in enumerate(zip(contents, document.blocks, strict=True))
        ]
        self.db.executemany("INSERT INTO locations VALUES (?, ?, ?, ?, ?, ?)", rows)
        return fresh

    def _key_by_content(self, content: bytes) -> int | None:
        row = self.db.execute("SELECT key FROM paragraphs WHERE content = ?", (content,)).fetchone()
        return int(row[0]) if row else None

    def _put_paragraph(self, content: bytes, text: str, block: Block) -> int:
        name = free_id(text, lambda name: self.key_of(name) is not None)
        row = (name, content, text, _json(block.heading), block.kind, block.context)
        cursor = self.db.execute(
            "INSERT INTO paragraphs (id, content, text, heading, kind, context) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        return int(cursor.lastrowid or 0)

    def remove_document(self, source: str, *, collect: bool = True) -> None:
        """Remove a document, if there is one; its paragraphs go with it unless another document holds them.

        With `collect=False` paragraphs without a place stay until `collect`, so that a new version finds them again.
        """
        row = self.db.execute("SELECT key FROM documents WHERE source = ?", (source,)).fetchone()
        if row is None:
            return
        self.db.execute("INSERT OR IGNORE INTO loose SELECT paragraph FROM locations WHERE document = ?", row)
        self.db.execute("DELETE FROM passages WHERE document = ?", row)
        self.db.execute("DELETE FROM locations WHERE document = ?", row)
        self.db.execute("DELETE FROM recognised WHERE document = ?", row)
        self.db.execute("DELETE FROM documents WHERE key = ?", row)
        if collect:
            self.collect()

    def collect(self) -> None:
        """Drop the paragraphs that lost their last place."""
        if self.db.execute("SELECT 1 FROM loose").fetchone() is None:  # every new document comes by here
            return
        self.db.execute("DELETE FROM loose WHERE paragraph IN (SELECT paragraph FROM locations)")
        self.db.execute("DELETE FROM paragraphs WHERE key IN (SELECT paragraph FROM loose)")
        self.db.execute("DELETE FROM loose")
