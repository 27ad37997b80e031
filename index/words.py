"""Text to the terms of the lexical index. No dictionary, nothing to download.

Runs of Han, kana and Hangul become single characters and overlapping pairs; scripts written without spaces
(Thai, Lao, Khmer, Burmese) become pairs and triples; everything else is cut into words. Numbers and codes
(`G60`, `3.5`, `2023-2025`) are kept whole beside their parts.
"""

from __future__ import annotations

import re

from index.text import fold

VERSION = 1
"""Counts up whenever the same text would give other terms; it stands in the library's manifest."""

# What stands in a character class: Han, kana and Hangul; and scripts written without spaces.
CJK = (
    r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    r"\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\uac00-\ud7a3"
)
UNSPACED = r"\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f"
_RUN = re.compile(
    rf"(?P<cjk>[{CJK}]+)|(?P<unspaced>[{UNSPACED}]+)"
    rf"|(?P<word>[^\W_{CJK}{UNSPACED}]+(?:[.,'’\-–—~/+&][^\W_{CJK}{UNSPACED}]+)*)"
)
_PART = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Terms for indexing, in order, repeats kept: "G60走廊" -> ["g60", "走", "廊", "走廊"]."""
    return folded_words(fold(text))


def folded_words(folded: str) -> list[str]:
    """The same of a text that is folded already."""
    terms: list[str] = []
    for run in _RUN.finditer(folded):
        piece = run.group()
        if run.lastgroup == "cjk":
            terms.extend(piece)
            terms.extend(_grams(piece, 2))
        elif run.lastgroup == "unspaced":
            terms.extend(_grams(piece, 2))
            terms.extend(_grams(piece, 3))
        else:
            terms.append(piece)
            if not piece.isalnum():
                terms.extend(_PART.findall(piece))
    return terms


def query_words(text: str) -> list[str]:
    """Terms for asking, without repeats: pairs rather than single characters, which are noise in a longer run."""
    terms: dict[str, None] = {}
    for run in _RUN.finditer(fold(text)):
        piece = run.group()
        if run.lastgroup == "cjk":
            terms.update(dict.fromkeys(_grams(piece, 2) or [piece]))
        elif run.lastgroup == "unspaced":
            terms.update(dict.fromkeys(_grams(piece, 3) or _grams(piece, 2)))
        else:
            terms[piece] = None
            terms.update(dict.fromkeys(_PART.findall(piece)))
    return list(terms)


def _grams(run: str, size: int) -> list[str]:
    return [run[i : i + size] for i in range(len(run) - size + 1)]
