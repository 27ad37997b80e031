"""How long reading takes: the growth of each kind of input when it doubles, and other readers on the same files.

    nice -n 10 python -m benchmarks.reading [--keep FOLDER]
    nice -n 10 python -m benchmarks.reading FILE ... --others PYTHON

Prints for each kind the seconds for the largest input and the exponent e of time ~ size^e from the smallest to the
largest: 1 is linear. With files, for each format the processor time of this reader, and of those that are installed for
another Python (kreuzberg, markitdown) as a ratio to it. Files: those of `--keep`, which are the largest input of each
kind, and of `python -m benchmarks.pdf_sentences --keep FOLDER`, which are PDF.
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

from benchmarks.reading_kinds import KINDS
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
    from kreuzberg import ExtractionConfig, extract_file_sync
    found["kreuzberg"] = best(lambda: extract_file_sync(path, config=ExtractionConfig(use_cache=False)))
except ImportError:
    pass
try:
    from markitdown import MarkItDown
    reader = MarkItDown()
    found["markitdown"] = best(lambda: reader.convert(path))
except ImportError:
    pass
print(json.dumps(found))
"""
"""Run by the other readers' Python, on one file: processor seconds, all threads, best of three after a first call."""
SIZES = (100_000, 200_000, 400_000)
"""Bytes."""


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


def measure(folder: Path | None) -> None:
    """Print the growth of each kind; keep the largest input of each in a folder."""
    for name, (ending, make) in KINDS.items():
        inputs = [make(size) for size in SIZES]
        times = [seconds(lambda data=data, ending=ending: reader(ending)(data)) for data in inputs]  # type: ignore[misc]
        print(f"{name:28} {times[-1]:8.3f} s  exponent {growth(times):5.2f}", flush=True)
        if folder:
            (folder / f"{name}{ending}").write_bytes(inputs[-1])
    for mark in (".", ". ", "。", "\n", "《甲！"):
        times = [seconds(lambda n=size, mark=mark: sentences(mark * n)) for size in SIZES]  # type: ignore[misc]
        print(f"sentences of {mark!r:15} {times[-1]:8.3f} s  exponent {growth(times):5.2f}")


def compare(paths: list[Path], pythons: list[str]) -> None:
    """Print for each format the processor time of this reader, and of each other one as a ratio to it."""
    for ending in sorted({path.suffix for path in paths}):
        files = [path for path in paths if path.suffix == ending]
        total: dict[str, float] = {}
        size = pages = 0
        for path in files:
            data, read = path.read_bytes(), reader(ending)
            times = {"own": seconds(lambda read=read, data=data: read(data))}  # type: ignore[misc]
            for python in pythons:
                done = subprocess.run([python, "-c", OTHERS, path], capture_output=True, check=True)
                times |= json.loads(done.stdout.splitlines()[-1])
            pages += max((block.page or 0 for block in read(data).blocks), default=0)
            size += len(data)
            total = {name: total.get(name, 0) + value for name, value in times.items()}
        for name, value in total.items():
            rate = f"{pages / value:9.1f} pages" if pages else f"{size / value / 1e6:9.2f} MB   "
            print(
                f"{ending:6} {len(files):3} files {name:12} {rate}/CPU-s {value / total['own']:7.1f} times", flush=True
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--others", nargs="*", default=[], metavar="PYTHON", help="where other readers are installed")
    parser.add_argument("--keep", type=Path, help="a folder for the largest input of each kind")
    given = parser.parse_args()
    compare(given.files, given.others) if given.files else measure(given.keep)
