"""Workbooks (.xlsx) to blocks, from their XML: a row a block under its sheet's name, with the names of its columns.

Rows are read one by one, so that a sheet of a million cells is never held as a tree.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from xml.etree.ElementTree import Element

from index.errors import InputError
from index.reading.archive import Archive
from index.reading.docx import core_properties
from index.reading.draft import Draft, raised
from index.reading.grid import Grid
from index.reading.number_format import BUILT_IN, show
from index.records import Parsed

M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SUPERSCRIPT = f"{M}rPr/{M}vertAlign[@val='superscript']"
_MAIN = "xl/workbook.xml"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
"""A character that XML cannot hold, or an underscore that would begin one: "_x000D_"."""
_MAX_COLUMNS = 1000


def read(data: bytes) -> Parsed:
    """The workbook's text and blocks. Raises InputError with the reason, ready to follow "PATH: "."""
    book, draft = _Book(Archive(data)), Draft()
    for name, part in book.sheets():
        draft.heading(1, name)
        above = ""
        for grid in _tables(book, part):
            above = _table(draft, grid, above)
    return draft.finish(core_properties(book.archive))


def first_sheet(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Number, from 1, and cells of each row of the first sheet that is not hidden. Raises InputError as `read` does."""
    book = _Book(Archive(data))
    for _, part in islice(book.sheets(), 1):
        for count, row in enumerate(book.archive.elements(part, f"{M}row"), start=1):
            yield int(row.get("r", count)), _cells(book, row)


def _table(draft: Draft, grid: Grid, caption: str) -> str:
    """Lines of a single cell above a table are its caption; they are returned where the table is still to come."""
    wide = max((i for i, row in enumerate(grid.rows) if len(list(filter(None, row))) > 1), default=-1)
    above = 0
    while (
        above < len(grid.rows)
        and len(set(filter(None, grid.rows[above]))) == 1
        and (above < wide or above + 1 == len(grid.rows))
    ):
        above += 1
    lines = [next(filter(None, row)) for row in grid.rows[:above]]
    for text in lines:
        draft.add(text)
    caption = " ".join(lines) or caption
    merged = [(a - above, b, c - above, d) for a, b, c, d in grid.merged if a >= above]
    draft.table(Grid(grid.rows[above:], merged=merged), caption)
    return "" if wide >= 0 else caption


class _Book:
    def __init__(self, archive: Archive) -> None:
        if _MAIN not in archive.names:
            raise InputError("it is not a workbook; open it in Excel and save it as .xlsx")
        self.archive = archive
        self._main = archive.xml(_MAIN)
        self._targets = archive.relations(_MAIN)
        parts = dict(self._targets.values())
        properties = self._main.find(f"{M}workbookPr")
        self.from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        shared = parts.get("sharedStrings", "")
        self.strings = [_rich(item) for item in archive.elements(shared, f"{M}si")] if shared in archive.names else []
        self.formats = _formats(archive.xml(parts.get("styles", "")))

    def sheets(self) -> Iterator[tuple[str, str]]:
        """Name and part of each sheet that is not hidden."""
        for sheet in self._main.iter(f"{M}sheet"):
            kind, target = self._targets.get(sheet.get(f"{R}id", ""), ("", ""))
            if kind == "worksheet" and sheet.get("state", "visible") == "visible" and target in self.archive.names:
                yield sheet.get("name", ""), target

    def shown(self, cell: Element) -> str:
        """A cell's value as the sheet shows it."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _rich(cell)
        value = cell.findtext(f"{M}v") or ""
        if kind == "s":
            return self.strings[int(value)] if value.isdecimal() and int(value) < len(self.strings) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind in ("str", "e", "d") or not value:
            return value
        style = int(cell.get("s", "0"))
        return show(float(value), self.formats[style] if style < len(self.formats) else "General", self.from_1904)


def _rich(item: Element) -> str:
    """Text of several fonts as one; the reading aids (furigana) of Japanese cells left out."""
    parts = [item, *item.findall(f"{M}is"), *item.findall(f"{M}r"), *item.findall(f"{M}is/{M}r")]
    texts = ((part.findtext(f"{M}t") or "", part.find(_SUPERSCRIPT) is not None) for part in parts)
    whole = "".join(raised(text) if above else text for text, above in texts)
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), whole)


def _formats(styles: Element) -> list[str]:
    own = {each.get("numFmtId", ""): each.get("formatCode", "General") for each in styles.iter(f"{M}numFmt")}
    used = styles.find(f"{M}cellXfs")
    identities = [each.get("numFmtId", "0") for each in used] if used is not None else []
    return [own.get(identity) or BUILT_IN.get(int(identity), "General") for identity in identities]


def _tables(book: _Book, part: str) -> Iterator[Grid]:
    """The sheet's rows, cut where a row is empty."""
    # Merged cells follow the rows in the file, which is read twice.
    spans = sorted(_span(merge.get("ref", "")) for merge in book.archive.elements(part, f"{M}mergeCell"))
    high, covered = deque((top, bottom) for top, _, bottom, _ in spans if top < bottom), -1
    first, rows, last = 1, list[list[str]](), 0
    for row in book.archive.elements(part, f"{M}row"):
        number = int(row.get("r", last + 1))
        cells = _cells(book, row)
        while high and high[0][0] < number:
            covered = max(covered, high.popleft()[1])
        # Rows that a merged cell covers belong to the table, even empty ones.
        if not any(cells) and covered < number - 1:
            continue
        if number != last + 1 and rows:
            yield _grid(rows, first, spans)
            rows = []
        first = first if rows else number
        rows.append(cells)
        last = number
    if rows:
        yield _grid(rows, first, spans)


def _cells(book: _Book, row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{M}c"):
        place = _CELL.fullmatch(cell.get("r", ""))
        column = _column(place[1]) if place else len(cells)
        if column < _MAX_COLUMNS:
            cells += [""] * (column - len(cells))
            cells.append(book.shown(cell))
    return cells


def _grid(rows: list[list[str]], first: int, spans: list[tuple[int, int, int, int]]) -> Grid:
    top, bottom = first - 1, first - 1 + len(rows)
    within = spans[bisect_left(spans, top, key=itemgetter(0)) : bisect_left(spans, bottom, key=itemgetter(0))]
    inside = [(a - top, b, c - top, d) for a, b, c, d in within]
    Grid(rows, merged=inside).fill()
    left = min((next(i for i, cell in enumerate(row) if cell) for row in rows if any(row)), default=0)
    return Grid([row[left:] for row in rows], merged=[(a, b - left, c, d - left) for a, b, c, d in inside if b >= left])


def _span(reference: str) -> tuple[int, int, int, int]:
    """The range "B2:C4" -> (1, 1, 3, 2)."""
    ends = _CELL.findall(reference)
    if not ends:
        return (0, 0, 0, 0)
    (left, top), (right, bottom) = ends[0], ends[-1]
    return int(top) - 1, _column(left), int(bottom) - 1, min(_column(right), _MAX_COLUMNS - 1)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
