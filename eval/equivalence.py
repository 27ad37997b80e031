"""Text to comparable tokens: numbers by value, Chinese by character, other scripts by word.

Numbers, shares and dates are read by the checker's own reader (`rag.checking.quantities`), so that an eval set and the
product agree on what a figure is: 12.3万人 is 123000人 and not 123万人, 5% is 百分之五 and not 5, "3" is not in "13".
The rest is folded (width, case, traditional characters) and cut into Chinese characters and words; punctuation is
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import Literal

from index.text import fold
from index.words import CJK, UNSPACED
from rag.checking.numerals import CHINESE_DIGITS, FORMAL_DIGITS, chinese, plain
from rag.checking.quantities import Quantity, compatible, quantities
from rag.checking.units import to_base

Token = str | Quantity
"""A character or word, folded; or a figure."""

Reading = Literal["words", "strict", "loose"]
"""Figures as words · figures that are meant as such · also numerals that may be figures (一家, "one")."""

_TOKEN = re.compile(rf"[{CJK}]|[{UNSPACED}]|[^\W_{CJK}{UNSPACED}]+")
_NUMERALS = frozenset(CHINESE_DIGITS) | frozenset(FORMAL_DIGITS) | frozenset("十百千万亿兆拾佰仟廿卅点")


@lru_cache(maxsize=4096)
def tokens(text: str, reading: Reading = "strict") -> tuple[Token, ...]:
    """The tokens in order: "全区12.3万人，Party" -> ("全", "区", Quantity(123000, "人"), "party")."""
    found: list[Token] = []
    at = 0
    for quantity in quantities(text, loose=reading == "loose") if reading != "words" else ():
        found += _TOKEN.findall(fold(text[at : quantity.start]))
        found.append(quantity)
        at = quantity.end
    return (*found, *_TOKEN.findall(fold(text[at:])))


def normalise(text: str) -> list[Hashable]:
    """Canonical tokens: "常住人口１２.３萬人" -> ["常", "住", "人", "口", ("number", 123000), "人"].

    Units are those that others of their kind are compared in: 5公里 and 5000米 give the same.
    """
    found: list[Hashable] = []
    for token in tokens(text):
        if isinstance(token, str):
            found.append(token)
        elif isinstance(token.value, str) or token.kind == "percent":
            found.append((token.kind, token.value))
        else:
            value, unit = to_base(token.value, token.unit)
            found += [(token.kind, value), *([unit] if unit else [])]
    return found


def contains(text: str, wanted: str, *, anywhere: bool = False) -> bool:
    """Whether the text contains `wanted`: its tokens in one run, figures by value.

    With `anywhere` (for facts that are a number or date) each of its figures and each run of words between them may
    be anywhere. contains("共13个", "3") is False; contains("计123000人", "12.3万人") is True.
    """
    if anywhere and (value := _numeral(wanted)) is not None:
        return any(isinstance(t, Quantity) and t.value == value and t.kind == "number" for t in tokens(text, "loose"))
    asked = tokens(wanted)
    if not asked:
        return False
    if not any(isinstance(token, Quantity) for token in asked):
        if _find(asked, tokens(text, "words"), whole=_is_numeral(wanted)):
            return True
        asked = tokens(wanted, "loose")
        if not any(isinstance(token, Quantity) for token in asked):
            return False
    readings: tuple[Reading, ...] = ("strict", "loose")
    for reading in readings:
        text_tokens, asked = tokens(text, reading), tokens(wanted, reading)
        if all(_find(run, text_tokens) for run in (_runs(asked) if anywhere else [asked])):
            return True
    return False


def same(first: str, second: str) -> bool:
    """Whether two texts are the same but for width, case, script, punctuation and the writing of figures."""
    return normalise(first) == normalise(second)


def same_figures(first: str, second: str) -> bool:
    """Whether the second text states every figure of the first."""
    shown = quantities(second)
    return all(any(compatible(claim, found) for found in shown) for claim in quantities(first))


def _runs(wanted: Sequence[Token]) -> list[list[Token]]:
    """Each figure on its own, each stretch of words between figures."""
    runs: list[list[Token]] = []
    for words, run in groupby(wanted, lambda token: isinstance(token, str)):
        pieces = list(run)
        runs += [pieces] if words else [[figure] for figure in pieces]
    return runs


def _find(wanted: Sequence[Token], text: Sequence[Token], whole: bool = False) -> bool:
    """Whether the tokens are in one run; with `whole` not inside a longer Chinese numeral."""
    size = len(wanted)
    for at in range(len(text) - size + 1):
        if all(_equal(a, b) for a, b in zip(wanted, text[at : at + size], strict=True)):
            around = (*text[max(0, at - 1) : at], *text[at + size : at + size + 1])
            if not whole or not any(token in _NUMERALS for token in around):
                return True
    return False


def _equal(wanted: Token, token: Token) -> bool:
    if isinstance(wanted, str) or isinstance(token, str):
        return wanted == token
    return compatible(wanted, token)


def _is_numeral(text: str) -> bool:
    return set(plain(text).strip()) <= _NUMERALS


def _numeral(text: str) -> Fraction | None:
    """The value of a text that is nothing but a Chinese numeral: "十二" -> 12, which alone is not read as a figure."""
    stripped = plain(text).strip()
    return chinese(stripped) if stripped and set(stripped) <= _NUMERALS else None
