"""Files and folders to documents. What cannot be read is named with its reason; the rest goes on."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

from index.errors import InputError
from index.reading.structure import bounded, superseded
from index.records import Block, Document, Parsed

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
        except (InputError, MemoryError):
            raise
        except Exception as error:  # a fault of ours: it costs this file, not all that are indexed with it
            raise InputError(f"it cannot be read ({type(error).__name__}: {error}); please report it") from error

    return read


def _isolated(module: str) -> Reader:
    """The same for a complex format, read in a process of its own within bounds of memory and time."""

    def read(data: bytes) -> Parsed:
        from index.reading import isolated  # starts the process at the first such file

        return isolated.read(module, data)

    return read


def _old(program: str, ending: str) -> Reader:
    """A format of before 2007, which is named with the way out."""

    def read(_: bytes) -> Parsed:
        raise InputError(f"it is in a format of before 2007; open it in {program} and save it as {ending}")

    return read


_OLD = {".doc": _old("Word", ".docx"), ".xls": _old("Excel", ".xlsx"), ".ppt": _old("PowerPoint", ".pptx")}
FORMATS: dict[str, Reader] = {
    ".txt": _reader("plaintext"),
    ".text": _reader("plaintext"),
    ".md": _reader("markdown"),
    ".markdown": _reader("markdown"),
    ".html": _isolated("html"),  # its parser's time grows by the square of a tag's attributes
    ".htm": _isolated("html"),
    ".csv": _reader("delimited"),
    ".tsv": _reader("delimited"),
    ".pdf": _isolated("pdf"),
    ".docx": _isolated("docx"),
    ".xlsx": _isolated("xlsx"),
    ".pptx": _isolated("pptx"),
    ".epub": _isolated("epub"),
    ".png": _isolated("image"),
    ".jpg": _isolated("image"),
    ".jpeg": _isolated("image"),
    **_OLD,
}
"""File ending (lower case) to the function that reads the file's bytes."""
SUPPORTED = tuple(ending for ending in FORMATS if ending not in _OLD)
"""The endings that are offered to users."""

_BAD_NAME = "its name is not valid UTF-8; rename it"


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
    seen: set[str] = set()
    for path in paths:
        for item in _files(path):
            if isinstance(item, Skipped):
                yield item
            elif (resolved := os.path.realpath(item)) not in seen:
                seen.add(resolved)
                yield item


def _files(path: Path) -> Iterator[Path | Skipped]:
    try:
        kind = path.stat().st_mode
    except OSError as error:
        missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
        yield _skip(path, "there is no such file or folder" if missing else f"it cannot be read ({error.strerror})")
        return
    if stat.S_ISDIR(kind):
        yield from _folder(path)
    elif path.suffix.lower() not in FORMATS:
        yield _skip(path, f"its type is not supported (supported: {', '.join(SUPPORTED)})")
    elif not stat.S_ISREG(kind):
        yield _skip(path, "it is no regular file (a pipe, a device or a socket)")
    elif not _is_utf8(path):
        yield _skip(path, _BAD_NAME)
    else:
        yield path


def _folder(folder: Path) -> Iterator[Path | Skipped]:
    """Depth first, by a stack of its own: folders may be nested deeper than Python calls may."""
    stack: list[Iterator[os.DirEntry[str]]] = []
    pending: Path | None = folder
    while pending or stack:
        if pending:
            try:
                stack.append(iter(sorted(os.scandir(pending), key=lambda entry: entry.name)))
            except OSError as error:
                yield _skip(pending, f"the folder cannot be read ({error.strerror})")
            pending = None
            continue
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
        elif entry.name.startswith("."):
            continue
        elif entry.is_dir(follow_symlinks=False):
            library = os.path.exists(f"{entry.path}/{LIBRARY_FILE}")  # noqa: PTH110 - a library is not a document
            pending = None if library else Path(entry.path)
        else:
            yield _entry(entry)


def _entry(entry: os.DirEntry[str]) -> Path | Skipped:
    path = Path(entry.path)
    try:
        kind = entry.stat().st_mode  # of what a link leads to
    except OSError as error:
        broken = "it is a broken link" if entry.is_symlink() else f"it cannot be read ({error.strerror})"
        return _skip(path, broken)
    if stat.S_ISDIR(kind):
        return _skip(path, "it is a link to a folder; name that folder itself", fault=False)
    if not stat.S_ISREG(kind):
        return _skip(path, "it is no regular file (a pipe, a device or a socket)")
    if path.suffix.lower() not in FORMATS:
        return _skip(path, "its type is not supported", fault=False)
    return path if _is_utf8(path) else _skip(path, _BAD_NAME)


def _is_utf8(path: Path) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in str(path))


def _skip(path: Path, reason: str, *, fault: bool = True) -> Skipped:
    return Skipped(os.fsencode(path).decode("utf-8", errors="backslashreplace"), reason, fault)


def read(path: Path, source: str) -> Document:
    """One file as a document named `source`. Raises InputError with the reason, ready to follow "PATH: "."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # whatever its size is said to be
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"it is larger than {MAX_BYTES // 1_000_000} MB; split it")
    parsed = _with_properties(FORMATS[path.suffix.lower()](data))
    if not parsed.blocks:
        raise InputError("it is empty" if not parsed.text.strip() else "it holds no paragraph")
    digest = hashlib.sha256(data).hexdigest()
    metadata = replace(
        parsed.metadata,
        title=parsed.metadata.title or _title(parsed) or path.stem,
        superseded=parsed.metadata.superseded or superseded(parsed.text),
    )
    blocks = tuple(piece for block in parsed.blocks for piece in bounded(parsed.text, block))
    return Document(source, parsed.text, blocks, parsed.encoding, digest, metadata, parsed.notes)


def _with_properties(parsed: Parsed) -> Parsed:
    """The properties of an office file become a last block: "who wrote it" is answered from them, and cites them."""
    author, date = parsed.metadata.author, parsed.metadata.date
    if parsed.encoding or not parsed.blocks or not author:  # a date alone is most often when the file was made
        return parsed
    named = {"Title": parsed.metadata.title, "Author": author, "Date": date}
    shown = "\n".join(f"{name}: {value}" for name, value in named.items() if value)
    start = len(parsed.text) + 2
    blocks = (*parsed.blocks, Block(start, start + len(shown)))
    return replace(parsed, text=f"{parsed.text}\n\n{shown}", blocks=blocks)


def _title(parsed: Parsed) -> str | None:
    """The outermost heading where there is only one, else the first line where it looks like a title."""
    first = parsed.blocks[0]
    if first.heading:  # the first of several sections does not name the others
        outermost = {block.heading[0] for block in parsed.blocks if block.heading}
        return first.heading[0] if len(outermost) == 1 else None
    line, _, rest = parsed.text[first.start : first.end].partition("\n")
    titled = first.kind == "paragraph" and not rest and len(line) <= _TITLE_LENGTH and len(parsed.blocks) > 1
    field = ":" in line or "：" in line
    return line if titled and not field and line[-1].isalnum() and not line.isdigit() else None
