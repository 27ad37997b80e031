"""A model's reply becomes checked sentences and numbered footnotes, whole or while it is being written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.sentences import sentences
from index.text import is_cjk
from prompts.citations import Mark, read, render
from prompts.compose import Prompt
from rag.checking.attribution import Spans, against, attributed
from rag.checking.claims import Verdict, lead_in
from rag.events import CheckedSentence
from rag.types import HOLDING, Citation, Quote, Sentence, VerdictName

MOST = 200_000
"""Characters of a reply that are read; what is longer is no answer."""

_WEAKNESS: tuple[VerdictName, ...] = (
    *("quoted", "supported", "nothing_to_check", "consistent"),
    *("not_checked", "partly", "wrong_paragraph", "unsupported", "contradicted"),
)
_ITEM = re.compile(r"(?:\d{1,3}[.)]|[-*•])\s+(?=[^\s\d])|\d{1,3}[、．）](?=[^\s\d])")
"""The number or bullet before an item of a list; "12、15号楼" counts, and is no item."""
_LINE = 120
"""Characters before a sentence that are kept: enough to see whether its line is a full one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A reply after its citations were resolved and its sentences checked."""

    text: str
    """The reply with marks numbered by first use; marks that name no source are gone."""
    sentences: tuple[Sentence, ...]
    """Its sentences in order."""
    citations: tuple[Citation, ...]
    """Its footnotes by mark."""
    unknown_marks: int
    """How many named sources did not exist."""
    left_out: tuple[Sentence, ...] = ()
    """The sentences that are not in the text because their sources do not support them."""
    attributed: int = 0
    """How many sentences came without a mark and were given that of the one source that clearly supports them."""

    def to_dict(self) -> dict[str, Any]:
        """As in the documented JSON of `verify`."""
        return {
            "answer": self.text,
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "citations": [citation.to_dict() for citation in self.citations],
            "unknown_marks": self.unknown_marks,
        }


def weakest(verdicts: Sequence[VerdictName]) -> VerdictName:
    """The one that says the least for its sentence."""
    return max(verdicts, key=_WEAKNESS.index)


def check_reply(
    text: str, prompt: Prompt, *, strict: bool = False, attribute: bool = True, renumber: bool = True
) -> Checked:
    """Resolve the marks of `text` strictly against the prompt's sources, and check every sentence against its own.

    With `strict`, sentences that their sources do not support are left out. Without `attribute`, sentences without a
    mark stay without. Marks are numbered by first use, or without `renumber` as their sources are.
    """
    checker = ReplyChecker(prompt, strict=strict, attribute=attribute, renumber=renumber)
    checker.feed(read(text))
    checker.finish()
    return checker.checked


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mark of a sentence that is not complete yet."""

    place: int
    """Its offset in the text without marks."""
    space: str
    """The space before it."""
    numbers: tuple[int, ...]
    """The sources that it names and that exist."""
    leading: bool
    """Whether it begins a line."""


@dataclass(slots=True)
class _Uses:
    """What is known about a source that is cited."""

    mark: int
    verdict: VerdictName = "quoted"
    """The weakest so far."""
    span: tuple[int, int] | None = None
    """From the first to the last supporting character so far."""

    def add(self, verdict: VerdictName, span: tuple[int, int] | None) -> None:
        self.verdict = weakest([self.verdict, verdict])
        if span and self.span:
            span = min(span[0], self.span[0]), max(span[1], self.span[1])
        self.span = span or self.span


