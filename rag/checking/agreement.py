"""What can be judged exactly of a sentence and the paragraph it cites: figures, their order, negation, wording."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from index.text import fold, is_cjk
from rag.checking.alignment import CONTENT, NEAR, Alignment, words
from rag.checking.numerals import plain
from rag.checking.quantities import Quantity, compatible, quantities
from rag.checking.units import same_unit
from rag.checking.verbatim import NEGATION, wording

_NEGATED = re.compile(r"[\s能被有得]*([\u4e00-\u9fff]{1,2}|[a-z]+|\d+)")
_MOST_ADDED = 6
"""Figures in a row that a sentence may give the sum of."""
_COUNTED = 10
"""Things that a writer may count without the paragraph giving their number."""
_APART = 0.1
"""How much nearer another figure's noun must be than its own, for a figure to be taken for exchanged."""


@lru_cache(maxsize=16)
def claimed(sentence: str) -> tuple[Quantity, ...]:
    """The figures of a sentence; it is held against several paragraphs."""
    return tuple(quantities(sentence))


@lru_cache(maxsize=512)
def stated(text: str) -> tuple[Quantity, ...]:
    """The figures of a paragraph, read loosely: 首个 and "one" too."""
    return tuple(quantities(text, loose=True))


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong, one plain sentence each."""

    contradicted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def __add__(self, other: Faults) -> Faults:
        return Faults(self.contradicted + other.contradicted, self.missing + other.missing, self.doubts + other.doubts)


def figure_faults(sentence: str, text: str, near: tuple[int, int], alignment: Alignment) -> Faults:
    """Figures that the text does not give, gives of something else, or gives only roughly.

    `near` is the stretch of the text that the sentence is aligned with: a figure of the same kind there, of another
    value, contradicts.
    """
    found, claims, evidence = Faults(), claimed(sentence), stated(text)
    said = [q for q in evidence if near[0] <= q.start < near[1] and not any(compatible(c, q) for c in claims)]
    taken: dict[Quantity, str] = {}
    for claim in claims:
        # One figure cannot carry two: in 与三所高校共建3个, where the text says 三所 and 9个, the 3个 has none.
        free = [q for q in evidence if claim.kind == "date" or taken.get(q, claim.text) == claim.text]
        fitting = sorted((q for q in free if compatible(claim, q)), key=lambda q: q.unit != claim.unit)
        taken |= dict.fromkeys(fitting[:1], claim.text)
        if not fitting:
            rivals = [q for q in said if _same_place(claim, q)]
            rival = next((q for q in rivals if _same_things(claim, q, text, alignment)), None)
            if rival or not _is_sum(claim, evidence):
                found += _absent(claim, rival or _nearest(claim, rivals), same=rival is not None)
        elif not claim.approximate and all(q.approximate for q in fitting):
            found += Faults((), (), (f"{claim.text} is only approximate in the cited paragraph.",))
        elif not any(_same_matter(q, alignment) for q in fitting):
            found += Faults((), (), (f"{claim.text} is said of something else in the cited paragraph.",))
    return found


def _nearest(claim: Quantity, rivals: Sequence[Quantity]) -> Quantity | None:
    """The first of the others with a unit; one in the claim's own unit (23间 for 32间, not 18项) comes first."""
    kept = [q for q in rivals if q.unit or q.kind != "number"]
    return min(kept, key=lambda q: q.unit != claim.unit, default=None)


def _absent(claim: Quantity, rival: Quantity | None, *, same: bool) -> Faults:
    """What the absence of a figure amounts to; a small number may have been counted by the writer.

    `same`: the rival counts the same things. One in another unit is named, but not set against the claim.
    """
    if rival and (same or rival.unit == claim.unit):
        return Faults((f"The cited paragraph says {rival.text}, not {claim.text}.",))
    if rival:
        return Faults((f"{claim.text} is not in the cited paragraph; the passage nearest to it has {rival.text}.",))
    missing = (f"{claim.text} is not in the cited paragraph.",)
    counted = claim.kind == "number" and claim.value in range(1, _COUNTED + 1)
    return Faults((), (), missing) if counted else Faults((), missing)


def _same_place(claim: Quantity, other: Quantity) -> bool:
    """Whether the other figure is of the claim's kind and in its unit."""
    return claim.kind == other.kind and same_unit(claim.unit, other.unit) and bool(claim.unit) == bool(other.unit)


def _same_things(claim: Quantity, other: Quantity, text: str, alignment: Alignment) -> bool:
    """Whether the two count the same, by the words that follow them: 18家科研院所 and 16家科研院所."""
    noun = _counted(claim, claimed(alignment.sentence), alignment.sentence)
    return _closeness(noun, alignment, _counted(other, stated(text), text)) >= 2 * NEAR


def _is_sum(claim: Quantity, evidence: Sequence[Quantity]) -> bool:
    """Whether the claim adds up neighbouring figures of one unit: 18家 over 2家高校、16家科研院所."""
    if not isinstance(claim.value, Fraction) or claim.kind != "number":
        return False
    run: list[Fraction] = []
    for q in evidence:
        if isinstance(q.value, Fraction) and q.kind == "number" and same_unit(claim.unit, q.unit):
            run = [*run, q.value][-_MOST_ADDED:]
        else:
            run = []  # only neighbours are added up
        if any(sum(run[-n:]) == claim.value for n in range(2, len(run) + 1)):
            return True
    return False


