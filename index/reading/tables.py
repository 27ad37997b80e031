"""Tables in plain text: lines with the same number of cells, and what names their columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.reading.grid import is_figure, is_year
from index.sentences import columns

_DELIMITERS = (("\t", 1, 2), (",", 2, 3), (";", 2, 3))
"""A delimiter, how many of it a line has at least, and how many such lines make a table."""
_SPACES = re.compile("[ \u3000]{2,}")
"""The other delimiter: cells begin, or end, below one another."""
_LEAST_DRAWN = 3
"""Fewest lines of a table drawn with spaces."""
_LONGEST_DRAWN = 300
"""Characters of the longest."""


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space (full-width spaces too) at either end."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def table_at(lines: Sequence[str], i: int) -> tuple[int, str]:
    """How many of the lines from i on are rows of one table, and its delimiter; 0 when they are none."""
    for delimiter, least, rows in _DELIMITERS:
        cells = lines[i].count(delimiter)
        if cells < least:
            continue
        end = i
        while end < len(lines) and _is_row(lines[end], delimiter, cells):
            end += 1
        if end - i >= rows:
            return end - i, delimiter
    end, edges = i, _edges(lines[i])
    while edges and all(edges):
        end += 1
        below = _edges(lines[end]) if end < len(lines) else []
        edges = [a & b for a, b in zip(edges, below, strict=True)] if len(edges) == len(below) else []
    return (end - i, "  ") if end - i >= _LEAST_DRAWN else (0, "")


def _edges(line: str) -> list[set[tuple[str, int]]]:
    """Where each cell but the first begins and ends, in columns of a terminal; nothing for prose."""
    start, end = trim(line, 0, len(line))
    gaps = list(_SPACES.finditer(line, start, end)) if len(line) <= _LONGEST_DRAWN else []
    if not gaps or line[:end].endswith((".", "。")):
        return []
    ends = [*(gap.start() for gap in gaps[1:]), end]
    return [
        {("left", columns(line[: gap.end()])), ("right", columns(line[:end]))}
        for gap, end in zip(gaps, ends, strict=True)
    ]


def _is_row(line: str, delimiter: str, cells: int) -> bool:
    """Prose has a space behind its commas, and ends in a stop."""
    prose = delimiter != "\t" and (delimiter + " " in line or line.rstrip().endswith((".", "。")))
    return line.count(delimiter) == cells and not prose


def header(first_row: str, delimiter: str) -> str:
    """The names of the columns, "Item | 2023 | 2022", when the first row has them: no figure, or years, in it."""
    parts = _SPACES.split(first_row.strip()) if delimiter == "  " else first_row.split(delimiter)
    first = [cell.strip() for cell in parts]
    named = all(first[1:]) and not any(is_figure(cell) and not is_year(cell) for cell in first[1:])
    return " | ".join(first) if named else ""
