"""The characters of a PDF's pages as lines with places, by PDFium.

PDFium gives characters in the order of the page's content, spaces and line ends where it sees them.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from index.errors import InputError
from index.reading.draft import RAISED, SIGNS, raised

MAX_PAGES = 20_000
MAX_CHARACTERS = 60_000
"""Most characters of one page that are read: a page that people read holds 2 000 to 10 000."""
_SPACELESS = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
"""What many fonts' tables give for the character that looks the same: ⼥ (U+2F25) for 女."""
_RADICALS = str.maketrans(
    "⺠⻓⻔⻋⻜⻢⻩⻅⻉⻚⻘⻛⻝⻥⻦⻨⻬⻮⻰⻄⻆⻣⻁⻤⻙", "民长门车飞马黄见贝页青风食鱼鸟麦齐齿龙西角骨虎鬼韦"
)
"""Those that Unicode gives no decomposition."""
_HYPHEN = "\x02"
"""What PDFium gives for a hyphen at the end of a line, and no line end behind it."""
_SPREAD = 0.7
"""Characters of justified lines are parted by less than so many of their heights."""
_RISE, _SMALL = 0.15, 0.85
"""Shares of the type size before it that a superscript is raised by, more, and set in, less."""
_DESCENT = 0.2
"""Share of the type size that lies below the baseline."""
_LEVEL = 0.1
"""Points that baselines of one line differ by, less."""
_CLOSE, _NEAR = 0.1, 0.4
"""Heights between two characters without a space, and between those of one line with one."""
WIDE = 1.2
"""A gap of so many character heights between two words may part two cells."""


Handle = Any
"""An object of PDFium's binding, which has no types."""


@dataclass(slots=True)
class Word:
    """Characters without a space between."""

    text: str
    left: float
    right: float
    first: int
    """Index of its first character on the page, PDFium's count."""
    spaced: bool
    """Whether the file itself has a space before it; else PDFium saw a gap."""
    close: bool = False
    """Whether it goes on right behind the word before it, a superscript."""


@dataclass(slots=True)
class Line:
    """Words on one line of a page, left to right, in points from the page's lower left corner."""

    page: int
    """From 1."""
    words: list[Word]
    bottom: float
    top: float
    size: float
    """Type size in points."""
    bold: bool

    @property
    def left(self) -> float:
        """Where its first word begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where its last word ends."""
        return max(word.right for word in self.words)

    @property
    def baseline(self) -> float:
        """Height of the line that its letters stand on."""
        return self.bottom + _DESCENT * self.size

    @property
    def text(self) -> str:
        """Its words, a space between; none where justified Chinese or Japanese was only spread."""
        return joined(self.words, self.size)

    @property
    def gappy(self) -> bool:
        """Whether some words are as far apart as cells of a table."""
        return len(self.fragments()) > 1

    def fragments(self) -> list[Line]:
        """Its stretches between gaps as wide as those between cells or columns."""
        cuts = [i for i, (a, b) in enumerate(pairwise(self.words), 1) if b.left - a.right > WIDE * self.size]
        return [replace(self, words=self.words[a:b]) for a, b in pairwise([0, *cuts, len(self.words)])]


def joined(words: Sequence[Word], size: float) -> str:
    """The text of words on one line."""
    text = words[0].text if words else ""
    for a, b in pairwise(words):
        narrow = not b.spaced and b.left - a.right < _SPREAD * size
        spread = narrow and spaceless(a.text[-1]) and spaceless(b.text[0])
        text += b.text if spread or b.close else " " + b.text
    return text


def spaceless(character: str) -> bool:
    """Whether it belongs to a script that writes no spaces: Han, kana, their punctuation, full-width forms."""
    return bool(_SPACELESS.match(character))


def running_text(lines: Sequence[Line]) -> str:
    """Lines as running text: a word that a hyphen cuts is one again, no space between Chinese lines."""
    text = ""
    for line in lines:
        piece = line.text
        if text.endswith(("-", "\u2010", "\u00ad")) and text[-2:-1].isalpha() and piece[:1].islower():
            text = text[:-1] + piece
        elif not text or spaceless(text[-1]) or spaceless(piece[0]):
            text += piece
        else:
            text += " " + piece
    return text


def open_pdf(data: bytes) -> Handle:
    """PDFium's document. Raises InputError with the reason, ready to follow "PATH: "."""
    import pypdfium2  # a shared library: only for PDF

    try:
        document = pypdfium2.PdfDocument(data)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise InputError("it is protected by a password; save it again without") from None
        raise InputError("it is damaged; print or save it as PDF again") from None
    if pages > MAX_PAGES:
        raise InputError(f"it has more than {MAX_PAGES} pages; split it")
    return document


