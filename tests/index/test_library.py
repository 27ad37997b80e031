"""The library: one truth, derived indexes, content-derived ids, and what a crash or a wrong embedder does."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from index.embedders import open_embedder
from index.errors import InputError, LibraryError, LibraryLockedError, LibraryMismatchError, LibraryMissingError
from index.library import Library
from index.migration import migrate
from index.segment import Segment
from index.static_model import StaticEmbedder

ONE = "东岸区新建实验室9个。\n\n西岭区举办成果对接会36场。\n"
TWO = "南湖区发布行动方案，投入2.5亿元。\n"


@pytest.fixture
def library(tmp_path):
    (tmp_path / "one.txt").write_text(ONE, encoding="utf-8")
    (tmp_path / "two.txt").write_text(TWO, encoding="utf-8")
    with Library.open(tmp_path / "lib", create=True) as opened:
        yield opened


def first(library, question):
    return library.search(question, 1)[0].paragraph


def test_index_search_and_locate(library, tmp_path):
    report = library.add([tmp_path / "one.txt", tmp_path / "two.txt"])
    assert report.indexed == ["one.txt", "two.txt"]
    assert (report.paragraphs, report.embedded) == (3, 2)  # the two of one.txt are one passage
    found = first(library, "西嶺區舉辦了多少場對接會")
    assert found.source == "one.txt"
    assert ONE[found.start : found.end] == found.text


def test_unchanged_content_is_never_embedded_again(library, tmp_path):
    library.add([tmp_path / "one.txt"])
    again = library.add([tmp_path / "one.txt"])
    assert (again.unchanged, again.embedded) == (["one.txt"], 0)
    (tmp_path / "one.txt").write_text("新的一段，讲的是别的事情。\n\n" + ONE, encoding="utf-8")
    edited = library.add([tmp_path / "one.txt"])
    assert (edited.indexed, edited.embedded) == (["one.txt"], 1)


def test_ids_survive_renames_edits_elsewhere_and_new_wrapping(library, tmp_path):
    library.add([tmp_path / "one.txt"])
    before = {h.paragraph.text: h.paragraph.id for h in library.search("实验室 对接会", 5)}
    (tmp_path / "one.txt").rename(tmp_path / "renamed.txt")
    (tmp_path / "renamed.txt").write_text("插在前面的一段话，内容是新的。\n\n" + ONE, encoding="utf-8")
    report = library.add([tmp_path / "renamed.txt"], prune=True)
    assert report.removed == ["one.txt"]
    assert report.embedded == 1
    after = {h.paragraph.text: h.paragraph.id for h in library.search("实验室 对接会", 5)}
    assert {text: after[text] for text in before} == before
    assert first(library, "实验室").source == "renamed.txt"
    wrapped = "a line that is wrapped by hand\nand goes on for a while here\nand then it stops\n"
    (tmp_path / "w.txt").write_text(wrapped)
    library.add([tmp_path / "w.txt"])
    old = first(library, "wrapped by hand").id
    (tmp_path / "w.txt").write_text(wrapped.replace("\n", " "))
    library.add([tmp_path / "w.txt"])
    assert first(library, "wrapped by hand").id == old


def test_the_same_paragraph_twice_is_one_with_two_places(library, tmp_path):
    (tmp_path / "copy.txt").write_text(TWO + "\n" + TWO, encoding="utf-8")
    report = library.add([tmp_path / "two.txt", tmp_path / "copy.txt"])
    assert (report.paragraphs, report.embedded) == (1, 2)  # alone, and twice in one passage
    hits = library.search("南湖区投入", 5)
    assert len(hits) == 1
    assert [place.source for place in hits[0].paragraph.also] == ["copy.txt", "two.txt"]
    library.remove("copy.txt")
    assert first(library, "南湖区投入").source == "two.txt"


def test_the_same_words_under_another_heading_are_another_paragraph(library, tmp_path):
    (tmp_path / "labels.txt").write_text("东岸区\n\n投入3亿元。\n\n西岭区\n\n投入3亿元。\n", encoding="utf-8")
    library.add([tmp_path / "labels.txt"])
    found = {p.heading: p.id for h in library.search("投入3亿元", 5) for p in h.paragraphs}
    assert set(found) == {("东岸区",), ("西岭区",)}
    assert len(set(found.values())) == 2
    assert first(library, "西岭区投入多少").heading == ("西岭区",)


def test_removed_paragraphs_leave_the_word_index(library, tmp_path):
    library.add([tmp_path])
    library.remove("one.txt")
    assert len(library.searcher.words) == 1


def test_what_the_reader_made_is_kept(library, tmp_path):
    (tmp_path / "one.txt").write_bytes("东岸区新建实验室。\r\n".encode("gb18030"))
    library.add([tmp_path / "one.txt"])
    (tmp_path / "one.txt").unlink()
    assert library.store.document_text("one.txt") == "东岸区新建实验室。\n"
    assert library.store.document_text("gone.txt") is None


@pytest.mark.parametrize("schema", ["99", "", "abc"])
def test_a_library_of_an_unknown_schema_is_refused(library, tmp_path, schema):
    library.add([tmp_path / "one.txt"])
    library.store.set_meta(schema=schema)
    migrate(tmp_path / "lib")
    with pytest.raises(LibraryMismatchError, match="index its documents into a new library"):
        Library.open(tmp_path / "lib")


@pytest.mark.parametrize("entry", ["words", "chunking", "dim", "embedder"])
def test_a_manifest_without_an_entry_is_one_sentence_or_works(library, tmp_path, entry):
    library.add([tmp_path / "one.txt"])
    library.engine.records.db.execute("DELETE FROM meta WHERE name = ?", (entry,))
    with Library.open(tmp_path / "lib") as opened:
        if entry in ("words", "chunking"):
            with pytest.raises(LibraryMismatchError, match="--reembed"):
                opened.search("实验室")
            opened.reembed()
        assert first(opened, "新建实验室").source == "one.txt"


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


def test_a_name_that_no_folder_can_have(tmp_path):
    with pytest.raises(InputError, match="cannot lie in"):
        Library.open(tmp_path / ("x" * 300), create=True)


@pytest.mark.parametrize("schema", [2, 3])
def test_a_library_of_an_earlier_version_is_brought_up_to_date(tmp_path, schema):
    """The file is what that version wrote, without vectors: documents with equal words under two headings, a table."""
    (tmp_path / "lib" / "words").mkdir(parents=True)
    (tmp_path / "lib" / "vectors.faiss").touch()
    data = Path(__file__).parents[1] / "data" / f"library-schema-{schema}.sql"
    with sqlite3.connect(tmp_path / "lib" / "library.sqlite") as db:
        db.executescript(data.read_text(encoding="utf-8"))
        before = set(db.execute("SELECT id, text FROM paragraphs"))
    with pytest.raises(LibraryMismatchError, match="bring it up to date with: footnote index --reembed"):
        Library.open(tmp_path / "lib")
    migrate(tmp_path / "lib")
    assert sorted(file.name for file in (tmp_path / "lib").iterdir()) == ["library.sqlite", "segments", "write.lock"]
    with Library.open(tmp_path / "lib") as opened:
        sources = [str(d["source"]) for d in opened.store.documents()]
        assert sources == ["old.txt", "report.md", "table.md"]
        keys = [key for source in sources for key in opened.store.document_paragraphs(source)]
        assert {(p.id, p.text) for p in opened.store.paragraphs(keys).values()} == before
        assert first(opened, "西岭区新建实验室").heading == ("西岭区",)
        assert first(opened, "How many laboratories has Harbour?").source == "table.md"
        assert opened.store.document_text("old.txt") == "南湖区发布行动方案，投入2.5亿元。\n"


def test_remove_and_unknown_names(library, tmp_path):
    library.add([tmp_path])
    library.remove("one.txt")
    assert [d["source"] for d in library.store.documents()] == ["two.txt"]
    assert all(h.paragraph.source == "two.txt" for h in library.search("实验室", 5))
    with pytest.raises(InputError, match=r"no document .one\.txt."):
        library.remove("one.txt")
    with pytest.raises(InputError, match="no paragraph"):
        library.paragraph("feedbeef")


def test_source_pattern_limits_the_search(library, tmp_path):
    library.add([tmp_path])
    assert {h.paragraph.source for h in library.search("实验室", 5, source="two*")} == {"two.txt"}
    assert library.search("实验室", 5, source="none*") == []
    both = library.search("实验室", 5, source=["none*", "two.txt", "one*"])
    assert {h.paragraph.source for h in both} == {"one.txt", "two.txt"}


def test_bad_files_are_skipped_and_the_rest_is_indexed(library, tmp_path):
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01\x02\xff")
    report = library.add([tmp_path])
    assert report.indexed == ["one.txt", "two.txt"]
    assert ["bad.txt" in item.path for item in report.skipped] == [True]


def test_the_same_question_gives_the_same_list(library, tmp_path):
    library.add([tmp_path])
    lists = [[(h.paragraph.id, h.score) for h in library.search("东岸区 投入", 5)] for _ in range(3)]
    assert lists[0] == lists[1] == lists[2]


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


def test_readers_pick_up_a_new_generation(library, tmp_path):
    library.add([tmp_path / "one.txt"])
    with Library.open(tmp_path / "lib") as reader:
        assert first(reader, "南湖区 投入").source == "one.txt"
        library.add([tmp_path / "two.txt"])
        assert first(reader, "南湖区 投入").source == "two.txt"
        library.remove("two.txt")
        assert first(reader, "南湖区 投入").source == "one.txt"


@pytest.mark.slow
def test_a_search_sees_one_generation_while_another_thread_writes(tmp_path):
    """Every document is replaced in every commit: a search that mixes two of them finds two editions, or too few."""
    files = [tmp_path / f"{name}.txt" for name in ("a", "b", "c")]

    def write(library, edition):
        for file in files:
            file.write_text(f"第{edition}版：{file.stem}区建成充电桩{edition + 100}个。", encoding="utf-8")
        library.add(files)

    with Library.open(tmp_path / "lib", create=True) as library, Library.open(tmp_path / "lib") as reader:
        write(library, 0)
        stop, seen = threading.Event(), []

        def read():
            while not stop.is_set():
                found = [hit.paragraph.text for hit in reader.search("建成多少个充电桩", 5)]
                seen.append({text.partition("：")[0] for text in found} if len(found) == 3 else found)

        thread = threading.Thread(target=read)
        thread.start()
        for edition in range(1, 16):
            write(library, edition)
        library.remove("a.txt")
        library.add(files)
        stop.set()
        thread.join()
    mixed = [editions for editions in seen if len(editions) != 1]
    assert [one for one in mixed if len(one) != 2 or not all(text.startswith("第15版") for text in one)] == []
    assert len(seen) > 15
    assert len({edition for editions in seen if len(editions) == 1 for edition in editions}) > 3


def test_one_writer_at_a_time(library, tmp_path):
    library.add([tmp_path / "one.txt"])
    with FileLock(tmp_path / "lib" / "write.lock"), pytest.raises(LibraryLockedError, match="Another process"):
        library.add([tmp_path / "two.txt"])


def test_missing_and_foreign_libraries(tmp_path):
    with pytest.raises(LibraryMissingError, match="footnote index"):
        Library.open(tmp_path / "nothing")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "library.sqlite").write_bytes(b"this is not a database at all" * 50)
    with pytest.raises(LibraryError, match="not a usable library"):
        Library.open(tmp_path / "bad")


@pytest.fixture
def other_model(tmp_path):
    """A tiny static model of another dimension, in sentence-transformers' own layout."""
    from safetensors.numpy import save_file

    folder = tmp_path / "tiny"
    folder.mkdir()
    packaged = StaticEmbedder()
    rows = np.random.default_rng(0).normal(size=(packaged.tokenizer.get_vocab_size(), 8)).astype(np.float32)
    save_file({"embedding.weight": rows}, folder / "model.safetensors")
    packaged.tokenizer.save(str(folder / "tokenizer.json"))
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}
    (folder / "modules.json").write_text(json.dumps([module]))
    return str(folder)


