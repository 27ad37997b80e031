"""Where the sentences of a text begin and end, in any script, as offsets into the text itself."""

from __future__ import annotations

import re

_CLOSERS = "\"'”’»」』）)】〕》〉］]｣"
# A full stop ends a sentence only before white space or the end: not in 3.5, e.g. not in "No. 5" (below). A run of them
# is tried once, from its first, so that thousands of dots take linear time.
_END = re.compile(
    rf"[。！？!?｡।॥؟۔።]+[{re.escape(_CLOSERS)}]*"
    rf"|(?:…{{1,2}}|⋯{{1,2}})[{re.escape(_CLOSERS)}]*(?=\s|$|[^\W\d_])"
    rf"|(?<!\.)\.+[{re.escape(_CLOSERS)}]*(?=\s|$)"
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


def sentences(text: str, start: int = 0) -> list[tuple[int, int]]:
    """Spans (start, end) in characters, in order, without the white space around them; of sentences from `start` on.

    "甲。“乙！”丙" -> [(0, 2), (2, 6), (6, 7)]. Every character that is not white space lies in exactly one span.
    """
    spans: list[tuple[int, int]] = []
    for match in _END.finditer(text, start):
        if not _ends_sentence(text, start, match):
            continue
        _append(spans, text, start, match.end())
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    if match.group() == "\n":
        return not _wrapped(text, match.start())
    if match.group().rstrip(_CLOSERS) != ".":
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
