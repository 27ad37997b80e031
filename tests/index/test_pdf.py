"""PDF to documents and pages: printed by chromium, so that the files are as people have them."""

import pytest

from index.errors import InputError
from index.reading import pages, pdf
from index.reading.pdf_columns import in_reading_order
from index.reading.pdf_lines import Line, Word, open_pdf
from tests.support.browser import ARGUMENTS, CHROMIUM

MISSING = "chromium is not installed: apt-get install chromium"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM, reason=MISSING)]

SENTENCE = "第{}条　本市支持口岸查验机构优化通关流程、完善服务，促进旅客通关便捷和贸易便利化，并且每年公布结果。"
ENGLISH = "The internationalisation of the committees was postponed because extraordinary circumstances arose."
EDGE = "<div style='font-size:9px;width:100%;text-align:center'>{}</div>"
STYLE = "<!DOCTYPE html><style>h1{font-size:22pt} h2{font-size:15pt} p{text-indent:2em;margin:0} td,th{padding:3px}"


def printed(html, columns=1):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.set_content(f"{STYLE} .c{{column-count:{columns}}}</style><title>Report</title>{html}")
        data = page.pdf(
            format="A5",
            display_header_footer=True,
            header_template=EDGE.format("Only for our staff"),
            footer_template=EDGE.format("<span class=pageNumber></span> / <span class=totalPages></span>"),
            margin={"top": "20mm", "bottom": "20mm", "left": "15mm", "right": "15mm"},
        )
        browser.close()
    return data


def texts(parsed):
    return [parsed.text[b.start : b.end] for b in parsed.blocks]


@pytest.fixture(scope="module", params=[1, 2])
def law(request):
    body = "".join(f"<p>{SENTENCE.format(n)}</p>" for n in range(1, 81))
    return printed(f"<h1>Statute</h1><div class=c><h2>Part one</h2>{body}</div>", request.param)


def test_paragraphs_come_whole_in_reading_order_without_running_heads(law):
    parsed = pdf.read(law)
    assert texts(parsed) == [SENTENCE.format(n).replace("\u3000", " ") for n in range(1, 81)]
    assert {b.heading for b in parsed.blocks} == {("Statute", "Part one")}
    assert [b.page for b in parsed.blocks] == sorted(b.page for b in parsed.blocks)
    assert parsed.blocks[-1].page > 2
    assert parsed.metadata.title == "Report"


def test_a_text_is_found_on_its_page(law):
    parsed = pdf.read(law)
    block = parsed.blocks[5]
    sheet = open_pdf(law)[block.page - 1]
    found = pages.places(sheet, parsed.text[block.start : block.end])
    width, height = 420, 595
    assert len(found) >= 2
    assert all(0 < left < right < width and 0 < top < bottom < height for left, top, right, bottom in found)
    assert pages.places(sheet, "这句话不在这一页上，也不在任何一页上。") == []


def test_hyphens_tables_and_lists():
    narrow = f"<div style='width:4cm;hyphens:manual'>{ENGLISH.replace('nation', 'nat&shy;ion&shy;')}</div>"
    rows = "".join(
        f"<tr><td>{a}<td>{b}<td>{c}" for a, b, c in [("Berlin", "12", "Aiko Tanaka"), ("Paris", "7", "Jean")]
    )
    table = f"<table border=1><tr><th>Office<th>Staff<th>Manager</tr>{rows}</table>"
    steps = "<ol><li>Open the door and wait until the light above the door has changed to green.<li>Enter.</ol>"
    parsed = pdf.read(printed(f"<h1>Guide</h1>{narrow}<p>Staff by office</p>{table}{steps}"))
    found = {text: (b.kind, b.context) for text, b in zip(texts(parsed), parsed.blocks, strict=True)}
    header = "Staff by office\nOffice | Staff | Manager"
    assert ENGLISH in found
    assert found["Berlin | 12 | Aiko Tanaka"] == ("table_row", header)
    assert found["Paris | 7 | Jean"] == ("table_row", header)
    assert found["1. Open the door and wait until the light above the door has changed to green."][0] == "list_item"


def test_a_space_in_one_row_parts_no_columns():
    items = (
        ("Item", "Quantity", "Price"),
        ("Rope, 20 m", "4", "88.00"),
        ("Anchor", "1", "240"),
        ("Life vest", "12", "9"),
    )
    rows = "".join(f"<tr><td>{'<td>'.join(row)}" for row in items)
    style = "<style>body{font:11pt sans-serif} td{padding:2px 10px} tr:first-child{font-weight:bold}</style>"
    found = texts(pdf.read(printed(f"{style}<table>{rows}</table>")))
    assert found[:3] == [" | ".join(row) for row in items[1:]]


def test_a_scan_is_named_with_what_would_read_it():
    from pypdfium2 import PdfBitmap, PdfDocument, PdfImage

    document = PdfDocument.new()
    page = document.new_page(200, 200)
    image = PdfImage.new(document)
    image.set_bitmap(PdfBitmap.new_native(8, 8, 3))
    page.insert_obj(image)
    page.gen_content()
    from io import BytesIO

    out = BytesIO()
    document.save(out)
    with pytest.raises(
        InputError, match=r"scan without text; (to read it: pip install rapidocr-onnxruntime|scan it again)"
    ):
        pdf.read(out.getvalue())


def test_indents_are_no_gutter_between_columns():
    def line(left, right, n):
        return Line(1, [Word("text", left, right, 0, True)], 700 - 16 * n, 709 - 16 * n, 11.0, False)

    left = [line(57 if n % 2 else 79, 292, n) for n in range(12)]
    right = [line(326 if n % 3 else 304, 539, n) for n in range(12)]  # most of its lines begin a paragraph
    assert in_reading_order([*left, *right]) == [*left, *right]
