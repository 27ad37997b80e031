"""Dates in Chinese, English and figures, as ISO 8601: "2023", "2023-05", "2023-05-01"; "--05-01" without a year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.checking.numerals import CHINESE_DIGITS, chinese

_YEAR = r"[12]\d{3}"
# 1980年代 is a decade.
_CHINESE_YEAR = rf"(?:{_YEAR}|[〇零○一二三四五六七八九]{{4}})\s?[年년](?!代)"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = r"(?:[-–—~至到]|——)"
_CHINESE = re.compile(
    rf"(?<![\d.,〇零○一二三四五六七八九十百第])(?:(?P<year>{_CHINESE_YEAR})\s?)?"
    rf"(?:(?P<since>{_MONTH})[月월]?(?={_TO}{_MONTH}[月월]){_TO})?"
    rf"(?P<month>{_MONTH})\s?[月월](?:\s?(?P<day>{_DAY})\s?[日号일])?"
    rf"|(?<![\d.,〇零○一二三四五六七八九十百第])(?P<alone>{_CHINESE_YEAR})"
)

_NAMES = "January February March April May June July August September October November December".split()
_ROW = {name[:3].lower(): row for row, name in enumerate(_NAMES, 1)}
_SHORT = "|".join(name[:3] for name in _NAMES if name != "May")
_NAME = rf"(?:{'|'.join(_NAMES)}|{'|'.join(_NAMES).upper()}|(?:Sept|{_SHORT})(?![a-z])\.?)"
# "march" and "may" are words too: alone they are months only behind "in", "since" and the like.
_CLEAR_NAME = rf"(?:{'|'.join(name for name in _NAMES if name not in ('March', 'May'))})"
_TH = r"(?:st|nd|rd|th)?"
_ENGLISH = re.compile(
    rf"(?<![A-Za-z\d])(?:(?P<name>{_NAME})\s?(?P<day>\d{{1,2}}){_TH}(?![\dA-Za-z:,.]\d)(?![\dA-Za-z:%])(?:,?\s(?P<year>{_YEAR})(?!\d))?"
    rf"|(?P<day2>\d{{1,2}}){_TH}[\s-](?:of\s)?(?P<name2>{_NAME})(?![a-z])(?:,?[\s-](?P<year2>{_YEAR})(?!\d))?"
    rf"|(?P<name3>{_NAME}),?[\s-](?:of )?(?P<year3>{_YEAR})(?!\d)"
    rf"|(?P<name4>{_CLEAR_NAME}|(?:(?<=[Ii]n )|(?<=[Bb]y )|(?<=since )|(?<=until )|(?<=early )|(?<=late )"
    rf"|(?<=last ))(?:March|May))(?![A-Za-z]))"
)
_FIGURES = re.compile(
    rf"(?<![A-Za-z\d.])(?:(?P<year>{_YEAR})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?!\d)"
    # "2010-12" is a month, "2010-13" two numbers.
    rf"|(?P<year2>{_YEAR})-(?P<month2>0[1-9]|1[0-2])(?![\d-]))"
)


def dates(plain: str) -> Iterator[tuple[str, int, int]]:
    """Every date as (ISO value, start, end); one kind of writing after another, so not in order and maybe twice."""
    for match in _FIGURES.finditer(plain):
        part = _first(match, "year", "month", "day")
        value = _iso(int(part["year"]), int(part["month"]), int(part["day"]) if part["day"] else None)
        if value:
            yield value, match.start(), match.end()
    yield from _chinese_dates(plain)
    for match in _ENGLISH.finditer(plain):
        part = _first(match, "year", "name", "day")
        month = _ROW[part["name"][:3].lower()]
        value = _iso(int(part["year"]) if part["year"] else None, month, int(part["day"]) if part["day"] else None)
        if value:
            yield value, match.start(), match.end()


def _chinese_dates(plain: str) -> Iterator[tuple[str, int, int]]:
    for match in _CHINESE.finditer(plain):
        year = _year(match["year"] or match["alone"])
        if match["alone"]:
            if year:
                yield f"{year:04}", match.start(), match.end()
            continue
        day = _number(match["day"]) if match["day"] else None
        value = _iso(year, _number(match["month"]), day)
        start = match.start()
        if match["since"]:
            yield _iso(year, _number(match["since"]), None), start, match.end("since")
            start = match.start("month")
        if value:
            yield value, start, match.end()


def _first(match: re.Match[str], *names: str) -> dict[str, str]:
    """The parts of whichever alternative matched: groups "year", "year2", "year3"... as "year"."""
    groups = match.groupdict()
    return {name: next((v for k, v in groups.items() if k.rstrip("234") == name and v), "") for name in names}


def _iso(year: int | None, month: int, day: int | None) -> str:
    """Empty when there is no such month or day."""
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return ""
    return ("-" if year is None else f"{year:04}") + f"-{month:02}" + ("" if day is None else f"-{day:02}")


def _year(written: str | None) -> int | None:
    if not written:
        return None
    return _number(written.strip("年년 \u00a0"))


def _number(written: str) -> int:
    if len(written) == 4 and all(character in CHINESE_DIGITS for character in written):
        return int("".join(str(CHINESE_DIGITS[character]) for character in written))
    return int(written) if written.isdigit() else int(chinese(written) or 0)


def parts(value: str) -> tuple[str, str, str]:
    """Year, month, day of an ISO value, "" for a missing part: "--05" -> ("", "05", "")."""
    year, month, day = [*value.replace("--", "-", 1).split("-"), "", ""][:3]
    return year, month, day


def covers(claim: str, evidence: str) -> bool:
    """Whether the evidence agrees and is as precise: "2023" is covered by "2023-05-01", not the other way round."""
    return all(not said or said == shown for said, shown in zip(parts(claim), parts(evidence), strict=True))
