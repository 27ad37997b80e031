"""Files and folders to documents. What cannot be read is named with its reason; the rest goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import InputError
from index.reading import markdown, plaintext
from index.reading.decoding import decode
from index.records import Block, Document

LIBRARY_FILE = "library.sqlite"
"""What makes a folder a library."""

MAX_BYTES = 50_000_000
"""Largest file that is read, in bytes. A larger one is skipped and named."""

FORMATS: dict[str, Callable[[str], list[Block]]] = {
    ".txt": plaintext.blocks,
    ".text": plaintext.blocks,
    ".md": markdown.blocks,
    ".markdown": markdown.blocks,
}
"""File ending (lower case) to the function that cuts its text into blocks."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not indexed."""

    path: str
    """The file or folder as the user would name it."""
    reason: str
    """Why, as the end of a sentence."""
    fault: bool = True
    """False for a file of another kind met in a folder: worth a line, not an error."""


def discover(paths: Sequence[Path]) -> Iterator[Path | Skipped]:
    """Every readable file below the paths, sorted within a folder, hidden ones left out; and what is skipped."""
    seen: set[Path] = set()
    for path in paths:
        for item in _files(path):
            if isinstance(item, Skipped):
                yield item
            elif (resolved := item.resolve()) not in seen:
                seen.add(resolved)
                yield item


def _files(path: Path) -> Iterator[Path | Skipped]:
    if path.is_dir():
        yield from _folder(path)
    elif not path.exists():
        yield Skipped(str(path), "there is no such file or folder")
    elif path.suffix.lower() not in FORMATS:
        yield Skipped(str(path), f"its type is not supported (supported: {', '.join(FORMATS)})")
    else:
        yield path


def _folder(folder: Path) -> Iterator[Path | Skipped]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Skipped(str(folder), f"the folder cannot be read ({error.strerror})")
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not (path / LIBRARY_FILE).exists():  # a library is not a document
                yield from _folder(path)
        elif entry.is_file() and path.suffix.lower() in FORMATS:
            yield path
        elif entry.is_file():
            yield Skipped(str(path), "its type is not supported", fault=False)


def read(path: Path, source: str) -> Document:
    """One file as a document named `source`. Raises InputError with the reason, ready to follow "PATH: "."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"it is larger than {MAX_BYTES // 1_000_000} MB; split it")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})") from None
    text, encoding = decode(data)
    blocks = FORMATS[path.suffix.lower()](text)
    if not blocks:
        raise InputError("it is empty" if not text.strip() else "it holds no paragraph")
    return Document(source, text, tuple(blocks), encoding, hashlib.sha256(data).hexdigest())
