"""The engine on this machine: a folder with SQLite as the truth, and segments that are made from it.

A segment is saved before SQLite commits the write that lists it, and is never changed. So a kill leaves the former
state and a file that nothing lists; a reader that began before a commit goes on with what it opened.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index import manifest
from index.embedders import Embedder
from index.engine import MOST_HOLDERS, Candidates
from index.errors import InputError, LibraryError, LibraryLockedError, LibraryMismatchError, LibraryMissingError
from index.lexical import NAMED, Lexical
from index.local_writer import LocalWriter
from index.lookup import damaged
from index.question import Question
from index.reading.files import LIBRARY_FILE
from index.records import Paragraph
from index.schema import EARLIER, SCHEMA
from index.segments import SegmentFiles, Segments
from index.store import Store


class LocalEngine:
    """One library's folder. Open it with `LocalEngine.open`."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.records = folder, store
        self._file, self._segments = _identity(folder), SegmentFiles(folder)

    @property
    def where(self) -> str:
        """See `Engine.where`."""
        return str(self.folder)

    @property
    def kind(self) -> str:
        """See `Engine.kind`: every vector is compared."""
        return "exact"

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> Self:
        """Open the library in `folder`; with `create`, make it when there is none.

        Raises LibraryMissingError, LibraryMismatchError, LibraryError when the file is damaged, and InputError when the
        folder cannot be made.
        """
        file = folder / LIBRARY_FILE
        missing = LibraryMissingError(f"There is no library in {folder}; make one with: footnote index PATH")
        if not exists(folder):
            if not create:
                raise missing
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds the documents' text
            except OSError as error:
                raise InputError(f"The library folder {folder} cannot be made ({error.strerror}).") from None
        try:
            store = Store(file, create=create)
            if store.empty:
                store.close()
                raise missing
            meta = store.meta()
        except sqlite3.Error as error:
            raise unusable(folder, error) from None
        if (schema := meta.get("schema", str(SCHEMA))) != str(SCHEMA):
            store.close()
            raise _outdated(folder, schema)
        return cls(folder, store)

    @contextmanager
    def writing(self, embedder: Embedder) -> Iterator[LocalWriter]:
        """The one writer's turn, with segments made anew where they are missing or damaged."""
        with locked(self.folder):
            yield LocalWriter(self._segments, self.records, embedder)

    def structures(self, embedder: Embedder) -> LocalStructures:
        """See `Engine.structures`."""
        return LocalStructures(self._segments, self.records, embedder)

    def renewed(self) -> bool:
        """See `Engine.renewed`."""
        identity = _identity(self.folder)
        if identity is None:
            raise LibraryMissingError(f"The library in {self.folder} is gone; make it again: footnote index PATH")
        if identity == self._file:
            return False
        self.records.close()
        self.records, self._file = Store(self.folder / LIBRARY_FILE), identity
        return True

    def close(self) -> None:
        """Close the SQLite file."""
        self.records.close()


