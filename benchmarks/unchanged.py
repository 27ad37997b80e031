"""Does an unchanged system pass every time? Runs of the command, each in a process and a library of its own.

    python benchmarks/unchanged.py [--times N] [--every N]

The packaged set, or every so many-th case of it, is run once and saved; then so many times more against that run, each
time indexed anew and with another seed for Python's hashes. Every run must exit with 0 and write the same bytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eval.data import packaged_corpus, packaged_set


def run(folder: Path, seed: int, *options: str) -> int:
    """Index the reports and run the set; the exit code of the run."""
    command = Path(sys.executable).with_name("footnote")
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    library = folder / "library"
    shutil.rmtree(library, ignore_errors=True)
    quiet = {"cwd": folder, "env": environment, "stdout": subprocess.DEVNULL}
    subprocess.run([command, "index", "reports", "--library", library], check=True, **quiet)
    return subprocess.run([command, "eval", "run", "set.jsonl", "--library", library, *options], **quiet).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(packaged_corpus(), folder / "reports")
        meta, *cases = packaged_set().read_text(encoding="utf-8").splitlines()
        chosen = cases[:: given.every]
        (folder / "set.jsonl").write_text("\n".join([meta, *chosen]) + "\n", encoding="utf-8")
        start = time.perf_counter()
        run(folder, 0, "--save", "first.json")
        seconds = time.perf_counter() - start
        first = (folder / "first.json").read_bytes()
        passed = same = 0
        for seed in range(1, given.times + 1):
            passed += run(folder, seed, "--baseline", "first.json", "--save", "again.json") == 0
            same += (folder / "again.json").read_bytes() == first
        print(f"{len(chosen)} cases, the first run {seconds:.1f} s with indexing")
        print(f"{passed} of {given.times} passed, {same} of {given.times} wrote the same bytes")


if __name__ == "__main__":
    main()
