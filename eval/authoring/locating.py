"""Where the library has the answer to a foreign question: the sentence that will be the case's evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from eval.anchors import Anchors, Span, exact_spans, folded_spans
from eval.cases import Fact, Quote
from eval.metrics.answers import states
from index.library import Library
from index.records import Paragraph
from index.sentences import sentences
from index.text import aligned
from index.words import query_words, words

LOOKED_AT = 20
"""Paragraphs that are searched for an answer whose document is not named."""
_CLOSING = "。！？!?.；;”’」』）)】》\"'"


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a document."""

    source: str
    """The document: its file's name, or as much of its path as tells it from others."""
    quote: str
    """The words."""
    start: int | None
    """First character in the document, when the words alone do not tell the place."""


class Locator:
    """Finds answers in one library."""

    def __init__(self, library: Library, anchors: Anchors) -> None:
        self._library, self._anchors = library, anchors
        self._last: tuple[str, list[Paragraph]] = ("", [])

    def find(
        self, question: str, answers: Sequence[str], context: str = "", start: int | None = None, source: str = ""
    ) -> Place | None:
        """The sentence with the answer: in the paragraph it was written for, in the named document, or in any."""
        if context:
            quote = _in_context(question, answers, context, start)
            for paragraph in self._of_context(context) if quote else ():
                if spans := folded_spans(quote, paragraph.text):
                    return self._place(paragraph, spans[0])
            return None
        found = [
            (best, p) for p in self._candidates(question, answers, source) if (best := _best(question, answers, p.text))
        ]
        if not found:
            return None
        (_, span), paragraph = max(found, key=lambda one: one[0][0])
        return self._place(paragraph, span)

    def _candidates(self, question: str, answers: Sequence[str], source: str) -> list[Paragraph]:
        if source:
            return [p for name in self._anchors.sources(source) for p in self._anchors.paragraphs(name)]
        return [hit.paragraph for hit in self._library.search(f"{question} {answers[0]}", LOOKED_AT)]

    def _of_context(self, context: str) -> list[Paragraph]:
        """The library's paragraphs that a foreign paragraph became: the same, a part of it, or one that holds it."""
        if self._last[0] != context:
            plain = aligned(context)[0]
            self._last = (context, [p for p, own in self._plain if own in plain or plain in own])
        return self._last[1]

    @cached_property
    def _plain(self) -> list[tuple[Paragraph, str]]:
        """Every paragraph with its text, width, case, script and punctuation folded."""
        return [(paragraph, aligned(paragraph.text)[0]) for paragraph in self._anchors.all_paragraphs()]

    def _place(self, paragraph: Paragraph, span: Span) -> Place:
        start, end = span
        while end < len(paragraph.text) and paragraph.text[end] in _CLOSING:
            end += 1  # folding dropped the punctuation that ends the sentence
        quote = paragraph.text[start:end]
        name = paragraph.source.rsplit("/", 1)[-1]
        source = name if len(self._anchors.sources(name)) == 1 else paragraph.source
        alone = len(self._anchors.find(Quote(source=source, quote=quote))) == 1
        return Place(source, quote, None if alone else paragraph.start + start)


def _in_context(question: str, answers: Sequence[str], context: str, start: int | None) -> str:
    """The sentences of the context that hold the answer at its place, or else those nearest to the question."""
    answer = answers[0]
    starts = [at for at, _ in exact_spans(answer, context)]
    if not starts:
        best = _best(question, answers, context)
        return context[slice(*best[1])] if best else ""
    if start not in starts:
        start = max(starts, key=lambda at: (_shared(question, _around(context, at, at + len(answer))), -at))
    return _around(context, start, start + len(answer))


def _around(text: str, start: int, end: int) -> str:
    """The whole sentences that a stretch touches."""
    touched = [span for span in sentences(text) if span[0] < end and start < span[1]]
    return text[touched[0][0] : touched[-1][1]] if touched else ""


def _best(question: str, answers: Sequence[str], text: str) -> tuple[float, Span] | None:
    """The sentence that states one of the answers and shares the most words with the question, and that share."""
    fact = Fact(any_of=tuple(answers), kind="number")
    found = [(_shared(question, text[a:b]), (a, b)) for a, b in sentences(text) if states(text[a:b], fact)]
    return max(found, key=lambda one: one[0], default=None)


def _shared(question: str, text: str) -> float:
    """Share of the question's words in the text."""
    asked, held = query_words(question), set(words(text))
    return sum(word in held for word in asked) / len(asked) if asked else 0.0
