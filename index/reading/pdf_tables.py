"""Tables of a PDF: consecutive lines whose words keep the same strips of the page free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.reading.grid import Grid
from index.reading.pdf_lines import WIDE, Line, Word, running_text

_GUTTER = 0.9
"""Least width of what parts two columns of cells in every row, in spaces; in one row at least it is wide, and cells are
in line beside it."""
_FAR = 2.5
"""Most empty height between two rows, in type sizes."""
_MOST_LINES = 500
"""Most lines of a table on one page."""
_Strip = tuple[float, float]


@dataclass(slots=True)
class Table:
    """Rows of cells, as they were found on one page."""

    page: int
    end: int
    """One past its last line."""
    rows: list[list[str]]
    header: bool
    """Whether the first row is set in another type than the second."""

    def continued(self, above: Table | None) -> Grid:
        """Its cells; under the header of the table that it goes on, over the end of a page."""
        if above and above.page + 1 == self.page and len(above.rows[0]) == len(self.rows[0]):
            again = self.rows[0] == above.rows[0]
            return Grid(self.rows if again else [above.rows[0], *self.rows], header_rows=1)
        return Grid(self.rows, header_rows=1 if self.header else None)


def table_at(lines: Sequence[Line], start: int, spacing: float, space: float) -> Table | None:
    """The table that begins at a line, if one does."""
    first = lines[start]
    below = lines[start + 1 : start + 2]
    narrow = not first.gappy and len(first.words) > 1 and any(b.gappy and _near(first, b) for b in below)
    if not (first.gappy or narrow):
        return None
    strips = _free(first, [(-1e9, 1e9)], space)
    end = start + 1
    while end < min(len(lines), start + _MOST_LINES) and _near(lines[end - 1], lines[end]):
        line = lines[end]
        left = _free(line, strips, space)
        # What a longer line leaves free beyond the last column are the spaces between its words.
        if not any(a <= c and d <= b for a, b in _inner(strips) for c, d in left):
            break
        first_column = not line.gappy and line.left < min(strip[1] for strip in strips) + line.size
        # A line that fits into the first column is what follows the table, unless it is one line of several of a cell.
        if first_column and not _goes_on(lines, end, strips, space):
            break
        strips, end = left, end + 1
    region = lines[start:end]
    wide = [strip for line in region for strip in _gaps(line) if strip[1] - strip[0] > WIDE * line.size]
    gutters = [
        (a + b) / 2 for a, b in _inner(strips) if any(c <= a and b <= d for c, d in wide) and _aligned(region, a, b)
    ]
    # The last space of "Rope, 20 m" is free above a short "Anchor" too, but no cell begins behind it.
    gutters = [a for a, b in pairwise([*gutters, 1e9]) if any(_begins_cell(line, a, b) for line in region)]
    if sum(line.gappy for line in region) < 2 or not gutters:
        return None
    rows = _rows(region, gutters, spacing)
    if len(rows) < 2 or _is_list(rows) or (narrow and not _is_header(first, below[0], gutters)):
        return None
    return Table(first.page, end, rows, first.bold and not region[-1].bold)


def _begins_cell(line: Line, left: float, right: float) -> bool:
    """Whether the first word of a line between two gutters is as far from the word before as from another cell."""
    ends = -1e9
    for word in line.words:
        if left < word.left < right:
            return word.left - ends > WIDE * line.size
        ends = word.right
    return False


def _is_header(line: Line, below: Line, gutters: list[float]) -> bool:
    """Whether a line without wide gaps has a cell over each cell of the line below, in line with it or centred."""
    names, cells = _cells(line, gutters), _cells(below, gutters)
    near = 0.4 * line.size

    def over(a: Line, b: Line) -> bool:
        middle = abs(a.left + a.right - b.left - b.right) / 2
        return min(abs(a.left - b.left), abs(a.right - b.right), middle) < near

    return len(names) == len(gutters) + 1 and all(i in names and over(names[i], cells[i]) for i in cells)


def _aligned(lines: Sequence[Line], left: float, right: float) -> bool:
    """Whether the cells of two lines at least begin, or end, at the same place beside a strip."""
    near = 0.35 * lines[0].size
    begin = sum(any(abs(word.left - right) < near for word in line.words) for line in lines)
    end = sum(any(abs(word.right - left) < near for word in line.words) for line in lines)
    return max(begin, end) >= 2


def _near(a: Line, b: Line) -> bool:
    return (
        a.page == b.page and max(a.bottom - b.top, b.bottom - a.top) < _FAR * a.size and b.bottom < a.top + 20 * a.size
    )


def _goes_on(lines: Sequence[Line], i: int, strips: list[_Strip], space: float) -> bool:
    """Whether the line, in the first column alone, is a cell of a row whose other cells follow beside it."""
    line = lines[i]
    return any(
        other.page == line.page
        and other.bottom < line.top + line.size
        and line.bottom - line.size < other.top
        and _inner(_free(other, strips, space))
        and other.left > line.right
        for other in lines[i + 1 : i + 4]
    )


def _free(line: Line, strips: Iterable[_Strip], space: float) -> list[_Strip]:
    """What a line leaves free of the strips."""
    gaps = _gaps(line)
    least = _GUTTER * space * line.size
    return [(max(a, c), min(b, d)) for a, b in strips for c, d in gaps if min(b, d) - max(a, c) >= least]


def _gaps(line: Line) -> list[_Strip]:
    edges = [-1e9, *(edge for word in line.words for edge in (word.left, word.right)), 1e9]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _inner(strips: Sequence[_Strip]) -> list[_Strip]:
    return [(a, b) for a, b in strips if a > -1e8 and b < 1e8]


def _rows(lines: Sequence[Line], gutters: list[float], spacing: float) -> list[list[str]]:
    gaps = [a.bottom - b.top for a, b in pairwise(lines) if b.top <= a.top]
    # Where all lines are equally far apart, none continues a cell: each is a row.
    wrapped = bool(gaps) and max(gaps) - min(gaps) > 0.2 * lines[0].size
    most = (spacing + 0.15) * lines[0].size if wrapped else -1e9
    rows: list[list[list[Line]]] = []
    for line in lines:
        cells = _cells(line, gutters)
        if not rows or not _same_row(rows[-1], cells, most):
            rows.append([[] for _ in range(len(gutters) + 1)])
        for column, cell in cells.items():
            rows[-1][column].append(cell)
    return [[running_text(cell) for cell in row] for row in rows]


def _cells(line: Line, gutters: list[float]) -> dict[int, Line]:
    found: dict[int, list[Word]] = {}
    for word in line.words:
        found.setdefault(sum(word.left > gutter for gutter in gutters), []).append(word)
    return {column: replace(line, words=words) for column, words in found.items()}


def _same_row(row: list[list[Line]], cells: dict[int, Line], most: float) -> bool:
    """Whether each cell is to the right of the row's and beside them, or goes on one of them close below it."""
    held = [line for cell in row for line in cell]
    last = max(column for column, cell in enumerate(row) if cell)
    top, bottom = max(line.top for line in held), min(line.bottom for line in held)

    def belongs(column: int, line: Line) -> bool:
        if row[column]:
            before = row[column][-1]
            return before.bottom > line.bottom and before.bottom - line.top <= most
        middle = (line.top + line.bottom) / 2
        return column > last and bottom <= middle <= top

    return all(belongs(column, line) for column, line in cells.items())


def _is_list(rows: list[list[str]]) -> bool:
    """Two columns of which the first holds only short marks: a list, not a table."""
    return len(rows[0]) == 2 and all(len(row[0]) <= 3 and not row[0].isalpha() for row in rows)
