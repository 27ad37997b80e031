"""Does the cited paragraph say it? Checked without a model: figures, dates, titles, names, then the words.

One sentence is held against the paragraphs it cites. Every figure must stand there, with the same unit and among the
same words; titles and names must stand there or in its headings; and enough of the sentence's words. Headings are
never evidence for a figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from index.sentences import sentences
from index.text import is_cjk
from index.words import query_words, words
from rag.checking.doubts import differences
from rag.checking.quantities import Quantity, compatible, quantities
from rag.checking.verbatim import plain, verbatim
from rag.places import places

SUPPORTED_SHARE = 0.6
"""Share of a sentence's words that a paragraph must hold to support it."""
PARTLY_SHARE = 0.35
"""Below this share the paragraph speaks of something else."""

LONGEST = 1000
"""Characters of a sentence that is checked; a longer one is no sentence, and would take long."""

Name = Literal["supported", "partly", "wrong_paragraph", "unsupported", "nothing_to_check"]

_TITLE = re.compile(r"《([^《》]{2,60})》|“([^“”]{2,40})”|「([^「」]{2,40})」|『([^『』]{2,40})』")
_LATIN_NAME = re.compile(r"(?<![\w.])(?:[A-Z][\w&]*\d[\w\-]*|[A-Z]{2,}[\w\-]*|[A-Z][a-z]+)(?!\w)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()（）\[\]\"'“”，。；、]+")
_CONTEXT = 10


class Source(Protocol):
    """What a sentence can cite; `index.records.Paragraph` is one."""

    @property
    def text(self) -> str:
        """The paragraph."""

    @property
    def heading(self) -> tuple[str, ...]:
        """Its headings: they count for names, never for figures."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found for one sentence."""

    verdict: Name
    """supported · partly (said in part, or in doubt) · wrong_paragraph (another one says it) · unsupported
    · nothing_to_check (no claim)."""
    problems: tuple[str, ...] = ()
    """What is wrong, one plain sentence each."""
    supported_by: int | None = None
    """Position of the supporting paragraph in `[*cited, *others]`."""
    quote: tuple[int, int] | None = None
    """The supporting stretch of that paragraph's text."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """How one paragraph fits a sentence."""

    missing: tuple[str, ...]
    """Figures, titles and names that it does not hold, as problems."""
    share: float
    """Share of the sentence's words that it holds, in [0, 1]."""
    doubts: tuple[str, ...]
    """Negations and opposites that differ."""
    wrong_figure: bool
    """Whether a figure or an address is among the missing, or an opposite among the doubts."""

    @property
    def clean(self) -> bool:
        return not self.missing and not self.doubts and self.share >= SUPPORTED_SHARE


def check(sentence: str, cited: Sequence[Source], others: Sequence[Source] = ()) -> Verdict:
    """The verdict on one sentence (without marks) that cites `cited`, when `others` were at hand too.

    "甲区有16家院所。" citing a paragraph that says "集聚16家科研院所" under 甲区 -> supported.
    """
    sources = [*cited, *others]
    spans = [verbatim(sentence, source.text) for source in cited]
    if not any(spans) and len(sentence) > LONGEST:
        return Verdict("unsupported", (f"It is longer than {LONGEST} characters, too long to be checked.",))
    fits = [_fit(sentence, source) for source in cited]
    inside = [i for i, span in enumerate(spans) if span] + [i for i, fit in enumerate(fits) if fit.clean]
    if inside:
        return Verdict("supported", (), inside[0], spans[inside[0]] or _quote(sentence, sources[inside[0]].text))
    if _says_nothing(sentence):
        return Verdict("nothing_to_check")
    if not cited:
        return Verdict("unsupported", ("No source is cited.",))
    best = max(range(len(cited)), key=lambda i: (-len(fits[i].missing), fits[i].share, -i))
    if len(cited) > 1 and _fit(sentence, _Union.of(cited)).clean:
        return Verdict("supported", (), best, _quote(sentence, sources[best].text))
    if elsewhere := _first(sentence, others):
        i, span = elsewhere
        return Verdict("wrong_paragraph", (_elsewhere(others[i]),), len(cited) + i, span)
    return _in_part(sentence, fits[best], best, sources[best].text)


def support(sentence: str, source: Source) -> float:
    """How much of a sentence the source says, in [0, 1].

    1 when it does so word for word; 0 when a figure, a title, a name or a negation differs, whatever the other words;
    else the share of the words that it holds, or, where the scripts differ, half for each figure and name.
    """
    if verbatim(sentence, source.text):
        return 1.0
    fit = _fit(sentence, source)
    if fit.missing or fit.doubts:
        return 0.0
    if is_cjk(sentence) == is_cjk(source.text):
        return fit.share
    return min(1.0, (len(_claims(sentence)) + len(_names(sentence, source.text))) / 2)


def _first(sentence: str, sources: Sequence[Source]) -> tuple[int, tuple[int, int] | None] | None:
    """The first source that holds the sentence word for word, else the first that supports it, and its quote."""
    for i, source in enumerate(sources):
        if span := verbatim(sentence, source.text):
            return i, span
    for i, source in enumerate(sources):
        if _fit(sentence, source).clean:
            return i, _quote(sentence, source.text)
    return None


def _in_part(sentence: str, fit: _Fit, position: int, text: str) -> Verdict:
    problems = fit.missing + fit.doubts
    if fit.share < SUPPORTED_SHARE:
        problems += (f"Only {fit.share:.0%} of its words stand in the cited paragraph.",)
    if fit.wrong_figure or fit.share < PARTLY_SHARE:
        return Verdict("unsupported", problems)
    return Verdict("partly", problems, position, _quote(sentence, text))