class LocalStructures:
    """The segments of a library's newest generation; see `Structures`."""

    def __init__(self, files: SegmentFiles, store: Store, embedder: Embedder) -> None:
        self._files, self._store, self._embedder = files, store, embedder
        self._generation = -1
        self._segments = Segments()
        with self.snapshot():
            pass

    def close(self) -> None:
        """Segments are closed when nothing uses them any more."""

    @property
    def words(self) -> Lexical:
        """See `Structures.words`."""
        return self._segments.words

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See `Structures.snapshot`."""
        while not self._begin():
            pass
        try:
            yield
        finally:
            self._store.rollback()

    def _begin(self) -> bool:
        """Begin to read the newest generation and open its segments; False when a newer one took their place."""
        store = self._store
        store.generation()  # may open the file anew, which ends a transaction
        store.db.execute("BEGIN")
        try:
            generation = store.generation()
            if generation != self._generation:
                manifest.check(store.meta(), self._embedder, self._files.folder)
                segments = Segments(self._files.load(store.segments()), store.dead())
                if len(segments.words) != store.count("passages"):  # a list that lost its rows would find nothing
                    raise damaged()
                self._segments, self._generation = segments, generation
            return True
        except LibraryError as error:
            store.rollback()
            if isinstance(error, LibraryMismatchError) or store.generation() == generation:
                raise
            return False
        except BaseException:
            store.rollback()
            raise

    def verify(self) -> None:
        """See `Structures.verify`."""
        with self.snapshot():
            found = self._files.load(self._store.segments())
            if found != self._segments.every:  # files were put in their place
                self._segments = Segments(found, self._store.dead())

    def candidates(
        self, question: Question, vector: NDArray[np.float32], most: int, source: str | Sequence[str] | None = None
    ) -> Candidates:
        """See `Structures.candidates`."""
        words, dense = self._segments.words, self._segments.dense
        keys = None if source is None else self._store.passage_keys(source)
        lexical = words.search(question.words, most, keys)
        named = words.search(words.spellings(*question.foreign_names), most, keys, NAMED)
        foreign = not question.cjk
        terms = question.translations if foreign in words.scripts else ()
        translated = words.search(terms, most, keys, cjk=foreign)
        # As many of either script: the question's own would crowd out the other.
        # Twice as many chunks as passages: some passages have several of the best.
        both = [pair for cjk in (False, True) for pair in dense.search(vector, 2 * most, cjk=cjk, keys=keys)[:most]]
        both.sort(key=lambda pair: (-pair[1], pair[0]))
        every = self._segments.described(list(dict.fromkeys(key for key, _ in (*lexical, *named, *translated, *both))))
        cjk_keys = {key for key, (_, cjk) in every.items() if cjk}
        tokens = {key: ids for key, (ids, _) in every.items()}
        return Candidates(lexical, named, translated, both, words.ceiling(question.words), cjk_keys, tokens)

    def holders(self, terms: Sequence[str]) -> list[Counter[str]]:
        """See `Structures.holders`."""
        keys = self._segments.words.holders(terms, MOST_HOLDERS)
        sources = self._store.sources_of({key for own in keys for key in own})
        return [Counter(sources[key] for key in own if key in sources) for own in keys]

    def passage_paragraphs(
        self, keys: Sequence[int], source: str | Sequence[str] = "*"
    ) -> dict[int, tuple[Paragraph, ...]]:
        """See `Structures.passage_paragraphs`."""
        return self._store.passage_paragraphs(keys, source)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The one writer's turn. Raises LibraryLockedError while somebody else writes, LibraryError when nobody can."""
    from filelock import FileLock, Timeout  # brings asyncio: only to write

    lock = FileLock(folder / "write.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise LibraryLockedError(
            f"Another process is writing to the library in {folder}; wait until it is done."
        ) from None
    except OSError as error:
        raise LibraryError(f"The library in {folder} cannot be written ({error.strerror}).") from None
    try:
        yield
    finally:
        lock.release()


def exists(folder: Path) -> bool:
    """Whether a library lies in this folder. Raises InputError for a name that no folder can have."""
    try:
        return (folder / LIBRARY_FILE).exists()
    except OSError as error:
        raise InputError(f"A library cannot lie in {folder} ({error.strerror}).") from None


def _outdated(folder: Path, schema: str) -> LibraryMismatchError:
    if schema in EARLIER:
        return LibraryMismatchError(
            f"The library in {folder} was made by an earlier version; bring it up to date with: "
            f"footnote index --reembed --library {folder}"
        )
    return LibraryMismatchError(
        f"The library in {folder} was made by another version (schema {schema[:20]!r}); use that one, or index its "
        "documents into a new library with: footnote index PATH --library FOLDER"
    )


def unusable(folder: Path, error: sqlite3.Error) -> LibraryError:
    """What SQLite reports, in a sentence; only a file that is damaged is one to be replaced."""
    if isinstance(error, sqlite3.OperationalError):
        return LibraryError(f"The library in {folder} cannot be opened ({error}); see that its files can be read.")
    return LibraryError(
        f"{folder / LIBRARY_FILE} is not a usable library ({error}); copy it back from a backup, or move it away and "
        "index again with: footnote index PATH"
    )


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = (folder / LIBRARY_FILE).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
