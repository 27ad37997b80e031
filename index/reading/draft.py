"""A document's text as a reader of a binary format makes it, piece by piece, with its blocks.

draft = Draft()
draft.heading(1, "Opening hours")
draft.add("We open at nine.", page=3)
draft.finish() -> Parsed with the block (15, 31) under "Opening hours" on page 3
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.reading.grid import Grid
from index.reading.structure import relate
from index.records import Block, Kind, Metadata, Parsed

_GAP = "\n\n"
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
SIGNS, RAISED = "0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻"
"""What changes a figure when it is a superscript, and its characters as one."""
_RAISED = str.maketrans(SIGNS, RAISED)
_TIME = re.compile(r"(?<=^\d{4}-\d\d-\d\d)T[\d:.]+(?:Z|[+-][\d:]+)?$")
"""The time of day behind an ISO 8601 date."""


def clean(text: str) -> str:
    """Without control and invisible characters, white space squeezed, blank lines left out."""
    if text.isprintable() and "  " not in text:  # most are, and the rest takes ten times as long
        return text.strip()
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))
    return "\n".join(line for line in (" ".join(part.split()) for part in text.split("\n")) if line)


def raised(text: str) -> str:
    """A superscript without its type: "8" -> "⁸", lest 10 to the eighth be read as 108; "[2]" and "th" as they are."""
    return text.translate(_RAISED) if text.strip()[:1] in SIGNS else text


class Draft:
    """Collects headings, paragraphs and tables in reading order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[tuple[int, str]] = []
        self._blocks: list[Block] = []

    def heading(self, level: int, title: str) -> None:
        """A heading that governs until the next of its level or above; part of the text, not a block.

        An empty one only ends those before it.
        """
        self._headings = [(n, t) for n, t in self._headings if n < level]
        if title := clean(title).replace("\n", " "):
            self._headings.append((level, title))
            self._append(title)

    def add(self, text: str, kind: Kind = "paragraph", context: str = "", page: int | None = None) -> None:
        """One block, unless the text is blank."""
        if text := clean(text):
            start = self._append(text)
            heading = tuple(title for _, title in self._headings)
            self._blocks.append(Block(start, start + len(text), heading, page, kind, context))

    def table(self, grid: Grid, caption: str = "", page: int | None = None) -> None:
        """A row a block, "Berlin | 12"; caption and header, "Office | Staff", are its context."""
        header, rows = grid.split()
        names = _row(header)
        if names:
            self._append(names)
        context = "\n".join(filter(None, (clean(caption), names)))
        for row in rows:
            self.add(_row(row), "table_row", context, page)

    def finish(self, metadata: Metadata | None = None) -> Parsed:
        """Everything collected, what belongs together as one block."""
        text = _GAP.join(self._parts)
        return Parsed(text, tuple(relate(text, self._blocks)), _shown(metadata or Metadata()))

    def _append(self, text: str) -> int:
        start = self._length + (len(_GAP) if self._parts else 0)
        self._parts.append(text)
        self._length = start + len(text)
        return start


def _row(cells: Sequence[str]) -> str:
    """Cells on one line."""
    text = " | ".join(cells)
    return (
        text
        if text.isprintable() and text == clean(text)
        else " | ".join(clean(cell).replace("\n", " ") for cell in cells)
    )


def _shown(metadata: Metadata) -> Metadata:
    def tidy(text: str | None) -> str | None:
        return clean(text or "").replace("\n", " ") or None

    date = _TIME.sub("", metadata.date or "")
    return replace(metadata, title=tidy(metadata.title), author=tidy(metadata.author), date=tidy(date))


def lines(texts: Sequence[str]) -> str:
    """Texts that are not blank, one a line."""
    return "\n".join(text for text in texts if text.strip())
