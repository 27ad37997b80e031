"""What a library's SQLite file answers: the manifest, documents, paragraphs, passages."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from index.errors import LibraryError
from index.passages import Passage, content_of, is_key
from index.records import Block, Document, Location, Metadata, Paragraph, Recognised

T = TypeVar("T")


class Lookup:
    """Questions put to the tables; each is one statement or two, however many keys it is asked about."""

    db: sqlite3.Connection

    def meta(self) -> dict[str, str]:
        """The manifest: embedder, versions, generation."""
        return dict(self.db.execute("SELECT name, value FROM meta"))

    def generation(self) -> int:
        """Counts the commits; readers look at it to notice a newer state."""
        row = self.db.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
        return int(row[0]) if row else 0

    def segments(self) -> dict[int, int]:
        """Number of each segment, and its checksum."""
        return dict(self.db.execute("SELECT number, checksum FROM segments ORDER BY number"))

    def dead(self) -> set[int]:
        """Passages that a segment holds and the library no longer does."""
        return {int(row[0]) for row in self.db.execute("SELECT passage FROM dead")}

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 (our own names)

    # --- documents --------------------------------------------------------------------------------------------

    def documents(self) -> list[dict[str, object]]:
        """Every document: source, path, sha256, encoding, characters, paragraphs, its metadata; sorted by source."""
        names = ("source", "path", "sha256", "encoding", "characters", "paragraphs")
        rows = self.db.execute(
            "SELECT source, path, sha256, encoding, characters,"
            " (SELECT coalesce(max(position) + 1, 0) FROM locations WHERE document = documents.key), metadata"
            " FROM documents ORDER BY source"  # from 0 without gaps: to count them would read every one
        )
        return [dict(zip(names, row, strict=True)) | _loaded(metadata, dict) for *row, metadata in rows]

    def document_file(self, source: str) -> tuple[str, str] | None:
        """Path and SHA-256 of a document's file, as it was indexed; None when there is no such document."""
        row = self.db.execute("SELECT path, sha256 FROM documents WHERE source = ?", (source,)).fetchone()
        return (str(row[0]), str(row[1])) if row else None

    def document_text(self, source: str) -> str | None:
        """The text that its reader made of a document; None when there is no such document."""
        row = self.db.execute("SELECT text FROM documents WHERE source = ?", (source,)).fetchone()
        return _decompressed(row[0]) if row else None

    def recognised(self, source: str) -> tuple[Recognised, ...]:
        """The lines of a document's pages that are pictures; empty for others, and where they were not kept."""
        # A library that was not written since the table was added lacks it, and reading may not add it.
        if self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'recognised'").fetchone() is None:
            return ()
        query = "SELECT lines FROM recognised JOIN documents ON documents.key = document WHERE source = ?"
        row = self.db.execute(query, (source,)).fetchone()
        return tuple(Recognised(*line) for line in _loaded(row[0], list)) if row else ()

    def document(self, source: str) -> Document:
        """A document as it was put; there must be one."""
        query = "SELECT key, text, encoding, sha256, metadata FROM documents WHERE source = ?"
        key, text, encoding, sha256, metadata = self.db.execute(query, (source,)).fetchone()
        blocks = self.db.execute(
            'SELECT start, "end", heading, page, kind, context FROM locations'
            " JOIN paragraphs ON paragraphs.key = paragraph WHERE document = ? ORDER BY position",
            (key,),
        )
        made = tuple(Block(start, end, tuple(_loaded(heading, list)), *rest) for start, end, heading, *rest in blocks)
        about = Metadata(**_loaded(metadata, dict))
        recognised = self.recognised(source)
        read = (_decompressed(text), made, about, encoding, (), recognised)
        return Document(*read, source=source, sha256=sha256)

    def document_paragraphs(self, source: str) -> list[int]:
        """Keys of a document's paragraphs, in order."""
        rows = self.db.execute(
            "SELECT paragraph FROM locations JOIN documents ON documents.key = document"
            " WHERE source = ? ORDER BY position",
            (source,),
        )
        return [int(row[0]) for row in rows]

    # --- paragraphs -------------------------------------------------------------------------------------------

    def paragraphs(self, keys: Sequence[int], source: str | Sequence[str] = "*") -> dict[int, Paragraph]:
        """Paragraphs by key, placed in the first document whose source matches, if one does; a gone key is left out."""
        rows = self.db.execute(
            "SELECT paragraph, content, paragraphs.id, paragraphs.text, heading, kind, context, source, start, "
            "\"end\", page, metadata, CASE WHEN passages > 1 THEN head ELSE '' END"
            " FROM locations JOIN documents ON documents.key = document JOIN paragraphs ON paragraphs.key = paragraph"
            " WHERE paragraph IN (SELECT value FROM json_each(?))"  # one parameter: SQLite bounds their number
            # Whatever came first: the same from any history.
            " ORDER BY paragraph, NOT EXISTS (SELECT 1 FROM json_each(?) WHERE source GLOB value), source, position",
            (json.dumps(list(keys)), _patterns(source)),
        )
        found: dict[int, Paragraph] = {}
        for key, places in groupby(rows, key=lambda row: int(row[0])):
            (_, content, name, text, heading, kind, context, *place, metadata, head), *others = places
            # SQLite's pages have no checksums: what was altered on disk is never shown as the source's words. A bit
            # is enough to make a number or NULL of a text.
            parts = (text, heading, kind, context)
            if not all(isinstance(part, str) for part in parts) or digest(*parts) != content:
                raise damaged()
            also, own = tuple(Location(*other[7:11]) for other in others), _loaded(metadata, dict)
            where, start, end, page = place
            above, of = tuple(_loaded(heading, list)), (own.get("title"), bool(own.get("superseded")), head)
            found[key] = Paragraph(name, text, above, where, start, end, page, also, kind, context, *of)
        return found

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

    # --- passages ---------------------------------------------------------------------------------------------

    def passage_keys(self, source: str | Sequence[str]) -> set[int]:
        """Keys of the passages of every document whose source matches a pattern (`*`, `?`, `[...]`)."""
        query = (
            "SELECT passages.key FROM passages JOIN documents ON documents.key = document"
            " WHERE EXISTS (SELECT 1 FROM json_each(?) WHERE source GLOB value)"
        )
        return {int(row[0]) for row in self.db.execute(query, (_patterns(source),))}

    def passages_of(self, sources: Collection[str]) -> set[int]:
        """Keys of the passages of these documents."""
        query = (
            "SELECT passages.key FROM documents JOIN passages ON document = documents.key"
            " WHERE source IN (SELECT value FROM json_each(?))"
        )
        return {int(row[0]) for row in self.db.execute(query, (json.dumps(list(sources)),))}

    def sources_of(self, keys: Collection[int]) -> dict[int, str]:
        """Source of each passage's document; a passage that is gone is left out."""
        query = (
            "SELECT passages.key, source FROM passages JOIN documents ON documents.key = document"
            " WHERE passages.key IN (SELECT value FROM json_each(?))"
        )
        return dict(self.db.execute(query, (json.dumps(list(keys)),)))

    def every_passage(self) -> set[int]:
        """Keys of all passages."""
        return {int(row[0]) for row in self.db.execute("SELECT key FROM passages")}

    def passage_paragraphs(
        self, keys: Sequence[int], source: str | Sequence[str] = "*"
    ) -> dict[int, tuple[Paragraph, ...]]:
        """The paragraphs of passages that a segment has, in order, placed in documents that match a pattern.

        Raises LibraryError where one is not what it was cut as: its key, made from its content, does not fit.
        """
        rows = self.db.execute(
            "SELECT passages.key, source, CASE WHEN passages > 1 THEN head ELSE '' END, paragraph"
            " FROM passages JOIN documents ON documents.key = passages.document"
            " JOIN locations ON locations.document = passages.document AND position BETWEEN first AND last"
            " WHERE passages.key IN (SELECT value FROM json_each(?)) ORDER BY passages.key, position",
            (json.dumps(list(keys)),),
        ).fetchall()
        known = self.paragraphs([paragraph for *_, paragraph in rows], source)
        found: dict[int, tuple[Paragraph, ...]] = {}
        for (key, name, head), inside in groupby(rows, key=lambda row: row[:3]):
            paragraphs = tuple(known[paragraph] for *_, paragraph in inside if paragraph in known)
            contexts = [(*one.heading, *filter(None, (one.context,))) for one in paragraphs]
            # SQLite's pages have no checksums; here a row that is gone, or points elsewhere, shows.
            if not is_key(key, content_of(name, [one.text for one in paragraphs], contexts, head)):
                raise damaged()
            found[key] = paragraphs
        if len(found) < len(set(keys)):
            raise damaged()
        return found

    def passages(self, keys: Collection[int]) -> Iterator[Passage]:
        """Passages by key, as they are searched; one that is gone is left out."""
        rows = self.db.execute(
            "SELECT passages.key, CASE WHEN documents.passages > 1 THEN head ELSE '' END, paragraphs.text, heading,"
            " context FROM passages JOIN documents ON documents.key = passages.document"
            " JOIN locations ON locations.document = passages.document AND position BETWEEN first AND last"
            " JOIN paragraphs ON paragraphs.key = paragraph WHERE passages.key IN (SELECT value FROM json_each(?))"
            " ORDER BY passages.key, position",
            (json.dumps(list(keys)),),
        )
        for (key, head), inside in groupby(rows, key=lambda row: (int(row[0]), row[1])):
            parts = [
                (text, (*_loaded(heading, list), *filter(None, (context,)))) for _, _, text, heading, context in inside
            ]
            yield Passage(key, tuple(text for text, _ in parts), tuple(context for _, context in parts), head)


def _patterns(source: str | Sequence[str]) -> str:
    return json.dumps([source] if isinstance(source, str) else list(source))


def digest(*parts: str) -> bytes:
    """The first half of a sha256: 16 bytes."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", errors="surrogatepass")).digest()[:16]


def damaged() -> LibraryError:
    """What is raised where SQLite gives back what was not written."""
    return LibraryError(
        "The library's SQLite file is damaged; bring it back with: footnote restore FILE, or index its documents into "
        "a new library with: footnote index PATH --library FOLDER"
    )


def _loaded(text: str, kind: type[T]) -> T:
    try:
        found = json.loads(text)
    except (ValueError, TypeError):  # NULL, where zeros took the place of a row
        raise damaged() from None
    if not isinstance(found, kind):
        raise damaged()
    return found


def _decompressed(text: bytes) -> str:
    try:
        return zlib.decompress(text).decode("utf-8", errors="surrogatepass")
    except (zlib.error, UnicodeDecodeError, TypeError):
        raise damaged() from None
