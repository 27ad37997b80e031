"""What one cold `footnote ask` costs in CPU seconds and peak memory, beside Python with its libraries alone.

    python benchmarks/start.py [--runs N]

The library holds the examples. The smallest of N runs is printed for each, and the ratio of the two.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FLOOR = "import numpy, faiss, tokenizers"


def cost(command: list[str], runs: int) -> tuple[float, float]:
    """CPU seconds (user and system) and peak resident MB, the smallest of several runs, after one to warm the files."""
    found = []
    for _ in range(runs + 1):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            raise SystemExit(f"{command[:3]} ended with {os.waitstatus_to_exitcode(status)}")
        found.append((usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return min(cpu for cpu, _ in found[1:]), min(memory for _, memory in found[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    footnote = [str(Path(sys.executable).with_name("footnote"))]
    with tempfile.TemporaryDirectory() as folder:
        library = ["--library", f"{folder}/library"]
        subprocess.run([*footnote, "index", str(EXAMPLES), *library], check=True, stdout=subprocess.DEVNULL)
        asked = cost([*footnote, "ask", "望江区建成了多少间中试车间？", *library], arguments.runs)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    floor = cost([sys.executable, "-c", FLOOR], arguments.runs)
    print("| | CPU seconds | peak MB |\n|---|---|---|")
    print(f"| footnote ask | {asked[0]:.2f} | {asked[1]:.0f} |")
    print(f"| {FLOOR} | {floor[0]:.2f} | {floor[1]:.0f} |")
    print(f"| ratio | {asked[0] / floor[0]:.1f} | {asked[1] / floor[1]:.1f} |")


if __name__ == "__main__":
    main()
