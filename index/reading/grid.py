"""The cells of a table, merged ones repeated in every place they cover."""

from __future__ import annotations

from dataclasses import dataclass, field

_Span = tuple[int, int, int, int]


@dataclass(slots=True)
class Grid:
    """Rows of cell texts as shown; rows may differ in length."""

    rows: list[list[str]]
    header_rows: int | None = None
    """How many rows at the top name the columns; None when the file does not record it."""
    merged: list[_Span] = field(default_factory=list)
    """(first row, first column, last row, last column), from 0, inclusive."""

    def split(self) -> tuple[list[str], list[list[str]]]:
        """Names of the columns (empty when there are none) and the rows below that hold something."""
        self.fill()
        count = self._guess() if self.header_rows is None else min(self.header_rows, len(self.rows) - 1)
        names = [" ".join(dict.fromkeys(filter(None, column))) for column in _columns(self.rows[:count])]
        return names, [row for row in self.rows[count:] if any(cell.strip() for cell in row)]

    def fill(self) -> None:
        """Repeat the text of merged cells in every place they cover."""
        for top, left, bottom, right in self.merged:
            if top >= len(self.rows) or left >= len(self.rows[top]):
                continue
            text = self.rows[top][left]
            for row in self.rows[top : bottom + 1]:
                # A cell may be merged over all 16 384 columns of a sheet.
                row.extend([""] * (min(right, left + 255) + 1 - len(row)))
                row[left : right + 1] = [text] * len(row[left : right + 1])

    def _guess(self) -> int:
        """A first row without a figure over rows with figures names the columns; so does one that is fully filled."""
        if len(self.rows) < 2:
            return 0
        first, below = self.rows[0], self.rows[1:]
        if any(map(is_figure, first[1:])) and not all(map(is_year, filter(None, first[1:]))):
            return 0
        width = max(map(len, self.rows))
        full = sum(1 for cell in first if cell.strip()) >= width - 1
        figures = any(is_figure(cell) for row in below for cell in row)
        # Two columns without figures are labels and values: their first row names nothing.
        if not (full or figures) or (width == 2 and not figures):
            return 0
        return 1 + self._second_header_row()

    def _second_header_row(self) -> int:
        """1 when a name in the first row spans several columns, whose own names are below it."""
        spans = [(bottom, right - left) for top, left, bottom, right in self.merged if top == 0]
        wide = any(bottom == 0 and width for bottom, width in spans)
        return int(wide and len(self.rows) > 2 and not all(map(is_figure, filter(None, self.rows[1][1:]))))


def _columns(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[row[i].strip() if i < len(row) else "" for row in rows] for i in range(width)]


def is_figure(cell: str) -> bool:
    """Whether it is a number, with its sign, currency and unit; a year may be one."""
    plain = cell.strip().lstrip("-+(¥$€£￥")
    return plain[:1].isdigit() and sum(map(str.isdigit, plain)) * 2 >= len(plain.replace(",", "").replace(".", ""))


def is_year(cell: str) -> bool:
    """Whether it may be a year: "2023", "FY2023"."""
    return sum(map(str.isdigit, cell)) == 4