def _same_matter(figure: Quantity, alignment: Alignment) -> bool:
    """Whether a word of the sentence is found in the sentence of the text with the figure."""
    content = alignment.words.weights >= CONTENT
    if not content.any():
        return True
    number = alignment.clauses[alignment.clause_at(figure.start)].sentence
    columns = [i for i, clause in enumerate(alignment.clauses) if clause.sentence == number]
    return bool((alignment.by_clause[content][:, columns] >= NEAR).any())


def exchanged_figures(sentence: str, text: str, alignment: Alignment) -> Faults:
    """Figures that count what another one counts: "16 universities and 2 institutes" over 2家高校、16家科研院所."""
    evidence, found = stated(text), Faults()
    claims = [c for c in claimed(sentence) if c.kind in ("number", "percent")]
    nouns = [_counted(claim, claims, alignment.sentence) for claim in claims]
    for claim, noun in zip(claims, nouns, strict=True):
        own = [q for q in evidence if compatible(claim, q)]
        if not own or not noun:
            continue
        others = [
            q
            for q in evidence
            if q not in own and same_unit(claim.unit, q.unit) and any(compatible(c, q) for c in claims)
        ]
        counted = [_counted(q, evidence, text) for q in own]
        mine = max(_closeness(noun, alignment, things) for things in counted)
        if not all(counted):
            continue  # "9个" at the end of 联合实验室9个 counts what is before it
        for q in others:
            theirs = _closeness(noun, alignment, _counted(q, evidence, text))
            if theirs >= NEAR and theirs - mine >= _APART:
                found += Faults((f"The cited paragraph says {q.text} of what the sentence says {claim.text} of.",))
    return found


def _counted(figure: Quantity, every: Sequence[Quantity], text: str) -> list[int]:
    """Index of the content words that follow a figure, up to the next one or to punctuation, two at most."""
    after = text[figure.end :]
    stop = re.search(r"[，,。；;、：:()（）]", after)
    end = figure.end + (stop.start() if stop else len(after))
    end = min([end, *(q.start for q in every if q.start >= figure.end)])
    held = words(text)
    first = bisect_left(held.spans, (figure.end, 0))
    last = bisect_left(held.spans, (end, 0))
    return [i for i in range(first, last) if held.weights[i] >= CONTENT][:2]


def _closeness(noun: Sequence[int], alignment: Alignment, other: Sequence[int]) -> float:
    """Similarity, in [0, 1], of the nearest words of two counted things, one of the sentence and one of the text."""
    return max((float(alignment.near[i, alignment.of.rows[j]].max()) for i in noun for j in other), default=0.0)


def order_faults(sentence: str, near: str, alignment: Alignment) -> Faults:
    """Two words exchanged around others of meaning, where nothing else differs: 乙收购甲 over 甲收购乙 contradicts."""
    folded = plain(near).lower()
    ours = [item for _, item in wording(sentence)]
    theirs = [item for _, item in wording(near) if item in ours]
    if all(form in folded for form in alignment.words.forms) and _exchanged(ours, theirs):
        return Faults(("The cited paragraph says it the other way round.",))
    return Faults()


def _exchanged(ours: list[str], theirs: list[str]) -> bool:
    """Whether the two are alike but for two stretches that have changed places around a third: A M B and B M A."""
    if len(ours) != len(theirs) or sorted(ours) != sorted(theirs):
        return False
    differing = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    if not differing:
        return False
    first, last = differing[0], differing[-1] + 1
    a, b = ours[first:last], theirs[first:last]
    return any(
        a[:n] == b[-n:] and a[-m:] == b[:m] and a[n:-m] == b[m:-n]
        for n in range(1, len(a) - 1)
        for m in range(1, len(a) - n)
    )


def negation_faults(sentence: str, near: str) -> Faults:
    """A negation that only one of the two has; the same word negated there and stated here contradicts."""
    claim, source = fold(sentence), fold(near)
    ours, theirs = _negated(claim), _negated(source)
    # Between two scripts it can only be told whether there is a negation, not of what.
    if is_cjk(sentence) != is_cjk(near):
        return Faults((), (), (_NEGATION_DIFFERS,)) if bool(ours) != bool(theirs) else Faults()
    turned = {word for word in ours if word not in theirs and word in source}
    turned |= {word for word in theirs if word not in ours and word in claim}
    if turned and len(ours) != len(theirs):
        return Faults((_NEGATION_DIFFERS,))
    return Faults((), (), (_NEGATION_DIFFERS,)) if turned or (ours and not theirs) else Faults()


_NEGATION_DIFFERS = "One of the two is negated, the sentence or the cited paragraph."


def _negated(folded: str) -> list[str]:
    """The word after each negation, two characters of it in Chinese: 未建成 -> 建成, "did not open" -> "open"."""
    after = (_NEGATED.match(folded, match.end()) for match in NEGATION.finditer(folded))
    return [match.group(1) for match in after if match]
