"""Files that come over HTTP. They land in the library's own `uploads` folder, under a name made safe, or not at all."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from api.http.errors import ApiError
from api.http.limits import Limits
from index.reading.files import FORMATS, SUPPORTED

FOLDER = "uploads"
_LONGEST = 200
"""Bytes of a name in UTF-8; file systems allow 255."""
_DEEPEST = 12
"""Folders that an uploaded file may lie in."""
_BLOCK = 1 << 20
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!")
"""How archives and compressed files begin."""
_ZIP_FORMATS = (".docx", ".xlsx", ".pptx", ".epub", ".odt")
"""Document formats that are zip files inside."""
_UNPACKED = 4
"""How many times the largest file a document may unpack to."""
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def safe_name(name: str | None) -> str:
    """The last part of a file's name as a client gave it, without what file systems or readers trip over.

    "../../etc/report.txt" -> "report.txt". Raises ApiError for a name of which nothing usable is left (400) or whose
    type is not read (415).
    """
    kept = _part((name or "").replace("\\", "/").rsplit("/", 1)[-1])
    stem, ending = PurePosixPath(kept).stem, PurePosixPath(kept).suffix.lower()
    if not stem or not kept:
        raise ApiError(400, "An uploaded file has no usable name; give it one like report.txt.")
    if ending not in FORMATS:
        known = ", ".join(SUPPORTED)
        raise ApiError(415, f"{kept[:100]!r} is of a type that is not read (read are: {known}).")
    room = _LONGEST - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + ending


def _part(name: str) -> str:
    """One part of a path without controls, bidi marks and surrogates, and never one that leads upwards."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    kept = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    return _FORBIDDEN.sub("_", kept).lstrip(". ").rstrip()


def safe_path(path: str) -> PurePosixPath:
    """A file's place in an uploaded folder, each part made safe: "2024/../a b/x.txt" -> "2024/a b/x.txt".

    Raises ApiError as `safe_name` does, and for folders nested too deeply (400).
    """
    *folders, name = path.replace("\\", "/").split("/")
    kept = [part for folder in folders if (part := _part(folder))]
    if len(kept) > _DEEPEST:
        raise ApiError(400, f"{path[:100]!r} is nested deeper than {_DEEPEST} folders; move it up.")
    return PurePosixPath(*(part.encode()[:_LONGEST].decode("utf-8", "ignore") for part in kept), safe_name(name))


def save(file: BinaryIO, place: PurePosixPath, uploads: Path, limits: Limits) -> Path:
    """Write an upload under `place`, which `safe_path` made, in the place of an earlier one of that name.

    Raises ApiError: 413 too large, here or unpacked; 415 an archive; 400 empty, or a file where a folder must be.
    """
    name, folder = place.name, uploads / place.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ApiError(400, f"A file lies where {place.parent.as_posix()[:100]!r} would be.") from None
    handle, partial = tempfile.mkstemp(prefix=".incoming-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as out:
            _copy(file, out, name, limits.file)
        _refuse_archive(Path(partial), name, limits)
        target = folder / name
        if target.is_dir():
            raise ApiError(400, f"{name!r} is the name of a folder here; give the file another one.")
        Path(partial).replace(target)  # a link of that name is replaced, never followed
    except BaseException:
        with suppress(OSError):
            Path(partial).unlink()
        raise
    return target


def discard(path: Path, folder: Path) -> None:
    """Delete an uploaded file and the folders that it leaves empty; a file anywhere else is left alone."""
    home = folder.resolve()
    if not path.parent.resolve().is_relative_to(home) or path.is_dir():
        return
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if not parent.resolve().is_relative_to(home) or parent.resolve() == home:
            break
        with suppress(OSError):  # not empty
            parent.rmdir()


def _copy(file: BinaryIO, out: BinaryIO, name: str, most: int) -> None:
    size = 0
    while block := file.read(_BLOCK):
        size += len(block)
        if size > most:
            raise ApiError(413, f"{name!r} is larger than {most // 1_000_000} MB; split it.")
        out.write(block)
    if not size:
        raise ApiError(400, f"{name!r} is empty.")


def _refuse_archive(path: Path, name: str, limits: Limits) -> None:
    with path.open("rb") as opened:
        begin = opened.read(8)
    if not begin.startswith(_ARCHIVES):
        return
    if PurePosixPath(name).suffix not in _ZIP_FORMATS:
        raise ApiError(415, f"{name!r} is an archive; unpack it and upload the files.")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise ApiError(415, f"{name!r} is damaged.") from None
    if unpacked > _UNPACKED * limits.file:
        raise ApiError(413, f"{name!r} unpacks to more than {_UNPACKED * limits.file // 1_000_000} MB.")
