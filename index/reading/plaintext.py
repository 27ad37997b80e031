"""Plain text to blocks: blank lines, hard wraps, and headings that are nothing but short lines.

Nothing in plain text says how far a heading reaches, so the scope is kept honest. A numbered title (`8.1 ...`,
`第二章 ...`) governs until the next of its level. A bare label (`普陀区`) governs the one paragraph that follows,
unless most labels of the file are followed by several paragraphs. A line that governs nothing is a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.reading.decoding import decode, replaced
from index.reading.structure import ITEM, introduce, join
from index.reading.tables import header, table_at, trim
from index.records import Block, Kind, Parsed
from index.sentences import columns, hard_wrapped

_ENDINGS = "。！？；，、….!?;,"
_LABEL_COLUMNS = 60
"""A longer line is never a heading. A Chinese character takes two columns."""
_RUNS = ("list_item", "table_row")
_FIELD = re.compile(r"[:：]\s*\S")
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

    block: Block
    kind: str | None
    """Numbering class of a title, "label" for a bare label, None for a paragraph."""
    title: str


def read(data: bytes) -> Parsed:
    """The text and its blocks. Raises InputError for what is not text."""
    text, encoding = decode(data)
    return Parsed(text, tuple(blocks(text)), encoding=encoding, notes=replaced(text))


def blocks(text: str) -> list[Block]:
    """Paragraphs, list items, rows of tables, and pairs of question and answer, with their headings, in order."""
    pieces = join(text, _pieces(text))
    lines = _settle([_line(text, piece, below) for piece, below in zip(pieces, [*pieces[1:], None], strict=False)])
    sticky = _labels_govern_several(lines)
    found: list[Block] = []
    titles: list[tuple[str, str]] = []
    label: str | None = None
    governed: Kind | None = None
    for line in lines:
        if line.kind is None:
            if governed and not sticky and not (line.block.kind == governed in _RUNS):
                label = None
            heading = tuple(title for _, title in titles) + ((label,) if label else ())
            caption, _, rest = line.block.context.partition("\n")
            context = rest if caption in heading else line.block.context
            found.append(replace(line.block, heading=heading, context=context))
            governed = line.block.kind
        elif line.kind == "label":
            label, governed = line.title, None
        else:
            titles, label = _descend(titles, line), None
    return introduce(text, found)


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
    listed = block.kind == "list_item" and not (title and any(p.match(title.lower()) for _, p in _NUMBERINGS))
    if listed or leads or block.kind not in ("paragraph", "list_item") or not title or "\n" in piece:
        return _Line(block, None, title)
    if columns(piece) > _LABEL_COLUMNS or title[-1] in _ENDINGS or "。" in piece:
        return _Line(block, None, title)
    for name, pattern in _NUMBERINGS:
        match = pattern.match(title.lower())
        if match and len(title) > match.end():
            depth = len(re.findall(r"\d+", match.group())) if name == "decimal" else ""
            return _Line(block, f"{name}{depth}", title)
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


def _pieces(text: str) -> list[Block]:
    """Between blank lines: rows of a table, a hard-wrapped paragraph as one, every other line by itself."""
    found: list[Block] = []
    run: list[tuple[int, str]] = []
    start = 0
    for line in [*text.split("\n"), ""]:
        if line and not line.isspace():
            run.append((start, line))
        elif run:
            found += _run(text, run)
            run = []
        start += len(line) + 1
    return found


def _run(text: str, run: list[tuple[int, str]]) -> Iterator[Block]:
    """Blocks of lines without a blank one between; hard wraps are looked for between tables and items of lists."""
    lines = [line for _, line in run]
    i = 0
    while i < len(run):
        count, delimiter = table_at(lines, i)
        if count:
            names = header(lines[i], delimiter)
            context = "\n".join(filter(None, (lines[i - 1].strip() if i else "", names)))
            yield from (_block(text, at, line, "table_row", context) for at, line in run[i + bool(names) : i + count])
            i += count
            continue
        end = i + 1
        while end < len(run) and not table_at(lines, end)[0] and not ITEM.match(lines[end].lstrip()):
            end += 1
        item = ITEM.match(lines[i].lstrip())
        kind: Kind = "list_item" if item else "paragraph"
        # The mark of an item would hide that its lines are wrapped.
        if end - i > 1 and hard_wrapped([lines[i].lstrip()[item.end() - 1 if item else 0 :], *lines[i + 1 : end]]):
            left, right = trim(text, run[i][0], run[end - 1][0] + len(lines[end - 1]))
            yield Block(left, right, kind=kind)
        else:
            yield _block(text, *run[i], kind)
            yield from (_block(text, at, line, "paragraph") for at, line in run[i + 1 : end])
        i = end


def _block(text: str, at: int, line: str, kind: Kind, context: str = "") -> Block:
    start, end = trim(text, at, at + len(line))
    return Block(start, end, kind=kind, context=context)
