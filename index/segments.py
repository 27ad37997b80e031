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
_FAN = 6
"""Segments of like size that become one."""
_SMALL, _STEP = 1000, 4
"""Up to how many passages a segment is of the smallest size, and between a size and the next."""

Names = Mapping[int, int]
"""Number of each segment, and its checksum."""


def file_of(folder: Path, number: int) -> Path:
    """Where the segment of this number lies in a library's folder."""
    return folder / FOLDER / f"{number}.segment"


class Segments:
    """Opened once, never changed: another generation has its own, which shares the segments that stayed."""

    def __init__(self, opened: Mapping[tuple[int, int], Segment], dead: Collection[int] = ()) -> None:
        """`opened` are the segments by number and checksum, `dead` passages that were removed since."""
        self.opened = opened
        self.every = list(opened.values())
        masks = [alive_rows(segment.keys, dead) for segment in self.every]
        self.alive = [None if mask.all() else mask for mask in masks]  # without a mask a search costs less
        self.words = Lexical(self.every, self.alive)
        self.dense = Dense(self.every, self.alive)

    @classmethod
    def load(cls, folder: Path, names: Names, dead: Collection[int], former: Segments | None = None) -> Segments:
        """Open what is not open in `former`. Raises LibraryError when a file is missing or damaged."""
        known = former.opened if former else {}
        return cls(
            {name: known.get(name) or Segment.load(file_of(folder, name[0]), name[1]) for name in names.items()}, dead
        )

    def changed(self, folder: Path) -> bool:
        """Whether any file is not the one that was opened."""
        return any(segment.stamp != stamp(file_of(folder, number)) for (number, _), segment in self.opened.items())

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

    `sizes` are (passages, those still in the library) by number. Those that lost over half are written anew, and of a
    like size at most _FAN - 1 remain: a library of n passages has about _FAN segments for each factor _STEP.
    """
    for number, (rows, alive) in sizes.items():
        if alive * 2 < rows:
            return [number]
    levels: dict[int, list[int]] = {}
    for number, (_, alive) in sizes.items():
        level = 0
        while alive > _SMALL * _STEP**level:
            level += 1
        levels.setdefault(level, []).append(number)
    for numbers in levels.values():
        if len(numbers) >= _FAN:
            return _fitting(sorted(numbers, key=lambda number: sizes[number]), sizes)
    return []


def _fitting(numbers: Sequence[int], sizes: Mapping[int, tuple[int, int]]) -> list[int]:
    """The first that fit into one segment; none when not even two do."""
    total, fitting = 0, []
    for number in numbers:
        total += sizes[number][1]
        if total <= ROWS:
            fitting.append(number)
    return fitting if len(fitting) > 1 else []
