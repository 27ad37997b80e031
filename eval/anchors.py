"""Where the gold evidence is in the library as it is now: quotes to paragraphs, each time anew.

A quote is looked for in the documents that its source names: exactly, then with width, case, script and punctuation
folded, then with up to a tenth of its characters changed as long as its figures stay. One that is nowhere is dead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from eval.cases import Case, Quote
from eval.equivalence import same_figures
from eval.nearest import nearest
from index.library import Library
from index.records import Paragraph
from index.text import aligned

MIN_SIMILARITY = 0.9
"""Share of a quote's characters that must be unchanged for a fuzzy match."""

How = Literal["exact", "folded", "fuzzy"]
Span = tuple[int, int]


Gold = tuple[frozenset[str], ...]
"""For each piece of a case's evidence the ids of the paragraphs that contain it; one is enough."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the library that a quote names."""

    paragraph_id: str
    """The paragraph that contains it."""
    start: int
    """First character in the document's text."""
    end: int
    """One past the last character."""
    how: How
    """exact · folded (width, case, script or punctuation differ) · fuzzy (a few characters differ)."""


class Anchors:
    """A library's text by document, read once for many cases; of one moment, so make a new one after a change."""

    def __init__(self, library: Library) -> None:
        self._store = library.store
        self._documents: dict[str, list[Paragraph]] = {}

    def resolve(self, case: Case) -> Gold:
        """Where the case's evidence is."""
        places = [[anchor for quote in evidence.any_of for anchor in self.find(quote)] for evidence in case.evidence]
        return tuple(frozenset(anchor.paragraph_id for anchor in group) for group in places)

    def questions(self, cases: Iterable[Case]) -> dict[str, list[str]]:
        """Paragraph id to the ids of the cases that have evidence there: every paragraph, in order."""
        found: dict[str, list[str]] = {paragraph.id: [] for paragraph in self.all_paragraphs()}
        for case in cases:
            for name in sorted(frozenset[str]().union(*self.resolve(case))):
                found[name].append(case.id)
        return found

    def find(self, quote: Quote) -> list[Anchor]:
        """The places of one quote, in the order of the documents; only the nearest when it gives its start."""
        paragraphs = [p for source in self.sources(quote.source) for p in self.paragraphs(source)]
        if quote.heading:
            paragraphs = [p for p in paragraphs if p.heading[-len(quote.heading) :] == quote.heading]
        found = [_anchor(p, span, "exact") for p in paragraphs for span in exact_spans(quote.quote, p.text)]
        found = found or [_anchor(p, span, "folded") for p in paragraphs for span in folded_spans(quote.quote, p.text)]
        found = found or _fuzzy(quote.quote, paragraphs)
        if quote.start is not None and found:
            start = quote.start
            return [min(found, key=lambda anchor: abs(anchor.start - start))]
        return found

    def sources(self, name: str) -> list[str]:
        """The documents of that name; else those whose path ends with it."""
        if name in self._sources:
            return [name]
        end = "/" + name.replace("\\", "/").lstrip("./")
        return [source for source in self._sources if ("/" + source).endswith(end)]

    def paragraphs(self, source: str) -> list[Paragraph]:
        """A document's paragraphs in order, each at its place in this document."""
        if source not in self._documents:
            keys = list(dict.fromkeys(self._store.document_paragraphs(source)))
            known = self._store.paragraphs(keys)
            self._documents[source] = [_at(known[key], source) for key in keys if key in known]
        return self._documents[source]

    def all_paragraphs(self) -> Iterator[Paragraph]:
        """Every paragraph once, document by document, in the order of the text."""
        unique = {p.id: p for source in self._sources for p in self.paragraphs(source)}
        return iter(unique.values())

    @cached_property
    def _sources(self) -> list[str]:
        return [str(document["source"]) for document in self._store.documents()]


def exact_spans(wanted: str, text: str) -> list[Span]:
    """Every place of the words, character by character; none for no words."""
    return [match.span() for match in re.finditer(re.escape(wanted), text)] if wanted else []


def folded_spans(wanted: str, text: str) -> list[Span]:
    """Every place of the words, width, case, script and punctuation aside."""
    plain, places = aligned(text)
    return [(places[start], places[end - 1] + 1) for start, end in exact_spans(aligned(wanted)[0], plain)]


def shorten(text: str, size: int = 40) -> str:
    """The beginning of a text, for messages."""
    return text if len(text) <= size else text[: size - 1] + "…"


def _at(paragraph: Paragraph, source: str) -> Paragraph:
    """The paragraph where it is in this document: the same words may be in several."""
    for place in paragraph.also if paragraph.source != source else ():
        if place.source == source:
            return replace(paragraph, source=source, start=place.start, end=place.end, page=place.page)
    return paragraph


def _fuzzy(quote: str, paragraphs: Sequence[Paragraph]) -> list[Anchor]:
    """The best place, when it is near enough and has the same figures: a figure is never guessed."""
    best, found, wanted = MIN_SIMILARITY, list[Anchor](), aligned(quote)[0]
    pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)}
    for paragraph in paragraphs:
        plain, places = aligned(paragraph.text)
        if not pairs or sum(pair in plain for pair in pairs) < 0.7 * len(pairs):
            continue  # the comparison below takes len(wanted) * len(plain) steps
        similarity, start, end = nearest(wanted, plain)
        if similarity < best or (found and similarity == best):
            continue
        span = places[start], places[end - 1] + 1
        if same_figures(quote, paragraph.text[span[0] : span[1]]):
            best, found = similarity, [_anchor(paragraph, span, "fuzzy")]
    return found


def _anchor(paragraph: Paragraph, span: Span, how: How) -> Anchor:
    return Anchor(paragraph.id, paragraph.start + span[0], paragraph.start + span[1], how)
