"""A segment: what searching needs of some passages, in one file that is written once and then only read.

It holds their words (postings of each field), vectors (float16) and token ids. Everything in it is made from SQLite,
which also holds its checksum: a missing or damaged one is noticed and built again. The file has the layout of
safetensors: 8 bytes of header length, a JSON header with dtypes, shapes and offsets, the arrays.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import postings
from index.errors import LibraryError
from index.postings import Array, spans
from index.static_model import Tokens

FIELDS = ("body", "heading", "head")
"""Where words are looked for: a passage's own text, what governs it, the head of its document."""
_ALIGNED = 64
_BLOCK = 1 << 20
_AGAIN = "nothing is lost, it is made anew with: footnote index PATH"


Stamp = tuple[int, int, int]
"""Of a file: its inode, size and time of the last change."""


class Segment:
    """Rows are passages in the order of their keys, at most `postings.ROWS` of them."""

    def __init__(self, arrays: Mapping[str, Array], opened: Stamp | None = None) -> None:
        self.arrays, self.stamp = dict(arrays), opened
        self.keys: NDArray[np.int64] = self.arrays["keys"]
        """Key of each passage, ascending, shape (n,)."""
        self.cjk: NDArray[np.bool_] = self.arrays["cjk"]
        """Whether each begins in Chinese, Japanese or Korean."""
        self.chunks: NDArray[np.int64] = self.arrays["chunks"]
        """Where each passage's chunks start, shape (n + 1,)."""
        self.hashes: NDArray[np.uint64] = self.arrays["hashes"]
        """Hash of each chunk's text, shape (chunks,)."""
        self.vectors: NDArray[np.float16] = self.arrays["vectors"]
        """Unit vector of each chunk, shape (chunks, dim)."""
        self.fields = {name: postings.Postings(*(self.arrays[f"{name}.{part}"] for part in _PARTS)) for name in FIELDS}
        """The words of each field."""

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row of each passage; -1 for one that is not inside."""
        at = np.searchsorted(self.keys, keys)
        at[at == len(self)] = 0
        return np.where(self.keys[at] == keys, at, -1) if len(self) else np.full(len(keys), -1)

    def chunk_tokens(self, chunk: int) -> Tokens:
        """Token ids of a chunk; empty when the embedder has none."""
        starts = self.arrays["starts"]
        tokens: Tokens = self.arrays["tokens"][starts[chunk] : starts[chunk + 1]]
        return tokens

    def tokens(self, rows: NDArray[np.int64]) -> list[Tokens]:
        """Token ids of passages, each its document's head and then its chunks."""
        starts, heads = self.arrays["starts"], self.arrays["heads"][rows]
        bounds = self.arrays["heads.starts"][heads], self.arrays["heads.starts"][heads + 1]
        own = starts[self.chunks[rows]], starts[self.chunks[rows + 1]]
        heads_of, tokens = self.arrays["heads.tokens"], self.arrays["tokens"]
        places = zip(*(each.tolist() for each in (*bounds, *own)), strict=True)
        return [np.concatenate((heads_of[a:b], tokens[c:d])) for a, b, c, d in places]

    @cached_property
    def by_script(self) -> dict[bool, tuple[Any, NDArray[np.int64]]]:
        """Chunks in CJK, and the others: a FAISS index, and the row of each of its vectors."""
        import faiss

        owners = np.repeat(np.arange(len(self)), np.diff(self.chunks))
        found = {}
        for script in (False, True):
            chosen = np.flatnonzero(self.cjk[owners] == script)
            # Filled with the codes as they are stored: `add` would want float32 and encode them again.
            index = faiss.IndexScalarQuantizer(
                self.vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
            )
            faiss.copy_array_to_vector(self.vectors[chosen].view(np.uint8).reshape(-1), index.codes)
            index.ntotal = len(chosen)
            found[script] = index, owners[chosen]
        return found

    def save(self, path: Path) -> int:
        """Write to `path` in one step and durably; the checksum."""
        header, offset = {}, 0
        for name, array in self.arrays.items():
            header[name] = {"dtype": array.dtype.str, "shape": array.shape, "offset": offset}
            offset += array.nbytes + -array.nbytes % _ALIGNED
        head = json.dumps(header).encode()
        head += b" " * (-(8 + len(head)) % _ALIGNED)
        partial, checksum = path.with_suffix(".partial"), 0
        with partial.open("wb") as file:
            for part in (len(head).to_bytes(8, "little"), head, *map(_padded, self.arrays.values())):
                file.write(part)
                checksum = zlib.crc32(part, checksum)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return checksum

    @classmethod
    def load(cls, path: Path, checksum: int) -> Segment:
        """Map what `save` wrote. Raises LibraryError when the file is missing or not what was written."""
        try:
            with path.open("rb") as file:
                found = 0
                while block := file.read(_BLOCK):  # read rather than mapped: pages that no search needs stay out
                    found = zlib.crc32(block, found)
                if found != checksum:
                    raise LibraryError(f"{path} is damaged; {_AGAIN}")
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                opened = stamp(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise LibraryError(f"{path} cannot be read ({reason}); {_AGAIN}") from None
        start = 8 + int.from_bytes(data[:8], "little")
        specs = json.loads(data[8:start]).items()
        return cls(
            {name: np.ndarray(spec["shape"], spec["dtype"], data, start + spec["offset"]) for name, spec in specs},
            opened,
        )


_PARTS = postings.Postings._fields


def build(
    passages: Sequence[tuple[int, bool, Sequence[Sequence[str]]]],
    chunks: Sequence[Sequence[int]],
    vectors: NDArray[np.float16],
    tokens: Sequence[Tokens],
    heads: Sequence[Tokens],
) -> Segment:
    """From passages in the order of their keys.

    `passages` are (key, in CJK, terms of each of FIELDS), `chunks` the hashes of each passage's chunks, `vectors` of
    shape (chunks, dim) and `tokens` those of all chunks in order, `heads` the token ids of each passage's head.
    """
    distinct = {head.tobytes(): head for head in heads}
    numbers = {name: number for number, name in enumerate(distinct)}
    arrays: dict[str, Array] = {
        "keys": np.array([key for key, _, _ in passages], dtype=np.int64),
        "cjk": np.array([cjk for _, cjk, _ in passages], dtype=np.bool_),
        "chunks": _starts([len(own) for own in chunks]),
        "hashes": np.array([name for own in chunks for name in own], dtype=np.uint64),
        "vectors": vectors,
        "starts": _starts([len(ids) for ids in tokens]),
        "tokens": _joined(tokens),
        "heads": np.array([numbers[head.tobytes()] for head in heads], dtype=np.int32),
        "heads.starts": _starts([len(head) for head in distinct.values()]),
        "heads.tokens": _joined(list(distinct.values())),
    }
    for i, field in enumerate(FIELDS):
        arrays |= _named(field, postings.build([terms[i] for _, _, terms in passages]))
    return Segment(arrays)


def merge(segments: Sequence[Segment], dead: Collection[int]) -> Segment:
    """One in the place of several, without the passages that are dead."""
    keys = np.concatenate([segment.keys for segment in segments])
    alive = alive_rows(keys, dead)
    order = np.flatnonzero(alive)[np.argsort(keys[alive])]
    new = np.full(len(keys), -1, dtype=np.int64)
    new[order] = np.arange(len(order))
    chunks, starts, head_starts = (_chained(segments, name) for name in ("chunks", "starts", "heads.starts"))
    sizes = np.diff(chunks)[order]
    kept = spans(chunks[order], sizes)
    lengths = np.diff(starts)[kept]
    first_heads = np.cumsum([0, *(len(s.arrays["heads.starts"]) - 1 for s in segments[:-1])])
    heads = np.concatenate([s.arrays["heads"] + first for s, first in zip(segments, first_heads, strict=True)])[order]
    used, heads = np.unique(heads, return_inverse=True)
    head_lengths = np.diff(head_starts)[used]
    arrays: dict[str, Array] = {
        "keys": keys[order],
        "cjk": _all(segments, "cjk")[order],
        "chunks": _starts(sizes),
        "hashes": _all(segments, "hashes")[kept],
        "vectors": _all(segments, "vectors")[kept],
        "starts": _starts(lengths),
        "tokens": _all(segments, "tokens")[spans(starts[kept], lengths)],
        "heads": heads.astype(np.int32),
        "heads.starts": _starts(head_lengths),
        "heads.tokens": _all(segments, "heads.tokens")[spans(head_starts[used], head_lengths)],
    }
    renumbered = np.split(new, np.cumsum([len(segment) for segment in segments])[:-1])
    for field in FIELDS:
        arrays |= _named(field, postings.merge([s.fields[field] for s in segments], renumbered))
    return Segment(arrays)


def alive_rows(keys: NDArray[np.int64], dead: Collection[int]) -> NDArray[np.bool_]:
    """Which of the passages are not dead, shape (n,)."""
    return ~np.isin(keys, np.fromiter(dead, dtype=np.int64, count=len(dead)))


def stamp(path: Path) -> Stamp | None:
    """None when there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _padded(array: Array) -> bytes:
    return array.tobytes() + bytes(-array.nbytes % _ALIGNED)


def _all(segments: Sequence[Segment], name: str) -> Array:
    return np.concatenate([segment.arrays[name] for segment in segments])


def _chained(segments: Sequence[Segment], name: str) -> NDArray[np.int64]:
    """Starts of stretches in arrays that are put one after the other."""
    return _starts(np.concatenate([np.diff(segment.arrays[name]) for segment in segments]))


def _starts(sizes: Sequence[int] | Array) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.asarray(sizes, dtype=np.int64)))).astype(np.int64)


def _joined(tokens: Sequence[Tokens]) -> Tokens:
    return np.concatenate([np.zeros(0, np.int32), *tokens]).astype(np.int32)


def _named(field: str, found: postings.Postings) -> dict[str, Array]:
    return {f"{field}.{part}": array for part, array in found._asdict().items()}
