"""Questions about the documents themselves: which mention the harbour, who wrote one, when, and what somebody wrote.

They are answered by every document that they fit: with a sentence that mentions it, or with its own properties, the
lines of front matter and the like.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from glob import escape

import numpy as np

from index.late_interaction import unit_rows
from index.library import Library
from index.question import AboutDocuments
from index.reading.markdown import PROPERTY
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

_NAMES = {"author": ("author", "authors"), "date": ("date",), "works": ("title",)}
"""What the property is called that answers each kind of question, in front matter and by our own readers."""

Span = tuple[int, int, int]
"""Place of a paragraph, start and end of a sentence in its text."""


def documents_asked_for(
    library: Library, asked: AboutDocuments, table: StaticEmbedder, source: str | Sequence[str] | None
) -> list[Hit]:
    """A paragraph of each document that answers, as hits; best documents first, no more than MOST."""
    if asked.kind == "mention":
        found = [p for hit in library.search(asked.about, _SEARCHED, source=source) for p in hit.paragraphs]
    else:
        found = [p for document in _fitting(library, asked, source) for p in _edges(library, document)]
    first: dict[str, Paragraph] = {}
    for at, *_ in spans(asked, found, table):
        first.setdefault(found[at].source, found[at])
    return [Hit(paragraph, 0.0, rank) for rank, paragraph in enumerate(list(first.values())[:MOST], start=1)]


def spans(asked: AboutDocuments, paragraphs: Sequence[Paragraph], table: StaticEmbedder) -> list[Span]:
    """The sentences of the paragraphs that answer, of each the first; empty where none does."""
    if asked.kind == "mention":
        return _mentions(asked.about, paragraphs, table)
    found: list[Span] = []
    for at, one in enumerate(paragraphs):
        lines = _properties(one.text)
        author = next((one.text[slice(*lines[name])] for name in _NAMES["author"] if name in lines), "")
        named = author if asked.kind == "works" else f"{one.title or ''} {one.source}"
        if author and _holds(named, asked.about):
            found += [(at, *lines[name]) for name in _NAMES[asked.kind] if name in lines][:1]
    return found


def _mentions(about: str, paragraphs: Sequence[Paragraph], table: StaticEmbedder) -> list[Span]:
    """Sentences with all of the words, if there are any; else those with all of the tokens in this or another form."""
    every = [(at, *span) for at, one in enumerate(paragraphs) for span in sentences(one.text)]
    texts, asked = [paragraphs[at].text[start:end] for at, start, end in every], set(query_words(about))
    held = np.array([asked <= set(words(text)) for text in texts], dtype=np.bool_)
    if not held.any():
        rows = unit_rows(table.rows(*table.tokens([about])))
        alike = [table.cosines(ids, rows).max(axis=0, initial=0).min(initial=1) for ids in table.tokens(texts)]
        held = np.array(alike) >= _HELD
    first = {every[row][0]: every[row] for row in np.flatnonzero(held)[::-1]}
    return sorted(first.values())


def _fitting(library: Library, asked: AboutDocuments, source: str | Sequence[str] | None) -> list[str]:
    """Documents that the question names, or whose author it names."""
    patterns = ["*"] if source is None else [source] if isinstance(source, str) else source
    found = []
    for document in library.store.documents():
        name = str(document["source"])
        named = document["author"] or "" if asked.kind == "works" else f"{document['title'] or ''} {name}"
        if _holds(str(named), asked.about) and any(fnmatchcase(name, pattern) for pattern in patterns):
            found.append(name)
    return found


def _edges(library: Library, source: str) -> list[Paragraph]:
    """The first and the last paragraph: front matter is the first, the properties of an office file are the last."""
    keys = library.store.document_paragraphs(source)  # empty where it was removed just now
    edges = dict.fromkeys((*keys[:1], *keys[-1:]))
    known = library.store.paragraphs([*edges], escape(source))
    return [known[key] for key in edges if key in known]


def _properties(text: str) -> dict[str, tuple[int, int]]:
    """Start and end of each "name: value" line, by its name in small letters."""
    return {found[1].lower(): found.span() for found in PROPERTY.finditer(text)}


def _holds(text: str, about: str) -> bool:
    asked = set(query_words(about))
    return bool(asked) and asked <= set(words(text))
