"""Which figures of a question the paragraph lacks that would answer it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from fractions import Fraction

from index.records import Paragraph
from rag.checking.dates import covers, parts
from rag.checking.quantities import Quantity, compatible, quantities
from rag.checking.units import NUMBERING
from rag.readings import context


def figures_missing(figures: Sequence[Quantity], paragraph: Paragraph, document: Sequence[str], sentence: str) -> float:
    """Share of a question's figures that the paragraph lacks; 0 without any.

    A measure may lie between two of the sentence that would be quoted: 12 years, where it deals with 10 to 20 years.
    A year may be anywhere in what was found of its document: a report on 2019 writes "in March". An item of a list
    has its number as an ordinal: the third step. A number in words counts what is asked about (the three districts),
    unless its unit numbers things (三期, phase three).
    """
    measures = quantities(sentence, loose=True)
    asked = [one for one in figures if not (_counts(one) or _between(one, measures))]
    if not asked:
        return 0.0
    number = "第" if paragraph.kind == "list_item" else ""
    held = quantities(f"{paragraph.head}\n{context(paragraph)}\n{number}{paragraph.text}", loose=True)
    years, other = _years(*document), other_year(asked, paragraph)
    return sum((other and bool(_dated(one)[0])) or not _stated(one, held, years) for one in asked) / len(asked)


def other_year(figures: Sequence[Quantity], paragraph: Paragraph) -> bool:
    """Whether a question's figures name a year, but the paragraph and the innermost heading with a year name others.

    In a report on 2024 that goes on to what is planned, what is below "二、2025年工作安排" is about 2025, whatever the
    title says. Years between two that are named count as named.
    """
    asked = {year for one in figures if (year := _dated(one)[0])}
    levels = (paragraph.context, *reversed([one for one in paragraph.heading if one != paragraph.title]))
    governing = next(filter(None, map(_years, levels)), None) if asked else None
    if not governing:
        return False
    named = governing | _years(paragraph.text)
    return not any(min(named) <= year <= max(named) for year in asked)


def _years(*texts: str) -> set[str]:
    return {year for text in texts for one in quantities(text, loose=True) if (year := _dated(one)[0])}


def _counts(one: Quantity) -> bool:
    return one.kind == "number" and one.unit not in NUMBERING and not any(map(str.isdigit, one.text))


def _between(asked: Quantity, measures: Sequence[Quantity]) -> bool:
    if asked.kind != "number" or not asked.unit:
        return False
    value = Fraction(asked.value)
    others = [Fraction(one.value) for one in measures if (one.kind, one.unit) == ("number", asked.unit)]
    return min(others, default=value) < value < max(others, default=value)


def _stated(asked: Quantity, held: Sequence[Quantity], years: Collection[str]) -> bool:
    if any(compatible(asked, one) for one in held):
        return True
    year, day = _dated(asked)
    alone = [str(one.value) for one in held if one.kind == "date" and not _dated(one)[0]]
    return year in years and (not day or any(covers(day, one) for one in alone))


def _dated(one: Quantity) -> tuple[str, str]:
    """Year and day, each "" where there is none: March 2019 is ("2019", "--03"), and a bare 2019 may be a year."""
    if one.kind == "date":
        year, *rest = parts(str(one.value))
        return year, f"--{'-'.join(filter(None, rest))}" if any(rest) else ""
    bare = one.kind == "number" and one.unit in ("", "年") and re.fullmatch(r"[12]\d{3}", str(one.value))
    return (str(one.value) if bare else ""), ""
