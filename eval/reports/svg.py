"""Plots as inline SVG: figures in, markup out, colours from the page's style sheet. Every text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a forest plot."""

    label: str
    """What is measured."""
    value: float
    """The estimate."""
    low: float
    """Lower end of its interval."""
    high: float
    """Upper end."""
    note: str
    """The figures in words, at the right."""
    tone: str = ""
    """CSS class: "good", "bad", or none."""


def forest(bars: Sequence[Bar], *, low: float, high: float, zero: float | None, title: str) -> str:
    """A row per bar: a dot and its interval on a common axis; `zero` marks where nothing changed.

    Drawn twice, for wide pages and for phones; the style sheet shows one of them.
    """
    across = _forest(bars, _Axis(low, high, 150, 770, 960), zero, title, row=30, drop=4)
    stacked = _forest(bars, _Axis(low, high, 8, 352, 360), zero, title, row=46, drop=-12)
    return f'<div class="across">{across}</div><div class="stacked">{stacked}</div>'


@dataclass(frozen=True, slots=True)
class _Axis:
    """Figures from `low` to `high` between two places of a plot `width` wide."""

    low: float
    high: float
    left: float
    right: float
    width: float

    def x(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.left + (inside - self.low) / (self.high - self.low) * (self.right - self.left)


def _forest(bars: Sequence[Bar], axis: _Axis, zero: float | None, title: str, *, row: int, drop: int) -> str:
    """`drop`: how far below its bar the label stands, negative for above."""
    height = row * len(bars) + 30
    ticks = [(axis.x(tick), tick) for tick in _ticks(axis.low, axis.high)]
    parts = [_line(x, 6, x, height - 24, "grid") for x, _ in ticks]
    parts += [_text(x, height - 8, _tick(tick), "axis", _anchor(x, axis.width)) for x, tick in ticks]
    if zero is not None:
        parts.append(_line(axis.x(zero), 6, axis.x(zero), height - 24, "zero"))
    for i, bar in enumerate(bars):
        y = row * (i + 1) - 10
        parts += [
            _text(0, y + drop, bar.label, "label"),
            _line(axis.x(bar.low), y, axis.x(bar.high), y, f"range {bar.tone}"),
            f'<circle cx="{axis.x(bar.value):.1f}" cy="{y}" r="5" class="dot {bar.tone}"/>',
            _text(axis.width, y + drop, bar.note, "note", "end"),
        ]
    return _svg(axis.width, height, title, parts)


def _anchor(x: float, width: float) -> str:
    """So that a tick at an edge stays inside."""
    return "start" if x < 12 else "end" if x > width - 12 else "middle"


def curves(
    series: Mapping[str, tuple[Points, str]], *, x_label: str, y_label: str, title: str, x_high: float = 1.0
) -> str:
    """Lines over a unit square, or up to `x_high`: name to its points and CSS class; the legend stands below."""
    left, top, width, height = 44, 24, 360, 282
    right, bottom = width - 14, height - 62

    def x(value: float) -> float:
        return left + value / x_high * (right - left)

    def y(value: float) -> float:
        return bottom - value * (bottom - top)

    parts: list[str] = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts += [
            _line(left, y(tick), right, y(tick), "grid"),
            _text(left - 6, y(tick) + 4, f"{tick:g}", "axis", "end"),
        ]
        across = tick * x_high
        parts.append(_text(x(across), bottom + 16, f"{across:.2g}", "axis", "middle"))
    parts += [_text((left + right) / 2, bottom + 33, x_label, "axis", "middle"), _text(left, top - 10, y_label, "axis")]
    at = float(left)
    for name, (points, tone) in series.items():
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" class="curve {tone}"/>')
        parts += [
            _line(at, height - 11, at + 18, height - 11, f"curve {tone}"),
            _text(at + 24, height - 7, name, "axis"),
        ]
        at += 40 + 9 * sum(1 if c.isascii() else 1.6 for c in name)
    return _svg(width, height, title, parts)


def heat_map(cells: Mapping[tuple[str, str], tuple[float, int]], *, title: str) -> str:
    """Rows and columns by name; each cell is as dark as its share is high, and says it with the number of cases."""
    rows = sorted({row for row, _ in cells})
    columns = sorted({column for _, column in cells})
    left, top, wide, high = 132, 26, 84, 40
    parts = [_text(left + wide * (i + 0.5), 16, name, "axis", "middle") for i, name in enumerate(columns)]
    for r, row in enumerate(rows):
        parts.append(_text(left - 10, top + high * (r + 0.5) + 4, row, "axis", "end"))
        for c, column in enumerate(columns):
            if (row, column) in cells:
                parts += _cell(left + wide * c, top + high * r, wide, high, *cells[row, column])
    return _svg(left + wide * len(columns), top + high * len(rows) + 4, title, parts)


def _cell(x: float, y: float, wide: float, high: float, value: float, n: int) -> list[str]:
    middle = x + wide / 2
    return [
        f'<rect x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{high - 2}" rx="4" class="cell" '
        f'fill-opacity="{0.04 + 0.46 * value:.2f}"/>',
        _text(middle, y + 18, f"{value:.2f}", "value", "middle"),
        _text(middle, y + 32, f"n = {n}", "count", "middle"),
    ]


def _ticks(low: float, high: float) -> list[float]:
    return [low + (high - low) * i / 4 for i in range(5)]


def _tick(value: float) -> str:
    return f"{round(value, 3):g}".replace("-", "\u2212")


def _line(x1: float, y1: float, x2: float, y2: float, tone: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{tone.strip()}"/>'


def _text(x: float, y: float, text: str, tone: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{tone}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """As wide as the page, never wider than drawn."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" style="max-width:{width:g}px" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
