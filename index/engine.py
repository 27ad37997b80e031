"""The seam to what keeps a library and proposes passages: `index.local`, files of this machine, or `index.milvus`.

What ranks (late interaction, fusion, matching) and what answers lies above it and is the same for every engine.
Keys of paragraphs and passages are the engine's own integers; they are never used twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.embedders import Embedder
from index.question import Question
from index.records import Document, Paragraph, Recognised
from index.static_model import Tokens

MOST_HOLDERS = 500
"""Passages up to which a term may be a name of their documents."""

Scored = list[tuple[int, float]]
"""Keys of passages with their scores, best first, ties by key."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one commit did."""

    paragraphs: int
    """Paragraphs that are new."""
    embedded: int
    """Texts that were embedded; content seen before is not."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that words and vectors propose for one question."""

    lexical: Scored
    """By BM25 over the question's words."""
    named: Scored
    """By BM25 over what its names in Latin letters may be written with in Chinese."""
    translated: Scored
    """By BM25 over what its words may be in another script (`index.translation`); passages in that one only."""
    dense: Scored
    """By cosine, as many in CJK scripts as in others."""
    ceiling: float
    """The BM25 that the question's words could reach."""
    cjk: set[int]
    """Those of all candidates that are in CJK scripts."""
    tokens: dict[int, Tokens]
    """Token ids of every candidate, its document's head first; empty arrays when the embedder has no table."""


class Records(Protocol):
    """What was indexed, for reading."""

    def meta(self) -> dict[str, str]:
        """The manifest: embedder, versions, generation."""

    def generation(self) -> int:
        """Counts the commits."""

    def documents(self) -> list[dict[str, object]]:
        """Every document: source, path, sha256, encoding, characters, paragraphs, its metadata; sorted by source."""

    def count(self, table: str) -> int:
        """How many "documents", "paragraphs" or "passages" there are."""

    def document_file(self, source: str) -> tuple[str, str] | None:
        """Path and SHA-256 of a document's file, as it was indexed; None when there is no such document."""

    def document_text(self, source: str) -> str | None:
        """The text that its reader made of a document; None when there is no such document."""

    def recognised(self, source: str) -> tuple[Recognised, ...]:
        """The lines of a document's pages that are pictures; empty for others, and where they were not kept."""

    def document_paragraphs(self, source: str) -> list[int]:
        """Keys of a document's paragraphs, in order; empty when there is no such document."""

    def paragraphs(self, keys: Sequence[int], source: str | Sequence[str] = "*") -> dict[int, Paragraph]:
        """Paragraphs by key; a key that is gone is left out.

        One that stands in several documents is placed in the first whose source matches a pattern `source`.
        """

    def neighbours(self, key: int) -> tuple[int | None, int | None]:
        """Keys of the paragraphs before and after this one; None at either end."""

    def key_of(self, paragraph_id: str) -> int | None:
        """Key of the paragraph with this id."""


class Words(Protocol):
    """How often terms occur; `len` is the number of passages."""

    def __len__(self) -> int: ...

    def document_frequency(self, term: str) -> int:
        """How many passages hold the term in their text."""

    def held(self, terms: Sequence[str]) -> list[int]:
        """Of each term, how many passages hold it in the field (text, headings, document's head) where most do."""


class Structures(Protocol):
    """What proposes passages; opened once and kept level with the newest generation."""

    @property
    def words(self) -> Words:
        """How often terms occur."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Take up the newest generation; whatever is asked inside is answered from this one."""

    def candidates(
        self, question: Question, vector: NDArray[np.float32], most: int, source: str | Sequence[str] | None = None
    ) -> Candidates:
        """Up to `most` passages of each way to search, those of sources that match a pattern `source`.

        `vector` is the question's, float32, shape (dim,). Ask inside a `snapshot`.
        """

    def holders(self, terms: Sequence[str]) -> list[Counter[str]]:
        """Of each term, how many passages of each document have it, by source; empty where over MOST_HOLDERS have it.

        In the text, in what governs it or in the document's head. Ask inside a `snapshot`.
        """

    def verify(self) -> None:
        """Raises LibraryError when what is searched is missing or damaged, and can be made anew."""

    def passage_paragraphs(
        self, keys: Sequence[int], source: str | Sequence[str] = "*"
    ) -> dict[int, tuple[Paragraph, ...]]:
        """The paragraphs of passages, in order, placed as by `Records.paragraphs`; one that is gone is left out.

        Raises LibraryError where that can only be damage.
        """

    def close(self) -> None:
        """Release files and connections."""


class Writer(Protocol):
    """The one writer's turn."""

    def write(self, batch: Sequence[tuple[Document, Path]], gone: Sequence[str]) -> Written:
        """One commit: documents in, each in the place of its former version; sources that are gone, out."""

    def reembed(self) -> int:
        """Chunk, embed and cut into words every paragraph anew; how many texts were embedded."""


class Engine(Protocol):
    """Keeps one library."""

    @property
    def records(self) -> Records:
        """What was indexed."""

    @property
    def where(self) -> str:
        """Its folder or address, as messages name it."""

    @property
    def kind(self) -> str:
        """How vectors are searched: "exact"; or the kind of index."""

    def writing(self, embedder: Embedder) -> AbstractContextManager[Writer]:
        """The one writer's turn. Raises LibraryLockedError while somebody else writes."""

    def structures(self, embedder: Embedder) -> Structures:
        """The search structures, for vectors of this embedder."""

    def renewed(self) -> bool:
        """Whether the library was made anew in the same place, which is taken up: its structures must be opened again.

        Raises LibraryMissingError when it is gone.
        """

    def close(self) -> None:
        """Release files and connections."""
