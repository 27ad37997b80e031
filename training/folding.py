"""A normaliser that folds traditional and Japanese characters to simplified ones inside tokenizer.json.

`tokenizers` reads it as `Precompiled`: SentencePiece's character map, a double-array trie (Darts-clone's unit layout)
from the UTF-8 of a character to an offset in a block of NUL-terminated replacements.
"""

from __future__ import annotations

import struct

from index.text import simplify

_HAN = range(0x3400, 0xA000)


def folded() -> dict[str, str]:
    """{"漢": "汉", "発": "发", ...}: OpenCC's table, and Japanese forms that are no simplified character themselves."""
    from opencc import OpenCC

    characters = [chr(code) for code in _HAN]
    older = OpenCC("jp2t").convert("\n".join(characters)).split("\n")
    table = {}
    for character, old in zip(characters, older, strict=True):
        simple = simplify(character)
        if simple == character and not _in_gb2312(character) and len(old) == 1:
            simple = simplify(old)
        if simple != character:
            table[character] = simple
    return table


def character_map(table: dict[str, str]) -> bytes:
    """The blob of a `Precompiled` normaliser that replaces each character by its entry.

    Layout: byte length of the trie (uint32, little-endian), the trie's uint32 units, the replacements.
    """
    offsets: dict[str, int] = {}
    block = bytearray()
    for value in dict.fromkeys(table.values()):
        offsets[value] = len(block)
        block += value.encode() + b"\0"
    units = _double_array({key.encode(): offsets[value] for key, value in table.items()})
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(block)


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _double_array(keys: dict[bytes, int]) -> list[int]:
    """Units such that a child of a node at `base` with label c lies at base ^ c. Every base is used once."""
    trie: dict[int, dict] = {}
    for key, value in keys.items():
        node = trie
        for byte in key:
            node = node.setdefault(byte, {})
        node[0] = value
    units: dict[int, int] = {0: 0}
    bases: set[int] = {0}
    waiting = [(0, trie)]
    lowest = 1
    while waiting:
        position, node = waiting.pop()
        base = lowest
        while base in bases or any(base ^ label in units for label in node):
            base += 1
        bases.add(base)
        units[position] |= (position ^ base) << 10 | (1 << 8 if 0 in node else 0)
        for label, child in node.items():
            units[base ^ label] = (1 << 31 | child) if label == 0 else label
            if label:
                waiting.append((base ^ label, child))
        while lowest in bases:
            lowest += 1
    size = (max(max(units), max(bases)) | 0xFF) + 1
    return [units.get(i, 0) for i in range(size)]
