"""A library: documents go in, passages that answer a question come out. What keeps them is an `Engine`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from index import manifest
from index.embedders import Embedder, open_embedder
from index.engine import Engine, Records, Words, Writer
from index.errors import InputError
from index.local import LocalEngine, exists
from index.question import Question
from index.reading.files import Skipped, discover, read
from index.records import Document, Hit, Paragraph
from index.search import Searcher
from index.source_names import SourceNames

_BATCH_PARAGRAPHS = 2000
"""Paragraphs per commit: what a kill can cost, and what a commit is worth."""


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

    def __init__(self, folder: Path, engine: Engine, embedder: str | None) -> None:
        self.folder, self.engine, self._embedder_name = folder, engine, embedder
        self._searcher: Searcher | None = None

    @classmethod
    def open(
        cls, folder: Path | str, embedder: str | None = None, *, create: bool = False, engine: str | None = None
    ) -> Self:
        """Open the library in `folder`, or at an `engine`'s address; with `create`, make it when there is none.

        `embedder` None means the one the library was made with. Raises LibraryMissingError, LibraryMismatchError, and
        InputError for a new library whose embedder cannot be had.
        """
        folder = Path(folder)
        if create and not (engine or exists(folder)):
            open_embedder(embedder)  # before anything is made: a wrong name leaves no empty library behind
        opened = _open_engine(folder, engine, create=create)
        return cls(folder, opened, embedder or opened.records.meta().get("embedder"))

    @property
    def store(self) -> Records:
        """What was indexed, for reading."""
        return self.engine.records

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
        self._close_searcher()
        self.engine.close()

    def _close_searcher(self) -> None:
        if self._searcher:
            self._searcher.close()
            self._searcher = None

    # --- writing ----------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path | str], *, prune: bool = False, progress: Progress | None = None) -> Report:
        """Index files and folders; unchanged ones are left alone. With `prune`, vanished files are removed.

        Never raises for a single bad file: it is named in the report and the rest goes on.
        """
        report = Report()
        files: list[Path] = []
        for item in discover([Path(p) for p in paths]):
            report.skipped.append(item) if isinstance(item, Skipped) else files.append(item)
        with self._writing() as writer:
            manifest.check(self.store.meta(), self.embedder, self.engine.where)  # vectors of two models never meet
            documents = self.store.documents()
            before = {str(d["source"]): str(d["sha256"]) for d in documents}
            names = SourceNames(self.folder, {str(d["path"]): str(d["source"]) for d in documents})
            batch: list[tuple[Document, Path]] = []
            paragraphs = 0
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
                paragraphs += len(document.blocks)
                if paragraphs >= _BATCH_PARAGRAPHS:
                    self._write(writer, batch, report)
                    batch, paragraphs = [], 0
            self._write(writer, batch, report, self._vanished() if prune else [])
            if progress:
                progress(len(files), len(files), "")
        return report

    def _vanished(self) -> list[str]:
        return [str(d["source"]) for d in self.store.documents() if not Path(str(d["path"])).exists()]

    def remove(self, source: str) -> None:
        """Remove one document. Raises InputError when the library does not hold it."""
        with self._writing() as writer:
            if source not in {d["source"] for d in self.store.documents()}:
                raise InputError(f"The library holds no document {source!r}; see: footnote list")
            writer.write([], [source])

    def reembed(self) -> int:
        """Chunk, embed and cut into words every paragraph anew, with this library's embedder; the texts embedded."""
        with self._writing() as writer:
            return writer.reembed()

    def _write(
        self, writer: Writer, batch: list[tuple[Document, Path]], report: Report, gone: Sequence[str] = ()
    ) -> None:
        if not batch and not gone:
            return
        written = writer.write(batch, gone)
        report.paragraphs += written.paragraphs
        report.embedded += written.embedded
        report.indexed += [document.source for document, _ in batch]
        report.encodings |= {document.source: document.encoding for document, _ in batch if document.encoding}
        report.notes |= {document.source: document.notes for document, _ in batch if document.notes}
        report.removed += gone

    def _writing(self) -> AbstractContextManager[Writer]:
        self._close_searcher()
        return self.engine.writing(self.embedder)

    # --- reading ----------------------------------------------------------------------------------------------

    def search(self, question: Question | str, k: int = 5, *, source: str | Sequence[str] | None = None) -> list[Hit]:
        """The best k paragraphs, best first, of documents that match `source` (`reports/*.txt`) or one of several."""
        return self.searcher.search(Question.of(question, self.embedder), k, source=source)

    @property
    def words(self) -> Words:
        """How often terms occur."""
        return self.searcher.words

    def held(self, terms: Sequence[str]) -> list[int]:
        """Of each term, how many passages hold it; see `index.engine.Words`."""
        return self.searcher.held(terms) if terms else []

    def holders(self, terms: Sequence[str]) -> list[Counter[str]]:
        """Of each term, how many passages of each document have it, by source; see `index.engine.Structures`."""
        return self.searcher.holders(terms)

    @property
    def searcher(self) -> Searcher:
        """The search structures, opened when first needed."""
        if self._searcher is None:
            self._searcher = Searcher(self.engine.structures(self.embedder), self.embedder)
        return self._searcher

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """The paragraph with this id. Raises InputError when there is none."""
        key = self.store.key_of(paragraph_id)
        if key is None:
            raise InputError(f"The library holds no paragraph {paragraph_id!r}; see: footnote show SOURCE")
        return self.store.paragraphs([key])[key]


def _open_engine(folder: Path, address: str | None, *, create: bool) -> Engine:
    if address is None:
        return LocalEngine.open(folder, create=create)
    from index.milvus.engine import MilvusEngine

    return MilvusEngine.open(address, create=create)
