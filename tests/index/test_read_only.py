"""A library where nothing may be written is searched like any other."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.errors import LibraryError
from index.library import Library

_NOBODY = 65534


@contextmanager
def without_rights():
    """Root may write anywhere: become somebody else for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder():
    """A library in a folder that everybody may read and nobody but root may write."""
    place = Path(tempfile.mkdtemp())
    (place / "a.txt").write_text("东岸区建成充电桩120个。", encoding="utf-8")
    with Library.open(place / "lib", create=True) as library:
        library.add([place / "a.txt"])
        library.search("充电桩")  # loads the model while its files may be read
    (place / "lib" / "write.lock").unlink(missing_ok=True)
    for path in (place, *place.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield place / "lib"
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.rmtree(place)


def found(library):
    return [hit.paragraph.text for hit in library.search("建成多少个充电桩")]


def test_it_is_searched_and_listed_and_nothing_is_left_beside_it(folder):
    with without_rights(), Library.open(folder) as library:
        assert found(library) == ["东岸区建成充电桩120个。"]
        assert [d["source"] for d in library.store.documents()] == ["a.txt"]
    assert sorted(file.name for file in folder.iterdir()) == ["library.sqlite", "segments"]


def test_writing_is_refused_in_one_sentence(folder):
    with without_rights(), Library.open(folder) as library:
        with pytest.raises(LibraryError, match="cannot be written") as refused:
            library.add([folder.parent / "a.txt"])
        assert "remove" not in str(refused.value)
        assert found(library) == ["东岸区建成充电桩120个。"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs somebody who may write it")
def test_what_its_owner_writes_is_found(folder):
    with without_rights():
        reader = Library.open(folder)
        assert len(found(reader)) == 1
    (folder.parent / "b.txt").write_text("西岭区建成充电桩360个。", encoding="utf-8")
    with Library.open(folder) as owner:
        owner.add([folder.parent / "b.txt"])
    for path in (folder / "segments").iterdir():
        path.chmod(0o444)
    with without_rights(), reader:
        assert len(found(reader)) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="needs somebody who may not read it")
def test_one_that_may_not_be_read_is_not_called_damaged(folder):
    (folder / "library.sqlite").chmod(0o400)
    with without_rights(), pytest.raises(LibraryError, match="see that its files can be read"):
        Library.open(folder)
