"""Does the cited paragraph say it? Judged without a model, and only as far as that can be judged.

What is copied is known to be said (`quoted`, `supported`). Figures, dates, quotations, their order and negation are
compared exactly; words are looked for one by one in the packaged table, in any language that it knows. Where all of
that agrees and the wording is the writer's own, the verdict is `consistent`: whether it means the same is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.question import ASKS
from index.text import is_cjk
from rag.checking.agreement import (
    Faults,
    claimed,
    exchanged_figures,
    figure_faults,
    negation_faults,
    order_faults,
    stated,
)
from rag.checking.alignment import CONTENT, FUNCTION, NEAR, Alignment, clauses, words
from rag.checking.quantities import Quantity, compatible
from rag.checking.verbatim import copied, letters, verbatim
from rag.types import VerdictName

SPEAKS_OF_IT = 0.25
"""Share of a sentence's meaning below which a paragraph speaks of something else."""
WEIGHTY = 7.0
"""Squared norm from which a word is missed when the paragraph has none near it."""
MISSED = (0.0, 4.0)
"""How much of that norm must lack a counterpart: in one script, across two, where fewer words have a near one.
Both numbers were chosen on statements made as in `benchmarks/verdicts.py`."""
KNOWN = 0.5
"""Share of letters in pieces that the table knows, below which a language cannot be judged."""
CLOSE = 0.8
"""Share of a sentence's meaning that another paragraph must contain to be the right one."""
BARE = 3
"""Words and figures of a sentence that is too short to say something by itself."""
LONGEST = 1000
"""Characters of a sentence that is checked; a longer one is no sentence, and would take long."""

_TITLE = re.compile(r"《([^《》]{2,60})》|“([^“”]{2,40})”|「([^「」]{2,40})」|『([^『』]{2,40})』|\"([^\"]{2,60})\"")

_RANK: tuple[VerdictName, ...] = (
    "contradicted",
    "unsupported",
    "not_checked",
    "partly",
    "consistent",
    "supported",
    "quoted",
)


class Source(Protocol):
    """What a sentence can cite; `index.records.Paragraph` is one."""

    @property
    def text(self) -> str:
        """The paragraph."""

    @property
    def heading(self) -> tuple[str, ...]:
        """Its headings: they count for names, never for figures."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A `Source` put together for a check."""

    text: str
    """What can support a sentence."""
    heading: tuple[str, ...]
    """What surrounds it, for names and never for figures."""

    @classmethod
    def union(cls, sources: Sequence[Source]) -> Evidence:
        """Several paragraphs read as one."""
        return cls("\n".join(s.text for s in sources), tuple(h for s in sources for h in s.heading))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found for one sentence."""

    verdict: VerdictName
    """See `rag.types.VerdictName`."""
    problems: tuple[str, ...] = ()
    """What is wrong, one plain sentence each."""
    supported_by: int | None = None
    """Position in `[*cited, *others]` of the paragraph that carries it."""
    quote: tuple[int, int] | None = None
    """Start and end, in that paragraph's text, of the stretch that supports the most of it."""
    also: int | None = None
    """Position of another paragraph that carries the rest of it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One sentence held against one paragraph."""

    verdict: VerdictName
    problems: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    share: float = 1.0
    """Share of the sentence's meaning that the paragraph contains, in [0, 1]."""

    @property
    def rank(self) -> tuple[int, float]:
        """The better one is greater."""
        return _RANK.index(self.verdict), self.share


