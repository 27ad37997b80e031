"""Structure by shape: what belongs together is one block, and what explains a block is its context."""

import pytest

from index.reading import markdown, plaintext
from index.reading.draft import Draft
from index.reading.files import read
from index.reading.structure import MAX_BLOCK, superseded
from index.sentences import sentences


def of(text, cut=plaintext.blocks):
    return [(b.kind, b.context, text[b.start : b.end]) for b in cut(text)]


@pytest.mark.parametrize(
    ("cut", "text", "faqs"),
    [
        (markdown.blocks, "**Q: Is parking free?**\nA: On Sundays.\n\n**Q: And bikes?**\nA: Always.\n", 2),
        (markdown.blocks, "**Is parking free?**\n\nOnly on Sundays, in the yard.\n", 1),
        (plaintext.blocks, "Q: Is parking free?\nA: On Sundays.\nQ: And bikes?\nA: Always.\n", 2),
        (plaintext.blocks, "问：周末开门吗？\n答：周六开门。\n\n问：要预约吗？\n答：不用。\n", 2),
        (plaintext.blocks, "问：开门时间\n答：九点\n问：关门时间\n答：十七点\n", 2),
        (plaintext.blocks, "1. 周末开门吗？\n周六开门，周日休息。\n2. 要预约吗？\n不用预约。\n", 2),
        (plaintext.blocks, "“你去哪里？”\n他没有回答，走了。\n", 0),
        (plaintext.blocks, "1. 项目甲\n2. 项目乙\n\n一、第一件事。\n二、第二件事。\n一、又一件。\n二、再一件。\n", 0),
    ],
)
def test_a_question_and_its_answer_are_one_block(cut, text, faqs):
    kinds = [kind for kind, _, _ in of(text, cut)]
    assert kinds.count("faq") == faqs
    assert not faqs or len(kinds) == faqs


def test_a_row_of_a_markdown_table_has_the_names_of_its_columns():
    text = "# Rooms\n\n| Room | Seats |\n|---|---:|\n| Elm | 12 |\n| Oak | 30 |\n\nBook early.\n"
    assert of(text, markdown.blocks) == [
        ("table_row", "Room | Seats", "Elm | 12"),
        ("table_row", "Room | Seats", "Oak | 30"),
        ("paragraph", "", "Book early."),
    ]


def test_rows_in_plain_text_have_header_and_caption():
    tabs = "收入（单位：元）：\n项目\t2023年\t2022年\n门票\t4,100\t3,900\n商店\t700\t650\n"
    context = "收入（单位：元）：\n项目 | 2023年 | 2022年"
    assert of(tabs)[-2:] == [("table_row", context, "门票\t4,100\t3,900"), ("table_row", context, "商店\t700\t650")]
    spaces = "Staff\nName     Floor  Phone\n----     -----  -----\nIda Ek       2   5512\nOle         13   5513\n"
    context = "Name | Floor | Phone"
    assert of(spaces)[-1] == ("table_row", context, "Ole         13   5513")
    assert of("姓名    部门\n张小丽  财务\n王五    人事\n")[0] == ("table_row", "姓名 | 部门", "张小丽  财务")
    assert of("one  two\nthree  four\nfive six  seven\n")[0][0] == "paragraph"  # in no column
    commas = "name,floor,phone\nIda,2,5512\nOle,3,5513\n"
    assert of(commas)[0] == ("table_row", "name | floor | phone", "Ida,2,5512")
    assert [kind for kind, _, _ in of("One, two, three.\nFour, five, six.\nSeven, eight, nine.\n")] == ["paragraph"] * 3


def test_numbered_titles_govern_where_a_file_marks_no_headings():
    """As in pages and office files whose titles are bold paragraphs."""
    draft = Draft()
    for text in (
        "一、范围",
        "（一）对象",
        "本办法适用于社团。",
        "（二）地域",
        "本办法适用于全市。",
        "二、程序",
        "先申请：",
    ):
        draft.add(text)
    for text in ("（一）填表", "表格在柜台领取。", "（二）交费", "费用为九元。", "7 号楼", "门朝南。"):
        draft.add(text)
    made = draft.finish()
    found = {made.text[b.start : b.end]: b.heading for b in made.blocks}
    assert found["本办法适用于社团。"] == ("一、范围", "（一）对象")
    assert found["本办法适用于全市。"] == ("一、范围", "（二）地域")
    assert found["（二）交费"] == found["门朝南。"] == ("二、程序",)  # led in by a colon; and one of its kind


def test_a_list_has_its_numbers_and_the_line_that_introduces_it():
    text = "申请人应当提交下列材料：\n（一）身份证明；\n（二）房产证明。\n\n其他规定。\n"
    lead = "申请人应当提交下列材料："
    assert of(text) == [
        ("paragraph", "", lead),
        ("list_item", lead, "（一）身份证明；"),
        ("list_item", lead, "（二）房产证明。"),
        ("paragraph", "", "其他规定。"),
    ]
    article = "第三条 下列情形不予受理：\n\n（一）超过期限的；\n\n（二）材料不全的。\n\n第四条 略。\n"
    assert [kind for kind, _, _ in of(article, markdown.blocks)] == ["paragraph", "list_item", "list_item", "paragraph"]
    steps = "To start:\n\n1. Open the valve.\n2. Press the switch.\n"
    assert of(steps, markdown.blocks)[1:] == [
        ("list_item", "To start:", "1. Open the valve."),
        ("list_item", "To start:", "2. Press the switch."),
    ]


