"""A library without some of its paragraphs, so that what is asked about those is known to have no answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from index.library import Library
from index.records import Paragraph

EVERY = 4
"""One paragraph in so many is left out."""


def paragraphs_of(library: Library) -> list[Paragraph]:
    """Every paragraph once, document by document, in the order of the text."""
    store = library.store
    keys = [key for document in store.documents() for key in store.document_paragraphs(str(document["source"]))]
    known = store.paragraphs(list(dict.fromkeys(keys)))
    return [known[key] for key in dict.fromkeys(keys)]


def split(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Paragraph]]:
    """Those left out and those kept: of 8 paragraphs the 4th and the 8th are left out."""
    left_out = list(paragraphs[EVERY - 1 :: EVERY])
    return left_out, [paragraph for i, paragraph in enumerate(paragraphs) if i % EVERY != EVERY - 1]


def write_corpus(paragraphs: Sequence[Paragraph], folder: Path) -> list[Path]:
    """The paragraphs as Markdown files, one for each document, under their headings, those without one first."""
    by_source: dict[str, list[Paragraph]] = {}
    for paragraph in paragraphs:
        by_source.setdefault(paragraph.source, []).append(paragraph)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for source, own in by_source.items():
        stem = PurePosixPath(source).stem
        file = folder / f"{stem}-{hashlib.sha256(source.encode()).hexdigest()[:6]}.md"
        file.write_text(_markdown(own), encoding="utf-8", newline="\n")
        files.append(file)
    return files


def _markdown(paragraphs: Sequence[Paragraph]) -> str:
    blocks: list[str] = []
    heading: tuple[str, ...] = ()
    for paragraph in sorted(paragraphs, key=lambda one: bool(one.heading)):  # below a heading none is without
        if paragraph.heading != heading:
            blocks += [f"{'#' * level} {title}" for level, title in enumerate(paragraph.heading[:6], start=1)]
            heading = paragraph.heading
        blocks.append(paragraph.text)
    return "\n\n".join(blocks) + "\n"
