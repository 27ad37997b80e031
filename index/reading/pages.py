"""Pages of a PDF as people see them: a picture, and where on it a text is. Both run in the isolated reader."""

from __future__ import annotations

import ctypes
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.reading import isolated
from index.reading.pdf_lines import Handle, open_pdf, page_lines

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in points (1/72 inch) from the upper left corner of the page as it is shown."""

MAX_PIXELS = 16_000_000
_LEAST = 8
"""Fewest letters and digits of a text that goes on over the end of a page, to take a part of it for it."""
_TENTHS = 10


def render(path: Path, page: int, dpi: int = 110) -> bytes:
    """A page, from 1, as PNG; fewer dots per inch where the picture would be larger than MAX_PIXELS.

    Raises InputError with the reason, ready to follow "PATH: ".
    """
    return isolated.call("pages:picture", path.read_bytes(), page=page, dpi=dpi).payload


def boxes(path: Path, page: int, text: str) -> list[Rectangle]:
    """Where a text is on a page, a rectangle a line; of a text that goes over two pages the part on this one.

    Empty when the page does not hold it. Case, spaces and punctuation are not compared.
    """
    found = isolated.call("pages:places", path.read_bytes(), page=page, text=text).record["boxes"]
    return [(left, top, right, bottom) for left, top, right, bottom in found]


def picture(data: bytes, page: int, dpi: int) -> isolated.Reply:
    """`render` on bytes."""
    sheet = _page(data, page)
    width, height = sheet.get_size()
    scale = min(max(dpi, 18) / 72, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    pixels = sheet.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
    return isolated.Reply({}, _png(pixels))


def places(data: bytes, page: int, text: str) -> isolated.Reply:
    """`boxes` on bytes."""
    sheet = _page(data, page)
    characters = [
        (plain, word.first + i, n)
        for n, line in enumerate(page_lines(sheet, page))
        for word in line.words
        for i, character in enumerate(word.text)
        for plain in _plain(character)
    ]
    start, end = _find("".join(plain for plain, _, _ in characters), "".join(_plain(text)))
    ends: dict[int, tuple[int, int]] = {}
    for _, i, n in characters[start:end]:
        ends[n] = (min(ends.get(n, (i, i))[0], i), i)
    shown = sheet.get_textpage()
    return isolated.Reply({"boxes": [_rectangle(sheet, shown, *pair) for pair in ends.values()]}, b"")


def _page(data: bytes, number: int) -> Handle:
    document = open_pdf(data)
    if not 1 <= number <= len(document):
        raise InputError(f"it has no page {number}; it has {len(document)}")
    return document[number - 1]


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


def _rectangle(sheet: Handle, text_page: Handle, first: int, last: int) -> Rectangle:
    from pypdfium2 import raw

    box, corner = raw.FS_RECTF(), []
    edges = []
    for i in (first, last):
        raw.FPDFText_GetLooseCharBox(text_page.raw, i, box)
        edges.append((box.left, box.bottom, box.right, box.top))
    width, height = sheet.get_size()
    x, y = ctypes.c_int(), ctypes.c_int()
    for left, bottom, right, top in edges:
        for across, up in ((left, bottom), (right, top)):
            size = (round(width * _TENTHS), round(height * _TENTHS))
            raw.FPDF_PageToDevice(sheet.raw, 0, 0, *size, 0, across, up, x, y)
            corner.append((x.value / _TENTHS, y.value / _TENTHS))
    across, down = zip(*corner, strict=True)
    return min(across), min(down), max(across), max(down)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """RGB pixels (uint8, shape (height, width, 3)) as a PNG file (RFC 2083)."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, width * 3 + 1), dtype=np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, width * 3)

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), 4)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", data) + part(b"IEND", b"")
