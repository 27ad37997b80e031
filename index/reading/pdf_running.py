"""Running heads, feet and page numbers of a PDF: lines that come again at the same height of other pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.reading.pdf_lines import Line

_MARGIN = 0.14
"""Part of the page, at its head and foot, in which running lines are looked for."""
_SHARE = 0.2
"""Of so many pages at least: a chapter's title runs over the pages of its chapter only."""
_DIGITS = re.compile(r"[0-9０-９]+")
_NUMBER_ONLY = re.compile(r"\W*(?:\d+\W*){1,2}")

_Key = tuple[str, int]


def without_running_heads(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """The pages' lines without those near an edge that repeat, figures aside, and without lone page numbers."""
    edges = [_edges(lines, height) for lines, height in zip(pages, heights, strict=True)]
    counts = Counter(key for edge in edges for key in set(edge.values()))
    least = max(2, min(len(pages) * _SHARE, 3))
    kept = []
    for number, (lines, edge) in enumerate(zip(pages, edges, strict=True), 1):
        running = {i for i, key in edge.items() if _seen(counts, key) >= least}
        running |= {i for i in edge if _is_number(lines[i].text, number, len(pages))}
        kept.append([line for i, line in enumerate(lines) if i not in running])
    return kept


def _edges(lines: Sequence[Line], height: float) -> dict[int, _Key]:
    """Lines near an edge and beyond everything else, by index: those from the edge inwards up to a wider gap."""
    found: dict[int, _Key] = {}
    for sign in (1, -1):
        order = sorted(range(len(lines)), key=lambda i: sign * lines[i].bottom)
        last: Line | None = None
        for i in order:
            line = lines[i]
            edge = line.top if sign == 1 else height - line.bottom
            if edge > height * _MARGIN:
                break
            if last and not _overlap(last, line) and _gap(last, line) > 3 * max(last.size, line.size):
                break
            found[i] = (_DIGITS.sub("#", line.text), round(line.bottom))
            last = line
    return found


def _seen(counts: Counter[_Key], key: _Key) -> int:
    """Pages with this line at this height; a point up or down is the same height."""
    text, bottom = key
    return counts[key] + max(counts[text, bottom - 1], counts[text, bottom + 1])


def _overlap(a: Line, b: Line) -> bool:
    return a.bottom < b.top and b.bottom < a.top


def _gap(a: Line, b: Line) -> float:
    return max(a.bottom - b.top, b.bottom - a.top)


def _is_number(text: str, page: int, pages: int) -> bool:
    """A lone "7", "- 7 -" or "7 / 12" on page 7 of 12."""
    figures = [int(figure) for figure in re.findall(r"\d+", text)][:3] if _NUMBER_ONLY.fullmatch(text) else []
    return figures in ([page], [page, pages])
