"""Plain text to blocks: blank lines, hard wraps, and headings that are nothing but short lines.

Nothing in plain text says how far a heading reaches, so the scope is kept honest. A numbered title (`8.1 ...`,
`第二章 ...`) governs until the next of its level. A bare label (`普陀区`) governs the one paragraph that follows,
unless most labels of the file are followed by several paragraphs. A line that governs nothing is a paragraph.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.reading.decoding import decode
from index.records import Block, Parsed

_ENDINGS = "。！？；，、….!?;,"
_LABEL_COLUMNS = 60
"""A longer line is never a heading. A Chinese character takes two columns."""
_WRAP_COLUMNS = 120
"""Lines wider than this were not wrapped by hand."""
_HAN_NUMBER = "[一二三四五六七八九十百零〇0-9０-９]+"
_NUMBERINGS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("part", rf"第{_HAN_NUMBER}[编編部](?:分)?[\s　:：]|part\s+\w+\b"),
        ("chapter", rf"第{_HAN_NUMBER}章|chapter\s+\w+\b"),
        ("section", rf"第{_HAN_NUMBER}[节節]|section\s+\w+\b"),
        ("decimal", r"(?:\d+[.．])+\d+[.．]?[\s　]*(?=\D)|\d+[\s　]+(?=[^\W\d_])"),
        ("han", rf"{_HAN_NUMBER}、"),
        ("bracket", rf"[（(]{_HAN_NUMBER}[)）]"),
        ("dot", r"\d+[.．](?=[\s　]*[^\W\d_])"),
    )
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph or a heading line, before it is known which."""

    start: int
    end: int
    kind: str | None
    """Numbering class of a title, "label" for a bare label, None for a paragraph."""
    title: str


def read(data: bytes) -> Parsed:
    """The text and its blocks. Raises InputError for what is not text."""
    text, encoding = decode(data)
    return Parsed(text, tuple(blocks(text)), encoding=encoding)


def blocks(text: str) -> list[Block]:
    """Paragraphs of plain text with the headings that govern them, in order."""
    lines = _settle([_line(text, start, end) for start, end in _paragraphs(text)])
    sticky = _labels_govern_several(lines)
    found: list[Block] = []
    titles: list[tuple[str, str]] = []
    label: str | None = None
    for line in lines:
        if line.kind is None:
            heading = tuple(title for _, title in titles) + ((label,) if label else ())
            found.append(Block(line.start, line.end, heading))
            label = label if sticky else None
        elif line.kind == "label":
            label = line.title
        else:
            titles, label = _descend(titles, line), None
    return found


def _descend(titles: list[tuple[str, str]], line: _Line) -> list[tuple[str, str]]:
    """The stack of titles once `line` begins: it ends the last title of its kind and everything below that."""
    kinds = [kind for kind, _ in titles]
    kind = line.kind or ""
    if kind.startswith("decimal"):  # decimal1 ends decimal2, whatever came first
        above = [i for i, other in enumerate(kinds) if other.startswith("decimal") and other >= kind]
    else:
        above = [i for i, other in enumerate(kinds) if other == kind]
    return [*titles[: above[0] if above else len(titles)], (kind, line.title)]


def _line(text: str, start: int, end: int) -> _Line:
    piece = text[start:end]
    title = " ".join(piece.split()).rstrip(":：")
    if "\n" in piece or columns(piece) > _LABEL_COLUMNS or not title or title[-1] in _ENDINGS or "。" in piece:
        return _Line(start, end, None, title)
    for name, pattern in _NUMBERINGS:
        match = pattern.match(title.lower())
        if match and len(title) > match.end():
            depth = len(re.findall(r"\d+", match.group())) if name == "decimal" else ""
            return _Line(start, end, f"{name}{depth}", title)
    if not any(c.isalpha() for c in title) or "，" in title or ", " in title:
        return _Line(start, end, None, title)
    return _Line(start, end, "label", title)


def _settle(lines: Sequence[_Line]) -> list[_Line]:
    """Two bare labels in a row are a title and its label; longer runs, and whatever governs nothing, are paragraphs."""
    settled = list(lines)
    run = 0
    for i in reversed(range(len(lines))):
        line = lines[i]
        run = run + 1 if line.kind == "label" else 0
        below = lines[i + 1] if i + 1 < len(lines) else None
        above = lines[i - 1].kind if i else None
        if line.kind is None:
            continue
        if below is None or (below.kind == line.kind and line.kind != "label") or run > 2:
            settled[i] = _Line(line.start, line.end, None, line.title)
        elif line.kind == "label" and below.kind is not None:
            kind = None if above == "label" else "title"
            settled[i] = _Line(line.start, line.end, kind, line.title)
    return settled


def _labels_govern_several(lines: Sequence[_Line]) -> bool:
    """Whether most labels, the last one aside (nothing shows where it stops), head more than one paragraph."""
    heads = [i for i, line in enumerate(lines) if line.kind is not None]
    runs = [right - left - 1 for left, right in pairwise(heads) if lines[left].kind == "label"]
    return sum(run > 1 for run in runs) * 2 > len(runs)


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Spans between blank lines; inside one, every line for itself unless the lines were wrapped by hand."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*", text):
        lines = [(match.start() + m.start(), match.start() + m.end()) for m in re.finditer(r"[^\n]+", match.group())]
        if len(lines) > 1 and _wrapped([text[a:b] for a, b in lines]):
            lines = [match.span()]
        spans.extend(trim(text, start, end) for start, end in lines)
    return spans


def _wrapped(lines: Sequence[str]) -> bool:
    widths = [columns(line.rstrip()) for line in lines]
    longest = max(widths)
    if longest > _WRAP_COLUMNS or min(widths[:-1]) < 0.6 * longest:
        return False
    return not all(line.rstrip()[-1:] in _ENDINGS for line in lines[:-1])


def columns(text: str) -> int:
    """Width on a terminal: full-width characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space (full-width spaces too) at either end."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
