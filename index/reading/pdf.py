"""PDF to blocks: lines joined to paragraphs in reading order, running heads removed, headings by type size, tables.

lines of every page -> without running heads -> tables, headings, paragraphs -> Draft
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from index.errors import InputError
from index.reading import ocr
from index.reading.draft import Draft
from index.reading.pdf_columns import in_reading_order
from index.reading.pdf_layout import half_points, parts
from index.reading.pdf_lines import Handle, Line, open_pdf, page_lines
from index.reading.pdf_running import without_running_heads
from index.records import Metadata, Parsed

_TITLE = 1.15
"""Type so much larger than the body's is a heading's."""


def read(data: bytes) -> Parsed:
    """The document's text and blocks. Raises InputError with the reason, ready to follow "PATH: "."""
    document = open_pdf(data)
    pages: list[list[Line]] = []
    heights: list[float] = []
    scanned: list[int] = []
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        lines = page_lines(page, number)
        if not lines and _has_pictures(page):
            scanned.append(number)
            lines = _recognised(page, number)
        pages.append(in_reading_order(lines))
        heights.append(page.get_height())
        page.close()
    unread = [number for number in scanned if not pages[number - 1]]
    if len(unread) == len(pages):
        raise InputError(f"it is a scan without text; {ocr.next_step()}")
    made = parsed(pages, heights, _metadata(document.get_metadata_dict()), _notes(scanned, unread, len(pages)))
    return replace(made, recognised=tuple(ocr.kept(line) for number in scanned for line in pages[number - 1]))


def parsed(pages: list[list[Line]], heights: list[float], metadata: Metadata, notes: tuple[str, ...] = ()) -> Parsed:
    """Lines of pages, in reading order, as a document."""
    draft = Draft()
    _fill(draft, [line for page in without_running_heads(pages, heights) for line in page])
    return replace(draft.finish(metadata), notes=notes)


def _recognised(page: Handle, number: int) -> list[Line]:
    """The lines on a page that is a picture; none where the extra that reads them is not installed."""
    try:
        return ocr.read_lines(page.render(scale=ocr.DOTS, rev_byteorder=True).to_numpy()[:, :, :3], number, ocr.DOTS)
    except InputError:
        return []


def _notes(scanned: list[int], unread: list[int], count: int) -> tuple[str, ...]:
    """What the user should know of pages that are pictures."""
    if unread:
        return (f"{len(unread)} of {count} pages are pictures without text and were not read; {ocr.next_step()}",)
    if scanned:
        return (f"{len(scanned)} of {count} pages are pictures; their text was recognised and may have errors",)
    return ()


def _has_pictures(page: Handle) -> bool:
    from pypdfium2 import raw

    return any(True for _ in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=2))


def _fill(draft: Draft, lines: Sequence[Line]) -> None:
    for part in parts(lines, _levels(lines)):
        if part.grid:
            draft.table(part.grid, part.caption, part.page)
        elif part.level:
            draft.heading(part.level, part.text)
        else:
            draft.add(part.text, part.kind, page=part.page)


def _body_size(lines: Sequence[Line]) -> float:
    """The size that most characters are set in."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[half_points(line.size)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _levels(lines: Sequence[Line]) -> dict[float, int]:
    """The sizes of headings, largest first: {24.0: 1, 18.0: 2}."""
    body = _body_size(lines)
    larger = sorted({half_points(line.size) for line in lines if line.size >= body * _TITLE}, reverse=True)
    return {size: level for level, size in enumerate(larger, 1)}


def _metadata(properties: dict[str, str]) -> Metadata:
    return Metadata(properties.get("Title"), properties.get("Author"), _date(properties.get("CreationDate", "")))


def _date(text: str) -> str | None:
    """A PDF's "D:20261128232019+00'00'" -> "2026-11-28"."""
    try:
        return datetime.strptime(text.removeprefix("D:")[:8], "%Y%m%d").date().isoformat()
    except ValueError:
        return None