def test_a_long_item_is_followed_by_its_own_items():
    text = "- " + "word " * 70 + "\n  - first\n  - second\n- last\n"
    found = of(text, markdown.blocks)
    assert [(kind, piece[:8]) for kind, _, piece in found] == [
        ("list_item", "- word w"),
        ("list_item", "- first"),
        ("list_item", "- second"),
        ("list_item", "- last"),
    ]
    assert found[1][1].startswith("- word word")
    assert found[3][1] == ""


def test_a_label_and_its_value_are_one_block():
    assert [t for _, _, t in of("Manager:\nAiko Mori\n\nDeputy:\nLeif\n")] == ["Manager:\nAiko Mori", "Deputy:\nLeif"]
    assert [t for _, _, t in of("甲方：河湾公司\n乙方：白桦工作室\n")] == ["甲方：河湾公司", "乙方：白桦工作室"]


def test_a_title_governs_all_the_fields_below_it():
    text = "例会纪要\n主持人：林晓雯\n缺席：何苗（出差）\n记录：顾安\n\n预算通过了，没有人反对。\n"
    headings = [block.heading for block in plaintext.blocks(text)]
    assert headings == [("例会纪要",)] * 3 + [()]


def test_a_label_above_its_value_is_one_sentence_with_it():
    assert sentences("Manager:\nAiko") == [(0, 13)]
    assert len(sentences("Open:\nOn weekdays.\nOn Sundays.")) == 3
    assert (
        len(sentences("Before you cast off:\n" + "Return the key to the gate house by noon, and pay the fees. Go."))
        == 3
    )


def test_lines_wrapped_by_hand_are_read_as_one_sentence():
    text = "渡槽于一九六三年\n六月通水，全长四百\n五十米，由县水利队\n修建。\n\n下一段。\n"
    [first, _] = plaintext.blocks(text)
    assert len(sentences(text[first.start : first.end])) == 1
    assert len(sentences("红灯\n绿灯\n蓝灯")) == 3
    poem = "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。"
    assert len(sentences(poem)) >= 2


def test_a_title_keeps_its_marks():
    text = "他写了《出发！向北？》一书。后来停了。《规定》施行。"
    assert [text[a:b] for a, b in sentences(text)] == ["他写了《出发！向北？》一书。", "后来停了。", "《规定》施行。"]


def test_front_matter_is_metadata_and_a_paragraph(tmp_path):
    text = '---\ntitle: "Moorings"\nauthor: Ines Holt\ndate: 2025-03-01\n---\n# Memo\n\nThe berth is let.\n'
    (tmp_path / "a.md").write_text(text)
    document = read(tmp_path / "a.md", "a.md")
    assert (document.metadata.title, document.metadata.author, document.metadata.date) == (
        "Moorings",
        "Ines Holt",
        "2025-03-01",
    )
    assert "author: Ines Holt" in document.text[document.blocks[0].start : document.blocks[0].end]


def test_a_fenced_block_is_code_without_its_fence():
    text = "Run this:\n\n```sh\n# not a heading\nmake all\n```\n\nDone.\n"
    assert of(text, markdown.blocks)[1] == ("code", "Run this:", "# not a heading\nmake all")


def test_html_inside_markdown_is_kept_where_it_shows_words():
    text = "<!-- note -->\n\n<div align=center>\n\nBody.\n\n</div>\n\n<table><tr><td>Elm</td><td>12</td></tr></table>\n"
    assert [piece for _, _, piece in of(text, markdown.blocks)] == [
        "Body.",
        "<table><tr><td>Elm</td><td>12</td></tr></table>",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("停车规定\n\n状态：已废止\n\n第一条……", True),
        ("停车规定（已废止）\n\n第一条……", True),
        ("# Policy\n\nStatus: superseded by policy 12\n", True),
        ("---\nstatus: withdrawn\n---\nText", True),
        ("本条例施行后，原办法已废止，车主应当重新登记。", False),
        ("The obsolete engine was replaced.", False),
    ],
)
def test_a_document_that_declares_itself_superseded(text, expected):
    assert superseded(text) is expected


def test_a_word_without_end_is_cut_and_nothing_of_it_is_lost(tmp_path):
    (tmp_path / "a.txt").write_text("x" * 3_000_000)
    document = read(tmp_path / "a.txt", "a.txt")
    assert all(b.end - b.start <= MAX_BLOCK for b in document.blocks)
    assert sum(b.end - b.start for b in document.blocks) == 3_000_000


def test_a_heading_of_80_000_characters_is_a_paragraph():
    text = "# " + "long " * 16_000 + "\n\n" + "text\n\n" * 100
    assert all(not b.heading for b in markdown.blocks(text))
