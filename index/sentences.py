"""Where the sentences of a text begin and end, in any script, as offsets into the text itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

CLOSERS = "\"'”’»」』）)】〕》〉］]｣*_"
"""What may follow the mark that ends a sentence; the last two close emphasis in Markdown."""
# A full stop ends a sentence only before white space or the end: not in 3.5, e.g. not in "No. 5" (below). A run of them
# is tried once, from its first, so that thousands of dots take linear time.
_END = re.compile(
    rf"[。！？!?｡।॥؟۔።]+[{re.escape(CLOSERS)}]*"
    rf"|(?:…{{1,2}}|⋯{{1,2}})[{re.escape(CLOSERS)}]*(?=\s|$|[^\W\d_])"
    rf"|(?<!\.)\.+[{re.escape(CLOSERS)}]*(?=\s|$)"
    r"|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-zА-Яа-я]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|No|Nos|Fig|Inc|Ltd|Co|Corp|Gen|Col|Lt|Capt|Sgt|Rev|Hon|Gov|Sen|Rep"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|approx|ca|cf|al|etc|bzw|Nr|Abs|Art|vol|pp|ed|e\.g|i\.e|a\.m|p\.m|U\.S)"
    r")\.$"
)

_LONGEST_ABBREVIATION = 8
_LIST_NUMBER = re.compile(r"[ \t\u3000]*(?:\d{1,3}|[A-Za-z])\.$")

_FULL_LINE = 60
"""Columns (a wide character counts two) from which a line break may be one of layout."""
_LONGEST_LINE = 120
"""Columns of the longest line that is taken for one that was wrapped by hand."""
_RAGGED = 4
"""Columns that a wrapped line may fall short of the longest beyond the next word, as with an indent."""
LABEL_COLUMNS = 40
VALUE_COLUMNS = 60
"""Columns of the longest label above its value, and of that value."""
_LONGEST_TITLE = 60
"""Characters within which a title in 《》 closes."""
_STOPS = "。.!?！？｡।॥؟۔።…:："
# What begins a line of its own: a list mark, "label: value", an article, a row of a table.
_SHAPED = re.compile(
    r"\s*(?:[-*+•·●]\s|[（(]?(?:\d{1,3}|[A-Za-z]|[一二三四五六七八九十]{1,3})[)）.、．]\s*\S|第\S{1,6}[条章节條節]"
    r"|[^\W\d][^\s:：]{0,20}[:：]\s*\S|\|)|.*\t"
)


def sentences(text: str, start: int = 0, *, growing: bool = False) -> list[tuple[int, int]]:
    """Spans (start, end) in characters, in order, without the white space around them; of sentences from `start` on.

    "甲。“乙！”丙" -> [(0, 2), (2, 6), (6, 7)]. Every character that is not white space lies in exactly one span. With
    `growing`, more text may follow, and no span but the last can change when it does.
    """
    layout = not growing and "\n" in text and (hard_wrapped(lines := text.split("\n")) or _labelled(lines))
    spans: list[tuple[int, int]] = []
    for match in _END.finditer(text, start):
        if (layout and match.group() == "\n") or not _ends_sentence(text, start, match):
            continue
        _append(spans, text, start, match.end())
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def hard_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines broke only because they were full: the first word of the next would not have fit on any of them."""
    if len(lines) < 2 or max(map(len, lines)) > _LONGEST_LINE or any(_SHAPED.match(line) for line in lines):
        return False
    lines = [line.strip() for line in lines]
    widths = [columns(line) for line in lines]
    longest = max(widths)
    ended = [line.rstrip(CLOSERS)[-1:] in _STOPS for line in lines]
    goes_on = longest >= _FULL_LINE // 2 and all(line[:1].islower() for line in lines[1:])
    if longest > _LONGEST_LINE or all(ended[:-1]) or not (ended[-1] or longest >= _FULL_LINE or goes_on):
        return False
    needed = [_first_word(line) for line in lines[1:]]
    return all(width + word + _RAGGED > longest for width, word in zip(widths, needed, strict=False))


def _labelled(lines: Sequence[str]) -> bool:
    """Whether these are a label and the value below it, "Manager:" and "Aiko Mori"."""
    label, value = lines if len(lines) == 2 else ("", "")
    short = columns(label) <= LABEL_COLUMNS and columns(value) <= VALUE_COLUMNS
    return short and leads(label)


def leads(line: str) -> bool:
    """Whether a line introduces what follows: it ends in a colon, emphasis aside."""
    return line.rstrip("*_ ").endswith((":", "："))


def _first_word(line: str) -> int:
    """Columns that the first word of a line takes behind another: one wide character, or a space and a word."""
    first = line[:1]
    return 2 if columns(first) == 2 else 1 + columns(line.split(None, 1)[0] if first else "")


def columns(text: str) -> int:
    """Width on a terminal: full-width characters take two columns."""
    return len(text) if text.isascii() else sum(map(_WIDTHS.__getitem__, text))


class _Widths(dict[str, int]):
    """Columns of a character, looked up once."""

    def __missing__(self, character: str) -> int:
        self[character] = width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        return width


_WIDTHS = _Widths()


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    if match.group() == "\n":
        return not _wrapped(text, match.start())
    opened = text.rfind("《", max(start, match.start() - _LONGEST_TITLE), match.start())
    if opened >= 0 and not any(mark in text[opened : match.start()] for mark in "》\n"):
        return False  # 《跑！》: the mark belongs to the title
    if match.group().rstrip(CLOSERS) != ".":
        return True
    following = text[match.end() : match.end() + 2].strip()
    if following and (following[0].islower() or following[0] in ",;:，；："):
        return False
    end = match.start() + 1
    line = text.rfind("\n", max(0, end - _LONGEST_ABBREVIATION), end) + 1
    if following and (line or end < _LONGEST_ABBREVIATION) and _LIST_NUMBER.match(text, line, end):
        return False  # "1. Items": the number belongs to what it counts
    return not _ABBREVIATION.search(text, max(start, end - _LONGEST_ABBREVIATION), end)


def _wrapped(text: str, newline: int) -> bool:
    """Whether a line only broke because it was full: it is long, ends inside a sentence, and goes on with a word."""
    line = text[text.rfind("\n", 0, newline) + 1 : newline].rstrip()
    following = text[newline + 1 : newline + 40].lstrip(" \t\u3000")[:1]
    width = sum(1 if character.isascii() else 2 for character in line)
    return width >= _FULL_LINE and following.isalnum() and (line[-1].isalnum() or line[-1] in ",;，、；")


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if piece.strip():
        spans.append((start + left, start + len(piece.rstrip())))
