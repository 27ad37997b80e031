"""A library in one file and back, while it is written; files that are no backup are named."""

import shutil
import sqlite3
import tarfile
import threading

import pytest

from index.backup import backup, restore
from index.errors import FootnoteError, InputError, LibraryError
from index.library import Library

QUESTION = "东岸区新建了多少实验室"


@pytest.fixture
def library(tmp_path):
    (tmp_path / "one.txt").write_text("东岸区新建实验室9个。", encoding="utf-8")
    (tmp_path / "two.txt").write_text("西岭区举办成果对接会36场。", encoding="utf-8")
    with Library.open(tmp_path / "lib", create=True) as opened:
        opened.add([tmp_path])
        yield opened


def found(folder):
    with Library.open(folder) as opened:
        return [(hit.paragraph, hit.score) for hit in opened.search(QUESTION)]


def test_what_comes_back_is_the_same_library(library, tmp_path):
    backup(tmp_path / "lib", tmp_path / "saved")
    restore(tmp_path / "saved", tmp_path / "again")
    assert found(tmp_path / "again") == found(tmp_path / "lib")
    assert sorted(file.name for file in (tmp_path / "again").iterdir()) == ["library.sqlite", "segments"]
    with Library.open(tmp_path / "again") as again:
        assert again.add([tmp_path / "one.txt"]).embedded == 0


def test_a_backup_beside_a_writer_is_of_one_commit(library, tmp_path):
    stop = threading.Event()

    def write():
        with Library.open(tmp_path / "lib") as other:
            edition = 0
            while not stop.is_set():
                edition += 1
                for name in ("one", "two"):
                    (tmp_path / f"{name}.txt").write_text(f"第{edition}版：实验室{edition}个。", encoding="utf-8")
                other.add([tmp_path / "one.txt", tmp_path / "two.txt"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for i in range(4):
            backup(tmp_path / "lib", tmp_path / f"saved{i}")
    finally:
        stop.set()
        writer.join()
    for i in range(4):
        restore(tmp_path / f"saved{i}", tmp_path / f"again{i}")
        with Library.open(tmp_path / f"again{i}") as again:
            texts = {again.store.document_text(name) for name in ("one.txt", "two.txt")}
            assert len(texts) == 1 or texts == {"东岸区新建实验室9个。", "西岭区举办成果对接会36场。"}
            assert again.search(QUESTION)


def test_a_segment_that_goes_while_it_is_copied_is_saved_whole(library, tmp_path, monkeypatch):
    describe = tarfile.TarFile.gettarinfo

    def described_too_late(self, name=None, arcname=None, fileobj=None):
        if "segment" in str(arcname):
            shutil.rmtree(tmp_path / "lib" / "segments", ignore_errors=True)
        return describe(self, name, arcname, fileobj)

    before = [file.name for file in (tmp_path / "lib" / "segments").iterdir()]
    monkeypatch.setattr(tarfile.TarFile, "gettarinfo", described_too_late)
    backup(tmp_path / "lib", tmp_path / "saved")
    with tarfile.open(tmp_path / "saved") as archive:
        assert archive.getnames()[1:] == [f"segments/{name}" for name in before]
    restore(tmp_path / "saved", tmp_path / "again")
    assert found(tmp_path / "again")


def test_segments_that_a_backup_lacks_are_made_anew(library, tmp_path):
    before = found(tmp_path / "lib")
    shutil.rmtree(tmp_path / "lib" / "segments")
    backup(tmp_path / "lib", tmp_path / "saved")
    restore(tmp_path / "saved", tmp_path / "again")
    assert found(tmp_path / "again") == before


def test_nothing_is_overwritten(library, tmp_path):
    backup(tmp_path / "lib", tmp_path / "saved")
    with pytest.raises(InputError, match="There is a library in"):
        restore(tmp_path / "saved", tmp_path / "lib")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(InputError, match="is not empty"):
        restore(tmp_path / "saved", tmp_path / "full")


def archive(path, *names):
    with tarfile.open(path, "w") as made:
        for name in names:
            made.add(path.with_name("one.txt"), name)


@pytest.mark.parametrize("kind", ["text", "missing", "cut off", "foreign", "outside", "no library", "damaged"])
def test_what_is_no_backup_is_named_and_leaves_nothing(library, tmp_path, kind):
    saved = tmp_path / "saved"
    backup(tmp_path / "lib", saved)
    content = saved.read_bytes()
    if kind == "text":
        saved.write_text("hello")
    elif kind == "missing":
        saved.unlink()
    elif kind == "cut off":
        saved.write_bytes(content[: len(content) // 3])
    elif kind == "damaged":
        at = content.index(b"SQLite format 3") + 4096 * 2
        saved.write_bytes(content[:at] + bytes(4096) + content[at + 4096 :])
    else:
        names = {"foreign": ["notes.txt"], "outside": ["../../evil"], "no library": ["segments/1.segment"]}
        archive(saved, *names[kind])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FootnoteError) as refused:
        restore(saved, tmp_path / "again")
    assert isinstance(refused.value, InputError | LibraryError)
    assert "\n" not in str(refused.value)
    assert sorted(tmp_path.iterdir()) == before


def test_a_backup_is_a_library_of_sqlite(library, tmp_path):
    backup(tmp_path / "lib", tmp_path / "saved")
    with tarfile.open(tmp_path / "saved") as opened:
        (tmp_path / "out.sqlite").write_bytes(opened.extractfile("library.sqlite").read())
    with sqlite3.connect(tmp_path / "out.sqlite") as db:
        assert db.execute("SELECT count(*) FROM documents").fetchone() == (2,)
