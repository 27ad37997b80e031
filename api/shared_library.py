"""A library that several threads read: one at a time, always its newest state."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from index.errors import LibraryMissingError
from index.library import Library
from index.question import Question
from index.reading.files import LIBRARY_FILE
from index.records import Hit, Paragraph
from index.search import Searcher
from index.store import Store

T = TypeVar("T")


class SharedLibrary(Library):
    """A Library whose reading methods may be called from any thread. It is never written through."""

    def __init__(self, folder: Path, store: Store, embedder: str | None) -> None:
        super().__init__(folder, store, embedder)
        self._lock = threading.RLock()
        self._file = _identity(folder)

    def search(self, question: Question | str, k: int = 5, *, source: str | Sequence[str] | None = None) -> list[Hit]:
        """See Library.search."""
        with self._lock:
            self.check()
            return super().search(question, k, source=source)

    @property
    def searcher(self) -> Searcher:
        """See Library.searcher."""
        with self._lock:
            return super().searcher

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """See Library.paragraph."""
        with self._lock:
            return super().paragraph(paragraph_id)

    def alone(self, work: Callable[[Library], T]) -> T:
        """Run `work` on the library while no other thread uses it."""
        with self._lock:
            self.check()
            return work(self)

    def check(self) -> None:
        """Take up a library that was made anew in the same place. Raises LibraryMissingError when it is gone."""
        with self._lock:
            identity = _identity(self.folder)
            if identity is None:
                raise LibraryMissingError(f"The library in {self.folder} is gone; make it again: footnote index PATH")
            if identity != self._file:
                if self._searcher:
                    self._searcher.close()
                    self._searcher = None
                self.store.close()
                self.store, self._file = Store(self.folder / LIBRARY_FILE), identity
            self.store.generation()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = (folder / LIBRARY_FILE).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
