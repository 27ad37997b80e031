"""Every quantity of a text, with its place and one canonical value: figures, shares, dates, ordinals, codes.

Figures in digits of any script are always found: every digit of the text lies in exactly one quantity. Numerals in
Chinese characters and number words are found where they are figures ("三家", "一百二十", "twenty-five"), not where they
are part of a word (长三角, 统一, 五角场); a lone 一 or "one" is left out unless asked for.

Decided once where writing is ambiguous: "1,234" is 1234 (groups of three are thousands), "3,5" away from Chinese text
is 3.5, "1.234" is 1.234; "2010-12" is a month; "05/06/2023" stays a code; "2000年" is the year. A range is two
quantities that share unit and multiplier: "3-5万人" is 30000 人 and 50000 人, "2023—2025年" two years.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import zip_longest

from rag.checking import figures
from rag.checking.dates import covers, parts
from rag.checking.figures import Found, Kind
from rag.checking.numerals import plain
from rag.checking.units import NUMBERING, same_unit, to_base


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure, share, date, ordinal or code, where it stands."""

    kind: Kind
    """number | percent | date | ordinal | code (a name made of digits: G60, 10:30, 1+1+N)."""
    value: Fraction | str
    """Exact. "2023", "2023-05", "2023-05-01", "--05", "--05-01" for a date; the folded text for a code."""
    unit: str
    """Folded unit or measure word ("元", "km", "家", "%"); empty when none follows."""
    start: int
    """First character, in the text that was read."""
    end: int
    """One past the last character."""
    text: str
    """As it stands: text[start:end]."""
    approximate: bool = False
    """The text itself says so: 近百家, 20多, nearly 1,000, at least five."""


_ABOUT_BEFORE = re.compile(
    r"(?:(?<![附最靠邻临亲])近|(?<![签节合条公预制契集简])约|逾|超|超过|超出|突破|不少于|不低于|不超过|至少|至多|最多|多达|高达"
    r"|约为|(?<![不超通经])过|(?<!等)不足|不到"
    r"|\b(?i:about|nearly|almost|around|over|above|under|below|than|at least|at most|some|up to|roughly|close to"
    r"|approximately|approx\.?|ca?\.)\s(?:an?\s)?|[~≈<>≥≤])\s?$"
)
_ABOUT_AFTER = re.compile(r"(?:左右|上下|以上|以下|以内|余|\+(?!\w)|\s(?i:or (?:so|more|less))\b)")
_LOOK_BACK = 16
_TO = re.compile(r"\s?(?:[-–—~]|——|至|到|\sto\s)\s?")


def quantities(text: str, *, loose: bool = False) -> list[Quantity]:
    """Every quantity in order of place, never overlapping; `text[q.start:q.end] == q.text`. Linear time.

    With `loose`, also numerals that are figures only to someone who looks for one: 一家, 百家, 首个, "one", "first".
    Evidence is read loosely, a claim strictly. "16家院所、近百家企业" -> 16 家, about 100 家.
    """
    folded = plain(text)
    readers: tuple[Callable[[str], Iterator[Found]], ...] = (
        figures.all_dates,
        figures.codes,
        figures.shares,
        partial(figures.ordinals, loose=loose),
        figures.numbers,
        partial(figures.chinese_numbers, loose=loose),
        partial(figures.english_numbers, loose=loose),
    )
    found: list[Found] = []
    rest = folded
    for read in readers:
        rest = _take(rest, list(read(rest)), found)
    found.sort(key=lambda one: one.start)
    return [_quantity(one, text, folded) for one in _joined_ranges(found, folded)]


def _take(rest: str, new: list[Found], found: list[Found]) -> str:
    """Adds what does not overlap and blanks it out, so that the next reader does not see it again."""
    pieces: list[str] = []
    position = 0
    for one in sorted(new, key=lambda one: one.start):
        if one.start >= position:
            pieces += rest[position : one.start], "\0" * (one.end - one.start)
            position = one.end
            found.append(one)
    return "".join(pieces) + rest[position:] if pieces else rest


def _quantity(one: Found, text: str, folded: str) -> Quantity:
    about = one.approximate or (
        one.kind in ("number", "percent")
        and bool(
            _ABOUT_BEFORE.search(folded, max(0, one.start - _LOOK_BACK), one.start)
            or _ABOUT_AFTER.match(folded, one.end)
        )
    )
    return Quantity(one.kind, one.value, one.unit, one.start, one.end, text[one.start : one.end], about)


def _joined_ranges(found: list[Found], folded: str) -> Iterator[Found]:
    """The lower end of a range takes over what is written only once, after the upper end."""
    for one, following in zip_longest(found, found[1:]):
        if following and one.kind == "number" and not one.unit and _TO.fullmatch(folded, one.end, following.start):
            yield _like(one, following)
        else:
            yield one


def _like(low: Found, high: Found) -> Found:
    value = low.value
    if not isinstance(value, Fraction):
        return low
    if high.kind == "date":
        return replace(low, kind="date", value=str(value)) if _is_year(value) and parts(str(high.value))[0] else low
    if not isinstance(high.value, Fraction) or high.kind not in ("number", "percent"):
        return low
    if low.factor == 1 and value < high.value / high.factor:
        value *= high.factor
    return replace(low, kind=high.kind, value=value, unit=high.unit)


def _is_year(value: Fraction) -> bool:
    return value.denominator == 1 and 1000 <= value <= 2999


def compatible(claim: Quantity, evidence: Quantity) -> bool:
    """Whether the evidence states the claim's value: 1.2万 and 12,000, 5% and 百分之五, 2023 and 2023年5月1日.

    Units must not contradict (none fits any; 家, 个 and 项 fit each other; 元 and 人 do not). A date must be said at
    least as finely as claimed. Whether one of the two is approximate does not count here: see `overstates`.
    """
    if claim.kind == evidence.kind == "date":
        return covers(str(claim.value), str(evidence.value))
    if "date" in (claim.kind, evidence.kind):
        return _same_year(claim, evidence) or _same_year(evidence, claim)
    if not isinstance(claim.value, Fraction) or not isinstance(evidence.value, Fraction):
        return claim.value == evidence.value
    if "percent" in (claim.kind, evidence.kind) and claim.kind != evidence.kind:
        return False
    if "ordinal" in (claim.kind, evidence.kind) and claim.kind != evidence.kind:
        counted = claim if evidence.kind == "ordinal" else evidence
        return counted.unit in NUMBERING and claim.value == evidence.value and same_unit(claim.unit, evidence.unit)
    return _same_value(claim, evidence)


def _same_value(claim: Quantity, evidence: Quantity) -> bool:
    """Equal in the same unit, or in the unit that both convert to."""
    assert isinstance(claim.value, Fraction)
    assert isinstance(evidence.value, Fraction)
    if claim.value == evidence.value and same_unit(claim.unit, evidence.unit):
        return True
    if claim.unit == evidence.unit == "年代":
        return claim.value % 100 == evidence.value % 100  # the 1980s are 80年代
    return bool(claim.unit) and to_base(claim.value, claim.unit) == to_base(evidence.value, evidence.unit)


def _same_year(number: Quantity, date: Quantity) -> bool:
    """A bare 2023 is the year of a date; a date that says more than the year claims more than a number shows."""
    if number.kind != "number" or not isinstance(number.value, Fraction) or number.unit not in ("", "年"):
        return False
    return parts(str(date.value))[0] == str(number.value)


def overstates(claim: Quantity, evidence: Quantity) -> bool:
    """Whether a compatible claim is exact where the evidence is only approximate: 1000家 from 近千家."""
    return evidence.approximate and not claim.approximate
