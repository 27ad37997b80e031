"""Long paragraphs are embedded as several chunks; the paragraph stays the unit that is found and cited."""

from __future__ import annotations

from index.records import Chunk
from index.sentences import sentences

VERSION = 2
"""Counts up whenever the same text would give other chunks; it stands in the library's manifest."""

TARGET_CHARS = 400
"""A chunk takes whole sentences until the next one would pass this length, in characters."""


def chunks(text: str) -> list[Chunk]:
    """Whole sentences packed up to TARGET_CHARS; a single longer sentence is a chunk of its own.

    `text[c.start:c.end] == c.text` for each, in order, without overlap. White space only gives no chunk.
    """
    spans = sentences(text)
    if not spans:
        return []
    packed: list[tuple[int, int]] = [spans[0]]
    for start, end in spans[1:]:
        first = packed[-1][0]
        if end - first <= TARGET_CHARS:
            packed[-1] = (first, end)
        else:
            packed.append((start, end))
    return [Chunk(start, end, text[start:end]) for start, end in packed]
