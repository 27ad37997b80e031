"""Word documents (.docx) to blocks, from their XML: headings, numbers of lists, tables, footnotes, text boxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from index.errors import InputError
from index.reading.archive import Archive
from index.reading.docx_numbers import Numbering, W
from index.reading.draft import Draft, lines, raised
from index.reading.grid import Grid
from index.records import Kind, Metadata, Parsed

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PIECES = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_SUPERSCRIPT = f"{W}rPr/{W}vertAlign[@{W}val='superscript']"
_MAX_DEPTH = 12
_BODY_LEVEL = 9
"""The outline level of text that is no heading, in `w:outlineLvl`."""


def read(data: bytes) -> Parsed:
    """The document's text and blocks. Raises InputError with the reason, ready to follow "PATH: "."""
    archive = Archive(data)
    # The standard fixes no name for this part: only the relation to it.
    main = next((t for kind, t in archive.relations("").values() if kind == "officeDocument"), "word/document.xml")
    body = archive.xml(main).find(f"{W}body")
    if body is None:
        raise InputError("it is not a Word document; open it in Word and save it as .docx")
    reader = _Reader(archive, main)
    reader.walk(body)
    return reader.draft.finish(core_properties(archive))


def core_properties(archive: Archive) -> Metadata:
    """Title, author and date of an office file."""
    found = {child.tag.rsplit("}", 1)[-1]: child.text for child in archive.xml("docProps/core.xml")}
    return Metadata(found.get("title"), found.get("creator"), found.get("modified") or found.get("created"))


class _Reader:
    def __init__(self, archive: Archive, main: str) -> None:
        parts = dict(archive.relations(main).values())
        self.draft = Draft()
        self._styles = _Styles(archive.xml(parts.get("styles", "")))
        self._numbering = Numbering(archive.xml(parts.get("numbering", "")))
        self._notes = {
            (kind, note.get(f"{W}id")): lines([paragraph_text(p) for p in note.iter(f"{W}p")])
            for kind in ("footnote", "endnote")
            for note in archive.xml(parts.get(f"{kind}s", ""))
        }
        self._caption = ""

    def walk(self, parent: Element, depth: int = 0) -> None:
        for child in parent:
            if child.tag == f"{W}p":
                self._paragraph(child, depth)
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif depth < _MAX_DEPTH:  # content controls, inserted text, custom XML
                self.walk(child, depth + 1)

    def _paragraph(self, paragraph: Element, depth: int) -> None:
        text = paragraph_text(paragraph)
        style = self._styles.of(paragraph)
        label = self._numbering.label(*style.numbering) if style.numbering and text.strip() else ""
        self._caption = ""
        if style.level is not None and text.strip():
            self.draft.heading(style.level + 1, f"{label} {text}" if label else text)
        elif style.caption:
            self._caption = text
            self.draft.add(text)
        else:
            kind: Kind = "list_item" if style.numbering else "paragraph"
            self.draft.add(f"{label} {text}" if label else text, kind)
        self._add_notes(paragraph)
        if depth < _MAX_DEPTH:
            for box in _boxes(paragraph):
                self.walk(box, depth + 1)

    def _add_notes(self, paragraph: Element) -> None:
        for note in _shown(paragraph):
            if note.tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                key = (note.tag.removeprefix(W).removesuffix("Reference"), note.get(f"{W}id"))
                self.draft.add(self._notes.get(key, ""), context=paragraph_text(paragraph))

    def _table(self, table: Element) -> None:
        rows = list(_within(table, f"{W}tr"))
        marked = sum(1 for row in rows if row.find(f"{W}trPr/{W}tblHeader") is not None)
        grid = Grid([], header_rows=marked or None)
        for row in rows:
            cells = [""] * min(_number(row.find(f"{W}trPr/{W}gridBefore"), 0), 63)
            for cell in _within(row, f"{W}tc"):
                self._cell(grid, cells, cell)
            grid.rows.append(cells)
        self.draft.table(grid, self._caption)
        self._caption = ""
        for paragraph in _paragraphs(table):
            self._add_notes(paragraph)

    def _cell(self, grid: Grid, cells: list[str], cell: Element) -> None:
        text = lines([paragraph_text(p) for p in _paragraphs(cell)])
        merge = cell.find(f"{W}tcPr/{W}vMerge")
        if merge is not None and merge.get(f"{W}val") != "restart" and grid.rows:
            text = grid.rows[-1][len(cells)] if len(cells) < len(grid.rows[-1]) else ""
        span = min(_number(cell.find(f"{W}tcPr/{W}gridSpan"), 1), 63)  # Word's tables have at most 63 columns
        if span > 1:
            # The text is repeated below already; the span shows a header of two rows.
            grid.merged.append((len(grid.rows), len(cells), len(grid.rows), len(cells) + span - 1))
        cells += [text] * max(span, 1)


