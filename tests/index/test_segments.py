"""Which segments are merged: few remain, each passage is written a few times, and none holds too many."""

from math import log2

import pytest

from index.postings import ROWS
from index.segments import to_merge


def grown(added):
    """Sizes of the segments after these additions, how many there were at most, and how many passages were merged."""
    sizes, most, written = {}, 0, 0
    for number, size in enumerate(added):
        sizes[number] = (size, size)
        while numbers := to_merge(sizes):
            together = sum(sizes.pop(one)[1] for one in numbers)
            written += together
            sizes[f"{number}, {together}"] = (together, together)
        most = max(most, len(sizes))
    return [size for size, _ in sizes.values()], most, written


@pytest.mark.parametrize("added", [[1] * 5000, [2000] * 30, [700, 1, 3000, 5, 90, 2000] * 15, [4000] * 200])
def test_segments_grow_like_a_logarithm_and_so_does_what_is_written(added):
    sizes, most, written = grown(added)
    assert sum(sizes) == sum(added)
    assert max(sizes) <= ROWS
    full = 2 * sum(added) / ROWS
    assert most <= full + log2(min(sum(added), ROWS)) - 4
    assert written <= sum(added) * (log2(ROWS) + 128 / min(added))


def test_a_large_segment_is_not_written_again_for_a_few_passages():
    assert to_merge({1: (10_000, 10_000), 2: (60, 60)}) == []
    assert to_merge({1: (10_000, 10_000), 2: (60, 60), 3: (1, 1)}) == [3, 2]
    assert to_merge({1: (2000, 2000), 2: (2000, 2000), 3: (3000, 3000)}) == [1, 2, 3]
    assert to_merge({1: (ROWS, ROWS), 2: (ROWS, ROWS)}) == []


def test_what_lost_over_half_is_written_anew():
    assert to_merge({1: (5000, 2499), 2: (9000, 9000)}) == [1]
    assert to_merge({1: (5000, 2500), 2: (9000, 9000)}) == []
    assert to_merge({}) == []
