"""The segments of one generation of a library, as its folder holds them and SQLite lists them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from index.dense import Dense
from index.lexical import Lexical
from index.postings import ROWS
from index.segment import Segment, alive_rows, stamp
from index.static_model import Tokens

FOLDER = "segments"
"""Below the library's folder."""
_SMALL = 128
"""Passages that any segment counts for at least: tiny ones are merged with the next addition."""

Names = Mapping[int, int]
"""Number of each segment, and its checksum."""


def file_of(folder: Path, number: int) -> Path:
    """Where the segment of this number lies in a library's folder."""
    return folder / FOLDER / f"{number}.segment"


class SegmentFiles:
    """The segments in a library's folder, for all who read and write there.

    Each is read whole and compared with its checksum once, and again when its file is another one: adding a page to a
    library of gigabytes reads no gigabytes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened: dict[tuple[int, int], Segment] = {}

    def open(self, number: int, checksum: int) -> Segment:
        """Raises LibraryError when the file is missing or damaged."""
        file = file_of(self.folder, number)
        segment = self._opened.get((number, checksum))
        if segment is None or segment.stamp != stamp(file):
            segment = self._opened[number, checksum] = Segment.load(file, checksum)
        return segment

    def load(self, names: Names) -> list[Segment]:
        """All that are listed; the others are forgotten. Raises as `open` does."""
        found = {name: self.open(*name) for name in names.items()}
        self._opened = found
        return list(found.values())

    def forget(self, numbers: Collection[int]) -> None:
        """These were merged: they are closed when nobody reads them any more."""
        # A copy first: a reader in another thread may open one at the same time.
        self._opened = {name: segment for name, segment in self._opened.copy().items() if name[0] not in numbers}

    def sweep(self, listed: Collection[int]) -> None:
        """Remove the files of segments that are not listed (any more); who still reads them keeps them open."""
        files = {file_of(self.folder, number) for number in listed}
        folder = self.folder / FOLDER
        for file in folder.iterdir() if folder.exists() else ():
            if file not in files:
                file.unlink(missing_ok=True)


class Segments:
    """The segments of one generation; never changed: another generation has its own, which shares those that stayed."""

    def __init__(self, every: Sequence[Segment] = (), dead: Collection[int] = ()) -> None:
        """`dead` are passages that were removed since."""
        self.every = list(every)
        masks = [alive_rows(segment.keys, dead) for segment in self.every]
        self.alive = [None if mask.all() else mask for mask in masks]  # without a mask a search costs less
        self.words = Lexical(self.every, self.alive)
        self.dense = Dense(self.every, self.alive)

    def described(self, keys: Sequence[int]) -> dict[int, tuple[Tokens, bool]]:
        """Token ids of passages, their document's head first, and whether they are in CJK; none that is not there."""
        wanted = np.fromiter(keys, dtype=np.int64, count=len(keys))
        found: dict[int, tuple[Tokens, bool]] = {}
        for segment in self.every:
            rows = segment.rows(wanted)
            there = np.flatnonzero(rows >= 0)
            rows = rows[there]
            found |= zip(
                wanted[there].tolist(), zip(segment.tokens(rows), segment.cjk[rows].tolist(), strict=True), strict=True
            )
        return found


def to_merge(sizes: Mapping[int, tuple[int, int]]) -> list[int]:
    """Numbers of the segments that should become one; empty when all is well.

    `sizes` are (passages, those still in the library) by number. Those that lost over half are written anew, and a
    segment is merged with all smaller ones when these are together as large: a library of n passages has some
    log2(n / _SMALL) segments at most, and each passage is written about as often (Bentley and Saxe 1980, "Decomposable
    searching problems I", https://doi.org/10.1016/0196-6774(80)90015-2). No segment holds more than ROWS.
    """
    for number, (rows, alive) in sizes.items():
        if alive * 2 < rows:
            return [number]
    ordered = sorted(sizes, key=lambda number: sizes[number][1])
    merged, total, counted = 0, 0, 0
    for place, number in enumerate(ordered):
        alive = sizes[number][1]
        total += alive
        if total > ROWS:
            break
        if place and counted >= max(alive, _SMALL):
            merged = place + 1
        counted += max(alive, _SMALL)
    return ordered[:merged]
