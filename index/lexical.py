"""The lexical half of the index: BM25 over our own terms, kept by tantivy. Derived from SQLite, never the truth."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import tantivy

from index.errors import LibraryError
from index.words import words

_HEAP_BYTES = 50_000_000
_HEADING_BOOST = 0.5
"""A heading counts, but less than the words of the paragraph itself."""
_K1 = 1.2
"""Tantivy's BM25 parameter; b is .75 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework")."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    for field in ("body", "heading"):  # the text is cut into terms by `words`; tantivy only splits at the spaces
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class LexicalIndex:
    """Paragraph keys by their words. `folder` None keeps it in memory. One writer; readers need no lock."""

    def __init__(self, folder: Path | None) -> None:
        """Open or make it. Raises LibraryError when the folder holds something unreadable."""
        self._writer: tantivy.IndexWriter | None = None
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(folder) if folder else None, reuse=True)
            self.reload()
        except (ValueError, OSError) as error:
            raise LibraryError(f"The lexical index in {folder} cannot be read: {error}") from None

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    # --- writing ----------------------------------------------------------------------------------------------

    def add(self, items: Iterable[tuple[int, str, tuple[str, ...]]]) -> None:
        """Add paragraphs: (key, text, heading). They are found after `commit`."""
        writer = self._open_writer()
        for key, text, heading in items:
            document = tantivy.Document()
            document.add_unsigned("key", key)
            document.add_text("body", " ".join(words(text)))
            document.add_text("heading", " ".join(words("\n".join(heading))))
            writer.add_document(document)

    def remove(self, keys: Iterable[int]) -> None:
        """Remove paragraphs; unknown keys are ignored."""
        for key in keys:
            self._open_writer().delete_documents_by_term("key", key)

    def commit(self) -> int:
        """Make the changes visible and durable; the number of this state (see `opstamp`)."""
        opstamp = int(self._open_writer().commit())
        self.reload()
        return opstamp

    @property
    def opstamp(self) -> int:
        """Number of the last committed state; 0 for an empty index. For the writer only: it takes the write lock."""
        return int(self._open_writer().commit_opstamp)

    def close(self) -> None:
        """Give the write lock back, waiting for merges to end."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        return self._writer

    # --- reading ----------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Take up the last committed state."""
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, terms: Sequence[str], k: int, keys: Collection[int] | None = None) -> list[tuple[int, float]]:
        """The best k (key, BM25 score), best first, ties by key; only among `keys` when given."""
        if not terms or k <= 0 or (keys is not None and not keys):
            return []
        schema, should = self._index.schema, tantivy.Occur.Should
        clauses: list[tuple[tantivy.Occur, tantivy.Query]] = []
        for term in terms:
            clauses.append((should, tantivy.Query.term_query(schema, "body", term, "freq")))
            heading = tantivy.Query.term_query(schema, "heading", term, "freq")
            clauses.append((should, tantivy.Query.boost_query(heading, _HEADING_BOOST)))
        query = tantivy.Query.boolean_query(clauses)
        if keys is not None:
            among = tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema, "key", list(keys)), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, among)])
        found = self._searcher.search(query, k, count=False).hits
        values = self._searcher.fast_field_values("key", [address for _, address in found])
        pairs = [(int(key or 0), float(score)) for key, (score, _) in zip(values, found, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def document_frequency(self, term: str) -> int:
        """How many paragraphs hold the term in their text."""
        return int(self._searcher.doc_freq("body", term))

    def ceiling(self, terms: Sequence[str]) -> float:
        """What a paragraph could score at most for these terms; words that no paragraph holds count too."""
        n = max(len(self), 1)
        frequencies = (self.document_frequency(term) for term in terms)
        return sum((_K1 + 1) * math.log(1 + (n - df + 0.5) / (df + 0.5)) for df in frequencies)
