"""What can be asked about a paragraph without a model: its figures, dates, titles and enumerations, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.sentences import sentences
from index.text import is_cjk
from rag.checking.dates import parts
from rag.checking.quantities import Quantity, quantities

Kind = Literal["figure", "share", "date", "title", "list"]
Span = tuple[int, int]

_TITLE = re.compile(r"《([^《》]{2,40})》|“([^“”]{2,20})”|「([^「」]{2,20})」|\"([^\"\n]{2,40})\"")
_NEXT_TITLE, _TITLE_BEFORE = re.compile(r"[、和及与與]?[《“「]"), re.compile(r"[》”」][、和及与與]?$")
COMMA = re.compile(r"[，；：]|[,;:](?!\d)")
_SEMICOLON = re.compile(r";\s|—\s?")
_NAMED_NUMBER = re.compile(r"(?:\b[A-Z][\w-]*\s|第)$")
_YEAR = re.compile(r"[12]\d{3}")
_PRONOUN = re.compile(r"\s*(?i:it|its|they|their|this|that|these|those|he|his|she|her|there|each|both|of)\b")
_HAN_ITEM = r"[^、，。；：“”《》「」等\s\d]{2,12}"
_HAN_LIST = re.compile(
    rf"(?P<items>{_HAN_ITEM}(?:、{_HAN_ITEM})+?)(?P<end>(?=[两兩二三四五六七八九十]+[个個种種项項类類条條大]|等))"
)
_LATIN_LIST = re.compile(r"\b[a-z]+(?:, [a-z]+)+,? and [a-z]+\b")


@dataclass(frozen=True, slots=True)
class Mined:
    """A stretch of a paragraph that a question can ask for."""

    kind: Kind
    """figure · share (in per cent) · date · title · list."""
    start: int
    """First character, in the paragraph's text."""
    end: int
    """One past the last character."""
    answers: tuple[str, ...]
    """What a right answer holds: one entry for each thing asked for."""
    clause: Span
    """The clause around it; in languages with spaces, the sentence."""
    sentence: Span
    """The sentence around it."""


def mine(text: str) -> list[Mined]:
    """Everything that can be asked, in order. "建成车间23间。发布《条例》。" -> a figure "23间" and a title "条例".

    A clause that begins with a pronoun says nothing on its own and is left out, and so are numerals in words, years
    alone and numbers that are names (Berth 9).
    """
    found: list[Mined] = []
    for sentence in sentences(text):
        for kind, (start, end), answers in _spans(text, sentence):
            clause = next(c for c in _clauses(text, sentence) if c[0] <= start < c[1])
            if _PRONOUN.match(text, *clause):
                continue
            found.append(Mined(kind, start, end, answers, (clause[0], max(clause[1], end)), sentence))
    return sorted(found, key=lambda one: one.start)


def _spans(text: str, sentence: Span) -> Iterator[tuple[Kind, Span, tuple[str, ...]]]:
    titles = [match.span() for match in _TITLE.finditer(text, *sentence)]
    for match in _TITLE.finditer(text, *sentence):
        if _NEXT_TITLE.match(text, match.end()) or _TITLE_BEFORE.search(text, 0, match.start()):
            continue  # one of several: asked for alone, the others would stay in the question
        yield "title", match.span(), (next(filter(None, match.groups())),)
    for span, items in _lists(text, sentence):
        yield "list", span, items
    for quantity in quantities(text):
        inside = sentence[0] <= quantity.start < sentence[1] and quantity.end <= sentence[1]
        if inside and not any(a <= quantity.start < b for a, b in titles) and (kind := _kind(quantity, text)):
            yield kind, (quantity.start, quantity.end), (quantity.text,)


def _kind(quantity: Quantity, text: str) -> Kind | None:
    """None when nobody would ask for it."""
    if not any(character.isdigit() for character in quantity.text):
        return None
    if quantity.kind == "date":
        return "date" if parts(str(quantity.value))[1] else None
    named = _YEAR.fullmatch(quantity.text) or _NAMED_NUMBER.search(text, 0, quantity.start)
    if quantity.kind not in ("number", "percent") or named:
        return None
    return "share" if quantity.kind == "percent" else "figure"


def _clauses(text: str, sentence: Span) -> list[Span]:
    """The sentence between commas, or between semicolons where words have spaces; commas in quotes and figures stay."""
    start, end = sentence
    marks = COMMA if is_cjk(text[start:end]) else _SEMICOLON
    quoted = [match.span() for match in _TITLE.finditer(text, start, end)]
    cuts = [cut for cut in marks.finditer(text, start, end) if not any(a <= cut.start() < b for a, b in quoted)]
    starts = [start, *(match.end() for match in cuts)]
    ends = [*(match.start() for match in cuts), end]
    return list(zip(starts, ends, strict=True))


def _lists(text: str, sentence: Span) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Enumerations of whose ends we are sure: items of one length show the first item, a count or 等 the last."""
    for match in _HAN_LIST.finditer(text, *sentence):
        first, *others = match["items"].split("、")
        size = len(others[0])
        if len({len(item) for item in others}) == 1 and (len(others) > 1 or len(first) == size) and size <= len(first):
            yield (match.start() + len(first) - size, match.end("items")), (first[-size:], *others)
    for match in _LATIN_LIST.finditer(text, *sentence):
        yield match.span(), tuple(re.split(r", and |, | and ", match.group()))
