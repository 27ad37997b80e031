"""Files to documents: encodings, paragraphs, headings, offsets, and what is refused."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.errors import InputError
from index.reading import markdown, plaintext
from index.reading.decoding import decode
from index.reading.files import MAX_BYTES, Skipped, discover, read

REPORT = """3.2 各区进展

全市新增企业120家，同比增长8.5%。

东岸区

东岸区新建实验室9个。

西岭区

西岭区举办活动36场。

没有标签的一段，说的是别的区。
"""
TRADITIONAL = "東岸區新建實驗室九個，引進專業人才，發佈行動計畫。這裡還有許多其他的內容，說明轉型發展的情況。\n"


def shown(text, blocks):
    return [(b.heading[-1] if b.heading else None, text[b.start : b.end]) for b in blocks]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_line_end_gives_the_same_document(tmp_path, encoding, newline):
    (tmp_path / "a.txt").write_bytes(REPORT.replace("\n", newline).encode(encoding))
    document = read(tmp_path / "a.txt", "a.txt")
    assert document.text == REPORT
    assert document.encoding.startswith(encoding[:3]) or encoding == "gbk"


def test_big5_is_told_from_gb18030():
    assert decode(TRADITIONAL.encode("big5")) == (TRADITIONAL, "big5")
    assert decode(TRADITIONAL.encode("gb18030")) == (TRADITIONAL, "gb18030")


def test_western_legacy_text():
    assert decode("Grüße aus München. Über die Straße".encode("latin-1"))[0].startswith("Grüße")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x7fELF\0\0\1\2", "binary"),
        (bytes(range(128, 256)) * 8, "binary|encoding"),
        (b"", "empty"),
        (" \n　\n".encode(), "empty"),
    ],
)
def test_unusable_files_are_named_with_a_reason(tmp_path, data, reason):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(InputError, match=reason):
        read(tmp_path / "a.txt", "a.txt")


def test_a_file_over_the_limit_is_refused_unread(tmp_path):
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="larger than 50 MB"):
        read(tmp_path / "big.txt", "big.txt")


def test_a_label_governs_one_paragraph_and_a_title_all():
    assert shown(REPORT, plaintext.blocks(REPORT)) == [
        ("3.2 各区进展", "全市新增企业120家，同比增长8.5%。"),
        ("东岸区", "东岸区新建实验室9个。"),
        ("西岭区", "西岭区举办活动36场。"),
        ("3.2 各区进展", "没有标签的一段，说的是别的区。"),
    ]


def test_labels_that_head_several_paragraphs_stick():
    text = "甲区\n\n第一段。\n\n第二段。\n\n乙区\n\n第三段。\n\n第四段。\n"
    assert [label for label, _ in shown(text, plaintext.blocks(text))] == ["甲区", "甲区", "乙区", "乙区"]


def test_titles_nest_by_their_numbering():
    text = "第一章 总则\n\n第一节 目的\n\n甲。\n\n第二节 范围\n\n乙。\n\n第二章 附则\n\n丙。\n"
    assert [b.heading for b in plaintext.blocks(text)] == [
        ("第一章 总则", "第一节 目的"),
        ("第一章 总则", "第二节 范围"),
        ("第二章 附则",),
    ]


def test_lines_that_govern_nothing_stay_paragraphs():
    text = "苹果\n\n梨\n\n桃\n\n李子\n"
    assert [t for _, t in shown(text, plaintext.blocks(text))] == ["苹果", "梨", "桃", "李子"]


def test_hard_wrapped_lines_are_one_paragraph_and_bare_lines_are_many():
    wrapped = "The first line of a paragraph that was\nwrapped by hand at forty columns or so\nand ends here.\n"
    assert len(plaintext.blocks(wrapped)) == 1
    listed = "普通的一段话，写在一行里，结尾有句号。\n另外的一段话，也写在一行里，更长一些，结尾也有句号。\n"
    assert len(plaintext.blocks(listed)) == 2


def test_markdown_headings_govern_until_the_next_of_their_level():
    text = (
        "---\ntitle: x\n---\n# One\n\nfirst\n\n## Two *deep*\n\nsecond\n\n- a\n- b\n\n# Three\n\n<!-- no -->\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    assert [(b.heading, text[b.start : b.end]) for b in markdown.blocks(text)] == [
        ((), "title: x"),
        (("One",), "first"),
        (("One", "Two deep"), "second"),
        (("One", "Two deep"), "- a"),
        (("One", "Two deep"), "- b"),
        (("Three",), "1 | 2"),
    ]


def test_a_file_without_properties_is_titled_by_its_heading_its_first_line_or_its_name(tmp_path):
    for text, title in (
        ("# Rules\n\nNo dogs.", "Rules"),
        ("Minutes of May\n\nAll came.", "Minutes of May"),
        ("So.", "a"),
        ("# Pumps\n\nClean the filter.\n\n# Fans\n\nOil the shaft.", "a"),  # one section does not name the other
        ("# Rules\n\nNo dogs.\n\n## Fines\n\nTen pounds.", "Rules"),
    ):
        (tmp_path / "a.md").write_text(text)
        assert read(tmp_path / "a.md", "a.md").metadata.title == title


@given(
    st.text(
        st.sampled_from("甲乙丙区8.1一、第章 　\t\n\r#-*|。，.a😀\U00020000") | st.characters(exclude_categories=["Cs"])
    )
)
@example("\ufffd")
@example("  甲\n  乙\n  丙")
def test_offsets_hold_and_no_text_is_lost(text):
    decoded, _ = decode(b"\xef\xbb\xbf" + text.encode())
    for cut in (plaintext.blocks, markdown.blocks):
        blocks = cut(decoded)
        for left, right in zip(blocks, blocks[1:], strict=False):
            assert left.end <= right.start
        for block in blocks:
            piece = decoded[block.start : block.end]
            assert piece
            assert piece == piece.strip()
    kept = "".join(decoded[b.start : b.end] + "".join((*b.heading, b.context)) for b in plaintext.blocks(decoded))
    assert {c for c in decoded if c.isalpha()} <= set(kept)


def test_discover_names_what_it_leaves_out(tmp_path):
    (tmp_path / "b.txt").write_text("乙")
    (tmp_path / "a.md").write_text("甲")
    (tmp_path / "c.odt").write_text("丙")
    (tmp_path / ".hidden.txt").write_text("丁")
    found = list(discover([tmp_path, tmp_path / "a.md", tmp_path / "nothing", tmp_path / "c.odt"]))
    assert [item.name for item in found if isinstance(item, Path)] == ["a.md", "b.txt"]
    assert [(Path(s.path).name, s.fault) for s in found if isinstance(s, Skipped)] == [
        ("c.odt", False),
        ("nothing", True),
        ("c.odt", True),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_is_one_line(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    [skipped] = list(discover([tmp_path]))
    assert "cannot be read" in skipped.reason


def test_a_fault_in_a_reader_costs_one_file(tmp_path, monkeypatch):
    monkeypatch.setattr(plaintext, "blocks", lambda text: 1 // 0)
    (tmp_path / "a.txt").write_text("东岸区新建实验室9个。", encoding="utf-8")
    with pytest.raises(InputError, match="ZeroDivisionError"):
        read(tmp_path / "a.txt", "a.txt")