def check(sentence: str, cited: Sequence[Source], others: Sequence[Source] = (), question: str = "") -> Verdict:
    """The verdict on one sentence (without marks) that cites `cited`, when `others` were at hand too.

    "甲区有16家院所。" citing a paragraph that says "甲区有十六家院所" -> supported. `question`, where one was asked,
    tells what an answer of a word or two is about: "5", 有。
    """
    comparisons = [compare(sentence, source, question) for source in cited]
    best = max(comparisons, key=lambda one: one.rank, default=_UNCITED)
    if best.verdict != "quoted" and says_nothing(sentence, question):
        return Verdict("nothing_to_check")
    if not cited:
        return Verdict(best.verdict, best.problems)
    at = comparisons.index(best)
    if best.rank < _HOLDS and len(cited) > 1:  # "23 here and 9 there": each paragraph alone lacks a figure
        together = compare(sentence, Evidence.union(cited), question)
        if together.rank >= _HOLDS:
            return Verdict(together.verdict, together.problems, at, best.span)
    bare = size(sentence) <= BARE  # "5" is in many paragraphs, and answers the question in none
    if best.rank < _HOLDS and not bare and (elsewhere := _first(sentence, others, best)):
        i, comparison = elsewhere
        return Verdict("wrong_paragraph", (_elsewhere(others[i]),), len(cited) + i, comparison.span)
    if best.verdict == "unsupported" and not bare and (second := _second(sentence, cited[at], others)) is not None:
        return Verdict("partly", (_rest(others[second]),), at, best.span, len(cited) + second)
    carried = best.verdict not in ("contradicted", "unsupported") or best.share >= SPEAKS_OF_IT
    return Verdict(best.verdict, best.problems, at if carried else None, best.span if carried else None)


def _second(sentence: str, cited: Source, others: Sequence[Source]) -> int | None:
    """Position of the paragraph that has what the cited one lacks: "11 stations and 214 kinds", each in one of them."""
    found = [(i, compare(sentence, Evidence.union((cited, other)))) for i, other in enumerate(others)]
    carrying = [(one.share, -i) for i, one in found if one.rank >= _HOLDS and one.share >= CLOSE]
    return -max(carrying)[1] if carrying else None


def _first(sentence: str, others: Sequence[Source], cited: Comparison) -> tuple[int, Comparison] | None:
    """The best of the others that supports it, when the cited ones do not: surely, or else closely worded."""
    found = [(i, compare(sentence, source)) for i, source in enumerate(others)]
    carrying = [(i, one) for i, one in found if one.verdict in ("quoted", "supported")]
    if not carrying and cited.verdict != "partly":
        carrying = [(i, one) for i, one in found if one.verdict == "consistent" and one.share >= CLOSE]
    return max(carrying, key=lambda one: (one[1].rank, -one[0]), default=None)


def compare(sentence: str, source: Source, question: str = "") -> Comparison:
    """One sentence held against one paragraph, its headings at hand for names."""
    text, names = source.text, "\n".join(source.heading)
    if span := verbatim(sentence, text):
        return Comparison("quoted", (), span)
    if len(sentence) > LONGEST:
        too_long = f"It is longer than {LONGEST} characters, too long to be checked."
        return Comparison("unsupported", (too_long,), None, 0.0)
    alignment = Alignment(sentence, text)
    stating = [_stating(claim, alignment) for claim in claimed(sentence)]
    best = np.maximum(alignment.best, Alignment(sentence, names).best) if names else alignment.best
    share = alignment.share_of(best, [bool(clauses) for clauses in stating])
    about = alignment
    if question and size(sentence) <= BARE:
        about = Alignment(f"{question[:LONGEST]}\n{sentence}", text)
    start, end = about.anchor(stating)
    faults = figure_faults(sentence, text, (start, end), about) + _missing_quotations(sentence, source)
    known = min(alignment.words.known, alignment.of.known) >= KNOWN
    if known:
        faults += _missing_words(sentence, best, alignment, share)
    if not faults.contradicted and not faults.missing:  # else the stretch is not what the sentence is about
        faults += order_faults(sentence, text[start:end], alignment)
        faults += negation_faults(sentence, text[start:end])
        faults += exchanged_figures(sentence, text, alignment)
    problems = faults.contradicted + faults.missing + faults.doubts
    if not problems and size(sentence) > BARE and (span := copied(sentence, text, names)):
        return Comparison("supported", (), span, share)
    return Comparison(_verdict(faults, known=known), problems, (start, end) if end > start else None, share)


def _verdict(faults: Faults, *, known: bool) -> VerdictName:
    if faults.contradicted:
        return "contradicted"
    if faults.missing:
        return "unsupported" if known else "not_checked"
    if not known:
        return "not_checked"
    return "partly" if faults.doubts else "consistent"


def _stating(claim: Quantity, alignment: Alignment) -> list[int]:
    """The clauses of the text that state a figure."""
    return [alignment.clause_at(q.start) for q in stated(alignment.text) if compatible(claim, q)]