def page_lines(page: Handle, number: int) -> list[Line]:
    """The lines of one page in the order of its content."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    try:
        reader = _Characters(raw, text_page.raw)
        return _continued([line for words in reader.runs() if (line := reader.line(words, number))])
    finally:
        text_page.close()


def _continued(lines: list[Line]) -> list[Line]:
    """Lines that are parted at a superscript as one: PDFium often ends a line before it, and behind it."""
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        if last and (_goes_on(last, line) or _is_mark_of(last, line)):
            close = not line.words[0].spaced and line.left - last.right < _CLOSE * last.size
            words = [*last.words, replace(line.words[0], close=close), *line.words[1:]]
            found[-1] = replace(line if _is_mark_of(last, line) else last, words=words)
        else:
            found.append(line)
    return found


def _goes_on(last: Line, line: Line) -> bool:
    """Whether a line begins right behind another one: as a superscript of it, or on its level."""
    rise = (line.baseline - last.baseline) / last.size
    above = line.text[0] in RAISED or (_RISE < rise < 1 and line.size < _SMALL * last.size)
    level = abs(rise) < _RISE and line.size == last.size
    return (above or level) and -_NEAR < (line.left - last.right) / last.size < _NEAR


def _is_mark_of(last: Line, line: Line) -> bool:
    """Whether a line is nothing but the mark before a footnote, whose text begins right behind it."""
    lower = 0 < last.baseline - line.baseline < line.size
    return lower and set(RAISED).issuperset(last.text) and abs(line.left - last.right) < _NEAR * line.size


class _Characters:
    def __init__(self, raw: Handle, text_page: Handle) -> None:
        self._raw = raw
        self._page = text_page
        self._box = raw.FS_RECTF()
        self._matrix = raw.FS_MATRIX()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._count = min(max(raw.FPDFText_CountChars(text_page), 0), MAX_CHARACTERS)

    def runs(self) -> list[list[Word]]:
        """Words line by line."""
        unicode_of = self._raw.FPDFText_GetUnicode
        codes = [unicode_of(self._page, i) for i in range(self._count)]
        text = "".join(chr(c) if c < 0x110000 else "\ufffd" for c in codes)
        text = _RADICAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text).translate(_RADICALS)
        found: list[list[Word]] = [[]]
        start = 0
        for i, character in enumerate(text + "\n"):
            if not (character.isspace() or character in "\u200b" + _HYPHEN):
                continue
            if start < i:
                ending = "-" if character == _HYPHEN else ""
                shown = self._raised(text, start, i)
                found[-1].append(self._word(shown + ending, start, i - 1))
            start = i + 1
            if character in "\r\n" + _HYPHEN:
                found.append([])
        return [words for run in found if run for words in _split(run)]

    def _raised(self, text: str, first: int, end: int) -> str:
        """A word with its superscripts: 108 is 10⁸ where the last digit is small and stands higher."""
        signs = [i for i in range(first, end) if text[i] in SIGNS]
        if not signs:
            return text[first:end]
        before = next((i for i in range(first - 1, max(first - 5, -1), -1) if not text[i].isspace()), first)
        after = next((i for i in range(end, min(end + 4, len(text))) if not text[i].isspace()), end - 1)
        heights = {i: self._height(i) for i in (before, *signs, end - 1, after)}
        if max(heights.values()) - min(heights.values()) < _LEVEL:  # as nearly always
            return text[first:end]
        # A mark that begins a line, before the text of a footnote, is raised above what follows it.
        following = (*range(first + 1, end), *((after,) if first in signs and self._near(end - 1, after) else ()))
        lower = (i for i in following if first in signs and self._above(i, first))
        shown, base = "", before if self._near(before, first) else next(lower, None)
        for i in range(first, end):
            above = i in signs and base is not None and self._above(base, i)
            shown += raised(text[i]) if above else text[i]
            base = base if above else i
        return shown

    def _near(self, before: int, first: int) -> bool:
        """Whether a character stands right before a word, where PDFium may see a line's end between them."""
        right, size = self._loose(before).right, self._size(before)
        return bool(abs(self._loose(first).left - right) < _NEAR * size)

    def _above(self, base: int, i: int) -> bool:
        rise, size = self._height(i) - self._height(base), self._size(base)
        return _RISE * size < rise < size and self._size(i) < _SMALL * size

    def _height(self, i: int) -> float:
        """Of a character's baseline."""
        self._raw.FPDFText_GetCharOrigin(self._page, i, self._x, self._y)
        return self._y.value

    def _size(self, i: int) -> float:
        # The size is in units of the text's own matrix: often 1.
        self._raw.FPDFText_GetMatrix(self._page, i, self._matrix)
        scale = (self._matrix.c**2 + self._matrix.d**2) ** 0.5
        return float(self._raw.FPDFText_GetFontSize(self._page, i) * scale)

    def _word(self, text: str, first: int, last: int) -> Word:
        left = self._loose(first).left
        right = self._loose(last).right
        spaced = first > 0 and not self._raw.FPDFText_IsGenerated(self._page, first - 1)
        return Word(text, left, right, first, spaced)

    def _loose(self, i: int) -> Handle:
        self._raw.FPDFText_GetLooseCharBox(self._page, i, self._box)
        return self._box

    def line(self, words: Sequence[Word], number: int) -> Line | None:
        """One line; None when its words have no place."""
        middle = words[len(words) // 2].first
        size = self._size(middle)
        if not (size > 0 and words[-1].right >= words[0].left):
            return None
        # From the baseline: boxes of characters differ in height from font to font on one line.
        self._raw.FPDFText_GetCharOrigin(self._page, middle, self._x, self._y)
        bottom, top = self._y.value - _DESCENT * size, self._y.value + (1 - _DESCENT) * size
        length = self._raw.FPDFText_GetFontInfo(self._page, middle, self._name, len(self._name), self._flags)
        bold = b"bold" in self._name.raw[: min(length, len(self._name))].lower()
        return Line(number, list(words), bottom, top, size, bold)


def _split(words: list[Word]) -> list[list[Word]]:
    """Words whose line goes back to the left belong to another line, which PDFium did not part."""
    found = [[words[0]]]
    for word in words[1:]:
        if word.right < found[-1][-1].left:
            found.append([])
        found[-1].append(word)
    return found
