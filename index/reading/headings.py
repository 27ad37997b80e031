"""Headings that are nothing but short lines: numbered titles, and bare labels.

Nothing shows how far such a heading reaches, so the scope is kept honest. A numbered title (`8.1 ...`, `第二章 ...`)
governs until the next of its level. A bare label (`普陀区`) governs the one paragraph, list, table or run of fields
that follows, unless most labels of the file are followed by several paragraphs. A line that governs nothing is a
paragraph.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.records import Block
from index.sentences import columns

_ENDINGS = "。！？；，、….!?;,"
_LABEL_COLUMNS = 60
"""A longer line is never a heading. A Chinese character takes two columns."""
_LISTED = ("han", "bracket", "dot")
"""Numberings of titles that number lists too."""
_FIELD = re.compile(r"[:：]\s*\S")
_HAN_NUMBER = "[一二三四五六七八九十百零〇0-9０-９]+"
_NUMBERED = re.compile("[第(（0-9０-９一二三四五六七八九十百零〇]|part|chapter|section", re.IGNORECASE)
"""How every numbering begins."""
_HAN_ITEM = re.compile("[（(]?[一二三四五六七八九十百]")
_NUMBERINGS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("part", rf"第{_HAN_NUMBER}[编編部](?:分)?[\s　:：]|part\s+\w+\b"),
        ("chapter", rf"第{_HAN_NUMBER}章|chapter\s+\w+\b"),
        # No 第三条: an article is a paragraph with a number, not a title.
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

    block: Block
    kind: str | None
    """Numbering class of a title, "label" for a bare label, None for a paragraph."""
    title: str


def govern(text: str, blocks: Sequence[Block]) -> list[Block]:
    """The blocks that are no headings, each under its headings."""
    lines = _settle([_line(text, block, below) for block, below in zip(blocks, [*blocks[1:], None], strict=False)])
    sticky = _labels_govern_several(lines)
    found: list[Block] = []
    titles: list[tuple[str, str]] = []
    label: str | None = None
    governed: str | None = None
    for line in lines:
        if line.kind is None:
            run = _run(line)
            if governed is not None and not sticky and not (run and run == governed):
                label = None
            heading = tuple(title for _, title in titles) + ((label,) if label else ())
            caption, _, rest = line.block.context.partition("\n")
            context = rest if caption in heading else line.block.context
            found.append(replace(line.block, heading=heading, context=context))
            governed = run
        elif line.kind == "label":
            label, governed = line.title, None
        else:
            titles, label = _descend(titles, line), None
    return found


def _run(line: _Line) -> str:
    """What a line is of which a label governs several in a row: items, rows, fields ("Chair: Mei Sato"); else ""."""
    if line.block.kind in ("list_item", "table_row"):
        return line.block.kind
    return "field" if _FIELD.search(line.title) else ""


def number(text: str, blocks: Sequence[Block]) -> list[Block]:
    """The same by numbered titles alone, below the headings that a file marks as such; one of its kind is no title."""
    marks = [_numbering(text[block.start : block.start + _LABEL_COLUMNS]) for block in blocks]
    lines = _without_lists(text, blocks, marks) if any(marks) else []
    kinds = Counter(line.kind for line in lines if line.kind)
    if not any(count > 1 for count in kinds.values()):
        return list(blocks)
    lines = _settle([line if kinds[line.kind or ""] > 1 else replace(line, kind=None) for line in lines])
    found: list[Block] = []
    titles: list[tuple[str, str]] = []
    marked: tuple[str, ...] = ()
    for line in lines:
        if line.block.heading != marked:
            titles, marked = [], line.block.heading
        if line.kind is not None:
            titles = _descend(titles, line)
        elif titles:
            found.append(replace(line.block, heading=(*marked, *(title for _, title in titles))))
        else:
            found.append(line.block)
    return found


def _without_lists(text: str, blocks: Sequence[Block], marks: Sequence[str]) -> list[_Line]:
    """Titles by their number: no items of a list, which a colon leads in or whose next follows at once.

    What the file marks as an item may be a title where it is numbered as titles are: 一、, （一）.
    """
    found: list[_Line] = []
    led: set[tuple[str, tuple[str, ...]]] = set()
    for i, (block, mark) in enumerate(zip(blocks, marks, strict=True)):
        line = _line(text, block, None) if mark else _Line(block, None, "")
        if i and text[blocks[i - 1].end - 1] in ":：":
            led.add((mark, block.heading))
        item = block.kind == "list_item" and not _HAN_ITEM.match(line.title)
        beside = mark in _LISTED and mark in (*marks[max(i - 1, 0) : i], *marks[i + 1 : i + 2])
        plain = item or beside or (mark, block.heading) in led
        found.append(replace(line, kind=None) if plain else line)
    return found


def _numbering(title: str) -> str:
    """The numbering that a line begins with, "decimal2" for "8.1 ..."; "" without one."""
    if not _NUMBERED.match(title):
        return ""
    for name, pattern in _NUMBERINGS:
        match = pattern.match(title.lower())
        if match and len(title) > match.end():
            depth = len(re.findall(r"\d+", match.group())) if name == "decimal" else ""
            return f"{name}{depth}"
    return ""


def _descend(titles: list[tuple[str, str]], line: _Line) -> list[tuple[str, str]]:
    """The stack of titles once `line` begins: it ends the last title of its kind and everything below that."""
    kinds = [kind for kind, _ in titles]
    kind = line.kind or ""
    if kind.startswith("decimal"):  # decimal1 ends decimal2, whatever came first
        above = [i for i, other in enumerate(kinds) if other.startswith("decimal") and other >= kind]
    else:
        above = [i for i, other in enumerate(kinds) if other == kind]
    return [*titles[: above[0] if above else len(titles)], (kind, line.title)]


def _line(text: str, block: Block, below: Block | None) -> _Line:
    piece = text[block.start : block.end]
    title = " ".join(piece.split()).rstrip(":：") if len(piece) <= _LABEL_COLUMNS else ""
    leads = below is not None and below.kind == "list_item" and piece.endswith((":", "："))
    numbering = _numbering(title)
    listed = block.kind == "list_item" and not numbering
    if listed or leads or block.kind not in ("paragraph", "list_item") or not title or "\n" in piece:
        return _Line(block, None, title)
    if columns(piece) > _LABEL_COLUMNS or title[-1] in _ENDINGS or "。" in piece:
        return _Line(block, None, title)
    if numbering:
        return _Line(block, numbering, title)
    if _FIELD.search(piece) or not any(c.isalpha() for c in title) or "，" in title or ", " in title:
        return _Line(block, None, title)
    return _Line(block, None if block.kind == "list_item" else "label", title)


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
        if (
            below is None
            or _continues(lines[i - 1] if i else None, line)
            or (below.kind == line.kind and line.kind != "label")
            or run > 2
        ):
            settled[i] = replace(line, kind=None)
        elif line.kind == "label" and below.kind is not None:
            kind = None if above == "label" else "title"
            settled[i] = replace(line, kind=kind)
    return settled


def _continues(above: _Line | None, line: _Line) -> bool:
    """Whether a numbered line is the next item of the list right above it."""
    return above is not None and above.kind == line.kind != "label" and line.block.start - above.block.end <= 1


def _labels_govern_several(lines: Sequence[_Line]) -> bool:
    """Whether most labels, the last one aside (nothing shows where it stops), head more than one paragraph."""
    heads = [i for i, line in enumerate(lines) if line.kind is not None]
    runs = [right - left - 1 for left, right in pairwise(heads) if lines[left].kind == "label"]
    return sum(run > 1 for run in runs) * 2 > len(runs)
