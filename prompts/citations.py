"""Citation marks: the form we ask for, the many forms we read, and the one form we show.

Reading is lenient about brackets and separators (`[1]`, `[1][2]`, `[1,2]`, `[1，2]`, `［1、2］`, `【1】`, `〔1〕`,
`[1-3]`, in backticks or not) and strict about numbers: a mark that names a source we did not give is removed and
counted. `[2023]` is text: no mark has more than three digits. Code between backticks is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_INSIDE = r"[\s　]*\d{1,3}(?:[\s　]*[,，、;；\-–—~～至到][\s　]*\d{1,3}){0,30}[\s　]*"
_MARK = re.compile(rf"`?(?:\[{_INSIDE}\]|［{_INSIDE}］|【{_INSIDE}】|〔{_INSIDE}〕)`?")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_NUMBER_OR_DASH = re.compile(r"\d+|[\-–—~～至到]")
_LONGEST_RANGE = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """One citation mark in a text."""

    start: int
    """First character, backtick included."""
    end: int
    """One past the last character."""
    numbers: tuple[int, ...]
    """The source numbers it names, in the order written, ranges spelled out, repeats dropped."""


def render(number: int) -> str:
    """The mark as we write it: 3 -> "[3]"."""
    return f"[{number}]"


def find_marks(text: str) -> list[Mark]:
    """Every mark outside code, in order. Full-width digits count as digits."""
    code = [m.span() for m in _CODE.finditer(text) if not _MARK.fullmatch(m.group())]
    marks = []
    for match in _MARK.finditer(text):
        if not any(start <= match.start() < end for start, end in code):
            marks.append(Mark(match.start(), match.end(), _numbers(match.group())))
    return marks


def _numbers(mark: str) -> tuple[int, ...]:
    numbers: dict[int, None] = {}
    last, ranged = 0, False
    for piece in _NUMBER_OR_DASH.findall(mark):
        if not piece[0].isdigit():
            ranged = True
            continue
        number = int(piece)
        if ranged and last < number <= last + _LONGEST_RANGE:
            numbers.update(dict.fromkeys(range(last + 1, number + 1)))
        else:
            numbers[number] = None
        last, ranged = number, False
    return tuple(numbers)


def strip_marks(text: str) -> str:
    """The text without its marks, and without the space that stood before them."""
    kept, at = [], 0
    for mark in find_marks(text):
        kept.append(text[at : mark.start].rstrip(" \u3000"))
        at = mark.end
    return "".join([*kept, text[at:]])
