"""Where the library says the answer to a foreign question: the sentence that will be the case's evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from eval.anchors import Anchors
from eval.cases import Fact, Quote
from eval.metrics.answers import states
from index.library import Library
from index.records import Paragraph
from index.sentences import sentences
from index.text import aligned
from index.words import query_words, words

LOOKED_AT = 20
"""Paragraphs that are searched for an answer whose document is not named."""


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
        """The sentence that says the answer: in the paragraph it was written for, in the named document, or in any."""
        if context:
            quote = _in_context(question, answers, context, start)
            paragraphs = self._of_context(context) if quote else []
            found = [(p, at) for p in paragraphs if (at := _at(quote, p.text))]
            return self._place(*found[0]) if found else None
        best: tuple[float, Paragraph, tuple[int, int]] | None = None
        for paragraph in self._candidates(question, answers, source):
            score, span = _best_sentence(question, answers, paragraph.text)
            if span and (best is None or score > best[0]):
                best = (score, paragraph, span)
        return self._place(best[1], best[2]) if best else None

    def _candidates(self, question: str, answers: Sequence[str], source: str) -> list[Paragraph]:
        if source:
            return [p for name in self._anchors.sources(source) for p in self._anchors.paragraphs(name)]
        return [hit.paragraph for hit in self._library.search(f"{question} {answers[0]}", LOOKED_AT)]

    def _of_context(self, context: str) -> list[Paragraph]:
        """The library's paragraphs that a foreign paragraph became: the same, a part of it, or one that holds it."""
        if self._last[0] != context:
            plain = aligned(context)[0]
            found = [p for p, own in self._plain if own in plain or plain in own]
            self._last = (context, found)
        return self._last[1]

    @cached_property
    def _plain(self) -> list[tuple[Paragraph, str]]:
        """Every paragraph with its text, width, case, script and punctuation folded."""
        return [(paragraph, aligned(paragraph.text)[0]) for paragraph in self._anchors.all_paragraphs()]

    def _place(self, paragraph: Paragraph, span: tuple[int, int]) -> Place:
        quote = paragraph.text[span[0] : span[1]]
        name = paragraph.source.rsplit("/", 1)[-1]
        source = name if len(self._anchors.sources(name)) == 1 else paragraph.source
        alone = len(self._anchors.find(Quote(source=source, quote=quote))) == 1
        return Place(source, quote, None if alone else paragraph.start + span[0])


def _in_context(question: str, answers: Sequence[str], context: str, start: int | None) -> str:
    """The sentences of the context that hold the answer at its place, or else those nearest to the question."""
    answer = answers[0]
    if start is None or not context.startswith(answer, start):
        starts = list(_places(answer, context))
        if not starts:
            span = _best_sentence(question, answers, context)[1]
            return context[span[0] : span[1]] if span else ""
        start = max(starts, key=lambda at: (_shared(question, _around(context, at, at + len(answer))), -at))
    return _around(context, start, start + len(answer))


def _places(answer: str, context: str) -> Iterator[int]:
    at = context.find(answer)
    while at >= 0:
        yield at
        at = context.find(answer, at + 1)


def _around(text: str, start: int, end: int) -> str:
    """The whole sentences that a stretch touches."""
    touched = [span for span in sentences(text) if span[0] < end and start < span[1]]
    return text[touched[0][0] : touched[-1][1]] if touched else ""


def _at(quote: str, text: str) -> tuple[int, int] | None:
    """Where the text says the words, width, case, script and punctuation aside."""
    wanted, (plain, places) = aligned(quote)[0], aligned(text)
    at = plain.find(wanted) if wanted else -1
    return None if at < 0 else (places[at], _closed(text, places[at + len(wanted) - 1] + 1))


def _closed(text: str, end: int) -> int:
    """Past the punctuation that ends a sentence."""
    while end < len(text) and text[end] in "。！？!?.；;”’」』）)】》\"'":
        end += 1
    return end


def _best_sentence(question: str, answers: Sequence[str], text: str) -> tuple[float, tuple[int, int] | None]:
    """The sentence that says one of the answers and shares the most words with the question."""
    fact = Fact(any_of=tuple(answers), kind="number")
    best: tuple[float, tuple[int, int] | None] = (-1.0, None)
    for start, end in sentences(text):
        if states(text[start:end], fact):
            best = max(best, (_shared(question, text[start:end]), (start, end)), key=lambda one: one[0])
    return best


def _shared(question: str, text: str) -> float:
    """Share of the question's words in the text."""
    asked, held = query_words(question), set(words(text))
    return sum(word in held for word in asked) / len(asked) if asked else 0.0
