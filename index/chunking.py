"""Long paragraphs are embedded as several chunks; the paragraph stays the unit that is found and cited."""

from __future__ import annotations

from index.sentences import sentences

VERSION = 2
"""Counts up whenever the same text would give other chunks; it stands in the library's manifest."""

TARGET_CHARS = 400
"""A chunk takes whole sentences until the next one would pass this length, in characters."""


def chunks(text: str) -> list[str]:
    """Whole sentences packed up to TARGET_CHARS, in order; a single longer sentence is a chunk of its own.

    White space only gives no chunk.
    """
    if len(whole := text.strip()) <= TARGET_CHARS:
        return [whole] if whole else []
    packed: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if packed and end - packed[-1][0] <= TARGET_CHARS:
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
    return [text[start:end] for start, end in packed]
