"""Where the gold evidence stands in the library as it is now: quotes to paragraphs, each time anew.

A quote is looked for in the documents that its source names: exactly, then with width, case, script and punctuation
folded, then with up to a tenth of its characters changed as long as its figures stay. One that is nowhere is dead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from eval.cases import Case, Quote
from index.library import Library
from index.records import Paragraph
from index.text import aligned

MIN_SIMILARITY = 0.9
"""Share of a quote's characters that must be unchanged for a fuzzy match."""

How = Literal["exact", "folded", "fuzzy"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the library that a quote names."""

    paragraph_id: str
    """The paragraph that holds it."""
    source: str
    """The document, by its name in the library."""
    start: int
    """First character in the document's text."""
    end: int
    """One past the last character."""
    how: How
    """exact · folded (width, case, script or punctuation differ) · fuzzy (a few characters differ)."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A case's evidence in the library."""

    groups: tuple[tuple[Anchor, ...], ...] = ()
    """One for each evidence of the case: places that say the same. Empty where all its quotes are dead."""
    dead: tuple[str, ...] = ()
    """What was not found, one sentence each."""

    @property
    def paragraph_ids(self) -> frozenset[str]:
        """Every paragraph that holds evidence."""
        return frozenset(anchor.paragraph_id for group in self.groups for anchor in group)

    @property
    def group_ids(self) -> tuple[frozenset[str], ...]:
        """The paragraphs of each evidence."""
        return tuple(frozenset(anchor.paragraph_id for anchor in group) for group in self.groups)


class Anchors:
    """A library's text by document, read once for many cases; of one moment, so make a new one after a change."""

    def __init__(self, library: Library) -> None:
        self._store = library.store
        self._documents: dict[str, list[Paragraph]] = {}

    def resolve(self, case: Case) -> Gold:
        """Where each quote of the case stands."""
        groups, dead = [], []
        for evidence in case.evidence:
            places: dict[Anchor, None] = {}
            for quote in evidence.any_of:
                found = self.find(quote)
                places.update(dict.fromkeys(found))
                if not found:
                    dead.append(self.why_dead(quote))
            groups.append(tuple(places))
        return Gold(tuple(groups), tuple(dead))

    def find(self, quote: Quote) -> list[Anchor]:
        """The places of one quote, in the order of the documents; only the nearest when it says where it starts."""
        paragraphs = [p for source in self.sources(quote.source) for p in self.paragraphs(source)]
        if quote.heading:
            paragraphs = [p for p in paragraphs if p.heading[-len(quote.heading) :] == quote.heading]
        found = list(_exact(quote.quote, paragraphs)) or list(_folded(quote.quote, paragraphs))
        if not found:
            found = list(_fuzzy(quote.quote, paragraphs))
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
            keys = self._store.document_paragraphs(source)
            known = self._store.paragraphs(list(dict.fromkeys(keys)))
            self._documents[source] = [_at(known[key], source) for key in dict.fromkeys(keys) if key in known]
        return self._documents[source]

    def all_paragraphs(self) -> Iterator[Paragraph]:
        """Every paragraph, document by document."""
        return (paragraph for source in self._sources for paragraph in self.paragraphs(source))

    @cached_property
    def _sources(self) -> list[str]:
        return [str(document["source"]) for document in self._store.documents()]

    def why_dead(self, quote: Quote) -> str:
        """Why a quote has no place, and what to do."""
        if not self.sources(quote.source):
            return f"the library holds no document {quote.source!r}; index it, or correct the name."
        return f"{quote.source} does not say {shorten(quote.quote)!r} in any paragraph; correct the quote."


def resolve(case: Case, library: Library) -> Gold:
    """Where one case's evidence stands; for many cases make one `Anchors`."""
    return Anchors(library).resolve(case)


def shorten(text: str, size: int = 40) -> str:
    """The beginning of a text, for messages."""
    return text if len(text) <= size else text[: size - 1] + "…"


def _at(paragraph: Paragraph, source: str) -> Paragraph:
    """The paragraph where it stands in this document."""
    for place in paragraph.also if paragraph.source != source else ():
        if place.source == source:
            return Paragraph(
                paragraph.id, paragraph.text, paragraph.heading, source, place.start, place.end, place.page
            )
    return paragraph


def _exact(quote: str, paragraphs: list[Paragraph]) -> Iterator[Anchor]:
    for paragraph in paragraphs:
        at = paragraph.text.find(quote)
        while at >= 0:
            yield _anchor(paragraph, at, at + len(quote), "exact")
            at = paragraph.text.find(quote, at + len(quote))


def _folded(quote: str, paragraphs: list[Paragraph]) -> Iterator[Anchor]:
    wanted, _ = aligned(quote)
    for paragraph in paragraphs if wanted else ():
        plain, places = aligned(paragraph.text)
        at = plain.find(wanted)
        while at >= 0:
            yield _anchor(paragraph, places[at], places[at + len(wanted) - 1] + 1, "folded")
            at = plain.find(wanted, at + len(wanted))


def _fuzzy(quote: str, paragraphs: list[Paragraph]) -> Iterator[Anchor]:
    """The best place, when it is near enough and says the same figures."""
    from eval.equivalence import same_figures
    from eval.nearest import nearest

    best: tuple[float, Anchor] | None = None
    wanted, _ = aligned(quote)
    pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)}
    for paragraph in paragraphs:
        plain, places = aligned(paragraph.text)
        if not pairs or sum(pair in plain for pair in pairs) < 0.7 * len(pairs):
            continue
        similarity, start, end = nearest(wanted, plain)
        if similarity < MIN_SIMILARITY or (best and similarity <= best[0]):
            continue
        anchor = _anchor(paragraph, places[start], places[end - 1] + 1, "fuzzy")
        offset = anchor.start - paragraph.start
        if same_figures(quote, paragraph.text[offset : offset + anchor.end - anchor.start]):
            best = (similarity, anchor)
    if best:
        yield best[1]


def _anchor(paragraph: Paragraph, start: int, end: int, how: How) -> Anchor:
    return Anchor(paragraph.id, paragraph.source, paragraph.start + start, paragraph.start + end, how)