class ReplyChecker:
    """Checks a reply while it arrives: each sentence once it is complete. Any split gives what the whole gives."""

    def __init__(self, prompt: Prompt, *, strict: bool = False, attribute: bool = True, renumber: bool = True) -> None:
        self._prompt, self._strict, self._attribute, self._renumber = prompt, strict, attribute, renumber
        self._plain, self._start, self._looked = "", 0, 0
        self._marks: list[_Placed] = []
        self._uses: dict[int, _Uses] = {}
        self._sentences: list[Sentence] = []
        self._written: list[str] = []
        self._unknown = self._attributed = self._read = 0
        self._left_out: list[Sentence] = []

    def feed(self, items: Sequence[str | Mark]) -> list[CheckedSentence]:
        """The sentences that these pieces of the reply complete."""
        for item in items:
            if isinstance(item, str):
                self._plain += item[: max(0, MOST - self._read)]
                self._read += len(item)
            elif self._read <= MOST:
                self._place(item)
        if len(self._plain) - self._looked <= (self._looked - self._start) // 32:  # keeps a long sentence linear
            return []
        return self._settle(final=False)

    def finish(self) -> list[CheckedSentence]:
        """The rest, now that nothing follows."""
        return self._settle(final=True)

    @property
    def checked(self) -> Checked:
        """All sentences so far."""
        citations = tuple(self._citation(number) for number in self._uses)
        return Checked(
            "".join(self._written),
            tuple(self._sentences),
            citations,
            self._unknown,
            tuple(self._left_out),
            self._attributed,
        )

    def _place(self, mark: Mark) -> None:
        known = tuple(number for number in mark.numbers if self._prompt.source(number))
        self._unknown += len(mark.numbers) - len(known)
        plain = self._plain.rstrip(" \u3000")
        space, self._plain = self._plain[len(plain) :], plain
        self._marks.append(_Placed(len(plain), space, known, plain[-1:] in ("", "\n")))

    def _settle(self, *, final: bool) -> list[CheckedSentence]:
        """A sentence is complete when the next one has begun: nothing that follows can move its end."""
        self._looked = len(self._plain)
        spans = sentences(self._plain, self._start, growing=True)
        checked = []
        for i, (start, end) in enumerate(spans if final else spans[:-1]):
            following = spans[i + 1][0] if i + 1 < len(spans) else None
            checked += self._sentence(start, end, self._own(end, following))
        self._trim()
        return checked

    def _own(self, end: int, following: int | None) -> list[_Placed]:
        """Takes the marks of the sentence that ends at `end`; those that lead the next one's line stay."""
        count = 0
        for mark in self._marks:
            leads = mark.leading and mark.place >= end and "\n" not in self._plain[mark.place : following]
            if following is not None and (mark.place > following or leads):
                break
            count += 1
        own, self._marks = self._marks[:count], self._marks[count:]
        return own

    def _sentence(self, start: int, end: int, own: Sequence[_Placed]) -> list[CheckedSentence]:
        named = list(dict.fromkeys(number for mark in own for number in mark.numbers))
        text = self._plain[start:end]
        verdict, cited = self._judged(text, named, [mark.place - start for mark in own])
        if self._attribute and not named and verdict.verdict == "unsupported":
            verdict, cited = attributed(text, self._prompt, first=not self._sentences) or (verdict, cited)
            self._attributed += len(cited)
        begin, self._start = self._start, end
        if self._strict and verdict.verdict in ("unsupported", "contradicted"):
            self._left_out.append(Sentence(text, (), verdict.verdict, verdict.problems))
            return []
        for number, span in cited.items():
            mark = len(self._uses) + 1 if self._renumber else number
            self._uses.setdefault(number, _Uses(mark)).add(verdict.verdict, span)
        quote = next((self._quote(number, span) for number, span in cited.items() if span), None)
        marks = tuple(self._uses[n].mark for n in cited)
        sentence = Sentence(text, marks, verdict.verdict, verdict.problems, quote)
        stretch = self._stretch(begin, end, own, _shown(own, list(cited), moved=not set(cited) <= set(named)))
        self._sentences.append(sentence)
        self._written.append(stretch)
        return [CheckedSentence(sentence, stretch, tuple(self._citation(number) for number in cited))]

    def _judged(self, text: str, named: list[int], places: Sequence[int]) -> tuple[Verdict, Spans]:
        """The verdict on a sentence; where a lead-in names the source, on what follows it.

        "根据[1]中的信息，共有23间。" claims that there are 23; what the lead-in says is not judged, nor the number
        of an item of a list.
        """
        if item := _ITEM.match(text):
            text, places = text[item.end() :], [max(0, place - item.end()) for place in places]
        found = against(text, named, self._prompt)
        lead = lead_in(text, places)
        if found[0].verdict in HOLDING or not lead:
            return found
        verdict, cited = against(text[lead:].lstrip(), named, self._prompt)
        if verdict.verdict in ("quoted", "supported"):
            verdict = replace(verdict, verdict="consistent")
        return (verdict, cited) if verdict.verdict in HOLDING else found

    def _stretch(self, begin: int, end: int, own: Sequence[_Placed], shown: Sequence[Sequence[int]]) -> str:
        """The sentence as it is written: the space before it, its text, its marks renumbered.

        A mark that shows nothing takes its space with it.
        """
        written, at = "", begin
        for mark, numbers in zip(own, shown, strict=False):
            if numbers:
                written += self._plain[at : mark.place] + mark.space
                written += "".join(render(self._uses[number].mark) for number in numbers)
                at = mark.place
        self._start = max(at, end)
        written += self._plain[at:end]
        if len(shown) > len(own):  # it came without a mark
            space = "" if is_cjk(self._plain[begin:end]) else " "
            written += space + "".join(render(self._uses[number].mark) for number in shown[-1])
        return written if self._written else written.lstrip()

    def _trim(self) -> None:
        """Forget what is settled, but for the line of the next sentence."""
        cut = max(0, self._start - _LINE)
        self._plain = self._plain[cut:]
        self._start -= cut
        self._looked -= cut
        self._marks = [_Placed(m.place - cut, m.space, m.numbers, m.leading) for m in self._marks]

    def _citation(self, number: int) -> Citation:
        uses, paragraph = self._uses[number], self._prompt.sources[number - 1].paragraph
        quote = self._quote(number, uses.span) if uses.span else None
        return Citation(uses.mark, paragraph, quote, uses.verdict)

    def _quote(self, number: int, span: tuple[int, int]) -> Quote:
        paragraph = self._prompt.sources[number - 1].paragraph
        start, end = span
        return Quote(paragraph.start + start, paragraph.start + end, paragraph.text[start:end])


def _shown(own: Sequence[_Placed], cited: Sequence[int], *, moved: bool) -> list[list[int]]:
    """Which sources each mark of a sentence shows: its own, or the right ones in the place of the last.

    A sentence without marks that is to have one gets one more than it has.
    """
    if moved:
        return [[] for _ in own[:-1]] + [list(cited)]
    return [[n for n in mark.numbers if n in cited] for mark in own]