def test_another_embedder_is_refused_with_the_command_that_helps(library, tmp_path, other_model):
    library.add([tmp_path / "one.txt"])
    with Library.open(tmp_path / "lib", other_model) as wrong:
        with pytest.raises(LibraryMismatchError, match="--reembed"):
            wrong.search("实验室")
        with pytest.raises(LibraryMismatchError, match="--reembed"):
            wrong.add([tmp_path / "two.txt"])
        assert wrong.reembed() == 1
        assert first(wrong, "新建实验室").source == "one.txt"
    with Library.open(tmp_path / "lib") as reopened:  # the library remembers its new embedder
        assert reopened.embedder.dim == 8
        assert first(reopened, "新建实验室").source == "one.txt"


def test_a_reader_notices_that_the_library_was_embedded_anew(library, tmp_path, other_model):
    library.add([tmp_path / "one.txt"])
    library.search("实验室")
    with Library.open(tmp_path / "lib", other_model) as other:
        other.reembed()
    with pytest.raises(LibraryMismatchError, match="--reembed"):
        library.search("实验室")


@pytest.mark.parametrize("version", ["words", "chunking"])
def test_an_older_way_of_indexing_is_refused_until_brought_up_to_date(library, tmp_path, version):
    library.add([tmp_path / "one.txt"])
    library.store.set_meta(**{version: 0})
    with Library.open(tmp_path / "lib") as opened:
        with pytest.raises(LibraryMismatchError, match="another version"):
            opened.search("实验室")
        opened.reembed()
        assert first(opened, "新建实验室").source == "one.txt"
        assert len(opened.searcher.words) == 1


