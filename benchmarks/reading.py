"""How long reading takes: the growth of each kind of input when it doubles, and other readers on the same files.

    nice -n 10 python benchmarks/reading.py [FILE ...]

Prints for each kind the seconds for the largest input and the exponent e of time ~ size^e from the smallest to the
largest: 1 is linear. With files, the time of each other reader that is installed (kreuzberg, markitdown) as a ratio to
this one's.
"""

from __future__ import annotations

import importlib.util
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

from index.reading.files import FORMATS, read
from index.sentences import sentences

SIZES = (100_000, 200_000, 400_000)
"""Bytes."""
KINDS: dict[str, tuple[str, str, str]] = {
    "prose": (".txt", "The harbour was dredged in 1987. It took nine weeks.\n\n", ""),
    "Chinese prose": (".txt", "港口在一九八七年疏浚，历时九周。\n\n", ""),
    "wrapped lines": (
        ".txt",
        "the harbour was dredged by the town and\nthe work took nine weeks in all there.\n\n",
        "",
    ),
    "spaces": (".txt", " ", ""),
    "one word": (".txt", "x", ""),
    "questions": (".txt", "Q: Is it open?\nA: Always.\n", ""),
    "tabs": (".txt", "Elm\t12\t4\n", "Room\tSeats\tDoors\n"),
    "Markdown list": (".md", "- item\n", ""),
    "loose Markdown list": (".md", "- item\n\n", ""),
    "Markdown table": (".md", "| Elm | 12 |\n", "| Room | Seats |\n|---|---|\n"),
    "Markdown headings": (".md", "# Title\n\ntext\n\n", ""),
    "HTML paragraphs": (".html", "<p>The harbour was <b>dredged</b> in 1987.</p>", ""),
    "HTML table": (".html", "<tr><td>Elm<td>12", "<table><tr><th>Room<th>Seats"),
    "HTML lists": (".html", "<ul><li>item</ul>", ""),
    "CSV": (".csv", "Elm,12,4\n", "room,seats,doors\n"),
    "CSV, open quotation mark": (".csv", 'Elm,"12,4\n', "room,seats,doors\n"),
}
"""Name to the ending, what is repeated, and what comes first."""


def seconds(function: Callable[[], object]) -> float:
    """Processor time of the best of three calls, this process and its children."""
    best = math.inf
    for _ in range(3):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def growth(times: list[float]) -> float:
    """The exponent of time against size between the first and the last; times below a millisecond count as one."""
    first, last = (max(t, 0.001) for t in (times[0], times[-1]))
    return math.log(last / first) / math.log(SIZES[-1] / SIZES[0])


def measure() -> None:
    """Print the growth of each kind."""
    for name, (ending, unit, head) in KINDS.items():
        times = []
        for size in SIZES:
            data = (head + unit * (size // len(unit.encode()))).encode()
            times.append(seconds(lambda data=data, ending=ending: FORMATS[ending](data)))  # type: ignore[misc]
        print(f"{name:28} {times[-1]:8.3f} s  exponent {growth(times):5.2f}")
    for mark in (".", ". ", "。", "\n", "《甲！"):
        times = [seconds(lambda n=size, mark=mark: sentences(mark * n)) for size in SIZES]  # type: ignore[misc]
        print(f"sentences of {mark!r:15} {times[-1]:8.3f} s  exponent {growth(times):5.2f}")


def others() -> dict[str, Callable[[Path], object]]:
    """Other readers that are installed."""
    found: dict[str, Callable[[Path], object]] = {}
    if importlib.util.find_spec("kreuzberg"):
        from kreuzberg import extract_file_sync

        found["kreuzberg"] = lambda path: extract_file_sync(str(path))
    if importlib.util.find_spec("markitdown"):
        from markitdown import MarkItDown

        converter = MarkItDown()
        found["markitdown"] = lambda path: converter.convert(str(path))
    return found


def compare(paths: list[Path]) -> None:
    """Print the wall time of this reader and the ratio of each other one, on the same files."""
    readers = others()
    for path in paths:
        own = wall(lambda path=path: read(path, path.name))  # type: ignore[misc]
        ratios = [f"{name} {wall(lambda f=f, p=path: f(p)) / own:.1f}" for name, f in readers.items()]  # type: ignore[misc]
        print(f"{path.name:28} {own * 1000:8.1f} ms  {', '.join(ratios) or 'no other reader is installed'}")


def wall(function: Callable[[], object]) -> float:
    """Seconds of the best of five calls: office formats are read in a child, whose processor time is not ours."""
    best = math.inf
    for _ in range(5):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best


if __name__ == "__main__":
    files = [Path(argument) for argument in sys.argv[1:]]
    compare(files) if files else measure()
