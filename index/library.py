"""A library: a folder with SQLite as the truth, and FAISS and tantivy derived from it.

Order of a write, so that no crash loses or mixes anything: new paragraphs go to tantivy first, then SQLite commits,
then FAISS is saved. Tantivy may therefore hold more than SQLite, and FAISS less: what SQLite does not know is
dropped from every result, what FAISS lacks is added from SQLite.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from index import manifest
from index.embedders import Embedder, open_embedder
from index.embedding import embed
from index.errors import InputError, LibraryError, LibraryLockedError, LibraryMismatchError, LibraryMissingError
from index.lexical import LexicalIndex
from index.question import Question
from index.reading.files import LIBRARY_FILE, Skipped, discover, read
from index.records import Document, Hit, Paragraph
from index.schema import SCHEMA
from index.search import Searcher
from index.source_names import SourceNames
from index.store import Store
from index.vectors import VectorIndex

_BATCH_PARAGRAPHS = 2000
"""Paragraphs per commit: what a kill can cost, and what a commit is worth."""
_TAIL = 1000
"""Vectors that readers may add from SQLite on opening before the FAISS file is written anew."""


@dataclass(slots=True)
class Report:
    """What one indexing run did."""

    indexed: list[str] = field(default_factory=list)
    """Sources that are new or changed."""
    unchanged: list[str] = field(default_factory=list)
    """Sources whose bytes are as before."""
    removed: list[str] = field(default_factory=list)
    """Sources that vanished from disk and were removed."""
    skipped: list[Skipped] = field(default_factory=list)
    """What was not indexed, with the reason."""
    encodings: dict[str, str] = field(default_factory=dict)
    """Encoding decided for each indexed source."""
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What was lost in reading an indexed source, one sentence each; sources without a loss are left out."""
    paragraphs: int = 0
    """Paragraphs that are new."""
    embedded: int = 0
    """Texts that were embedded; content seen before is not."""


Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the file at hand."""


class Library:
    """Open one with `Library.open`; close it, or use it in a `with` statement."""

    def __init__(self, folder: Path, store: Store, embedder: str | None) -> None:
        self.folder, self.store, self._embedder_name = folder, store, embedder
        self._searcher: Searcher | None = None

    @classmethod
    def open(cls, folder: Path | str, embedder: str | None = None, *, create: bool = False) -> Self:
        """Open the library in `folder`; with `create`, make it when there is none.

        `embedder` None means the one the library was made with. Raises LibraryMissingError, LibraryMismatchError, and
        InputError for a new library whose embedder cannot be had.
        """
        folder = Path(folder)
        file = folder / LIBRARY_FILE
        missing = LibraryMissingError(f"There is no library in {folder}; make one with: footnote index PATH")
        if not file.exists():
            if not create:
                raise missing
            open_embedder(embedder)  # before anything is made: a wrong name leaves no empty library behind
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
            raise LibraryError(
                f"{file} is not a usable library ({error}); copy it back from a backup, or move it away and index "
                "again with: footnote index PATH"
            ) from None
        if int(meta.get("schema", SCHEMA)) != SCHEMA:
            store.close()
            raise LibraryMismatchError(
                f"The library in {folder} was made by another version; index its documents into a new one, "
                "with: footnote index PATH --library FOLDER"
            )
        return cls(folder, store, embedder or meta.get("embedder"))

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model, loaded when first needed: listing needs none."""
        return open_embedder(self._embedder_name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release files."""
        if self._searcher:
            self._searcher.close()
        self.store.close()

    # --- writing ----------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path | str], *, prune: bool = False, progress: Progress | None = None) -> Report:
        """Index files and folders; unchanged ones are left alone. With `prune`, vanished files are removed.

        Never raises for a single bad file: it is named in the report and the rest goes on.
        """
        report = Report()
        files: list[Path] = []
        for item in discover([Path(p) for p in paths]):
            report.skipped.append(item) if isinstance(item, Skipped) else files.append(item)
        with self._writing() as words_index:
            manifest.check(self.store.meta(), self.embedder, self.folder)
            documents = self.store.documents()
            before = {str(d["source"]): str(d["sha256"]) for d in documents}
            names = SourceNames(self.folder, {str(d["path"]): str(d["source"]) for d in documents})
            batch: list[tuple[Document, Path]] = []
            for done, file in enumerate(files):
                if progress:
                    progress(done, len(files), file.name)
                source = names.name(file)
                try:
                    document = read(file, source)
                except InputError as error:
                    report.skipped.append(Skipped(str(file), str(error)))
                    continue
                if before.get(source) == document.sha256:
                    report.unchanged.append(source)
                    continue
                batch.append((document, file))
                if sum(len(d.blocks) for d, _ in batch) >= _BATCH_PARAGRAPHS:
                    self._write(words_index, batch, report)
                    batch = []
            self._write(words_index, batch, report, self._vanished() if prune else [])
            if progress:
                progress(len(files), len(files), "")
        return report

    def _vanished(self) -> list[str]:
        return [str(d["source"]) for d in self.store.documents() if not Path(str(d["path"])).exists()]

    def remove(self, source: str) -> None:
        """Remove one document. Raises InputError when the library does not hold it."""
        with self._writing() as words_index:
            if source not in {d["source"] for d in self.store.documents()}:
                raise InputError(f"The library holds no document {source!r}; see: footnote list")
            self._write(words_index, [], Report(), [source])

    def reembed(self) -> int:
        """Chunk, embed and cut into words every paragraph anew, with this library's embedder; the texts embedded."""
        with self._writing() as words_index:
            self.store.begin()
            try:
                self.store.drop_vectors()
                keys = [passage.key for passage in self.store.passages()]
                embedded = embed(self.store, self.embedder, keys)
                words_index.remove(keys)
                words_index.add(self.store.passages())
                self.store.set_meta(**manifest.entries(self.embedder), words_opstamp=words_index.commit())
                self.store.commit()
            except BaseException:
                self.store.rollback()
                raise
            self._save_vectors(force=True)
        return embedded

    def _write(
        self, words_index: LexicalIndex, batch: list[tuple[Document, Path]], report: Report, gone: Sequence[str] = ()
    ) -> None:
        """One commit: documents in, vanished ones out."""
        if not batch and not gone:
            return
        self.store.begin()
        try:
            fresh: list[int] = []
            for document, file in batch:
                new, keys = self.store.put_document(document, str(file.resolve()))
                report.paragraphs += new
                fresh += keys
            for source in gone:
                self.store.remove_document(source)
            report.embedded += embed(self.store, self.embedder, fresh)
            self.store.collect_vectors()
            words_index.remove(int(row[0]) for row in self.store.db.execute("SELECT passage FROM dead"))
            words_index.add(self.store.passages(fresh))
            self.store.db.execute("DELETE FROM dead")
            self.store.set_meta(**manifest.entries(self.embedder), words_opstamp=words_index.commit())
            self.store.commit()
        except BaseException:
            self.store.rollback()
            raise
        self._save_vectors()
        report.indexed += [document.source for document, _ in batch]
        report.encodings |= {document.source: document.encoding for document, _ in batch if document.encoding}
        report.notes |= {document.source: document.notes for document, _ in batch if document.notes}
        report.removed += gone

    @contextmanager
    def _writing(self) -> Iterator[LexicalIndex]:
        """The one writer's turn, with the lexical index mended if a former writer was cut off."""
        from filelock import FileLock, Timeout  # brings asyncio: only to write

        lock = FileLock(self.folder / "write.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise LibraryLockedError(
                f"Another process is writing to the library in {self.folder}; wait until it is done."
            ) from None
        except OSError as error:
            raise LibraryError(f"The library in {self.folder} cannot be written ({error.strerror}).") from None
        if self._searcher:
            self._searcher.close()
            self._searcher = None
        try:
            words_index = open_words(self.folder, self.store, mend=True)
            try:
                yield words_index
            finally:
                words_index.close()
        finally:
            lock.release()

    def _save_vectors(self, *, force: bool = False) -> None:
        """Write the FAISS file anew once readers would have to add much from SQLite."""
        file = self.folder / "vectors.faiss"
        if file.exists() and not force:
            covered = int(self.store.meta().get("vectors_upto", 0))
            tail = self.store.db.execute("SELECT count(*) FROM chunks WHERE key > ?", (covered,)).fetchone()[0]
            if tail <= max(_TAIL, self.store.count("chunks") // 10):
                return
        vectors = VectorIndex(self.embedder.dim)
        vectors.add(*self.store.chunk_vectors(0, self.embedder.dim))
        vectors.save(file)
        self.store.set_meta(vectors_upto=vectors.last_key)

    # --- reading ----------------------------------------------------------------------------------------------

    def search(self, question: Question | str, k: int = 5, *, source: str | Sequence[str] | None = None) -> list[Hit]:
        """The best k paragraphs, best first, of documents that match `source` (`reports/*.txt`) or one of several."""
        return self.searcher.search(Question.of(question, self.embedder), k, source=source)

    @property
    def searcher(self) -> Searcher:
        """The search structures, opened when first needed; a newer generation is held against the manifest first."""
        if self._searcher is None or self._searcher.stale:
            manifest.check(self.store.meta(), self.embedder, self.folder)
        if self._searcher is None:
            self._searcher = Searcher(self.folder, self.store, self.embedder)
        return self._searcher

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """The paragraph with this id. Raises InputError when there is none."""
        key = self.store.key_of(paragraph_id)
        if key is None:
            raise InputError(f"The library holds no paragraph {paragraph_id!r}; see: footnote show SOURCE")
        return self.store.paragraphs([key])[key]


def open_words(folder: Path, store: Store, *, mend: bool) -> LexicalIndex:
    """The lexical index that belongs to the store's state; with `mend` (the writer only) rebuilt when it does not."""
    path = folder / "words"
    expected = store.meta().get("words_opstamp")
    try:
        opened = LexicalIndex(path)
        if not mend or str(opened.opstamp) == expected:  # None: the first write was cut off, or there was none
            return opened
        opened.close()
    except LibraryError:
        if not mend:
            raise
    shutil.rmtree(path, ignore_errors=True)
    rebuilt = LexicalIndex(path)
    rebuilt.add(store.passages())
    store.set_meta(words_opstamp=rebuilt.commit())
    return rebuilt
