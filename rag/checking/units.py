"""Units and measure words of Chinese and English, folded to one name each, and which may replace each other.

The words themselves are in `vocabulary.toml`, with the currencies and the particles of negation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from fractions import Fraction
from importlib.resources import files
from typing import Any

VOCABULARY: dict[str, Any] = tomllib.loads(
    files("rag.checking").joinpath("vocabulary.toml").read_text(encoding="utf-8")
)
"""The words that checking knows: negation, units, measures, currencies."""

_UNITS: dict[str, dict[str, Any]] = VOCABULARY["units"]
_MEASURES = VOCABULARY["measures"]
_WORDS = {form: name for name, unit in _UNITS.items() for form in unit.get("english", ())}
_SYMBOLS = {form: name for name, unit in _UNITS.items() for form in unit.get("symbols", "").split()}
_HAN = {form: name for name, unit in _UNITS.items() for form in unit.get("chinese", "").split()}
_HAN |= {word: word for word in _MEASURES["words"].split()}

_COUNT = frozenset(_MEASURES["words"].split()) | {"户"}
_ALIKE = {frozenset(pair) for pair in _MEASURES["alike"]}
NUMBERING = frozenset(_MEASURES["numbering"].split())
"""Units with which a bare number says which one, like an ordinal: 20世纪, 三季度, 2期."""
AFTER_ONE_CHARACTER = frozenset(_MEASURES["after_one_character"].split()) | {
    name for name, unit in _UNITS.items() if "chinese" in unit and name not in _MEASURES["after_many"].split()
}
"""Units that make a figure of one Chinese digit before them. After the others it mostly names: 三元, 三角, 三门峡."""


def _any(forms: Iterable[str]) -> str:
    # Longest first, for alternatives are tried in order: 平方公里 before 平方.
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))


_UNIT = re.compile(
    rf"\s?(?P<han>{_any(_HAN)})|\s?(?P<symbol>{_any(_SYMBOLS)})(?![A-Za-z\d²³])"
    rf"|[\s-]?(?i:(?P<word>{_any(_WORDS)})s?)(?![A-Za-z])"
)


def unit_at(plain: str, position: int) -> tuple[str, int]:
    """The unit's folded name and where it ends; ("", position) when there is none. "公里。" -> ("km", 2)."""
    match = _UNIT.match(plain, position)
    if match is None:
        return "", position
    if match["word"]:
        return _WORDS[match["word"].lower()], match.end()
    return _HAN.get(match["han"]) or _SYMBOLS[match["symbol"]], match.end()


def same_unit(first: str, second: str) -> bool:
    """Whether two units do not contradict each other: no unit fits any, measure words fit each other."""
    if first == second or not first or not second:
        return True
    return (first in _COUNT and second in _COUNT) or frozenset((first, second)) in _ALIKE


def to_base(value: Fraction, unit: str) -> tuple[Fraction, str]:
    """The value in the unit that others of its kind are compared in: (5, "km") -> (5000, "m")."""
    known = _UNITS.get(unit, {})
    return value * Fraction(known.get("factor", 1)), known.get("base", unit)
