"""Short neighbours become one passage: what is searched. The paragraphs inside stay what is cited (small to big).

A paragraph of a real document seldom names its subject: the company, the patient or the case is named once, at the
head. So each passage is searched with the head of its document beside it (`Passage.head`), in a field of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from index import chunking
from index.records import Document
from index.sentences import columns
from index.text import is_cjk

SPAN = 1000
"""Columns from which a passage is long enough, a Chinese character being two; chosen beside 600 and 1200."""

APART = 200
"""Columns from which a passage ends where another heading begins: paragraphs on two districts are not one passage."""

HEAD = 200
"""Columns of a document's beginning that tell what it is about; longer heads name other things too."""

_BEGINNING = 200
"""Characters of a passage that tell its script."""

_ALIKE = 10_000
"""Passages of one document that are taken to be alike at most."""

VERSION = 1
"""Counts up whenever the same document would give other passages; it is part of the library's manifest."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of paragraphs of one document, as the search structures read it."""

    key: int
    """From its content and its document's name: the same passage has it in every library, whatever came before."""
    texts: tuple[str, ...]
    """Of its paragraphs, in order."""
    contexts: tuple[tuple[str, ...], ...]
    """Of each paragraph: the headings that govern it, and its table's header or its list's first line."""
    head: str
    """Title and beginning of its document; empty where the passage is all there is of it."""

    @property
    def text(self) -> str:
        """The paragraphs' own words."""
        return "\n".join(self.texts)

    @property
    def context(self) -> str:
        """The contexts, each once."""
        return "\n".join(dict.fromkeys(line for lines in self.contexts for line in lines))

    @property
    def cjk(self) -> bool:
        """Whether it begins in Chinese, Japanese or Korean."""
        return is_cjk(self.text[:_BEGINNING])

    def chunks(self) -> list[str]:
        """The texts to embed: paragraphs, or parts of long ones, below their contexts, up to the size of a chunk."""
        packed: list[str] = []
        size, above = 0, None
        for text, context in zip(self.texts, self.contexts, strict=True):
            for chunk in chunking.chunks(text):
                if not packed or size + len(chunk) > chunking.TARGET_CHARS:
                    packed.append("\n".join((*context, chunk)))
                    size = 0
                else:
                    packed[-1] += "\n" + "\n".join((*(context if context != above else ()), chunk))
                size, above = size + len(chunk), context
        return packed


def passages(document: Document) -> list[tuple[int, int, Passage]]:
    """First and last block of each passage, inclusive, and the passage, in order."""
    spans, seen = _spans(document), Counter[str]()
    above = head(document) if len(spans) > 1 else ""
    found = []
    for first, last in spans:
        blocks = document.blocks[first : last + 1]
        texts = tuple(document.text[block.start : block.end] for block in blocks)
        contexts = tuple((*block.heading, *filter(None, (block.context,))) for block in blocks)
        content = content_of(document.source, texts, contexts, above)
        seen[content] += 1
        found.append((first, last, Passage(key_of(seen[content], content), texts, contexts, above)))
    return found


def content_of(source: str, texts: Sequence[str], contexts: Sequence[Sequence[str]], head: str) -> str:
    """What `key_of` makes a passage's key from, beside how often its document has held the same before."""
    return json.dumps([source, texts, contexts, head])


def is_key(key: int, content: str) -> bool:
    """Whether a passage of this content has this key, be it the first that its document holds or one further on."""
    return any(key_of(number, content) == key for number in range(1, _ALIKE + 1))


def key_of(*parts: object) -> int:
    """63 bits of what makes it: two of a million passages share a key once in twenty million libraries."""
    # SQLite's integers are signed.
    return int.from_bytes(blake2b(" ".join(map(str, parts)).encode(), digest_size=8).digest()) >> 1


def _spans(document: Document) -> list[tuple[int, int]]:
    """First and last block of each passage, inclusive, in order: neighbours together until they reach SPAN."""
    found: list[tuple[int, int]] = []
    first = size = 0
    for i, block in enumerate(document.blocks):
        if size >= APART and block.heading != document.blocks[i - 1].heading:
            found.append((first, i - 1))
            first = i
            size = 0
        size += columns(document.text[block.start : block.end])
        if size >= SPAN:
            found.append((first, i))
            first, size = i + 1, 0
    if first < len(document.blocks):
        found.append((first, len(document.blocks) - 1))
    return found


def head(document: Document) -> str:
    """The document's title and the beginning of its text, HEAD columns of it."""
    beginning = document.text.lstrip()[:HEAD]
    while columns(beginning) > HEAD:
        beginning = beginning[: len(beginning) - max(1, (columns(beginning) - HEAD) // 2)]
    title = document.metadata.title or ""
    return beginning if not title or title in beginning else f"{title}\n{beginning}"
