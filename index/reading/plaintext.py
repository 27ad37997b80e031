"""Plain text to blocks: blank lines, hard wraps, tables, and headings that are nothing but short lines."""

from __future__ import annotations

from collections.abc import Iterator

from index.reading.decoding import decode, replaced
from index.reading.headings import govern
from index.reading.structure import ITEM, introduce, join
from index.reading.tables import header, table_at, trim
from index.records import Block, Kind, Parsed
from index.sentences import hard_wrapped


def read(data: bytes) -> Parsed:
    """The text and its blocks. Raises InputError for what is not text."""
    text, encoding = decode(data)
    return Parsed(text, tuple(blocks(text)), encoding=encoding, notes=replaced(text))


def blocks(text: str) -> list[Block]:
    """Paragraphs, list items, rows of tables, and pairs of question and answer, with their headings, in order."""
    return introduce(text, govern(text, join(text, _pieces(text))))


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
            rows = [row for row in run[i + bool(names) : i + count] if any(map(str.isalnum, row[1]))]  # no rules
            yield from (_block(text, at, line, "table_row", context) for at, line in rows)
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
