"""A library that several threads read: one at a time, always its newest state."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from index.engine import Engine
from index.library import Library
from index.question import Question
from index.records import Hit, Paragraph
from index.search import Searcher

T = TypeVar("T")


class SharedLibrary(Library):
    """A Library whose reading methods may be called from any thread. It is never written through."""

    def __init__(self, folder: Path, engine: Engine, embedder: str | None) -> None:
        super().__init__(folder, engine, embedder)
        self._lock = threading.RLock()

    def search(self, question: Question | str, k: int = 5, *, source: str | Sequence[str] | None = None) -> list[Hit]:
        """See Library.search."""
        with self._lock:
            self.check()
            return super().search(question, k, source=source)

    def held(self, terms: Sequence[str]) -> list[int]:
        """See Library.held."""
        with self._lock:
            self.check()
            return super().held(terms)

    def holders(self, terms: Sequence[str]) -> list[Counter[str]]:
        """See Library.holders."""
        with self._lock:
            return super().holders(terms)

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
            if self.engine.renewed():
                self._close_searcher()
            self.store.generation()

    def verify(self) -> None:
        """Raises LibraryError when a search would find the library missing, mismatched or damaged."""
        with self._lock:
            self.check()
            self.searcher.verify()
