"""Writes `index/pinyin.tsv`: each toneless syllable and the characters that are read so.

    python training/pinyin_table.py

The characters are those of GB 2312, in its order: the 3755 common ones first. The readings are those of pypinyin (MIT
licence), which takes them from Unicode's Unihan database and corrects them.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "index" / "pinyin.tsv"
READINGS = 2
"""Of a character, the usual ones first; further ones are of old texts."""


def table() -> str:
    """The whole file: lines of syllable, tab, characters; sorted by syllable."""
    from pypinyin.pinyin_dict import pinyin_dict

    read_so: dict[str, dict[str, None]] = defaultdict(dict)
    for character in _gb2312():
        for reading in pinyin_dict.get(ord(character), "").split(",")[:READINGS]:
            if syllable := _toneless(reading):
                read_so[syllable][character] = None
    return "".join(f"{syllable}\t{''.join(read_so[syllable])}\n" for syllable in sorted(read_so))


def _gb2312() -> list[str]:
    """Its Chinese characters: rows 16 to 87."""
    codes = [bytes((row + 0xA0, cell + 0xA0)) for row in range(16, 88) for cell in range(1, 95)]
    return [character for code in codes if (character := code.decode("gb2312", "ignore"))]


def _toneless(reading: str) -> str:
    """Without tones, ü as v: "lǜ" -> "lv"; empty for sounds that are no syllable, as "ḿ"."""
    plain = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    letters = "".join(c for c in plain if c.isascii() and c.isalpha())
    return letters if set(letters) & set("aeiouv") else ""


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