class _Style(NamedTuple):
    """What a paragraph's style makes of it."""

    level: int | None
    numbering: tuple[str, int] | None
    caption: bool


class _Styles:
    def __init__(self, part: Element) -> None:
        self._styles = {style.get(f"{W}styleId", ""): style for style in part.iter(f"{W}style")}

    def of(self, paragraph: Element) -> _Style:
        """The paragraph's own properties first, then its style's, then those that this one is based on."""
        level, number, depth, caption = None, None, None, False
        for properties, name in self._chain(paragraph):
            if level is None:
                level = _level(properties, name)
            if properties is not None and number is None:
                number = properties.find(f"{W}numPr/{W}numId")
                # A paragraph may set its level alone, and its style the list.
                depth = properties.find(f"{W}numPr/{W}ilvl") if depth is None else depth
            caption = caption or name == "caption"
        identity = number.get(f"{W}val", "0") if number is not None else "0"
        level = level if level is not None and level < _BODY_LEVEL else None
        # 0 takes a paragraph out of the list of its style (ECMA-376 part 1, 17.9.18).
        return _Style(level, (identity, _number(depth, max(level or 0, 0))) if identity != "0" else None, caption)

    def _chain(self, paragraph: Element) -> Iterator[tuple[Element | None, str]]:
        properties = paragraph.find(f"{W}pPr")
        yield properties, ""
        named = properties.find(f"{W}pStyle") if properties is not None else None
        for _ in range(_MAX_DEPTH):  # styles may be based on one another in a circle
            style = self._styles.get(named.get(f"{W}val", "")) if named is not None else None
            if style is None:
                return
            name = style.find(f"{W}name")
            yield style.find(f"{W}pPr"), (name.get(f"{W}val", "") if name is not None else "").lower()
            named = style.find(f"{W}basedOn")


def _level(properties: Element | None, name: str) -> int | None:
    outline = properties.find(f"{W}outlineLvl") if properties is not None else None
    if outline is not None:
        return _number(outline, _BODY_LEVEL)
    if name == "title":
        return -1  # above heading 1
    number = name.removeprefix("heading ")
    return int(number) - 1 if number != name and number.isdecimal() else None


def _shown(parent: Element) -> Iterator[Element]:
    """Everything below that belongs to the running text: no text boxes, readings, older-program copies, deletions."""
    for child in parent:
        # In w:pPr, tab stops have the name of tab characters.
        if child.tag in (f"{W}txbxContent", _FALLBACK, f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rt"):
            continue
        hidden = child.find(f"{W}rPr/{W}vanish") if child.tag == f"{W}r" else None
        if hidden is not None and hidden.get(f"{W}val", "1") not in ("0", "false", "off"):
            continue
        yield child
        yield from _shown(child)


def _paragraphs(parent: Element) -> list[Element]:
    """Those below, nested tables and text boxes included, copies for older programs left out."""
    copies = {paragraph for copy in parent.iter(_FALLBACK) for paragraph in copy.iter(f"{W}p")}
    return [paragraph for paragraph in parent.iter(f"{W}p") if paragraph not in copies]


def _boxes(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag == f"{W}txbxContent":
            yield child
        elif child.tag != _FALLBACK:
            yield from _boxes(child)


def paragraph_text(paragraph: Element) -> str:
    """The running text of a paragraph, deleted text left out."""
    pieces, above = list[str](), False
    for piece in _shown(paragraph):
        if piece.tag == f"{W}r":
            above = piece.find(_SUPERSCRIPT) is not None
        elif piece.tag == f"{W}t":
            pieces.append(raised(piece.text or "") if above else piece.text or "")
        else:
            pieces.append(_PIECES.get(piece.tag, ""))
    return "".join(pieces)


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """Elements of one name directly below, or inside content controls: not those of nested tables."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins"):
            yield from _within(child, tag)


def _number(element: Element | None, otherwise: int) -> int:
    value = element.get(f"{W}val", "") if element is not None else ""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else otherwise
