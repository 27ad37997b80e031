"""Markdown (CommonMark and tables) to blocks. A heading governs until the next of its level or above."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from index.reading.decoding import decode
from index.reading.plaintext import trim
from index.records import Block, Parsed

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_SILENT = {"hr", "html_block", "heading_open"}


def read(data: bytes) -> Parsed:
    """The text and its blocks. Raises InputError for what is not text."""
    text, encoding = decode(data)
    return Parsed(text, tuple(blocks(text)), encoding=encoding)


def blocks(text: str) -> list[Block]:
    """Paragraphs, tight lists, items of loose lists, tables and code, each with its headings, outermost first."""
    from markdown_it import MarkdownIt  # only for Markdown

    front = _FRONT_MATTER.match(text)
    skip = front.end() if front else 0
    starts = [skip + n for n in accumulate((len(line) + 1 for line in text[skip:].split("\n")), initial=0)]
    tokens = MarkdownIt("commonmark").enable("table").parse(text[skip:])
    headings: list[tuple[int, str]] = []
    found: list[Block] = []
    for i, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            level = int(token.tag[1])
            title = "".join(c.content for c in tokens[i + 1].children or [] if c.type in ("text", "code_inline"))
            headings = [(n, t) for n, t in headings if n < level] + ([(level, title.strip())] if title.strip() else [])
        elif _is_block(tokens, i) and token.map:
            start, end = trim(text, starts[token.map[0]], min(starts[token.map[1]], len(text)))
            if start < end:
                found.append(Block(start, end, tuple(title for _, title in headings)))
    return found


def _is_block(tokens: list, i: int) -> bool:  # type: ignore[type-arg]
    """Whether token i opens a block of its own: at the top, or an item of a loose list at the top."""
    token = tokens[i]
    if token.nesting < 0 or token.type in _SILENT or token.type == "inline":
        return False
    if token.type in ("bullet_list_open", "ordered_list_open"):
        return token.level == 0 and not _loose(tokens, i)
    if token.type == "list_item_open":
        return token.level == 1 and _loose(tokens, next(_opening_list(tokens, i)))
    return bool(token.level == 0)


def _opening_list(tokens: list, i: int) -> Iterator[int]:  # type: ignore[type-arg]
    return (j for j in range(i, -1, -1) if tokens[j].level == 0 and tokens[j].nesting == 1)


def _loose(tokens: list, i: int) -> bool:  # type: ignore[type-arg]
    """A list is loose when its paragraphs are not hidden: blank lines stand between its items."""
    for token in tokens[i + 1 :]:
        if token.level == 0:
            return False
        if token.type == "paragraph_open" and token.level == 2:
            return not token.hidden
    return False
