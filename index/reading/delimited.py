"""CSV and TSV to blocks: every row with the names of its columns, whatever the delimiter and the encoding."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import replace
from itertools import islice

from index.errors import InputError
from index.reading.decoding import decode, replaced
from index.reading.draft import Draft
from index.reading.grid import Grid, is_figure, is_year
from index.records import Parsed

_DELIMITERS = ",;\t|"
_SAMPLE = 100
"""Rows from which the delimiter is told."""
_LINES_IN_A_CELL = 200
"""A cell of more lines has a quotation mark that was never closed: marks are then taken as they are."""


def read(data: bytes) -> Parsed:
    """A row a block, "Berlin | 12", with "City | Staff" as context. Raises InputError for what is not text."""
    text, encoding = decode(data)
    rows = _rows(text)
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    draft = Draft()
    caption = ""
    while len(rows) > 1 and width > 1 and sum(map(bool, rows[0])) == 1:  # a title above the table
        caption = next(filter(None, rows.pop(0)))
        draft.heading(1, caption)
    figures = any(is_figure(cell) and not is_year(cell) for cell in rows[0]) if rows else False
    draft.table(Grid(rows, header_rows=None if figures or len(rows) < 2 else 1))
    return replace(draft.finish(), encoding=encoding, notes=replaced(text))


def _rows(text: str) -> list[list[str]]:
    csv.field_size_limit(sys.maxsize)  # files are bounded, so fields are
    lines = [line + "\n" for line in text.split("\n")]
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 6:  # Excel's own hint
        return _parsed(lines[1:], lines[0][4])
    return _parsed(lines, max(_DELIMITERS, key=lambda delimiter: _fit(lines, delimiter)))


def _fit(lines: list[str], delimiter: str) -> tuple[float, int]:
    """How many of the first rows have as many cells as most, and how many cells that is; nothing for one cell."""
    widths = Counter(map(len, filter(any, islice(csv.reader(lines, delimiter=delimiter), _SAMPLE))))
    if not widths:
        return (0.0, 0)
    width, count = widths.most_common(1)[0]
    return (count / widths.total(), width) if width > 1 else (0.0, 0)


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
        if any(cell.count("\n") > _LINES_IN_A_CELL for row in rows for cell in row):
            rows = [[cell.strip() for cell in line.split(delimiter)] for line in lines]
    except csv.Error as error:
        raise InputError(f"it is no table ({error}); save it again as CSV") from None
    return [row for row in rows if any(row)]