def _missing_quotations(sentence: str, source: Source) -> Faults:
    """Titles and words in quotation marks, which a writer does not put in words of its own."""
    text = "\n".join((source.text, *source.heading))
    if is_cjk(sentence) != is_cjk(text):  # a title may be translated
        return Faults()
    named = letters(text)
    quoted = (next(group for group in match.groups() if group) for match in _TITLE.finditer(sentence))
    return Faults((), tuple(f"{name} is not in the cited paragraph." for name in quoted if letters(name) not in named))


def _missing_words(sentence: str, best: NDArray[np.float32], alignment: Alignment, share: float) -> Faults:
    """Words that have no counterpart in the paragraph: the paragraph speaks of something else when most have none."""
    if share < SPEAKS_OF_IT:
        return Faults((), ("The cited paragraph speaks of something else.",))
    least = MISSED[is_cjk(sentence) != is_cjk(alignment.text)]
    missing = [
        sentence[slice(*span)]
        for span, weight, found in zip(alignment.words.spans, alignment.words.weights, best, strict=True)
        if weight >= WEIGHTY and weight * (1 - found / NEAR) > least
    ]
    listed = dict.fromkeys(missing)
    return Faults((), (), (f"The cited paragraph has no words for: {', '.join(listed)}.",)) if listed else Faults()


def support(sentence: str, source: Source) -> float:
    """Share of a sentence's meaning that the source supports, in [0, 1]; 0 when anything disagrees or is missing.

    Two words of meaning are the least that can be recognised: "k=1" is found in many paragraphs.
    """
    comparison = compare(sentence, source)
    if comparison.rank < _HOLDS or np.count_nonzero(words(sentence).weights >= CONTENT) < 2:
        return 0.0
    return comparison.share


def says_nothing(sentence: str, question: str = "") -> bool:
    """The question again; or no figure, title or name in a question, lead-in, short heading, rule or empty words."""
    if question and letters(sentence) == letters(question):  # "how many are there." as well
        return True
    if len(sentence) > LONGEST or claimed(sentence) or _TITLE.search(sentence):
        return False
    if sentence.rstrip().endswith((":", "：", *ASKS)) or not any(map(str.isalnum, sentence)):
        return True
    if sentence.startswith("#") and size(sentence) <= BARE:  # a longer one may claim anything
        return True
    return not any((words(text).weights >= CONTENT).any() for text in (sentence, question))


def adds(sentence: str, question: str) -> bool:
    """Whether a sentence has a figure or a word of meaning that the question lacks.

    "An alliance was set up." adds nothing to "Which alliance was set up?"
    """
    asked, told = letters(question), words(sentence)
    heavy = [sentence[slice(*span)] for span, weight in zip(told.spans, told.weights, strict=True) if weight >= CONTENT]
    return any(letters(one) not in asked for one in [*heavy, *(figure.text for figure in claimed(sentence))])


def size(sentence: str) -> int:
    """Words of meaning and figures of a sentence; up to `BARE` it says something only together with its question."""
    return int((words(sentence).weights > FUNCTION).sum()) + len(claimed(sentence))


def lead_in(sentence: str, marks: Sequence[int]) -> int:
    """Where the claim begins after a clause that only names its source, as "根据[1]中的信息，" does; else 0.

    `marks`: where marks were in the sentence. Such a clause has one inside, no figure, and next to no words.
    """
    if not marks or len(sentence) > LONGEST:
        return 0
    first = clauses(sentence)[0].end if clauses(sentence) else 0
    lead = sentence[:first]
    inside = any(mark < len(lead.rstrip("，,:： ")) for mark in marks)
    return first if inside and first < len(sentence) and not claimed(lead) and size(lead) <= BARE else 0


def _elsewhere(source: Source) -> str:
    place = f" (under {source.heading[-1]})" if source.heading else ""
    return f"It is not the cited paragraph but another{place} that says so: {source.text[:24]}..."


def _rest(source: Source) -> str:
    return f"The cited paragraph carries a part of it; another says the rest: {source.text[:24]}..."


_UNCITED = Comparison("unsupported", ("No source is cited.",), None, 0.0)
_HOLDS = (_RANK.index("consistent"), 0.0)
