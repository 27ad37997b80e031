"""Inputs of every kind that is read, of any size: small units again and again in a file of the format."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.support import formats
from tests.support.pdf_by_hand import page_objects, pdf

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_M = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TEXT = "The harbour was dredged in 1987. It took nine weeks."


def text(unit: str, head: str = "") -> Callable[[int], bytes]:
    """What makes a text of so many bytes, the head first."""
    return lambda size: (head + unit * (size // len(unit.encode()))).encode()


def _part(data: Callable[[], bytes], name: str, unit: str, head: str, tail: str) -> Callable[[int], bytes]:
    """What makes an office file one part of which holds so many bytes; `%d` in the unit counts, from 1."""

    def make(size: int) -> bytes:
        count = size // len(unit)
        body = "".join(unit.replace("%d", str(n)) for n in range(1, count + 1)) if "%d" in unit else unit * count
        return _replaced(data(), {name: f"{head}{body}{tail}"})

    return make


def _replaced(data: bytes, parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys((*old.namelist(), *parts)):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return out.getvalue()


def _word(unit: str) -> Callable[[int], bytes]:
    head, tail = f'<w:document xmlns:w="{_W}"><w:body>', "</w:body></w:document>"
    return _part(lambda: formats.docx(formats.ENGLISH), "word/document.xml", unit, head, tail)


def _sheet(unit: str, merges: str = "") -> Callable[[int], bytes]:
    head, tail = f'<worksheet xmlns="{_M}"><sheetData>', "</sheetData>%s</worksheet>"

    def make(size: int) -> bytes:
        count = size // len(unit)
        merged = "".join(merges.replace("%d", str(n)) for n in range(1, count + 1))
        after = tail % (f"<mergeCells>{merged}</mergeCells>" if merged else "")
        return _part(lambda: formats.xlsx(formats.ENGLISH), "xl/worksheets/sheet1.xml", unit, head, after)(size)

    return make


def _book(size: int) -> bytes:
    unit = formats.body(formats.ENGLISH)
    count = size // len(unit)
    items = "".join(f"<item id='c{n}' href='c{n}.xhtml' media-type='application/xhtml+xml'/>" for n in range(count))
    spine = "".join(f"<itemref idref='c{n}'/>" for n in range(count))
    package = (
        "<package xmlns='http://www.idpf.org/2007/opf' version='3.0'><metadata "
        f"xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Handbook</dc:title></metadata><manifest>{items}"
        f"</manifest><spine>{spine}</spine></package>"
    )
    chapters = {f"c{n}.xhtml": f"<html><body>{unit}</body></html>" for n in range(count)}
    return _replaced(formats.epub(formats.ENGLISH), {"book.opf": package, **chapters})


def _slides(size: int) -> bytes:
    """A slide for each thousand bytes."""
    from pptx import Presentation

    presentation = Presentation()
    for n in range(size // 1000):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Part {n}"
        slide.placeholders[1].text = "\n".join([_TEXT] * 8)
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def _pages(unit: str, left: tuple[int, ...] = (50,)) -> Callable[[int], bytes]:
    """What makes a PDF of a page for each thousand bytes, twenty lines on it."""

    def content(page: int) -> bytes:
        lines = [f"BT /F 11 Tf {x} {560 - 24 * n} Td ({unit} {page * 20 + n}) Tj ET" for n in range(20) for x in left]
        return "\n".join(lines).encode()

    return lambda size: pdf(page_objects(size // 1000, content))


_WORD_ROW = f"<w:tr>{'<w:tc><w:p><w:r><w:t>Elm</w:t></w:r></w:p></w:tc>' * 3}</w:tr>"
_ROW = '<row r="%d"><c r="A%d" t="inlineStr"><is><t>Elm</t></is></c><c r="B%d"><v>12</v></c></row>'
KINDS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "prose": (".txt", text(f"{_TEXT}\n\n")),
    "Chinese prose": (".txt", text("港口在一九八七年疏浚，历时九周。\n\n")),
    "wrapped lines": (
        ".txt",
        text("the harbour was dredged by the town and\nthe work took nine weeks in all there.\n\n"),
    ),
    "spaces": (".txt", text(" ")),
    "one word": (".txt", text("x")),
    "questions": (".txt", text("Q: Is it open?\nA: Always.\n")),
    "tabs": (".txt", text("Elm\t12\t4\n", "Room\tSeats\tDoors\n")),
    "columns of spaces": (".txt", text("Elm   12  4\n", "Room  Seats  Doors\n")),
    "numbered titles": (".txt", text("一、甲\n\n港口。\n\n")),
    "Markdown list": (".md", text("- item\n")),
    "loose Markdown list": (".md", text("- item\n\n")),
    "Markdown table": (".md", text("| Elm | 12 |\n", "| Room | Seats |\n|---|---|\n")),
    "Markdown headings": (".md", text("# Title\n\ntext\n\n")),
    "HTML paragraphs": (".html", text("<p>The harbour was <b>dredged</b> in 1987.</p>")),
    "HTML table": (".html", text("<tr><td>Elm<td>12", "<table><tr><th>Room<th>Seats")),
    "HTML lists": (".html", text("<ul><li>item</ul>")),
    "CSV": (".csv", text("Elm,12,4\n", "room,seats,doors\n")),
    "CSV, open quotation mark": (".csv", text('Elm,"12,4\n', "room,seats,doors\n")),
    "TSV": (".tsv", text("Elm\t12\t4\n", "room\tseats\tdoors\n")),
    "Word paragraphs": (".docx", _word(f"<w:p><w:r><w:t>{_TEXT}</w:t></w:r></w:p>")),
    "Word tables": (".docx", _word(f"<w:tbl>{_WORD_ROW * 20}</w:tbl>")),
    "Excel rows": (".xlsx", _sheet(_ROW)),
    "Excel merged cells": (".xlsx", _sheet(_ROW, '<mergeCell ref="A%d:B%d"/>')),
    "Excel tables": (".xlsx", _sheet(_ROW.replace("%d", "%d0"), '<mergeCell ref="A%d0:A%d1"/>')),
    "slides": (".pptx", _slides),
    "e-book": (".epub", _book),
    "PDF paragraphs": (".pdf", _pages(_TEXT)),
    "PDF table": (".pdf", _pages("Elm", (50, 150, 250))),
}
"""Name to the file's ending and what makes a file of so many bytes (unpacked)."""
