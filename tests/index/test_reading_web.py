"""Web pages and delimited files: the main text, structure kept, hostile input bounded."""

import html as escapes
import re
import time
from pathlib import Path

import pytest

from index.errors import InputError
from index.reading import delimited, html
from index.reading.files import FORMATS, read
from index.sentences import sentences

REPORT = Path(__file__).parents[3] / "shared/data/documents/zh_report_html"
PAGE = """<!doctype html><html><head><meta charset=utf-8><title>Tide Museum</title><meta name=author content="Ida Berg">
<script>var x = "nothing";</script></head><body>
<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav>
<header><h1>Visit &amp; prices</h1></header>
<div role=dialog>Cookies?</div><div><a href=/d>Map</a> <a href=/e>News</a>
<a href=/f>Jobs</a></div><ul class=m><li><a href=/a>Hours</a><li><a href=/b>Prices</a><li><a href=/c>Shop</a></ul>
<p>The museum is <b>open</b> daily,
   Mondays too.</p>
<h2>Prices</h2>
<table><caption>Tickets</caption><tr><th>Who<th>Single<th>Group
<tr><td rowspan=2>Adult<td>9<td>8<tr><td>10<td>7</table>
<table><tr><td>A layout <p>Text inside it.</p></td></tr></table>
<p>Bring:</p><ol start=3><li>A coat<li>Boots</ol>
<dl><dt>Manager<dd>Aiko Mori<dt>May I bring a dog?<dd>No dogs are allowed.</dl>
<pre>make all</pre><div hidden>secret</div>The end.<footer>Imprint</footer></body></html>"""


def of(parsed):
    return [(b.kind, b.heading[-1:], b.context, parsed.text[b.start : b.end]) for b in parsed.blocks]


def test_a_page_gives_its_main_text_with_its_structure():
    top, prices, columns = ("Visit & prices",), ("Prices",), "Tickets\nWho | Single | Group"
    assert of(html.read(PAGE.encode())) == [
        ("paragraph", top, "", "The museum is open daily, Mondays too."),
        ("table_row", prices, columns, "Adult | 9 | 8"),
        ("table_row", prices, columns, "Adult | 10 | 7"),
        ("paragraph", prices, "", "A layout"),
        ("paragraph", prices, "", "Text inside it."),
        ("paragraph", prices, "", "Bring:"),
        ("list_item", prices, "Bring:", "3. A coat"),
        ("list_item", prices, "Bring:", "4. Boots"),
        ("paragraph", prices, "", "Manager: Aiko Mori"),
        ("faq", prices, "", "May I bring a dog?\nNo dogs are allowed."),
        ("code", prices, "", "make all"),
        ("paragraph", prices, "", "The end."),
    ]


def test_a_superscript_is_no_digit_of_the_figure_before_it():
    page = "<p>1286<sup><a href=#n>1</a></sup> firms, 5%<sup>[2]</sup>, 3×10<sup>−8</sup> m, the 1<sup>st</sup></p>"
    assert html.read(page.encode()).text == "1286¹ firms, 5%[2], 3×10⁻⁸ m, the 1st"


def test_an_item_has_the_number_that_it_is_given_and_deleted_text_is_left_out():
    page = "<ol><li>A coat<li value=7>Boots<li>A hat, <del>9</del> <ins>8</ins> euros</ol>"
    assert [text for *_, text in of(html.read(page.encode()))] == ["1. A coat", "7. Boots", "8. A hat, 8 euros"]


@pytest.mark.parametrize(
    ("terms", "texts"),
    [
        ("<dt>Colour<dt>Color<dd>Red", ["Colour, Color: Red"]),
        ("<dt>颜色<dt>色彩<dd>红", ["颜色、色彩：红"]),
        ("<dt>Colour</dl><p>Red", ["Colour", "Red"]),
        ("<dt>Bring<dd><ul><li>A coat<li>Boots</ul>", ["Bring:", "A coat", "Boots"]),
        ("<dt>Colour<dd><dl><dt>Door<dd>Red</dl>", ["Colour:", "Door: Red"]),
    ],
)
def test_no_term_of_a_definition_list_is_lost_or_moved(terms, texts):
    assert [text for *_, text in of(html.read(f"<dl>{terms}</dl>".encode()))] == texts


def test_a_page_in_latin_1_keeps_the_dash_and_the_currency_that_windows_adds():
    page = b"<meta charset=iso-8859-1><p>It costs \x805\x967.</p>"
    assert html.read(page).text == "It costs €5–7."
    assert html.read(b"<meta charset=undefined><p>It costs 5.</p>").text == "It costs 5."


