"""Word, Excel and PowerPoint files to documents: structure, numbers as shown, properties, and what is refused."""

import datetime
import io
import zipfile
from copy import deepcopy

import openpyxl
import pytest
from docx import Document
from docx.oxml import parse_xml
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from pptx import Presentation

from index.errors import InputError
from index.reading import archive, docx, pptx, xlsx
from index.reading.docx_numbers import shown
from index.reading.number_format import BUILT_IN, show

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data, name, content):
    """The same file with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != name:
                new.writestr(item, old.read(item.filename))
        new.writestr(name, content)
    return out.getvalue()


def listed(parsed):
    return [(b.kind, parsed.text[b.start : b.end], b.context) for b in parsed.blocks]


def test_word_headings_numbers_tables_and_properties():
    document = Document()
    document.core_properties.title, document.core_properties.author = "Handbook", "Aiko Tanaka"
    document.add_heading("Handbook", 0)
    document.add_heading("Hours", 1)
    document.add_paragraph("Do this:")
    document.add_paragraph("Open the door", style="List Number")
    document.add_paragraph("Switch on the light", style="List Number")
    document.add_heading("Staff", 1)
    table = document.add_table(3, 2)
    for i, row in enumerate([("Office", "Staff"), ("Berlin", "12"), ("Paris", "7")]):
        for cell, text in zip(table.rows[i].cells, row, strict=True):
            cell.text = text
    parsed = docx.read(packed(document))
    assert listed(parsed) == [
        ("paragraph", "Do this:", ""),
        ("list_item", "1. Open the door", "Do this:"),
        ("list_item", "2. Switch on the light", "Do this:"),
        ("table_row", "Berlin | 12", "Office | Staff"),
        ("table_row", "Paris | 7", "Office | Staff"),
    ]
    assert [b.heading for b in parsed.blocks][::4] == [("Handbook", "Hours"), ("Handbook", "Staff")]
    assert (parsed.metadata.title, parsed.metadata.author) == ("Handbook", "Aiko Tanaka")


def test_word_text_boxes_are_read_once_and_deleted_text_is_not():
    document = Document()
    paragraph = document.add_paragraph("Before ")
    paragraph._p.append(parse_xml(f"<w:del {W}><w:r><w:delText>never</w:delText></w:r></w:del>"))
    box = f"<w:txbxContent {W}><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>"
    choice = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    alternatives = f"<mc:AlternateContent {choice}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    paragraph.add_run()._r.append(parse_xml(f"{alternatives}</mc:AlternateContent>"))
    assert [text for _, text, _ in listed(docx.read(packed(document)))] == ["Before", "In the box"]
    cell = document.add_table(1, 1).cell(0, 0)
    cell._tc.append(deepcopy(paragraph._p))
    assert [text for _, text, _ in listed(docx.read(packed(document)))][2:] == ["Before In the box"]


def test_word_leaves_out_hidden_text_and_readings_and_keeps_columns():
    document = Document()
    paragraph = document.add_paragraph("Seen ")
    paragraph.add_run("and hidden 9 ").font.hidden = True
    ruby = "<w:ruby><w:rt><w:r><w:t>wàng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>望</w:t></w:r></w:rubyBase></w:ruby>"
    paragraph._p.append(parse_xml(f"<w:r {W}>{ruby}</w:r>"))
    table = document.add_table(2, 3)
    for i, row in enumerate([("Office", "Staff", "Rooms"), ("Berlin", "12", "4")]):
        for cell, text in zip(table.rows[i].cells, row, strict=True):
            cell.text = text
    cells = "<w:tc><w:p><w:r><w:t>12</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>4</w:t></w:r></w:p></w:tc>"
    table._tbl.append(parse_xml(f'<w:tr {W}><w:trPr><w:gridBefore w:val="1"/></w:trPr>{cells}</w:tr>'))
    found = [text for _, text, _ in listed(docx.read(packed(document)))]
    assert found == ["Seen 望", "Berlin | 12 | 4", "| 12 | 4"]


def test_a_superscript_is_no_digit_of_the_figure_before_it():
    document, slides, book = Document(), Presentation(), openpyxl.Workbook()
    paragraph = document.add_paragraph("3×10")
    paragraph.add_run("8").font.superscript = True
    shape = slides.slides.add_slide(slides.slide_layouts[5]).shapes.title
    shape.text = "3×10"
    run = shape.text_frame.paragraphs[0].add_run()
    run.text = "8"
    run.font._element.set("baseline", "30000")
    book.active["A1"] = CellRichText("3×10", TextBlock(InlineFont(vertAlign="superscript"), "8"))
    found = [reader.read(packed(file)).text for reader, file in ((docx, document), (pptx, slides), (xlsx, book))]
    assert found == ["3×10⁸", "3×10⁸", "Sheet\n\n3×10⁸"]


def test_word_footnotes_follow_their_paragraph():
    document = Document()
    run = document.add_paragraph("The price is 5 euros.").add_run()
    run._r.append(parse_xml(f'<w:footnoteReference {W} w:id="2"/>'))
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Office", "Rooms", "Berlin", "4"), strict=True):
        cell.text = text
    table.cell(1, 1).paragraphs[0].add_run()._r.append(parse_xml(f'<w:footnoteReference {W} w:id="3"/>'))
    document.add_paragraph("Next.")
    data = with_part(
        packed(document),
        "word/footnotes.xml",
        f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>Without tax.</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="3"><w:p><w:r><w:t>One is closed.</w:t></w:r></w:p></w:footnote></w:footnotes>',
    )
    relations = zipfile.ZipFile(io.BytesIO(data)).read("word/_rels/document.xml.rels").decode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    link = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    data = with_part(data, "word/_rels/document.xml.rels", relations.replace("</Relationships>", link))
    found = [(text, context) for _, text, context in listed(docx.read(data))]
    assert found == [
        ("The price is 5 euros.", ""),
        ("Without tax.", "The price is 5 euros."),
        ("Berlin | 4", "Office | Rooms"),
        ("One is closed.", "4"),
        ("Next.", ""),
    ]


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (28, "lowerLetter", "bb"),
        (4, "lowerRoman", "iv"),
        (1994, "upperRoman", "MCMXCIV"),
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (105, "chineseCounting", "一百零五"),
        (3, "decimalEnclosedCircle", "③"),
        (7, "decimalZero", "07"),
    ],
)
def test_list_numbers_as_word_shows_them(number, kind, text):
    assert shown(number, kind) == text


def test_a_sheet_gives_each_row_with_the_names_of_its_columns():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Offices"
    for row in [["Office", "Staff", "Since", "Share"], ["Berlin", 1234567, datetime.date(2021, 3, 4), 0.125]]:
        sheet.append(row)
    sheet["B2"].number_format, sheet["D2"].number_format = "#,##0", "0.0%"
    sheet["C2"].number_format = 'yyyy"年"m"月"d"日"'
    second = book.create_sheet("Regions")
    for row in [["Sales by region"], ["Region", 2023, None], [None, "Q1", "Q2"], ["North", 3, 4], ["South", 5, 6]]:
        second.append(row)
    for merged in ("A1:C1", "B2:C2", "A2:A3"):
        second.merge_cells(merged)
    book.create_sheet("Drafts").sheet_state = "hidden"
    apart = book.create_sheet("Prices")
    for row in [["Prices of 2024"], [], ["Item", "Price"], ["Rope", 9]]:
        apart.append(row)
    parsed = xlsx.read(packed(book))
    header = "Sales by region\nRegion | 2023 Q1 | 2023 Q2"
    assert listed(parsed) == [
        ("table_row", "Berlin | 1,234,567 | 2021年3月4日 | 12.5%", "Office | Staff | Since | Share"),
        ("paragraph", "Sales by region", ""),
        ("table_row", "North | 3 | 4", header),
        ("table_row", "South | 5 | 6", header),
        ("paragraph", "Prices of 2024", ""),
        ("table_row", "Rope | 9", "Prices of 2024\nItem | Price"),
    ]
    assert [b.heading for b in parsed.blocks] == [("Offices",), *[("Regions",)] * 3, *[("Prices",)] * 2]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (0.1 + 0.2, "General", "0.3"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (-3.456, "0.00_);[Red]-0.00", "-3.46"),
        (12_000_000, '#,##0,,"M"', "12M"),
        (7, "000", "007"),
        (5, '0 "人"', "5 人"),
        (3.5, "[$¥-804]#,##0.00", "¥3.50"),
        (45292, "yyyy-mm-dd", "2024-01-01"),
        (45292.5, "h:mm AM/PM", "12:00 PM"),
        (1.5, "[h]:mm", "36:00"),
        (45292.503, "h:mm:ss", "12:04:19"),
        (1e300, "yyyy-mm-dd", "1e+300"),
        (0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"??_ ;_ @_ ', "-"),
        (5, "[<1]0.0%;0", "5"),
        (-500, '[>=1000]0.0,"k";0', "-500"),
        (-2.5, "[Red][<0]-0.0;0.0", "-2.5"),
        (62.35 / 86400, "mm:ss.00", "01:02.35"),
        (45292, '[$-411]ggge"年"m"月"d"日"', "2024年1月1日"),
        (45292, "yyyy-mm-dd aaa", "2024-01-01 Mon"),
        (45292, BUILT_IN[28], "1月1日"),
    ],
)
def test_numbers_as_excel_shows_them(value, code, text):
    assert show(value, code) == text


def test_what_xml_cannot_hold_is_no_part_of_a_cell():
    book = openpyxl.Workbook()
    book.active["A1"] = "first_x000D_\nsecond_x005F_x000D_"
    assert [text for _, text, _ in listed(xlsx.read(packed(book)))] == ["first\nsecond_x000D_"]


def test_slides_have_titles_notes_tables_and_numbers():
    slides = Presentation()
    first = slides.slides.add_slide(slides.slide_layouts[1])
    first.shapes.title.text, first.placeholders[1].text = "Plan", "We do:\nBuild a lab\nHire six people"
    first.notes_slide.notes_text_frame.text = "Say hello."
    second = slides.slides.add_slide(slides.slide_layouts[5])
    second.shapes.title.text = "Staff"
    table = second.shapes.add_table(2, 2, 0, 0, 99, 99).table
    for i, row in enumerate([("Office", "Staff"), ("Berlin", "12")]):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    parsed = pptx.read(packed(slides))
    assert listed(parsed) == [
        ("paragraph", "We do:", ""),
        ("list_item", "Build a lab", "We do:"),
        ("list_item", "Hire six people", "We do:"),
        ("paragraph", "Say hello.", ""),
        ("table_row", "Berlin | 12", "Office | Staff"),
    ]
    assert [(b.page, b.heading) for b in parsed.blocks] == [(1, ("Plan",))] * 4 + [(2, ("Staff",))]


@pytest.mark.parametrize("read", [docx.read, xlsx.read, pptx.read])
def test_what_is_not_such_a_file_is_refused_in_one_sentence(read, monkeypatch):
    whole = packed(Document())
    bomb = with_part(whole, "word/media/a.bin", b"\0" * 3_000_000)
    monkeypatch.setattr(archive, "MAX_UNPACKED", 2_000_000)
    for data in (b"no zip at all", b"\xd0\xcf\x11\xe0" + b"\0" * 600, whole[: len(whole) // 2], bomb):
        with pytest.raises(InputError, match=r"; .*(save|split)"):
            read(data)


def test_entities_are_not_expanded():
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    data = with_part(packed(Document()), "word/document.xml", f"{laughs}<w:document {W}/>")
    with pytest.raises(InputError, match="document type"):
        docx.read(data)
