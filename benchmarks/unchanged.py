"""Does an unchanged system pass every time? `footnote eval run` again and again, each time over a new library.

    python benchmarks/unchanged.py [--times N] [--every N]

The packaged set, or every so many-th case of it, is run once and saved; then so many times more against that run, ten
times in a process, each process with another seed for Python's hashes. Every run must exit with 0 and write the same
bytes.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from api.cli.main import main as footnote
from eval.data import packaged_corpus, packaged_set

EACH = 10
"""Runs of a process."""


def command(*arguments: str) -> int:
    """The exit code of a command whose output nobody reads."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            footnote(arguments)
        except SystemExit as stop:
            return int(stop.code or 0)
    return 0


def run(*options: str) -> int:
    """Index the reports of the working folder anew and run the set; the exit code of the run."""
    shutil.rmtree("library", ignore_errors=True)
    command("index", "reports", "--library", "library")
    return command("eval", "run", "set.jsonl", "--library", "library", *options)


def again(times: int) -> None:
    """One line for each run: its exit code, and whether it wrote what the first one wrote."""
    first = Path("first.json").read_bytes()
    for _ in range(times):
        code = run("--baseline", "first.json", "--save", "again.json")
        sys.stdout.write(f"{code} {Path('again.json').read_bytes() == first}\n")
        sys.stdout.flush()


def measure(times: int, every: int) -> None:
    folder = Path.cwd()
    shutil.copytree(packaged_corpus(), folder / "reports")
    meta, *cases = packaged_set().read_text(encoding="utf-8").splitlines()
    chosen = cases[::every]
    (folder / "set.jsonl").write_text("\n".join([meta, *chosen]) + "\n", encoding="utf-8")
    start = time.process_time()
    run("--save", "first.json")
    print(f"{len(chosen)} cases, the first run with indexing {time.process_time() - start:.1f} s of CPU", flush=True)
    told: list[str] = []
    for seed in range(1, times // EACH + 1):
        environment = os.environ | {"PYTHONHASHSEED": str(seed)}
        script = [sys.executable, str(Path(__file__).resolve()), "--again", str(EACH)]
        done = subprocess.run(script, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        told += done.stdout.splitlines()
    passed, same = sum(line.startswith("0 ") for line in told), sum(line.endswith("True") for line in told)
    print(f"{passed} of {len(told)} passed, {same} of {len(told)} wrote the same bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100, help="a multiple of ten")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--again", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.again:
        again(given.again)
        return
    with tempfile.TemporaryDirectory() as temporary, contextlib.chdir(temporary):
        measure(given.times, given.every)


if __name__ == "__main__":
    main()
