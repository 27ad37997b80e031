"""How documents get into a library on this machine, and out of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from index import manifest
from index.embedders import Embedder
from index.embedding import segment_of
from index.engine import Written
from index.errors import LibraryError, LibraryMismatchError
from index.passages import Passage
from index.records import Document
from index.segment import Segment, alive_rows, merge
from index.segments import SegmentFiles, file_of, to_merge
from index.store import Store

_AT_A_TIME = 4000
"""Paragraphs of documents that are embedded anew, or passages that become a segment, at once: it bounds the memory."""


class LocalWriter:
    """Writes to SQLite and to segments; see `Writer`. Segments that are missing or damaged are made anew first."""

    def __init__(self, files: SegmentFiles, store: Store, embedder: Embedder) -> None:
        self._files, self._folder, self._store, self._embedder = files, files.folder, store, embedder
        self._segments: dict[int, Segment] = {}
        self._open()

    def write(self, batch: Sequence[tuple[Document, Path]], gone: Sequence[str]) -> Written:
        """See `Writer.write`."""
        with self._committing():
            return self._replace([(document, str(file.resolve())) for document, file in batch], gone)

    def reembed(self) -> int:
        """See `Writer.reembed`."""
        store, embedded = self._store, 0
        with self._committing():
            store.drop_segments(store.segments())
            store.forget_dead(store.dead())
            self._segments = {}
            documents = store.documents()
            paths = {str(d["source"]): str(d["path"]) for d in documents}
            for sources in _portions([(str(d["source"]), int(str(d["paragraphs"]))) for d in documents]):
                batch = [(store.document(source), paths[source]) for source in sources]
                embedded += self._replace(batch, anew=True).embedded
        return embedded

    def _open(self) -> None:
        store, damaged = self._store, []
        for number, checksum in store.segments().items():
            try:
                self._segments[number] = self._files.open(number, checksum)
            except LibraryError:
                damaged.append(number)
        if not damaged:
            return
        try:
            manifest.check(store.meta(), self._embedder, self._folder)
        except LibraryMismatchError:  # all of them are about to be made anew, or nothing is
            return
        held = {int(key) for segment in self._segments.values() for key in segment.keys}
        with self._committing():
            store.drop_segments(damaged)
            store.forget_dead(store.dead() - held)
            self._put(list(store.passages(store.every_passage() - held)))

    @contextmanager
    def _committing(self) -> Iterator[None]:
        former = dict(self._segments)
        self._store.begin()
        try:
            yield
            self._store.set_meta(**manifest.entries(self._embedder))
            self._store.commit()
        except BaseException as error:
            self._store.rollback()
            self._segments = former
            if isinstance(error, (OSError, sqlite3.OperationalError)):
                reason = getattr(error, "strerror", None) or error
                raise LibraryError(
                    f"The library in {self._folder} cannot be written ({reason}); what was in it before is still there."
                ) from None
            raise
        finally:
            self._files.sweep(self._store.segments())

    def _replace(
        self, batch: Sequence[tuple[Document, str]], gone: Sequence[str] = (), *, anew: bool = False
    ) -> Written:
        """Documents in, with their paths, and others out; `anew` when no segment holds what was there before."""
        store, sources = self._store, [*(document.source for document, _ in batch), *gone]
        before: set[int] = set() if anew else store.passages_of(sources)
        paragraphs, cut = 0, dict[int, Passage]()
        for document, path in batch:
            new, passages = store.put_document(document, path)
            paragraphs += new
            cut |= {passage.key: passage for passage in passages}
        for source in gone:
            store.remove_document(source)
        now = store.passages_of(sources)
        store.bury(before - now)
        # Keys come from the content: a passage that was removed and is back may still be in a segment.
        revived = (now - before) & store.dead()
        store.forget_dead(revived)
        return Written(paragraphs, self._put([cut[key] for key in sorted(now - before - revived)]))

    def _put(self, passages: Sequence[Passage]) -> int:
        """New segments for new passages, and one for several where they are many; how many texts were embedded."""
        embedded = 0
        for first in range(0, len(passages), _AT_A_TIME):
            portion = passages[first : first + _AT_A_TIME]
            segment, new = segment_of(portion, self._embedder, list(self._segments.values()))
            embedded += new
            self._save(segment)
            self._merge()
        self._merge()  # where nothing came in: segments may have lost over half
        return embedded

    def _save(self, segment: Segment) -> None:
        number = self._store.new_segment()
        file = file_of(self._folder, number)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        checksum = segment.save(file)
        self._store.set_checksum(number, checksum)
        self._segments[number] = self._files.open(number, checksum)  # mapped: a long run holds none in memory

    def _merge(self) -> None:
        while numbers := to_merge(self._sizes(dead := self._store.dead())):
            merged = [self._segments.pop(number) for number in numbers]
            self._files.forget(numbers)
            self._store.drop_segments(numbers)
            self._store.forget_dead(dead & {int(key) for segment in merged for key in segment.keys})
            one = merge(merged, dead)
            if len(one):
                self._save(one)

    def _sizes(self, dead: Collection[int]) -> dict[int, tuple[int, int]]:
        return {n: (len(one), int(alive_rows(one.keys, dead).sum())) for n, one in self._segments.items()}


def _portions(sized: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    """Sources in order, as many together as hold _AT_A_TIME paragraphs."""
    portion: list[str] = []
    held = 0
    for source, size in sized:
        portion.append(source)
        held += size
        if held >= _AT_A_TIME:
            yield portion
            portion, held = [], 0
    if portion:
        yield portion
