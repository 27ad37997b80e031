"""Files and folders to documents. What cannot be read is named with its reason; the rest goes on."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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


def _read_here(module: str, data: bytes) -> Parsed:
    """The `read` of `index.reading.MODULE`, imported at the first file."""
    try:
        return cast(Parsed, import_module(f"index.reading.{module}").read(data))
    except (InputError, MemoryError):
        raise
    except Exception as error:  # a fault of ours: it costs this file, not all that are indexed with it
        raise InputError(f"it cannot be read ({type(error).__name__}: {error}); please report it") from error


def _read_apart(module: str, data: bytes) -> Parsed:
    """The same for a complex format, in a process of its own within bounds of memory and time."""
    from index.reading import isolated  # starts the process at the first such file

    return isolated.read(module, data)


def _refuse(program: str, ending: str, _: bytes) -> Parsed:
    """A format of before 2007, which is named with the way out."""
    raise InputError(f"it is in a format of before 2007; open it in {program} and save it as {ending}")


_HERE = {"plaintext": ".txt .text", "markdown": ".md .markdown", "delimited": ".csv .tsv"}
_APART = {"html": ".html .htm", "pdf": ".pdf", "docx": ".docx", "xlsx": ".xlsx", "pptx": ".pptx", "epub": ".epub"}
_APART |= {"image": ".png .jpg .jpeg"}
_OLD = {".doc": ("Word", ".docx"), ".xls": ("Excel", ".xlsx"), ".ppt": ("PowerPoint", ".pptx")}
FORMATS: Mapping[str, Reader] = {
    ending: partial(read, module)
    for read, modules in ((_read_here, _HERE), (_read_apart, _APART))
    for module, endings in modules.items()
    for ending in endings.split()
} | {ending: partial(_refuse, *new) for ending, new in _OLD.items()}
"""File ending (lower case) to the function that reads the file's bytes."""
SUPPORTED = tuple(ending for ending in FORMATS if ending not in _OLD)
"""The endings that are offered to users."""


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
        for item in _below(path):
            if isinstance(item, Skipped):
                yield item
            elif (resolved := os.path.realpath(item)) not in seen:  # a folder and a file in it may both be named
                seen.add(resolved)
                yield item


def _below(named: Path) -> Iterator[Path | Skipped]:
    """Depth first, by a stack of its own: folders may be nested deeper than Python calls may."""
    stack = [named]
    while stack:
        path = stack.pop()
        try:
            kind = path.stat().st_mode  # of what a link leads to
            if not stat.S_ISDIR(kind):
                yield _file(path, kind, named=path is named)
            elif path is not named and path.is_symlink():
                # A link may lead to a folder above itself.
                yield _skip(path, "it is a link to a folder; name that folder itself", fault=False)
            elif path is named or not (path / LIBRARY_FILE).exists():  # a library is not a document
                stack += [item for item in sorted(path.iterdir(), reverse=True) if item.name[0] != "."]
        except OSError as error:
            yield _skip(path, _fault(path, error))


def _fault(path: Path, error: OSError) -> str:
    if path.is_symlink():
        return "it is a broken link"
    missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
    return "there is no such file or folder" if missing else f"it cannot be read ({error.strerror})"


def _file(path: Path, kind: int, *, named: bool) -> Path | Skipped:
    if not stat.S_ISREG(kind):
        return _skip(path, "it is no regular file (a pipe, a device or a socket)")
    if path.suffix.lower() not in FORMATS:
        offered = f" (supported: {', '.join(SUPPORTED)})" if named else ""
        return _skip(path, f"its type is not supported{offered}", fault=named)
    return path if _is_utf8(path) else _skip(path, "its name is not valid UTF-8; rename it")


def _is_utf8(path: Path) -> bool:
    # Python keeps the bytes of such a name as lone surrogates, which SQLite cannot store.
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
    made = (parsed.text, blocks, metadata, parsed.encoding, parsed.notes, parsed.recognised)
    return Document(*made, source=source, sha256=digest)


def _with_properties(parsed: Parsed) -> Parsed:
    """The properties of an office file become a last block: "who wrote it" is answered from them, and cites them."""
    author, date = parsed.metadata.author, parsed.metadata.date
    # Formats with an encoding are plain text, where front matter is a block already; a date alone is most often when
    # the file was made.
    if parsed.encoding or not parsed.blocks or not author:
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