def test_a_page_has_its_properties_as_a_paragraph(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    document = read(tmp_path / "a.html", "a.html")
    assert (document.metadata.title, document.metadata.author) == ("Tide Museum", "Ida Berg")
    last = document.blocks[-1]
    assert document.text[last.start : last.end] == "Title: Tide Museum\nAuthor: Ida Berg"


@pytest.mark.parametrize("encoding", ["gb2312", "big5", "shift_jis", "windows-1252"])
def test_a_page_is_decoded_as_it_declares(encoding):
    said = {"gb2312": "会议室在四楼。", "big5": "會議室在四樓。", "shift_jis": "会議は九時です。"}.get(
        encoding, "Grüße."
    )
    page = f'<html><head><meta http-equiv=Content-Type content="text/html; charset={encoding}"></head><p>{said}</p>'
    assert html.read(page.encode(encoding)).text == said


@pytest.mark.skipif(not REPORT.exists(), reason="the report lies outside the repository")
@pytest.mark.parametrize("name", ["preface", "chapter2", "chapter3", "en_chapter3"])
def test_every_sentence_of_a_real_report_is_found_whole(name):
    data = (REPORT / f"{name}.html").read_text(encoding="utf-8")
    parsed = html.read(data.encode())
    read_text = {" ".join(parsed.text[b.start : b.end].split()) for b in parsed.blocks}
    read_text |= {title for b in parsed.blocks for title in b.heading}
    asked = found = 0
    for paragraph in re.findall(r"<p\b[^>]*>(.*?)</p>", data, re.DOTALL):
        plain = " ".join(escapes.unescape(re.sub(r"<[^>]+>", "", paragraph)).split())
        for start, end in sentences(plain):
            asked += 1
            found += any(plain[start:end] in text for text in read_text)
    assert asked > 5
    assert found >= 0.99 * asked


@pytest.mark.parametrize(
    ("data", "context", "rows"),
    [
        (b"name,floor\nIda,2\nOle,3\n", "name | floor", ["Ida | 2", "Ole | 3"]),
        (b"name;price\nbolt;2,50\nnut;1,20\n", "name | price", ["bolt | 2,50", "nut | 1,20"]),
        (b"name\tfloor\r\nIda\t2\r\n", "name | floor", ["Ida | 2"]),
        ("姓名,电话\n林,5527\n".encode("gbk"), "姓名 | 电话", ["林 | 5527"]),
        (b'sep=;\nname;note\nIda;"a; ""b""\nc"\n', "name | note", ['Ida | a; "b" c']),
        (b"1,2\n3,4\n", "", ["1 | 2", "3 | 4"]),
        (b"city,2022,2023\nBonn,5,6\n", "city | 2022 | 2023", ["Bonn | 5 | 6"]),
    ],
)
def test_every_row_has_the_names_of_its_columns(data, context, rows):
    parsed = delimited.read(data)
    assert [(b.context, parsed.text[b.start : b.end]) for b in parsed.blocks] == [(context, row) for row in rows]


def test_a_title_above_the_table_is_its_heading():
    parsed = delimited.read("2024年报名表,,\n姓名,部门,分机\n林,销售,4410\n".encode())
    assert of(parsed) == [("table_row", ("2024年报名表",), "姓名 | 部门 | 分机", "林 | 销售 | 4410")]


def test_a_field_without_end_is_a_cell():
    parsed = delimited.read(b'a,b\n"' + b"x" * 200_000)
    assert sum(b.end - b.start for b in parsed.blocks) == 200_000


def test_a_quotation_mark_that_is_never_closed_costs_no_rows():
    data = b'name,size\n"screw,3"\nbolt,"4\n' + b"nut,5\n" * 500
    assert len(delimited.read(data).blocks) >= 501


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "<p>x",
        "<tr><td>a<td>b",
        "<ul><li>a</ul>",
        "<a href=x>y</a>",
        "<dt>a<dd>b",
        "<dt>a",
        "&amp;",
        "<tr><td rowspan=1000 colspan=9>a",
    ],
)
def test_four_times_the_page_takes_little_more_than_four_times_the_time(unit):
    def cost(count):
        page = ("<table>" if "<tr" in unit else "") + unit * count
        start = time.process_time()
        html.read(page.encode())
        return time.process_time() - start

    assert min(cost(8000) for _ in range(2)) < 12 * max(min(cost(2000) for _ in range(2)), 0.03)  # a square is 16


def test_a_page_nested_without_end_is_refused_at_once():
    start = time.process_time()
    with pytest.raises(InputError, match="deep in one another"):
        html.read(b"<div>" * 200_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("ending", [".html", ".htm", ".csv", ".tsv"])
def test_nothing_is_an_empty_document(tmp_path, ending):
    assert ending in FORMATS
    (tmp_path / f"a{ending}").write_bytes(b"")
    with pytest.raises(InputError, match="empty"):
        read(tmp_path / f"a{ending}", "a")
