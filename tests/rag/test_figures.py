"""Figures are read in linear time, whatever digits a text is made of."""

import time

import pytest

from rag.checking.quantities import quantities

PATTERNS = ["1", "一", "百", "1,", "1.2", "1-", "1/", "1 ", "#1", "1:", "百分之", "第", "one hundred ", "12.345."]


def seconds(text):
    """CPU time of this thread: what other processes do does not count."""
    start = time.thread_time()
    quantities(text)
    return time.thread_time() - start


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
def test_four_times_the_text_takes_about_four_times_as_long(pattern):
    short, long = ((pattern * length)[:length] for length in (3000, 12_000))
    growth = min(seconds(long) for _ in range(2)) / min(seconds(short) for _ in range(3))
    assert growth < 9  # 4 when linear, 16 when quadratic


@pytest.mark.slow
def test_a_hundred_thousand_digits_are_one_figure():
    [found] = quantities("1" * 100_000)
    assert (found.start, found.end) == (0, 100_000)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("热线 400-820-1234 与 12:30", ["400-820-1234", "12:30"]),
        ("三分之一与12分之5，第12条，21st", ["三分之一", "12分之5", "第12条", "21st"]),
    ],
)
def test_runs_of_digits_are_read_from_their_first_one(text, found):
    assert [quantity.text for quantity in quantities(text)] == found


@pytest.mark.parametrize(
    ("text", "value"),
    [("三万亿元", 3 * 10**12), ("12.5万亿元", 125 * 10**11), ("3万亿5000亿", 35 * 10**11), ("近万亿元", 10**12)],
)
def test_a_myriad_times_a_hundred_million(text, value):
    assert [quantity.value for quantity in quantities(text)] == [value]