def _elsewhere(source: Source) -> str:
    place = f" (under {source.heading[-1]})" if source.heading else ""
    return f"It is not the cited paragraph but another{place} that says so: {source.text[:24]}..."


@dataclass(frozen=True, slots=True)
class _Union:
    """Several cited paragraphs read as one."""

    text: str
    heading: tuple[str, ...]

    @classmethod
    def of(cls, sources: Sequence[Source]) -> _Union:
        return cls("\n".join(s.text for s in sources), tuple(h for s in sources for h in s.heading))


def _fit(sentence: str, source: Source) -> _Fit:
    missing = [f"{q.text} is not in the cited paragraph, or not said of this." for q in _missing(sentence, source.text)]
    addresses = [url for url in _URL.findall(sentence) if url not in source.text]
    missing += [f"The address {url} is not in the cited paragraph." for url in addresses]
    figures = len(missing)
    named = plain(source.text + "\n" + "\n".join(source.heading))
    missing += [
        f"{name} is not in the cited paragraph." for name in _names(sentence, source.text) if plain(name) not in named
    ]
    missing += [f"{place} is not in the cited paragraph." for place in places(sentence) if not _in(place, named)]
    span = _quote(sentence, source.text)
    doubts, opposite = differences(sentence, source.text[slice(*span)] if span else "", source.text)
    return _Fit(tuple(missing), _share(sentence, source), doubts, bool(figures) or opposite)


def _missing(sentence: str, text: str) -> list[Quantity]:
    """Figures of the sentence that the text does not have, each near a word that stands near it in the sentence.

    A figure of the text serves one of the sentence only, the one that shares the most words around it; dates serve all.
    """
    free = list(_quantities(text))
    same_script = is_cjk(sentence) == is_cjk(text)
    missing = []
    for claim in _claims(sentence):
        around = _around(sentence, claim.start, claim.end)
        fitting = [found for found in free if compatible(claim, found)]
        shared = {found: len(around & _around(text, found.start, found.end)) for found in fitting}
        if same_script and around and claim.kind != "date":
            fitting = [found for found in fitting if shared[found]]
        if not fitting:
            missing.append(claim)
        elif claim.kind != "date":
            free.remove(max(fitting, key=lambda found: (shared[found], -found.start)))
    return missing


def _around(text: str, start: int, end: int) -> set[str]:
    wide = 3 * _CONTEXT if not is_cjk(text) else _CONTEXT
    near = words(text[max(0, start - wide) : start]) + words(text[end : end + wide])
    return {word for word in near if len(word) > 1}


@lru_cache(maxsize=16)
def _claims(sentence: str) -> tuple[Quantity, ...]:
    """One sentence is held against several paragraphs, and asked for several times."""
    return tuple(quantities(sentence))


@lru_cache(maxsize=512)
def _quantities(text: str) -> tuple[Quantity, ...]:
    return tuple(quantities(text, loose=True))


def _names(sentence: str, text: str) -> list[str]:
    """Titles and quoted names; Latin names and codes where the paragraph is in Latin script or has some."""
    names = [next(group for group in match.groups() if group) for match in _TITLE.finditer(sentence)]
    latin = [m.group() for m in _LATIN_NAME.finditer(sentence)]
    if is_cjk(text) and not is_cjk(sentence):
        latin = [name for name in latin if any(c.isdigit() for c in name) or name.isupper()]
    start = sentence.lstrip("\"'“‘(")  # every sentence begins with a capital, name or not
    return names + [name for name in latin if not (name.istitle() and start.startswith(name))]


def _in(place: str, named: str) -> bool:
    """Whether the place, or the place without a character that belongs to the word before it, is named."""
    return any(place[i:] in named for i in range(max(len(place) - 2, 1))) or place[:-1] in named


def _share(sentence: str, source: Source) -> float:
    """Share of the sentence's words in the paragraph and its headings; 1 where the scripts differ."""
    if is_cjk(sentence) != is_cjk(source.text):
        return 1.0 if _claims(sentence) or _names(sentence, source.text) else 0.0
    asked = query_words(_without_figures(sentence))
    if not asked:
        return 1.0
    held = _held("\n".join((source.text, *source.heading)))
    return sum(word in held for word in asked) / max(len(asked), 1)


@lru_cache(maxsize=512)
def _held(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _without_figures(sentence: str) -> str:
    """Figures are checked by value; as words they would count against 二十三 where the paragraph writes 23."""
    kept, at = [], 0
    for quantity in _claims(sentence):
        kept.append(sentence[at : quantity.start])
        at = quantity.end
    return " ".join([*kept, sentence[at:]])


def _quote(sentence: str, text: str) -> tuple[int, int] | None:
    """The sentence of the text that shares the most with the claim: figures first, then words."""
    asked = set(query_words(sentence))
    claims = _claims(sentence)

    def shared(span: tuple[int, int]) -> tuple[int, float]:
        piece = text[span[0] : span[1]]
        figures = sum(any(compatible(claim, q) for q in _quantities(piece)) for claim in claims)
        return figures, len(asked & _held(piece)) / (8 + len(piece)) ** 0.5

    spans = sentences(text)
    return max(spans, key=lambda span: (*shared(span), -span[0])) if spans else None


def _says_nothing(sentence: str) -> bool:
    """No figure, title or name, and either a lead-in or next to no words."""
    if _claims(sentence) or _TITLE.search(sentence) or _URL.search(sentence):
        return False
    return sentence.rstrip().endswith((":", "：")) or len(query_words(sentence)) < 3
