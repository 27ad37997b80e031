"""Lines of a PDF to headings, paragraphs, list items and tables, by their places and type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.reading.grid import Grid
from index.reading.pdf_lines import Line, running_text, spaceless
from index.reading.pdf_tables import Table, table_at
from index.reading.structure import ITEM
from index.records import Kind

_STOP = tuple("。！？；：.!?;:”」』")
_NEAR = 8
"""Most lines before and behind in which a column's right edge is looked for."""
_INDENT = 0.8
_MOST_LINES = 3
"""Most lines of a heading."""


@dataclass(slots=True)
class Part:
    """One heading, paragraph, list item or table."""

    page: int
    text: str = ""
    kind: Kind = "paragraph"
    level: int = 0
    grid: Grid | None = None
    caption: str = ""


def half_points(size: float) -> float:
    """A type size rounded to half points: 11.96 and 12.02 are one size to a reader."""
    return round(size * 2) / 2


def parts(lines: Sequence[Line], levels: Mapping[float, int]) -> Iterator[Part]:
    """The document's parts in order; `levels` has the level of a heading by its size in half points."""
    spacing, space = _spacing(lines), _space(lines)
    table: Table | None = None
    above: Part | None = None
    i = 0
    while i < len(lines):
        found = table_at(lines, i, spacing, space)
        if found:
            grid = found.continued(table)
            above = Part(found.page, grid=grid, caption=_caption(above, lines[i]))
            table, i = found, found.end
        else:
            end = _end(lines, i, spacing, space, levels)
            above = _part(lines[i:end], lines[end : end + 1], levels)
            i = end
        yield above


def _caption(above: Part | None, line: Line) -> str:
    """A short line above a table that is no sentence."""
    fits = above and above.page == line.page and not above.grid and not above.level and len(above.text) < 120
    return above.text if above and fits and not above.text.endswith(("。", ".")) else ""


def _part(lines: Sequence[Line], below: Sequence[Line], levels: Mapping[float, int]) -> Part:
    first = lines[0]
    text = running_text(lines)
    level = _level(lines, levels)
    alone = len(lines) == 1 and first.bold and not (below and below[0].bold and below[0].page == first.page)
    if not level and alone and len(text) < 80 and not text.endswith((*_STOP, "，", ",")):
        level = len(levels) + 1
    kind: Kind = "list_item" if ITEM.match(text) else "paragraph"
    return Part(first.page, text, kind, level)


def _level(lines: Sequence[Line], levels: Mapping[float, int]) -> int:
    level = levels.get(half_points(lines[0].size), 0)
    return level if len(lines) <= _MOST_LINES and sum(len(line.text) for line in lines) < 200 else 0


def _end(lines: Sequence[Line], i: int, spacing: float, space: float, levels: Mapping[float, int]) -> int:
    """One past the last line of the paragraph that begins at line i."""
    first = lines[i]
    end = i + 1
    while end < len(lines):
        a, b = lines[end - 1], lines[end]
        if abs(a.size - b.size) > 0.08 * a.size or table_at(lines, end, spacing, space):
            break
        if levels.get(half_points(a.size)) and a.page == b.page:
            if _gap(a, b) > 0.8 * a.size:
                break
        elif _parted(lines, first, end, spacing):
            break
        end += 1
    return end


def _parted(lines: Sequence[Line], first: Line, at: int, spacing: float) -> bool:
    """Whether line `at` begins another paragraph than the line before it, whose first line is `first`."""
    a, b = lines[at - 1], lines[at]
    full = not _fits(a, b, _right(lines, at - 1, spacing))
    if a.page != b.page or b.top > a.top + 0.5 * a.size:  # the next page or column
        return a.text.endswith(_STOP) or not full
    if _gap(a, b) > (spacing + 0.3) * a.size or not full or a.bold != b.bold:
        return True
    # The second line of an item begins below its text, not below its number.
    hanging = bool(ITEM.match(first.text)) and a is first
    indented = b.left > a.left + _INDENT * a.size and not hanging
    outdented = b.left < a.left - _INDENT * a.size and a is not first
    return indented or outdented or bool(ITEM.match(b.text) and a.text.endswith(_STOP))


def _fits(a: Line, b: Line, right: float) -> bool:
    """Whether the beginning of b would have had room behind a, so that the line was ended on purpose."""
    word = b.words[0]
    letters = next((i for i, c in enumerate(word.text) if spaceless(c)), len(word.text))
    needed = (word.right - word.left) * letters / len(word.text) + 0.3 * b.size if letters else 2.2 * b.size
    return a.right + needed < right


def _right(lines: Sequence[Line], i: int, spacing: float) -> float:
    """The right edge of the text around line i: the furthest of the lines close above and below it."""
    right = lines[i].right
    for step in (-1, 1):
        for j in range(i + step, i + step * (_NEAR + 1), step):
            if not 0 <= j < len(lines):
                break
            a, b = sorted((lines[j], lines[j - step]), key=lambda line: -line.bottom)
            beside = a.left < b.right and b.left < a.right and a.page == b.page
            if not beside or not -a.size < _gap(a, b) <= (spacing + 0.3) * a.size or lines[j].gappy:
                break
            right = max(right, lines[j].right)
    return right


def _gap(a: Line, b: Line) -> float:
    return a.bottom - b.top


def _spacing(lines: Sequence[Line]) -> float:
    """The usual gap between two lines of a paragraph, in type sizes."""
    gaps: Counter[float] = Counter()
    for a, b in pairwise(lines):
        gap = _gap(a, b) / a.size
        if a.page == b.page and -0.6 < gap < 1.2 and abs(a.size - b.size) < 0.5:
            gaps[round(gap, 1)] += 1
    usual = gaps.most_common(1)[0][1] if gaps else 0
    return min((gap for gap, count in gaps.items() if count * 3 >= usual), default=0.2)


def _space(lines: Sequence[Line]) -> float:
    """The usual space between two words of a line, in type sizes."""
    gaps = [(b.left - a.right) / line.size for line in lines[:2000] if not line.gappy for a, b in pairwise(line.words)]
    return min(median(gaps), 0.5) if gaps else 0.25
