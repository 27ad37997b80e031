"""A library without some of its paragraphs, so that what is asked about those is known to have no answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath

from index.records import Paragraph

EVERY = 4
"""One paragraph in so many is left out."""


def split(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Paragraph]]:
    """Those left out and those kept: of 8 paragraphs the 4th and the 8th are left out."""
    left_out = list(paragraphs[EVERY - 1 :: EVERY])
    return left_out, [paragraph for i, paragraph in enumerate(paragraphs) if i % EVERY != EVERY - 1]


def write_corpus(paragraphs: Sequence[Paragraph], folder: Path) -> None:
    """The paragraphs as Markdown files, one for each document, under their headings, those without one first."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in dict.fromkeys(paragraph.source for paragraph in paragraphs):
        own = [paragraph for paragraph in paragraphs if paragraph.source == source]
        own.sort(key=lambda one: bool(one.heading))  # below a heading every paragraph would be under it
        blocks: list[str] = []
        for heading, below in groupby(own, key=lambda one: one.heading):
            blocks += [f"{'#' * level} {title}" for level, title in enumerate(heading[:6], start=1)]
            blocks += [paragraph.text for paragraph in below]
        name = f"{PurePosixPath(source).stem}-{hashlib.sha256(source.encode()).hexdigest()[:6]}.md"
        (folder / name).write_text("\n\n".join(blocks) + "\n", encoding="utf-8", newline="\n")
