"""Slides (.pptx) to blocks, from their XML: titles as headings, text, tables, notes; the page is the slide's number."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from index.errors import InputError
from index.reading.archive import Archive
from index.reading.docx import core_properties
from index.reading.draft import Draft, lines, raised
from index.reading.grid import Grid
from index.records import Parsed

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MAIN = "ppt/presentation.xml"
_UNREAD = ("sldNum", "dt", "ftr", "hdr", "sldImg")
"""Places on a slide that hold its number, the date or what every slide repeats."""


def read(data: bytes) -> Parsed:
    """The slides' text and blocks. Raises InputError with the reason, ready to follow "PATH: "."""
    archive = Archive(data)
    order = archive.xml(_MAIN).find(f"{P}sldIdLst")
    if _MAIN not in archive.names:
        raise InputError("it is not a presentation; open it in PowerPoint and save it as .pptx")
    targets = archive.relations(_MAIN)
    draft = Draft()
    for number, slide in enumerate(order if order is not None else (), 1):
        _, target = targets.get(slide.get(f"{R}id", ""), ("", ""))
        _slide(draft, archive.xml(target), number)
        notes = [part for kind, part in archive.relations(target).values() if kind == "notesSlide"]
        for part in notes:
            for shape in archive.xml(part).iter(f"{P}sp"):
                if _place(shape) == "body":  # beside it is a picture of the slide, with its number
                    draft.add(_text(shape), page=number)
    return draft.finish(core_properties(archive))


def _slide(draft: Draft, slide: Element, number: int) -> None:
    shapes = [shape for shape in slide.iter() if shape.tag in (f"{P}sp", f"{A}tbl")]
    titles = [shape for shape in shapes if _place(shape) in ("title", "ctrTitle")]
    draft.heading(1, " ".join(filter(None, map(_text, titles))))
    for shape in shapes:
        if shape.tag == f"{A}tbl":
            draft.table(_grid(shape), page=number)
        elif shape not in titles and _place(shape) not in _UNREAD:
            _body(draft, shape, number)


def _body(draft: Draft, shape: Element, number: int) -> None:
    """A text box of one paragraph is a paragraph; of several, points of a list."""
    paragraphs = [text for text in _paragraphs(shape) if text.strip()]
    for text in paragraphs:
        listed = len(paragraphs) > 1 and not text.rstrip().endswith((":", "："))
        draft.add(text, "list_item" if listed else "paragraph", page=number)


def _place(shape: Element) -> str | None:
    """Which of the layout's places a shape fills: "title", "body"; None when it fills none."""
    place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return None if place is None else place.get("type", "content")


def _paragraphs(shape: Element) -> Iterator[str]:
    for paragraph in shape.iter(f"{A}p"):
        pieces, above = list[str](), False
        for piece in paragraph.iter():
            if piece.tag == f"{A}r":
                properties = piece.find(f"{A}rPr")
                above = properties is not None and properties.get("baseline", "")[:1].strip("0").isdigit()
            elif piece.tag == f"{A}t":
                pieces.append(raised(piece.text or "") if above else piece.text or "")
            elif piece.tag == f"{A}br":
                pieces.append("\n")
        yield "".join(pieces)


def _text(shape: Element) -> str:
    return lines(list(_paragraphs(shape)))


def _grid(table: Element) -> Grid:
    properties = table.find(f"{A}tblPr")
    marked = properties is not None and properties.get("firstRow") in ("1", "true")
    grid = Grid([], header_rows=1 if marked else None)
    for r, row in enumerate(table.iter(f"{A}tr")):
        cells = list(row.iter(f"{A}tc"))
        grid.rows.append([_text(cell) for cell in cells])
        for c, cell in enumerate(cells):
            down, right = (int(cell.get(name, "1")) for name in ("rowSpan", "gridSpan"))
            if down > 1 or right > 1:
                grid.merged.append((r, c, r + down - 1, c + right - 1))
    return grid
