"""Questions for documents: "Which documents mention the harbour?" is answered by every document that does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.late_interaction import unit_rows
from index.library import Library
from index.records import Hit, Paragraph
from index.sentences import sentences
from index.static_model import StaticEmbedder
from index.words import query_words, words

_HELD = 0.8
"""Cosine from which a token is there in another form: hospital, hospitals."""

_SEARCHED = 100
"""Passages that are searched for mentions."""
MOST = 12
"""Documents that are quoted."""


def mentioning(library: Library, about: str, table: StaticEmbedder, source: str | Sequence[str] | None) -> list[Hit]:
    """The first paragraph of each document that mentions it, as hits; best documents first, no more than MOST."""
    found = [p for hit in library.search(about, _SEARCHED, source=source) for p in hit.paragraphs]
    first: dict[str, Paragraph] = {}
    for at, *_ in spans(about, found, table):
        first.setdefault(found[at].source, found[at])
    return [Hit(paragraph, 0.0, rank) for rank, paragraph in enumerate(list(first.values())[:MOST], start=1)]


def spans(about: str, paragraphs: Sequence[Paragraph], table: StaticEmbedder) -> list[tuple[int, int, int]]:
    """The first sentence of each paragraph that mentions it: place of the paragraph, start and end in its text.

    Sentences with all of its words, if there are any; else those with all of its tokens in this or another form.
    """
    every = [(at, *span) for at, one in enumerate(paragraphs) for span in sentences(one.text)]
    texts, asked = [paragraphs[at].text[start:end] for at, start, end in every], set(query_words(about))
    held = np.array([asked <= set(words(text)) for text in texts], dtype=np.bool_)
    if not held.any():
        rows = unit_rows(table.rows(*table.tokens([about])))
        alike = [table.cosines(ids, rows).max(axis=0, initial=0).min(initial=1) for ids in table.tokens(texts)]
        held = np.array(alike) >= _HELD
    first = {every[row][0]: every[row] for row in np.flatnonzero(held)[::-1]}
    return sorted(first.values())
