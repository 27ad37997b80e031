"""How opening, searching, adding and size grow with the library; a table and a picture.

    python benchmarks/growth.py ../shared/data/documents/zh_laws [--sizes 1000 10000 50000 200000] [--picture FILE.svg]

One library grows from size to size (`corpus.py` makes the paragraphs). At each size a fresh process opens it, and asks
100 questions with one thread; CPU milliseconds are given, because a busy machine stretches the others. Every
vector is compared: `found` is the share of questions whose passage is among the first ten.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus

from index.library import Library

_COLUMNS = {
    "paragraphs": "paragraphs",
    "open": "open, CPU s",
    "first": "first search, CPU s",
    "p50": "search p50, CPU ms",
    "p95": "p95",
    "found": "found",
    "memory": "memory, MB",
    "bytes": "bytes a paragraph",
    "rate": "indexed, paragraphs a CPU s",
    "add": "add 100, CPU s",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("statutes", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--probe", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.probe:
        print(json.dumps(probe(given.probe, given.statutes)))
        return
    print(" | ".join(_COLUMNS.values()))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in given.sizes:
            rows.append(measure(Path(folder), given.statutes, size))
            print(" | ".join(str(rows[-1][name]) for name in _COLUMNS), flush=True)
    if given.picture:
        given.picture.write_text(picture(rows), encoding="utf-8")


def measure(folder: Path, statutes: Path, size: int) -> dict[str, float]:
    corpus.write(statutes, folder, size)
    with Library.open(folder / "library", create=True) as library:
        start = time.process_time()
        made = library.add([folder / "texts"]).paragraphs
        rate = made / max(time.process_time() - start, 1e-9)
        more = folder / "more" / f"{size}.md"
        more.parent.mkdir(exist_ok=True)
        more.write_text("\n\n".join(f"另外{i}号说明，{size}年新增{i * 7}项。" for i in range(100)), encoding="utf-8")
        start = time.process_time()
        library.add([more])
        added = time.process_time() - start
        held = library.store.count("paragraphs")
    taken = sum(file.stat().st_size for file in (folder / "library").rglob("*") if file.is_file())
    command = [sys.executable, __file__, str(folder / "questions.tsv"), "--probe", str(folder / "library")]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    out = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **threads})
    own = {"paragraphs": held, "bytes": round(taken / held), "rate": round(rate), "add": round(added, 2)}
    return {**json.loads(out.stdout), **own}


def probe(library: Path, questions: Path) -> dict[str, float]:
    """What a fresh process needs to open a library and search in it."""
    lines = [line.split("\t") for line in questions.read_text(encoding="utf-8").splitlines()]
    asked = lines[:: max(1, len(lines) // 100)][:100]
    start = time.process_time()
    with Library.open(library) as opened:
        _ = opened.searcher
        ready = time.process_time()
        opened.search("哪个区建成了中试车间？", 10)
        first, costs, found = time.process_time() - ready, [], 0
        for question, text in asked:
            before = time.process_time()
            hits = opened.search(question, 10)
            costs.append(1000 * (time.process_time() - before))
            found += any(text in hit.text for hit in hits)
    costs.sort()
    return {
        "open": round(ready - start, 2),
        "first": round(first, 2),
        "p50": round(costs[len(costs) // 2], 1),
        "p95": round(costs[len(costs) * 95 // 100], 1),
        "found": round(found / len(asked), 2),
        "memory": peak(),
    }


def peak() -> int:
    """Most memory that this process has had, in MB; `getrusage` would count that of its parent, before `exec`, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def picture(rows: list[dict[str, float]]) -> str:
    """Curves of opening, searching and adding over the number of paragraphs, both axes logarithmic: SVG."""
    import math

    curves = {"open, s": "open", "search p50, ms": "p50", "add 100, s": "add", "memory, MB": "memory"}
    colours = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df")
    sizes = [row["paragraphs"] for row in rows]
    low, high = math.log10(min(sizes)), math.log10(max(sizes))

    def across(size: float) -> float:
        return 70 + 460 * (math.log10(size) - low) / max(high - low, 1e-9)

    def up(value: float) -> float:
        return 330 - 300 * (math.log10(max(value, 0.01)) + 2) / 6

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 370" font-family="sans-serif" font-size="12">',
        '<rect width="680" height="370" fill="#fff"/>',
    ]
    for power in range(-2, 5):
        y, label = up(10.0**power), f"{10.0**power:g}"
        parts.append(f'<path d="M70 {y:.0f}H530" stroke="#ddd"/>')
        parts.append(f'<text x="60" y="{y + 4:.0f}" text-anchor="end">{label}</text>')
    parts += [f'<text x="{across(s):.0f}" y="350" text-anchor="middle">{s:,.0f}</text>' for s in sizes]
    for (name, key), colour in zip(curves.items(), colours, strict=True):
        line = " ".join(f"{across(row['paragraphs']):.0f},{up(row[key]):.0f}" for row in rows)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="540" y="{up(rows[-1][key]) + 4:.0f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, '<text x="300" y="367" text-anchor="middle">paragraphs</text>', "</svg>", ""])


if __name__ == "__main__":
    main()
