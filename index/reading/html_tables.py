"""Tables of web pages to grids: spanning cells repeated in every place they cover, layout told from data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborNode

from index.reading.grid import Grid

_MAX_SPAN = 1000
_MAX_CELLS = 2_000_000
"""Cells of one table, spans included; beyond that spans count one."""


def is_data(table: LexborNode) -> bool:
    """Whether it holds rows of values: no table inside, no role that denies it, more than one row and column."""
    if table.attributes.get("role") in ("presentation", "none") or len(table.css("table")) > 1:  # itself
        return False
    rows = list(_rows(table))
    return len(rows) > 1 and max(len(cells) for _, cells in rows) > 1


def grid(table: LexborNode, text: Callable[[LexborNode], str]) -> Grid:
    """Its cells; the rows of `thead`, or those at the top of nothing but `th`, name the columns."""
    rows: list[list[str]] = []
    covered: dict[int, tuple[str, int]] = {}  # column -> text and rows still to be covered from above
    budget, header, heading = _MAX_CELLS, 0, True
    for in_head, cells in _rows(table):
        row: list[str] = []
        for cell in cells:
            _cover(row, covered)
            wide, high = (_span(cell, name) if budget > 0 else 1 for name in ("colspan", "rowspan"))
            budget -= wide * high
            shown = text(cell)
            for _ in range(wide):
                if high > 1:
                    covered[len(row)] = (shown, high - 1)
                row.append(shown)
        _cover(row, covered)
        rows.append(row)
        heading = heading and (in_head or all(cell.tag == "th" for cell in cells))
        header += heading
    return Grid(rows, header_rows=min(header, len(rows) - 1) or None)


def _cover(row: list[str], covered: dict[int, tuple[str, int]]) -> None:
    """Continue cells of the rows above from here on, as long as they follow one another."""
    while (above := covered.pop(len(row), None)) is not None:
        if above[1] > 1:
            covered[len(row)] = (above[0], above[1] - 1)
        row.append(above[0])


def _rows(table: LexborNode) -> Iterator[tuple[bool, list[LexborNode]]]:
    """Each row with whether it is in the table's head; only those of the table itself."""
    for row in table.css("tr"):
        cells = [cell for cell in row.iter() if cell.tag in ("td", "th")]
        if cells:
            yield row.parent is not None and row.parent.tag == "thead", cells


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return min(int(value), _MAX_SPAN) or 1 if value.isascii() and value.isdigit() and len(value) < 9 else 1
