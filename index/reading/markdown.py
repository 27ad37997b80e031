"""Markdown (CommonMark and tables) to blocks. A heading governs until the next of its level or above."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from index.reading.decoding import decode, replaced
from index.reading.structure import relate
from index.reading.tables import trim
from index.records import Block, Kind, Metadata, Parsed

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

    _Rule = Callable[[StateBlock, int, int, bool], bool]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_LIMIT = 20_000
PROPERTY = re.compile(r"^(\w+)[ \t]*:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
"""A line of front matter: its name and its value."""
_LISTS = ("bullet_list", "ordered_list")
_SHOWN = {"text", "text_special", "code_inline", "softbreak", "hardbreak"}
_UNSEEN_HTML = ("<!", "<?", "<script", "<style")
_TAG = re.compile(r"<[^<>]*>")
_WHOLE_ITEM = 300
"""Characters up to which an item of a list is one block with the items below it."""
_LONGEST_HEADING = 300
"""A longer heading is a paragraph: it would be repeated with every paragraph that it governs."""


def read(data: bytes) -> Parsed:
    """The text and its blocks. Raises InputError for what is not text."""
    text, encoding = decode(data)
    return Parsed(text, tuple(blocks(text)), front_matter(text), encoding, replaced(text))


def front_matter(text: str) -> Metadata:
    """Title, author and date of a YAML head: its plain "key: value" lines."""
    front = _FRONT_MATTER.match(text[:_FRONT_LIMIT])
    found = {key.lower(): value.strip("\"'[]") for key, value in PROPERTY.findall(front[1])} if front else {}
    return Metadata(found.get("title"), found.get("author") or found.get("authors"), found.get("date"))


def blocks(text: str) -> list[Block]:
    """Paragraphs, items of lists, rows of tables, code, pairs of question and answer, each with its headings."""
    front = _FRONT_MATTER.match(text[:_FRONT_LIMIT])
    skip = front.end() if front else 0
    found = list(_Reader(text, skip, _parser()).blocks())
    if front:  # who wrote it is answered from here
        start, end = trim(text, front.start(1), front.end(1))
        found[:0] = [Block(start, end)] if start < end else []
    return relate(text, found)


@cache
def _parser() -> MarkdownIt:
    """CommonMark's blocks, without what is inside them, and tables."""
    from markdown_it import MarkdownIt  # only for Markdown
    from markdown_it.rules_block import table

    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.block.ruler.before("code", "table", partial(_table, table), {"alt": ["paragraph", "reference"]})
    return parser


def _table(begins_table: _Rule, state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table as one token: the rows are its lines, and a token for every cell would cost ten times as much."""
    if not begins_table(state, start, end, True):
        return False
    if silent:
        return True
    # These end a table in the library's own rule too.
    others = state.md.block.ruler.getRules("blockquote")
    line = start + 2
    while line < end and state.sCount[line] >= state.blkIndent and not state.isEmpty(line):
        if state.is_code_block(line) or any(begins(state, line, end, True) for begins in others):
            break
        line += 1
    state.push("table", "table", 0).map = [start, line]
    state.line = line
    return True


def _shows_words(html: str) -> bool:
    """Whether HTML inside Markdown holds text that a reader would see: a table, say, and no comment or wrapper."""
    seen = not html.lstrip().lower().startswith(_UNSEEN_HTML)
    return seen and any(c.isalnum() for c in _TAG.sub("", html))


class _Reader:
    """Walks the tree of a text once, under its headings."""

    def __init__(self, text: str, skip: int, parser: MarkdownIt) -> None:
        self._text, self._skip, self._parser = text, skip, parser
        self._links: dict[str, Any] = {}
        self._starts = [skip + n for n in accumulate((len(line) + 1 for line in text[skip:].split("\n")), initial=0)]
        self._headings: list[tuple[int, str]] = []

    def blocks(self) -> Iterator[Block]:
        from markdown_it.tree import SyntaxTreeNode

        for node in SyntaxTreeNode(self._parser.parse(self._text[self._skip :], self._links)).children:
            first, last = node.map or (0, 0)
            if node.type == "heading":
                yield from self._heading(node, first, last)
            elif node.type in _LISTS:
                yield from self._list(node, "")
            elif node.type == "table":
                yield from self._table(first, last)
            elif node.type == "fence":
                yield from self._code(node.markup, first, last)
            elif node.type != "hr" and (node.type != "html_block" or _shows_words(node.content)):
                yield from self._block(first, last, "code" if node.type == "code_block" else "paragraph")

    def _block(self, first: int, last: int, kind: Kind = "paragraph", context: str = "") -> Iterator[Block]:
        """Lines first to last (exclusive) as one block, when they hold anything."""
        start, end = trim(self._text, self._starts[first], min(self._starts[last], len(self._text)))
        if start < end:
            yield Block(start, end, tuple(title for _, title in self._headings), kind=kind, context=context)

    def _heading(self, node: SyntaxTreeNode, first: int, last: int) -> Iterator[Block]:
        content = node.children[0].content
        title = self._shown(content) if len(content) <= _LONGEST_HEADING else ""
        if content and not title:
            yield from self._block(first, last)
        elif title:
            level = int(node.tag[1])
            self._headings = [(n, t) for n, t in self._headings if n < level] + [(level, title)]

    def _shown(self, markup: str) -> str:
        """The words of a line without its markup."""
        pieces: list[Token] = []
        self._parser.inline.parse(markup, self._parser, self._links, pieces)
        return "".join(
            " " if "break" in piece.type else piece.content for piece in pieces if piece.type in _SHOWN
        ).strip()

    def _list(self, node: SyntaxTreeNode, context: str) -> Iterator[Block]:
        """Each item; one that is long and has a list of its own is followed by its items, with it as their context."""
        for item in node.children:
            first, last = item.map or (0, 0)
            if self._starts[min(last, len(self._starts) - 1)] - self._starts[first] > _WHOLE_ITEM:
                lead = self._text[slice(*trim(self._text, self._starts[first], self._starts[first + 1]))]
                for inner in item.children:
                    if inner.type in _LISTS:
                        begin, after = inner.map or (first, first)
                        yield from self._block(first, begin, "list_item", context)
                        yield from self._list(inner, lead)
                        first = after
            yield from self._block(first, last, "list_item", context)

    def _table(self, first: int, last: int) -> Iterator[Block]:
        """Its rows, below the names of the columns and the line that rules them off."""
        names = self._text[slice(*self._row(first))]
        heading = tuple(title for _, title in self._headings)
        for line in range(first + 2, last):
            start, end = self._row(line)
            if start < end:
                yield Block(start, end, heading, kind="table_row", context=names)

    def _row(self, line: int) -> tuple[int, int]:
        """A row without the bars around it: it reads like a row of any other format."""
        start, end = trim(self._text, self._starts[line], min(self._starts[line + 1], len(self._text)))
        start += self._text.startswith("|", start, end)
        end -= self._text.endswith("|", start, end) and not self._text.endswith("\\|", start, end)
        return trim(self._text, start, end)

    def _code(self, markup: str, first: int, last: int) -> Iterator[Block]:
        closing = self._text[self._starts[last - 1] : self._starts[last]].strip()
        closed = last - first > 1 and closing.startswith(markup) and not closing.strip(markup[0])
        yield from self._block(first + 1, max(last - closed, first + 1), "code")
