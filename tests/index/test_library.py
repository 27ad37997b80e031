"""The library: one truth, derived indexes, content-derived ids."""

import threading

import numpy as np
import pytest
from filelock import FileLock

from index.embedders import open_embedder
from index.errors import InputError, LibraryError, LibraryLockedError, LibraryMissingError
from index.library import Library
from tests.support.two_files import ONE, TWO, first


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


def test_copies_of_a_paragraph_crowd_out_no_other(library, tmp_path):
    for number in range(20):
        (tmp_path / f"copy{number}.txt").write_text(TWO, encoding="utf-8")
    library.add([tmp_path])
    sources = [hit.paragraph.source for hit in library.search("南湖区投入", 2)]
    assert sources == ["copy0.txt", "one.txt"]


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


def test_a_name_that_no_folder_can_have(tmp_path):
    with pytest.raises(InputError, match="cannot lie in"):
        Library.open(tmp_path / ("x" * 300), create=True)


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


def test_what_several_documents_say_is_cited_from_the_one_that_was_asked_for(library, tmp_path):
    (tmp_path / "zwei.md").write_text("---\ntitle: Zwei\n---\n\n" + (tmp_path / "two.txt").read_text())
    library.add([tmp_path])
    [first, *_] = library.search("实验室", 5, source="zwei*")
    assert (first.paragraph.source, first.paragraph.title) == ("zwei.md", "Zwei")
    assert [place.source for place in first.paragraph.also] == ["two.txt"]
    assert {h.paragraph.source for h in library.search("实验室", 5, source="zwei*")} == {"zwei.md"}
    keys = library.store.document_paragraphs("zwei.md")
    assert {p.source for p in library.store.paragraphs(keys, "zwei.md").values()} == {"zwei.md"}


def test_bad_files_are_skipped_and_the_rest_is_indexed(library, tmp_path):
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01\x02\xff")
    report = library.add([tmp_path])
    assert report.indexed == ["one.txt", "two.txt"]
    assert ["bad.txt" in item.path for item in report.skipped] == [True]


def test_the_same_question_gives_the_same_list(library, tmp_path):
    library.add([tmp_path])
    lists = [[(h.paragraph.id, h.score) for h in library.search("东岸区 投入", 5)] for _ in range(3)]
    assert lists[0] == lists[1] == lists[2]


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


def test_listing_loads_no_model(library, tmp_path):
    library.add([tmp_path / "one.txt"])
    with Library.open(tmp_path / "lib") as opened:
        assert len(opened.store.documents()) == 1
        assert "embedder" not in vars(opened)


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
