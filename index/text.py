"""One way to compare text: width, case and traditional characters folded away.

`fold` is for comparing and searching only. What is shown, quoted and cited is always the source's own text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

_CJK = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_HAN = range(0x3400, 0xA000)


@cache
def _traditional_to_simplified() -> dict[int, str]:
    """OpenCC's table, one character at a time, so that lengths stay equal: {ord("漢"): "汉", ...}."""
    from opencc import OpenCC  # a shared library: only when text is compared

    characters = [chr(code) for code in _HAN]
    simplified = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(a): b for a, b in zip(characters, simplified, strict=True) if a != b and len(b) == 1}


def simplify(text: str) -> str:
    """Traditional characters to simplified ones, character by character: "國際" -> "国际"."""
    return text.translate(_traditional_to_simplified())


def fold(text: str) -> str:
    """NFKC, case folding, traditional to simplified: "ＧＯＩ國際" -> "goi国际". The length may change."""
    return simplify(unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1024)
def is_cjk(text: str) -> bool:
    """Whether more than a third of the letters are Han, kana or Hangul: a Chinese text with Latin names is."""
    return len(_CJK.findall(text)) * 3 > sum(map(str.isalpha, text))


def squeeze(text: str) -> str:
    """Every run of white space becomes one space, none at the ends."""
    return " ".join(text.split())


@lru_cache(maxsize=512)
def aligned(text: str) -> tuple[str, tuple[int, ...]]:
    """Folded letters, digits and the signs that change a figure; and where in `text` each of them comes from.

    "Ａ-1.5%。" -> ("a1.5%", (0, 2, 3, 4, 5)). For finding words whatever their width, case, script and punctuation.
    """
    plain: list[str] = []
    places: list[int] = []
    for i, character in enumerate(text):
        for c in fold(character):
            point = c == "." and text[i - 1 : i].isdigit() and text[i + 1 : i + 2].isdigit()
            if c.isalnum() or c in "%‰" or point:
                plain.append(c)
                places.append(i)
    return "".join(plain), tuple(places)
