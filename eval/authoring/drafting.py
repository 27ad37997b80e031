"""Questions for an eval set made from the library itself, without a model; all drafts, until somebody accepts them.

A figure, share, date or title is replaced in its clause by a question word: "建成车间23间" becomes
"望江区：建成车间多少间？", "opened on 23 April 2024" becomes "opened on which date?". A fact that several paragraphs
state has them all as evidence; a question with several answers is dropped. The same library gives the same drafts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice, zip_longest
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Literal

from eval.cases import Case, Evidence, Fact, FactKind, Quote, language_of
from eval.record import write_text
from index.records import Paragraph
from index.sentences import sentences
from index.text import fold, is_cjk, squeeze
from rag.checking.claims import LONGEST
from rag.checking.dates import parts
from rag.checking.quantities import Quantity, quantities

Kind = Literal["figure", "share", "date", "title"]
Span = tuple[int, int]

EVERY = 4
"""Of so many paragraphs one is left out of the corpus that lacks answers."""
SHORTEST = 10
"""Characters, question word included, up to which a clause is too bare to ask for a title: 开通什么？"""

_TITLE = re.compile(r"《([^《》]{2,40})》|“([^“”]{2,20})”|「([^「」]{2,20})」|\"([^\"\n]{2,40})\"")
_NEXT_TITLE, _TITLE_BEFORE = re.compile(r"[、和及与與]?[《“「]"), re.compile(r"[》”」][、和及与與]?$")
_COMMA, _SEMICOLON = re.compile(r"[，；：]|[,;:](?!\d)"), re.compile(r";\s|—\s?")
_NUMERAL = re.compile(r"(?:minus\s|-)?[\d.,]+\s?(?:[十百千万亿萬億]+|(?:thousand|million|billion|trillion)(?!\w))?")
_NAMED_NUMBER, _YEAR = re.compile(r"(?:\b[A-Z][\w-]*\s|第)$"), re.compile(r"[12]\d{3}")
_NUMBERED = re.compile(r"[\d、，]|^第|[\u3400-\u9fff]\s|\s[\u3400-\u9fff]")
_ASKED: dict[Kind, tuple[FactKind, str, str, str]] = {
    "figure": ("number", "how many", "多少", "多少"),
    "share": ("number", "what percentage", "百分之多少", "百分之多少"),
    "date": ("date", "which date", "什么时候", "什麼時候"),
    "title": ("entity", "which one", "哪一部", "哪一部"),
}
"""Kind of the fact, and the question word in English, simplified and traditional Chinese."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with the place that answers it."""

    question: str
    """As drafted."""
    kind: Kind
    """What it asks for."""
    answer: str
    """What a right answer contains."""
    paragraph: Paragraph
    """Where the answer is."""
    quote: Quote
    """The sentence with the answer, and its place."""


def draft_cases(paragraphs: Sequence[Paragraph], per_paragraph: int = 3) -> list[Case]:
    """At most so many questions about each paragraph, of different kinds where it can be."""
    drafts = _unambiguous(draft for paragraph in paragraphs for draft in drafts_of(paragraph))
    return [_answerable(same) for same in _varied(drafts, per_paragraph)]


def unanswerable_cases(left_out: Sequence[Paragraph], kept: Sequence[Paragraph], per_paragraph: int = 3) -> list[Case]:
    """The questions about paragraphs that a library lacks: the right answer is to refuse.

    What the paragraphs that it keeps answer as well is not asked.
    """
    known = {fold(draft.question) for paragraph in kept for draft in drafts_of(paragraph)}
    drafts = [draft for paragraph in left_out for draft in drafts_of(paragraph) if fold(draft.question) not in known]
    return [_unanswerable(draft) for [draft] in _varied([[draft] for draft in drafts], per_paragraph)]


def split(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Paragraph]]:
    """Those left out and those kept: of 8 paragraphs the 4th and the 8th are left out."""
    left_out = list(paragraphs[EVERY - 1 :: EVERY])
    return left_out, [paragraph for i, paragraph in enumerate(paragraphs) if i % EVERY != EVERY - 1]


def write_corpus(paragraphs: Sequence[Paragraph], folder: Path) -> None:
    """The paragraphs as Markdown files, one for each document, under their headings, those without one first."""
    for source in dict.fromkeys(paragraph.source for paragraph in paragraphs):
        own = [paragraph for paragraph in paragraphs if paragraph.source == source]
        own.sort(key=lambda one: bool(one.heading))  # below a heading every paragraph would be under it
        blocks: list[str] = []
        for heading, below in groupby(own, key=lambda one: one.heading):
            blocks += [f"{'#' * level} {title}" for level, title in enumerate(heading[:6], start=1)]
            blocks += [paragraph.text for paragraph in below]
        name = f"{PurePosixPath(source).stem}-{hashlib.sha256(source.encode()).hexdigest()[:6]}.md"
        write_text(folder / name, "\n\n".join(blocks) + "\n")


def drafts_of(paragraph: Paragraph) -> Iterator[Draft]:
    """Every question that the paragraph's own words give, in order."""
    text, label = paragraph.text, paragraph.heading[-1] if paragraph.heading else ""
    named = label and not _NUMBERED.search(label)
    for sentence, kind, (start, end), answer in _askable(text):
        first, last = _clauses(text, sentence, start)
        asked = squeeze(text[first:start] + _question_word(text, kind, text[start:end]) + text[end : max(last, end)])
        asked = asked.strip("。.;；,， ")
        if named and fold(label) not in fold(asked):
            asked = f"{label}{'：' if is_cjk(text) else ': '}{asked}"
        if kind != "title" or (len(asked) > SHORTEST and fold(answer) not in fold(asked)):
            quote = Quote(source=paragraph.source, quote=text[slice(*sentence)], start=paragraph.start + sentence[0])
            yield Draft(_punctuated(asked), kind, answer, paragraph, quote)


