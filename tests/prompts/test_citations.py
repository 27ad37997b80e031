"""Marks are read leniently, resolved strictly, renumbered by first use; every sentence gets its verdict."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Hit, Paragraph
from prompts.citations import Mark, MarkReader, find_marks, read, strip_marks
from prompts.compose import compose
from rag.checking.reply import check_reply

TEXTS = ["望江区建成中试车间23间，完成验证147项。", "松岭区新增光电子企业52家。", "芦洲区建成监测站11座。"]
HEADINGS = ["望江区", "松岭区", "芦洲区"]


def prompt():
    return compose(
        "问题",
        [
            Hit(Paragraph(f"p{i}", text, (heading,), "a.txt", 100 * i, 100 * i + len(text)), 1.0, i + 1)
            for i, (text, heading) in enumerate(zip(TEXTS, HEADINGS, strict=True))
        ],
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("甲[1]", [(1,)]),
        ("甲[1][2]", [(1,), (2,)]),
        ("甲[1,2]", [(1, 2)]),
        ("甲[1，2]", [(1, 2)]),
        ("甲［1、2］", [(1, 2)]),
        ("甲【1】", [(1,)]),
        ("甲〔1〕", [(1,)]),
        ("甲[1-3]", [(1, 2, 3)]),
        ("甲`[1]`", [(1,)]),
        ("甲［１］", [(1,)]),
        ("甲[[1]]", [(1,)]),
        ("甲[^1]", [(1,)]),
        ("甲[source 1, 2]", [(1, 2)]),
        ("甲【来源：1】", [(1,)]),
        ("甲（来源：1）", [(1,)]),
        ("甲(来源：[1])乙", [(1,)]),
        ("甲【1†L3-L5】", [(1,)]),
        ("甲`[1][2]`", [(1,), (2,)]),
        (r"甲\[1\]乙\[2]", [(1,), (2,)]),
        ("甲<sup>[1]</sup>乙<SUP>[2][3]</SUP>", [(1,), (2,), (3,)]),
        ("甲。<sup>1</sup><sup>2, 3</sup>", [(1,), (2, 3)]),
        ("10<sup>2</sup>，3 m<sup>2</sup>，5米<sup>2</sup>，(a+b)<sup>2</sup>", []),
        (r"\[x = 1\]，\(1\)", []),
        ("```\nx[1]\n```乙[2]", [(2,)]),
        ("```\nx[1]", []),
        ("[sources]", []),
        ("成立于[2023]年", []),
        ("`x[1] = 2`", []),
        ("[a][1a]", []),
    ],
)
def test_forms_of_marks(text, numbers):
    assert [mark.numbers for mark in find_marks(text)] == numbers


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["[" + "1" * 100_000, "[1," * 33_000, "[" * 100_000, "`" + "a" * 100_000, " " * 100_000, "<sup>" * 20_000]
)
def test_a_hundred_thousand_characters_are_no_mark_and_take_no_time(text):
    start = time.process_time()
    assert find_marks(text) == []
    reader = MarkReader()
    read_back = [item for character in text for item in reader.feed(character)] + reader.finish()
    assert "".join(read_back) == text
    assert time.process_time() - start < 2


PIECES = [
    "甲。",
    "乙",
    " ",
    "\n",
    "[1]",
    "[",
    "[[2]]",
    "]",
    "1",
    "2023",
    ",",
    "，",
    "【3】",
    "`",
    "```",
    "[source 1]",
    "<sup>",
    "</sup>",
    "\\",
    "(来源：[1])",
    "(",
    "†",
    "^",
    "-",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.data())
def test_every_split_of_a_reply_is_read_like_the_whole(text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    for pieces in ([text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)], list(text)):
        reader = MarkReader()
        parts = [reader.feed(piece) for piece in pieces] + [reader.finish()]
        assert joined(parts) == joined([read(text)])


def joined(parts):
    """Neighbouring texts as one."""
    out = [""]
    for item in (item for part in parts for item in part):
        out += [item, ""] if isinstance(item, Mark) else []
        out[-1] += item if isinstance(item, str) else ""
    return out


@given(st.text(st.sampled_from("甲。[]［］【】12,，-` \\<>/sup") | st.characters(exclude_categories=["Cs"])))
def test_any_reply_can_be_checked(text):
    checked = check_reply(text, prompt())
    assert not [n for mark in find_marks(checked.text) for n in mark.numbers if n > len(checked.citations)]
    strip_marks(text)


def test_marks_are_renumbered_by_first_use_and_unknown_ones_removed():
    checked = check_reply(f"{TEXTS[2]}[3] {TEXTS[0]}[1][9]", prompt())
    assert checked.text == f"{TEXTS[2]}[1] {TEXTS[0]}[2]"
    assert [c.paragraph.id for c in checked.citations] == ["p2", "p0"]
    assert checked.unknown_marks == 1
    assert [s.verdict for s in checked.sentences] == ["quoted", "quoted"]
    quote = checked.citations[0].quote
    assert (quote.start, quote.text) == (200, TEXTS[2])


def test_a_figure_cited_to_the_wrong_paragraph_is_moved_to_the_right_one():
    checked = check_reply("松岭区新增光电子企业52家。[1]", prompt())
    assert checked.sentences[0].verdict == "wrong_paragraph"
    assert checked.citations[0].paragraph.id == "p1"
    assert checked.text.endswith("[1]")


def test_an_uncited_claim_is_unsupported():
    assert check_reply("松岭区新增企业99家。", prompt()).sentences[0].verdict == "unsupported"