@pytest.mark.slow
def test_a_wrong_embedder_leaves_no_library_behind(tmp_path):
    with pytest.raises(InputError, match="no-such-model"):
        Library.open(tmp_path / "new", "no-such-model", create=True)
    assert not (tmp_path / "new").exists()


def test_listing_loads_no_model(library, tmp_path):
    library.add([tmp_path / "one.txt"])
    with Library.open(tmp_path / "lib") as opened:
        assert len(opened.store.documents()) == 1
        assert "embedder" not in vars(opened)


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


def test_the_packaged_model_is_multilingual():
    model = open_embedder()
    vectors = model.embed_passages(["The library was opened in spring.", "图书馆在春天开放。", "股票价格大幅下跌。"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1
    assert not model.embed_passages([""]).any()


def test_documents_from_elsewhere_have_short_names_of_their_own(tmp_path):
    for folder in ("2023", "2024"):
        (tmp_path / "far" / folder).mkdir(parents=True)
        (tmp_path / "far" / folder / "a.txt").write_text(f"The report of {folder}.", encoding="utf-8")
    with Library.open(tmp_path / "home" / "lib", create=True) as library:
        assert library.add([tmp_path / "far"]).indexed == ["a.txt", "2024/a.txt"]
        (tmp_path / "far" / "2024" / "a.txt").write_text("Another report.", encoding="utf-8")
        assert library.add([tmp_path / "far"]).indexed == ["2024/a.txt"]
        assert not [d["source"] for d in library.store.documents() if str(tmp_path) in str(d["source"])]
