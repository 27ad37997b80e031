"""The stretch of a text that is most like a given one (Sellers 1980: edit distance with a free start and end)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearest(wanted: str, text: str) -> tuple[float, int, int]:
    """(similarity, start, end) of the best stretch: 1 - edits / len(wanted), in [0, 1]. O(len(wanted) * len(text)).

    nearest("abcd", "xxabzdxx") -> (0.75, 2, 6). The shortest of equally good ones, the last end first.
    """
    if not wanted or not text:
        return 0.0, 0, 0
    distances = _distances(wanted, text)
    end = len(distances) - 1 - int(np.argmin(distances[::-1]))
    back = _distances(wanted[::-1], text[:end][::-1])
    length = int(np.argmin(back))
    return max(0.0, 1 - int(distances[end]) / len(wanted)), end - length, end


def _distances(wanted: str, text: str) -> NDArray[np.int64]:
    """For each end in the text, the fewest edits that turn the best stretch ending there into `wanted`."""
    letters = np.array([ord(c) for c in text])
    steps = np.arange(len(text) + 1)
    row = np.zeros(len(text) + 1, dtype=np.int64)
    for count, letter in enumerate(wanted, 1):
        below = row + 1
        below[1:] = np.minimum(below[1:], row[:-1] + (letters != ord(letter)))
        below[0] = count
        row = np.minimum.accumulate(below - steps) + steps  # insertions run from left to right
    return row
