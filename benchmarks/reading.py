"""How long reading takes: the growth of each kind of input when it doubles, and other readers on the same files.

    nice -n 10 python benchmarks/reading.py [FILE ... --others PYTHON]

Prints for each kind the seconds for the largest input and the exponent e of time ~ size^e from the smallest to the
largest: 1 is linear. With files, the processor time of this reader, and of those that are installed for another Python
(kreuzberg, markitdown) as a ratio to it; `benchmarks/pdf_sentences.py --keep FOLDER` makes PDF files.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from index.records import Parsed
from index.sentences import sentences

MODULES = {
    "txt": "plaintext",
    "text": "plaintext",
    "md": "markdown",
    "htm": "html",
    "csv": "delimited",
    "tsv": "delimited",
}
"""File ending to the module of its reader, where it is called otherwise."""
OTHERS = """
import json, sys, time
def best(read):
    read()
    times = []
    for _ in range(3):
        start = time.process_time()
        read()
        times.append(time.process_time() - start)
    return min(times)
path, found = sys.argv[1], {}
try:
    from kreuzberg import extract_file_sync
    found["kreuzberg"] = best(lambda: extract_file_sync(path))
except ImportError:
    pass
try:
    from markitdown import MarkItDown
    found["markitdown"] = best(lambda: MarkItDown().convert(path))
except ImportError:
    pass
print(json.dumps(found))
"""
"""Run by the other readers' Python, on one file: processor seconds, all threads, best of three after a first call."""
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


def reader(ending: str) -> Callable[[bytes], Parsed]:
    """The reader of a format, in this process."""
    kind = ending.lower().lstrip(".")
    return cast("Callable[[bytes], Parsed]", import_module(f"index.reading.{MODULES.get(kind, kind)}").read)


def seconds(function: Callable[[], object]) -> float:
    """Processor time of the best of three calls."""
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
            times.append(seconds(lambda data=data, ending=ending: reader(ending)(data)))  # type: ignore[misc]
        print(f"{name:28} {times[-1]:8.3f} s  exponent {growth(times):5.2f}")
    for mark in (".", ". ", "。", "\n", "《甲！"):
        times = [seconds(lambda n=size, mark=mark: sentences(mark * n)) for size in SIZES]  # type: ignore[misc]
        print(f"sentences of {mark!r:15} {times[-1]:8.3f} s  exponent {growth(times):5.2f}")


def compare(paths: list[Path], pythons: list[str]) -> None:
    """Print the processor time of this reader for each file, and of each other one as a ratio to it."""
    total: dict[str, float] = {}
    pages = 0
    for path in paths:
        data, read = path.read_bytes(), reader(path.suffix)
        times = {"own": seconds(lambda read=read, data=data: read(data))}  # type: ignore[misc]
        for python in pythons:
            times |= json.loads(subprocess.run([python, "-c", OTHERS, path], stdout=subprocess.PIPE, check=True).stdout)
        pages += max((block.page or 0 for block in read(data).blocks), default=0)
        total = {name: total.get(name, 0) + value for name, value in times.items()}
        ratios = ", ".join(f"{name} {value / times['own']:.1f}" for name, value in times.items() if name != "own")
        print(f"{path.name:36} {times['own'] * 1000:8.1f} ms  {ratios}")
    for name, value in total.items():
        print(f"{name:36} {pages / value:8.1f} pages/CPU-s  {value / total['own']:6.1f} times")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--others", nargs="*", default=[], metavar="PYTHON", help="where other readers are installed")
    given = parser.parse_args()
    compare(given.files, given.others) if given.files else measure()
