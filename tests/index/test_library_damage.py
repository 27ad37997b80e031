"""Damage and kills: one clear sentence, or nothing lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.errors import LibraryError, LibraryMissingError
from index.library import Library
from index.segment import Segment
from tests.support.two_files import first


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM paragraphs WHERE key = 1",
        "UPDATE paragraphs SET text = replace(text, '9', '8')",
        "UPDATE paragraphs SET heading = '{'",
        "UPDATE paragraphs SET heading = '3'",
        "UPDATE documents SET metadata = ''",
        "UPDATE documents SET source = 'two.txt'",
        "UPDATE paragraphs SET text = 5",
        "UPDATE passages SET first = first + 1, last = last + 1",
        "UPDATE locations SET position = 9 - position",
        "DELETE FROM segments",
        "INSERT INTO dead SELECT key FROM passages",
    ],
)
def test_a_damaged_row_is_one_sentence(library, tmp_path, damage):
    library.add([tmp_path / "one.txt"])
    library.engine.records.db.execute(damage)
    with pytest.raises(LibraryError, match="SQLite file is damaged"):
        library.search("实验室")


def test_a_segment_is_read_once(library, tmp_path, monkeypatch):
    """Neither a second writer's turn nor the search after it reads again what was verified: a library may be large."""
    library.add([tmp_path / "one.txt"])
    assert first(library, "新建实验室").source == "one.txt"
    read = []
    monkeypatch.setattr("index.local_writer.to_merge", lambda sizes: [])  # as of larger ones
    monkeypatch.setattr(
        Segment, "load", lambda file, checksum, load=Segment.load: read.append(file) or load(file, checksum)
    )
    library.add([tmp_path / "two.txt"])
    assert first(library, "行动方案投入").source == "two.txt"
    assert [file.name for file in read] == ["2.segment"]
    os.utime(tmp_path / "lib" / "segments" / "1.segment", (0, 0))  # as a restored copy would be
    library.searcher.verify()
    assert [file.name for file in read] == ["2.segment", "1.segment"]


def test_a_damaged_text_is_one_sentence(library, tmp_path):
    library.add([tmp_path / "one.txt"])
    library.engine.records.db.execute("UPDATE documents SET text = x'00'")
    with pytest.raises(LibraryError, match="SQLite file is damaged"):
        library.store.document_text("one.txt")


@pytest.mark.parametrize("damage", ["missing", "torn", "one bit"])
def test_a_damaged_segment_is_noticed_and_made_anew_by_the_next_write(library, tmp_path, damage):
    library.add([tmp_path])
    expected = [(h.paragraph.id, h.score) for h in library.search("东岸区新建实验室", 3)]
    [file] = (tmp_path / "lib" / "segments").iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink() if damage == "missing" else file.write_bytes(content if damage == "one bit" else content[:100])
    with Library.open(tmp_path / "lib") as reader, pytest.raises(LibraryError, match="made anew with: footnote index"):
        reader.search("东岸区新建实验室", 3)
    library.add([tmp_path])
    with Library.open(tmp_path / "lib") as reader:
        assert [(h.paragraph.id, h.score) for h in reader.search("东岸区新建实验室", 3)] == expected


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.4, 0.7, 1.0, 1.3])
def test_kill_during_indexing_leaves_a_library_that_opens(tmp_path, delay):
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(300):
        text = "\n\n".join(f"第{i}号文件的第{j}段，记录了{i * j}项数据和若干说明文字。" for j in range(30))
        (folder / f"{i}.txt").write_text(text, encoding="utf-8")
    root = Path(__file__).resolve().parents[2]
    lib = str(tmp_path / "lib")
    code = f"from index.library import Library; Library.open({lib!r}, create=True).add([{str(folder)!r}])"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Library.open(tmp_path / "lib", create=True) as library:
        held = library.store.count("paragraphs")
        library.search("第7号文件的第3段", 3) if held else None
        library.add([folder])
        assert library.store.count("paragraphs") == 9000
        assert len(library.searcher.words) == library.store.count("passages") == 600
        assert first(library, "哪一段记录了8671项数据").text.startswith("第299号文件的第29段")


def test_a_segment_of_a_write_that_was_cut_off_is_swept_away(library, tmp_path):
    folder = tmp_path / "lib" / "segments"
    folder.mkdir()
    (folder / "1.segment").write_bytes(b"saved, but SQLite never listed it")
    (folder / "2.partial").touch()
    library.add([tmp_path / "one.txt"])
    assert [file.name for file in folder.iterdir()] == ["1.segment"]
    assert first(library, "新建实验室").source == "one.txt"


def test_a_library_whose_making_was_cut_off_is_none_yet(tmp_path):
    (tmp_path / "library.sqlite").touch()
    with pytest.raises(LibraryMissingError, match="footnote index PATH"):
        Library.open(tmp_path)
    with Library.open(tmp_path, create=True) as library:
        assert library.store.count("paragraphs") == 0
