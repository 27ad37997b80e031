"""A library on this machine in one file, taken while it serves and is written, and put back."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from index.errors import InputError, LibraryError
from index.library import Library
from index.reading.files import LIBRARY_FILE
from index.segments import FOLDER, file_of
from index.store import Store

_NAMES = re.compile(rf"{re.escape(LIBRARY_FILE)}|{FOLDER}/[0-9]+\.segment")
"""What a backup may hold."""


def backup(folder: Path, file: Path) -> None:
    """Write the library in `folder` to `file`, a tar archive, in one step.

    The state is that of one commit. Segments are copied beside it to save embedding them again; one that a write has
    just replaced is left out, and made anew by `restore`. Raises LibraryError, and InputError when the file cannot be
    written.
    """
    Library.open(folder).close()  # names what is wrong with it
    partial = file.parent / f".{file.name}.partial"
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".footnote-") as name:
            copy = Path(name) / LIBRARY_FILE
            with closing(Store(folder / LIBRARY_FILE)) as store, closing(sqlite3.connect(copy)) as target:
                store.db.backup(target)
                # The copy is in WAL mode too, which keeps further files beside it.
                target.execute("PRAGMA journal_mode = DELETE")
            with closing(Store(copy)) as copied, tarfile.open(partial, "w") as archive:
                archive.add(copy, LIBRARY_FILE)
                for number in copied.segments():
                    segment = file_of(folder, number)
                    # Opened first: what a writer takes away while it is copied stays readable.
                    with suppress(FileNotFoundError), segment.open("rb") as content:
                        member = archive.gettarinfo(arcname=f"{FOLDER}/{segment.name}", fileobj=content)
                        archive.addfile(member, content)
        partial.replace(file)
    except OSError as error:
        raise InputError(f"The backup {file} cannot be written ({error.strerror}).") from None
    finally:
        partial.unlink(missing_ok=True)


def restore(file: Path, folder: Path) -> None:
    """Put what `backup` wrote into `folder`, where no library may be.

    Nothing is left there when it fails. Raises InputError when the file is no backup or a library is in the way, and
    LibraryError when what it holds cannot be used.
    """
    if (folder / LIBRARY_FILE).exists():
        raise InputError(f"There is a library in {folder}; move it away first, or restore elsewhere: --library DIR")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # What is restored is renamed to this folder in one step, which takes an empty one.
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"The folder {folder} is not empty; restore to another place: --library DIR")
    unpacked = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".footnote-"))
    try:
        _unpack(file, unpacked)
        _check(unpacked / LIBRARY_FILE, file)
        with Library.open(unpacked) as library, library.engine.writing(library.embedder):
            pass  # segments that are missing are made anew
        (unpacked / "write.lock").unlink(missing_ok=True)
        unpacked.replace(folder)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _unpack(file: Path, folder: Path) -> None:
    (folder / FOLDER).mkdir(mode=0o700)
    try:
        with tarfile.open(file, "r:") as archive:  # uncompressed only: nothing unpacks to more than the file
            for member in archive:
                content = archive.extractfile(member) if _NAMES.fullmatch(member.name) and member.isreg() else None
                if content is None:
                    raise InputError(f"{file} is no backup of a library: it holds {member.name!r}.")
                with (folder / member.name).open("wb") as target:
                    shutil.copyfileobj(content, target)
    except (tarfile.TarError, EOFError):
        raise InputError(f"{file} is no backup of a library, or not all of one.") from None
    except OSError as error:
        raise InputError(f"{error.filename or file} cannot be read or written ({error.strerror}).") from None
    if not (folder / LIBRARY_FILE).exists():
        raise InputError(f"{file} is no backup of a library, or not all of one.")


def _check(held: Path, file: Path) -> None:
    """Whether SQLite finds its pages in order: they have no checksums of their own."""
    try:
        with closing(sqlite3.connect(held)) as db:
            whole = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        whole = False
    if not whole:
        raise LibraryError(f"The library in {file} is damaged; use an older backup.")
