"""Figures that name rather than count: a year, 第三, 二期, 5号线, Line 5, G60.

"When will Line 5 open?" is not answered by what is said of Line 4, nor a question about 2023 by a figure of 2024.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text import fold
from rag.checking.quantities import Quantity, compatible, quantities

_NAMING_UNITS = frozenset("期 号 届 季度 季 章 节 批 版 班 路 线 楼 栋".split())
_NUMBERED = re.compile(
    r"\b(line|phase|stage|berth|chapter|section|part|route|unit|block|pier|gate|zone|room|no\.?|number) $"
)
_IN = re.compile(r"\b(in|since|by|until|during|of|before|after|for|from) $")
_YEARS = range(1900, 2100)


@dataclass(frozen=True, slots=True)
class _Label:
    """One naming figure."""

    sort: str
    """What it is a number of; labels of one sort exclude each other: "date", "期", "line"."""
    quantity: Quantity


def names_another(question: str, texts: Sequence[str]) -> bool:
    """Whether the question names a year or number that no text has, while one has another of the same sort.

    "三期何时开工" over "二期于6月开园" -> True; over a text without any 期 -> False.
    """
    missing = _missing(question, texts)
    if not missing:
        return False
    asked = _labels(question)
    said = [other for text in texts for other in _labels(text, loose=True)]
    others = {other.sort for other in said if not any(compatible(one.quantity, other.quantity) for one in asked)}
    return any(one.sort in others for one in missing)


def names_the_same(question: str, texts: Sequence[str]) -> bool:
    """Whether the question names years or numbers and the texts have all of them, as what they are."""
    said = [label for text in texts for label in _labels(text, loose=True)]
    asked = _labels(question)
    return bool(asked) and all(
        any(one.sort == other.sort and compatible(one.quantity, other.quantity) for other in said) for one in asked
    )


def names_a_year(question: str) -> bool:
    """Whether the question names a date."""
    return any(label.sort.startswith("date") for label in _labels(question))


def _missing(question: str, texts: Sequence[str]) -> list[_Label]:
    """The question's labels that no text has."""
    asked = _labels(question)
    figures = [figure for text in texts for figure in quantities(text, loose=True)] if asked else []
    return [one for one in asked if not any(compatible(one.quantity, figure) for figure in figures)]


def _labels(text: str, loose: bool = False) -> list[_Label]:
    return [_Label(sort, q) for q in quantities(text, loose=loose) if (sort := _sort(q, text))]


def _sort(quantity: Quantity, text: str) -> str:
    """Empty for a figure that counts."""
    before = fold(text[max(0, quantity.start - 12) : quantity.start])
    if quantity.kind in ("date", "ordinal", "code"):
        return quantity.kind + quantity.unit
    if quantity.kind != "number":
        return ""
    if quantity.unit in _NAMING_UNITS:
        return quantity.unit
    if match := _NUMBERED.search(before):
        return match.group(1)
    return "date" if not quantity.unit and quantity.value in _YEARS and _IN.search(before) else ""
