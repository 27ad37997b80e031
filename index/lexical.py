"""The lexical half of the index: BM25 over our own terms, kept by tantivy. Derived from SQLite, never the truth."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

import tantivy

from index.errors import LibraryError
from index.passages import Passage
from index.pinyin import exonyms, names, pairs
from index.words import query_words, words

_HEAP_BYTES = 50_000_000
_FIELDS = ("body", "heading", "head")
_HEADING_BOOST = 0.5
"""A heading counts, but less than the words of the paragraph itself."""
_HEAD_BOOST = 2.0
"""The document's head is searched for what a passage itself lacks: each word counts where it scores higher, never in
both, so that a passage which names its subject gains nothing over one that leaves it to the head."""
_K1 = 1.2
"""Tantivy's BM25 parameter; its b is .75 (Robertson and Zaragoza 2009, doi 10.1561/1500000019)."""
_TIES = 16
"""Hits fetched beyond k at first, so that ties at the cut-off are seen and broken by key."""
_DIGITS = 4
"""Decimals of a score: equal paragraphs may differ in the last bits, by the order in which their terms were added."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    for field in _FIELDS:  # the text is cut into terms by `words`; tantivy only splits at the spaces
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class LexicalIndex:
    """Paragraph keys by their words. `folder` None keeps it in memory. One writer; readers need no lock.

    BM25 with k1 1.2 and b .75 (Robertson and Zaragoza 2009, doi 10.1561/1500000019), as tantivy has it. Every method
    raises LibraryError when the folder turns out to be damaged: it holds nothing that cannot be built again.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._committed = 0
        self._writer: tantivy.IndexWriter | None = None
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(folder) if folder else None, reuse=True)
            self.reload()
        except (ValueError, OSError) as error:
            raise self._damaged(error) from None

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    # --- writing ----------------------------------------------------------------------------------------------

    def add(self, items: Iterable[Passage]) -> None:
        """Add passages. They are found after `commit`."""
        writer = self._open_writer()
        for passage in items:
            document = tantivy.Document()
            document.add_unsigned("key", passage.key)
            document.add_text("body", " ".join(words(passage.text)))
            document.add_text("heading", " ".join(words(passage.context)))
            document.add_text("head", " ".join(words(passage.head)))
            writer.add_document(document)

    def remove(self, keys: Iterable[int]) -> None:
        """Remove paragraphs, before the next `commit`; unknown keys are ignored."""
        for key in keys:  # by query: a delete by term writes the number as a signed one and matches nothing
            query = tantivy.Query.term_query(self._index.schema, "key", key)
            self._open_writer().delete_documents_by_query(query)

    def commit(self) -> int:
        """Make the changes visible and durable; the number of this state (see `opstamp`)."""
        self._committed = int(self._open_writer().commit())
        self.reload()
        return self._committed

    @property
    def opstamp(self) -> int:
        """Number of the last committed state, in the folder or in memory; 0 when nothing was ever committed."""
        if self._folder is None:
            return self._committed
        try:
            return int(json.loads((self._folder / "meta.json").read_bytes())["opstamp"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(error) from None

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

    def spellings(self, question: str) -> list[str]:
        """What the question's names in Latin letters may be written with in these paragraphs: Putuo -> 普陀."""
        known = [term for chinese in exonyms(question) for term in query_words(chinese) if self.holds(term)]
        return known + [pair for name in names(question) for pair in pairs(name, cache(self.holds))]

    def search(self, terms: Sequence[str], k: int, keys: Collection[int] | None = None) -> list[tuple[int, float]]:
        """The best k (key, BM25 score), best first, ties by key; only among `keys` when given.

        A term that is given twice counts twice. Terms that no paragraph holds cost and change nothing.
        """
        if not terms or k <= 0 or (keys is not None and not keys):
            return []
        query, limit = self._query(terms, keys), k + _TIES
        while True:
            pairs = self._best(query, limit)
            if len(pairs) < limit or pairs[-1][1] < pairs[k - 1][1]:
                return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]
            limit *= 4  # all beyond k score the same: the one with the lowest key may still be out of sight

    def _query(self, terms: Sequence[str], keys: Collection[int] | None) -> tantivy.Query:
        """Built from parts rather than parsed: nothing in a question is query syntax."""
        schema, should = self._index.schema, tantivy.Occur.Should
        clauses: list[tuple[tantivy.Occur, tantivy.Query]] = []
        for term in terms:
            body, heading, head = (tantivy.Query.term_query(schema, field, term, "freq") for field in _FIELDS)
            own = [(should, body), (should, tantivy.Query.boost_query(heading, _HEADING_BOOST))]
            ways = [tantivy.Query.boolean_query(own), tantivy.Query.boost_query(head, _HEAD_BOOST)]
            clauses.append((should, tantivy.Query.disjunction_max_query(ways)))
        query = tantivy.Query.boolean_query(clauses)
        if keys is None:
            return query
        among = tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema, "key", list(keys)), 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, among)])

    def _best(self, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
        """The first `limit` hits, best first, ties in no particular order."""
        try:
            found = self._searcher.search(query, limit, count=False).hits
            keys = self._searcher.fast_field_values("key", [address for _, address in found])
        except (ValueError, OSError) as error:
            raise self._damaged(error) from None
        return [(int(key or 0), round(float(score), _DIGITS)) for key, (score, _) in zip(keys, found, strict=True)]

    def document_frequency(self, term: str) -> int:
        """How many passages hold the term in their text (those removed since the last merge included)."""
        return self._frequency("body", term)

    def _frequency(self, field: str, term: str) -> int:
        try:
            return int(self._searcher.doc_freq(field, term))
        except (ValueError, OSError) as error:
            raise self._damaged(error) from None

    def holds(self, term: str) -> bool:
        """Whether any passage, heading or head of a document has the term."""
        return any(self._frequency(field, term) > 0 for field in _FIELDS)

    def ceiling(self, terms: Sequence[str]) -> float:
        """What a paragraph could score at most for these terms; words that no paragraph holds count too."""
        n = max(len(self), 1)
        frequencies = (min(self.document_frequency(term), n) for term in terms)
        return sum((_K1 + 1) * math.log(1 + (n - df + 0.5) / (df + 0.5)) for df in frequencies)

    def _damaged(self, error: Exception) -> LibraryError:
        return LibraryError(f"The lexical index in {self._folder} cannot be read: {error}")
