"""A library of an earlier version becomes one of this version: same documents, same paragraph ids."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from index.embedders import open_embedder
from index.local import LocalEngine, locked
from index.reading.files import LIBRARY_FILE
from index.schema import EARLIER
from index.segments import FOLDER
from index.store import Store

_FORMER = ("vectors.faiss", "words")
"""What earlier versions kept beside their SQLite file."""
_AT_A_TIME = 200
"""Documents of one commit."""


def migrate(folder: Path, embedder: str | None = None) -> None:
    """Make the library in `folder` one of this version, embedded by `embedder` or as before, if it is of schema 2 or 3.

    Texts are taken from the library; no file is read again. A library is made beside it and takes its place in the end:
    a kill leaves the former one. Raises LibraryLockedError while somebody writes.
    """
    if not _outdated(folder / LIBRARY_FILE):
        return
    with locked(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".migrating-") as name:
        made = Path(name)
        with closing(Store(folder / LIBRARY_FILE)) as former, closing(LocalEngine.open(made, create=True)) as engine:
            with engine.writing(open_embedder(embedder or former.meta().get("embedder"))) as writer:
                documents = [(str(d["source"]), Path(str(d["path"]))) for d in former.documents()]
                for first in range(0, len(documents), _AT_A_TIME):
                    some = documents[first : first + _AT_A_TIME]
                    writer.write([(former.document(source), path) for source, path in some], [])
            # Readers look only at whether the generation is another.
            engine.records.set_meta(generation=former.generation() + 1)
        # Segments first: after a kill in between the library is still of the former schema, and migrated again.
        if (made / FOLDER).exists():
            shutil.rmtree(folder / FOLDER, ignore_errors=True)
            (made / FOLDER).rename(folder / FOLDER)
        (made / LIBRARY_FILE).replace(folder / LIBRARY_FILE)
    for name in _FORMER:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _outdated(file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        with closing(Store(file)) as store:
            return store.meta().get("schema") in EARLIER
    except sqlite3.Error:  # opening it says what is wrong
        return False
