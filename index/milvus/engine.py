"""A library in Milvus: documents, text, words and vectors live there, and any number of servers read and write them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from index.embedders import Embedder
from index.errors import LibraryLockedError, LibraryMissingError
from index.milvus.records import MilvusRecords
from index.milvus.structures import MilvusStructures
from index.milvus.tables import Address, Tables, chunks_of
from index.milvus.writer import MilvusWriter

_LEFT = 600
"""Seconds without a sign of life after which a writer is taken to be gone."""


class MilvusEngine:
    """One library, a database of a Milvus server or cluster; see `index.engine.Engine`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.records = MilvusRecords(tables)

    @property
    def where(self) -> str:
        """See `Engine.where`."""
        return self._tables.address.text

    @property
    def kind(self) -> str:
        """See `Engine.kind`."""
        return "Milvus, AUTOINDEX"

    @classmethod
    def open(cls, address: str, *, create: bool = False) -> Self:
        """Open the library at `milvus://host:port/library`; with `create`, make it when there is none.

        Raises InputError for an address that is none or without pymilvus, LibraryError when Milvus cannot be reached,
        LibraryMissingError.
        """
        tables = Tables(Address(address))
        if not tables.exists():
            if not create:
                raise LibraryMissingError(
                    f"There is no library at {address}; make one with: footnote index PATH --engine {address}"
                )
            tables.make()
        return cls(tables)

    @contextmanager
    def writing(self, embedder: Embedder) -> Iterator[MilvusWriter]:
        """See `Engine.writing`."""
        with self._locked() as alive:
            self._tables.make_collections(chunks_of(embedder), embedder.dim)
            yield MilvusWriter(self._tables, embedder, alive)

    @contextmanager
    def _locked(self) -> Iterator[Callable[[], None]]:
        """The one writer's turn; what is given is called while one writes, so that others know."""
        tables, owner = self._tables, f"w{uuid.uuid4().hex}"
        if not tables.lock(owner):
            if time.time() - float(tables.meta().get("writer_seen", 0)) < _LEFT:
                raise LibraryLockedError(
                    f"Another process is writing to the library in {self.where}; wait until it is done."
                )
            tables.unlock()  # it was killed: what it left is mended by the next writer
            if not tables.lock(owner):
                raise LibraryLockedError(
                    f"Another process began to write to the library in {self.where}; wait until it is done."
                )

        def alive() -> None:
            tables.set_meta({"writer_seen": time.time()})

        alive()
        try:
            yield alive
        finally:
            tables.unlock()

    def structures(self, embedder: Embedder) -> MilvusStructures:
        """See `Engine.structures`."""
        return MilvusStructures(self._tables, embedder)

    def renewed(self) -> bool:
        """See `Engine.renewed`: a library made anew has another generation, which readers notice anyway."""
        return False

    def close(self) -> None:
        """Close the connection."""
        self._tables.client.close()