def stated(text: str) -> list[tuple[Kind, str]]:
    """Every figure, share, date and title of a text in order: "建成车间23间。" -> ("figure", "23间")."""
    return [(kind, answer) for _, kind, _, answer in _askable(text)]


def _askable(text: str) -> list[tuple[Span, Kind, Span, str]]:
    """Sentence, kind, place and words of what can be asked for, in order.

    "建成车间23间。发布《条例》。" -> a figure "23间" and a title "条例".
    """
    found: list[tuple[Span, Kind, Span, str]] = []
    figures = quantities(text)
    for sentence in sentences(text):
        if sentence[1] - sentence[0] > LONGEST:
            continue
        titles = list(_TITLE.finditer(text, *sentence))
        for match in titles:
            # One of several titles is not asked for: the others would stay in the question.
            if not _NEXT_TITLE.match(text, match.end()) and not _TITLE_BEFORE.search(text, 0, match.start()):
                found.append((sentence, "title", match.span(), next(filter(None, match.groups()))))
        for figure in figures:
            inside = sentence[0] <= figure.start < sentence[1] and figure.end <= sentence[1]
            quoted = any(match.start() <= figure.start < match.end() for match in titles)
            if inside and not quoted and (kind := _kind(figure, text)):
                found.append((sentence, kind, (figure.start, figure.end), figure.text))
    return sorted(found, key=itemgetter(2))


def _kind(quantity: Quantity, text: str) -> Kind | None:
    """None for numerals in words, years alone and numbers that are names (Berth 9): nobody would ask for them."""
    if not any(character.isdigit() for character in quantity.text):
        return None
    if quantity.kind == "date":
        return "date" if parts(str(quantity.value))[1] else None
    if _YEAR.fullmatch(quantity.text) or _NAMED_NUMBER.search(text, max(quantity.start - LONGEST, 0), quantity.start):
        return None
    return {"percent": "share", "number": "figure"}.get(quantity.kind)  # type: ignore[return-value]


def _clauses(text: str, sentence: Span, at: int) -> Span:
    """The clause of the sentence around a place, with the one before it, which it often leans on.

    Clauses end at commas, or at semicolons where words have spaces; commas in quotes and figures stay.
    """
    start, end = sentence
    marks = _COMMA if is_cjk(text[start:end]) else _SEMICOLON
    quoted = [match.span() for match in _TITLE.finditer(text, start, end)]
    cuts = [cut for cut in marks.finditer(text, start, end) if not any(a <= cut.start() < b for a, b in quoted)]
    before = [start, start, *(cut.end() for cut in cuts if cut.end() <= at)]
    return before[-2], next((cut.start() for cut in cuts if cut.start() >= at), end)


def _question_word(text: str, kind: Kind, asked: str) -> str:
    language = language_of(text)
    word = _ASKED[kind][("en", "zh", "zh-Hant").index(language) + 1]
    if kind == "figure":
        unit = _NUMERAL.sub("", asked, count=1).strip()
        return f"{word} {unit}".strip() if language == "en" else word + unit
    if kind == "title" and asked[0] != "《" and language != "en":
        return "什麼" if language == "zh-Hant" else "什么"
    return word


def _punctuated(question: str) -> str:
    return question + "？" if is_cjk(question) else question[0].upper() + question[1:].rstrip("?") + "?"


def _unambiguous(drafts: Iterable[Draft]) -> list[list[Draft]]:
    """Drafts with the same question together; without those questions that have several answers."""
    by_question: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_question.setdefault(fold(draft.question), []).append(draft)
    return [same for same in by_question.values() if len({fold(one.answer) for one in same}) == 1]


def _varied(drafts: Iterable[list[Draft]], per_paragraph: int) -> Iterator[list[Draft]]:
    """At most so many of each paragraph: one of each kind, then the second of each, and so on."""
    by_paragraph: dict[str, dict[Kind, list[list[Draft]]]] = {}
    for same in drafts:
        by_paragraph.setdefault(same[0].paragraph.id, {}).setdefault(same[0].kind, []).append(same)
    for by_kind in by_paragraph.values():
        yield from islice(filter(None, chain.from_iterable(zip_longest(*by_kind.values()))), per_paragraph)


def _answerable(same: Sequence[Draft]) -> Case:
    fact = Fact(any_of=(squeeze(same[0].answer),), kind=_ASKED[same[0].kind][0])
    return _case(same[0], facts=(fact,), evidence=(Evidence(any_of=tuple(draft.quote for draft in same)),))


def _unanswerable(draft: Draft) -> Case:
    """The answer that would be right elsewhere is what only a wrong answer contains."""
    note = "Its paragraph was left out."
    return _case(draft, type="unanswerable", forbidden=(squeeze(draft.answer),), note=note)


def _case(draft: Draft, **fields: object) -> Case:
    """Its id comes from what is asked and where: the same draft has the same id in every run."""
    key = "\n".join((draft.paragraph.source, draft.question, str(fields.get("type", ""))))
    name = "draft-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    known = {"id": name, "question": draft.question, "group": draft.paragraph.id, "tags": (draft.kind,)}
    return Case.model_validate({**known, "status": "draft", "origin": "draft", **fields})
