"""Pages as people see them: a picture of a PDF's page, or an image, with a text marked where it is."""

from __future__ import annotations

import base64
import ctypes
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.reading import image, isolated, ocr
from index.reading.pdf_lines import Handle, Line, Word, open_pdf, page_lines
from index.records import Recognised

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in points (1/72 inch) from the upper left corner of the page as it is shown."""

DPI = 110
MAX_PIXELS = 4_000_000
"""A page with more dots is drawn with fewer to the inch."""
SECONDS = 20
"""Processor seconds for one page."""
_LEAST = 8
"""Fewest letters and digits of a text that goes on over the end of a page, to take a part of it for it."""
_TENTHS = 10
_MARKER = np.array([255, 235, 130], dtype=np.uint16)
"""Red, green and blue of a yellow pen, under which print stays black."""


def picture(data: bytes, page: int, text: str = "", recognised: Sequence[Recognised] = ()) -> bytes:
    """A page of a file, from 1, as PNG with the text marked; the next page where only that one holds the text.

    Case, spaces and punctuation of the text are not compared. On an image, or a page of a scan, it is marked in the
    lines that were `recognised` when it was indexed. Raises InputError with the reason, ready to follow "PATH: ".
    """
    lines = [line for line in recognised if line.page == page]
    return base64.b64decode(isolated.call("pages:drawn", data, SECONDS, page=page, text=text, recognised=lines))


def drawn(data: bytes, page: int, text: str, recognised: Sequence[Sequence[Any]]) -> str:
    """`picture` in base64, in the isolated reader."""
    lines = [ocr.line_of(Recognised(*line)) for line in recognised]
    if not data.startswith(image.BEGINNINGS):
        return _png(_page(data, page, text, lines))
    pixels = image.pixels(data)
    marks = _recognised_places(lines, len(pixels) / ocr.DOTS, text)
    step = int(np.ceil((pixels.shape[0] * pixels.shape[1] / MAX_PIXELS) ** 0.5))
    return _png(_marked(pixels[::step, ::step].copy(), marks, ocr.DOTS / step))


def _page(data: bytes, number: int, text: str, recognised: Sequence[Line]) -> NDArray[np.uint8]:
    document = open_pdf(data)
    if not 1 <= number <= len(document):
        raise InputError(f"it has no page {number}; it has {len(document)}")
    sheet, marks = document[number - 1], places(document[number - 1], text)
    if not marks and number < len(document) and (after := places(document[number], text)):
        sheet, marks = document[number], after
    width, height = sheet.get_size()
    marks = marks or _recognised_places(recognised, height, text)
    scale = min(DPI / 72, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    return _marked(sheet.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3].copy(), marks, scale)


def _marked(pixels: NDArray[np.uint8], marks: Sequence[Rectangle], scale: float) -> NDArray[np.uint8]:
    """The picture, of `scale` pixels to a point, with the marks drawn into it."""
    for left, top, right, bottom in marks:
        area = pixels[int(top * scale) : int(bottom * scale) + 1, int(left * scale) : int(right * scale) + 1]
        area[:] = area * _MARKER // 255
    return pixels


def places(sheet: Handle, text: str) -> list[Rectangle]:
    """Where a text is on a page, a rectangle a line; of a text that goes over two pages the part on this one.

    Empty when the page does not hold it.
    """
    shown = sheet.get_textpage()
    return [
        _rectangle(sheet, shown, (words[0][0].first + words[0][1], words[-1][0].first + words[-1][1]))
        for _, words in _found(page_lines(sheet, 1), text)
    ]


def _recognised_places(lines: Sequence[Line], height: float, text: str) -> list[Rectangle]:
    """The same on a picture of text, whose characters are taken to be of one width within a word."""
    return [
        (_edge(*words[0]), height - line.top, _edge(words[-1][0], words[-1][1] + 1), height - line.bottom)
        for line, words in _found(lines, text)
    ]


def _edge(word: Word, i: int) -> float:
    return word.left + (word.right - word.left) * i / len(word.text)


def _found(lines: Sequence[Line], text: str) -> list[tuple[Line, list[tuple[Word, int]]]]:
    """The lines that hold the text, each with the characters that do: word and index in it."""
    characters = [
        (plain, n, (word, i))
        for n, line in enumerate(lines)
        for word in line.words
        for i, character in enumerate(word.text)
        for plain in _plain(character)
    ]
    start, end = _find("".join(plain for plain, _, _ in characters), "".join(_plain(text)))
    found: dict[int, list[tuple[Word, int]]] = {}
    for _, n, place in characters[start:end]:
        found.setdefault(n, []).append(place)
    return [(lines[n], places) for n, places in found.items()]


def _plain(text: str) -> Iterator[str]:
    return (c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _find(page: str, text: str) -> tuple[int, int]:
    """Where the text is; else its longest beginning or end of at least _LEAST characters."""
    if text and (start := page.find(text)) >= 0:
        return start, start + len(text)
    low = _longest(len(text), lambda n: text[:n] in page)
    high = _longest(len(text), lambda n: text[len(text) - n :] in page)
    if max(low, high) < _LEAST:
        return 0, 0
    part = text[:low] if low >= high else text[len(text) - high :]
    return (start := page.find(part)), start + len(part)


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """The greatest n for which it holds, where it holds for every smaller one."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _rectangle(sheet: Handle, text_page: Handle, characters: Sequence[int]) -> Rectangle:
    """Around the first and the last of some characters on a line."""
    from pypdfium2 import raw

    width, height = sheet.get_size()
    size = (round(width * _TENTHS), round(height * _TENTHS))
    box, x, y = raw.FS_RECTF(), ctypes.c_int(), ctypes.c_int()
    corners = []
    for i in characters:
        raw.FPDFText_GetLooseCharBox(text_page.raw, i, box)
        for across, up in ((box.left, box.bottom), (box.right, box.top)):
            # PDFium knows the page's rotation and crop box, but gives whole pixels: here tenths of a point.
            raw.FPDF_PageToDevice(sheet.raw, 0, 0, *size, 0, across, up, x, y)
            corners.append((x.value / _TENTHS, y.value / _TENTHS))
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across), max(down)


def _png(pixels: NDArray[np.uint8]) -> str:
    """RGB pixels (uint8, shape (height, width, 3)) as a PNG file (RFC 2083), in base64."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, width * 3 + 1), dtype=np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, width * 3)

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    # By hand, because Pillow comes only with the extra `ocr`.
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = part(b"IHDR", header) + part(b"IDAT", zlib.compress(rows.tobytes(), 4)) + part(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()
