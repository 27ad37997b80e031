"""Reading order of a PDF page whose content is not written in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from index.reading.pdf_lines import Line

_LEAST = 4
"""Fewest lines on either side of a gutter for columns."""
_STARTS = 8
"""Places where most lines begin that are tried as the right side of a gutter."""
_FILLED = 0.6
"""Lines of a column fill it; cells of a table do not."""


def in_reading_order(lines: list[Line]) -> list[Line]:
    """The order of the content where it goes down the page column by column; else sorted by columns and height.

    Programs write columns one after the other. Where the content jumps from one side to the other at every line, or
    goes up the page again and again, its order is not for reading.
    """
    pieces = [piece for line in lines for piece in line.fragments()]
    gutter = _gutter(pieces)
    if gutter is None:
        return sorted(lines, key=lambda line: (-line.bottom, line.left)) if _jumpy(lines) else lines
    sides = [piece.left < gutter for piece in pieces]
    changes = sum(a != b for a, b in pairwise(sides))
    return lines if changes <= max(4, len(pieces) // 8) else _by_columns(pieces, gutter)


def _by_columns(lines: Sequence[Line], gutter: float) -> list[Line]:
    """Between lines that cross the gutter: the left column, then the right one."""
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.top):
        if line.left < gutter < line.right:
            ordered += [*left, *right, line]
            left, right = [], []
        else:
            (left if line.right <= gutter else right).append(line)
    return [*ordered, *left, *right]


def _gutter(lines: Sequence[Line]) -> float | None:
    """The place across the page that fewest lines cross, with columns on both sides: not where paragraphs indent."""
    starts = Counter(round(line.left) for line in lines)
    found: list[tuple[int, float]] = []
    for start, count in starts.most_common(_STARTS):
        gutter = start - 1.0
        left = [line for line in lines if line.right <= gutter]
        right = [line for line in lines if line.left >= gutter]
        crossing = len(lines) - len(left) - len(right)
        if count >= _LEAST <= len(left) and crossing * 3 <= len(lines) and _filled(left) and _filled(right):
            found.append((crossing, gutter))
    return min(found)[1] if found else None


def _filled(lines: Sequence[Line]) -> bool:
    width = max(line.right for line in lines) - min(line.left for line in lines)
    return median(line.right - line.left for line in lines) >= _FILLED * width


def _jumpy(lines: Sequence[Line]) -> bool:
    """Whether more than a quarter of the lines go up the page."""
    up = sum(1 for a, b in pairwise(lines) if b.bottom > a.top)
    return up * 4 > len(lines)
