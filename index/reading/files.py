"""Files and folders to documents. What cannot be read is named with its reason; the rest goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

from index.errors import InputError
from index.records import Document, Parsed

LIBRARY_FILE = "library.sqlite"
"""What makes a folder a library."""

MAX_BYTES = 50_000_000
"""Largest file that is read, in bytes. A larger one is skipped and named."""

_TITLE_LENGTH = 80
"""A longer first line is no title."""

Reader = Callable[[bytes], Parsed]


def _reader(module: str, package: str = "") -> Reader:
    """The `read` of `index.reading.MODULE`, imported at the first file; `package` is what it needs beside the core."""

    def read(data: bytes) -> Parsed:
        try:
            return cast(Parsed, import_module(f"index.reading.{module}").read(data))
        except ModuleNotFoundError as error:
            needed = package or error.name
            raise InputError(
                f"it needs {needed}, which is not installed; install it with: pip install {needed}"
            ) from None

    return read


FORMATS: dict[str, Reader] = {
    ".txt": _reader("plaintext"),
    ".text": _reader("plaintext"),
    ".md": _reader("markdown"),
    ".markdown": _reader("markdown"),
}
"""File ending (lower case) to the function that reads the file's bytes."""


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
    parsed = FORMATS[path.suffix.lower()](data)
    if not parsed.blocks:
        raise InputError("it is empty" if not parsed.text.strip() else "it holds no paragraph")
    digest = hashlib.sha256(data).hexdigest()
    metadata = replace(parsed.metadata, title=parsed.metadata.title or _title(parsed) or path.stem)
    return Document(source, parsed.text, parsed.blocks, parsed.encoding, digest, metadata, parsed.notes)


def _title(parsed: Parsed) -> str | None:
    """The outermost heading of the first block, else the first line where it looks like a title."""
    first = parsed.blocks[0]
    if first.heading:
        return first.heading[0]
    line, _, rest = parsed.text[first.start : first.end].partition("\n")
    titled = first.kind == "paragraph" and not rest and len(line) <= _TITLE_LENGTH and len(parsed.blocks) > 1
    return line if titled and line[-1].isalnum() and not line.isdigit() else None
