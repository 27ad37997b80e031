"""Words, vectors and both on every question set and language pair, as a Markdown table.

    python benchmarks/retrieval.py DATA_FOLDER [--every N] [--cross] [--only SET,SET] [--embedder NAME]

Exit code 1 when the hybrid's recall@1 or nDCG@10 is below one of its parts anywhere.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import devsets
import numpy as np
from memory import MemoryIndex

from index.embedders import open_embedder
from index.static_model import StaticEmbedder

WAYS = ("words", "mean", "mean + late", "hybrid")


def measure(index: MemoryIndex, loaded: devsets.QuestionSet, every: int) -> dict[str, tuple[float, float, float]]:
    """Way of searching to recall@1, recall@5, nDCG@10 (one relevant paragraph per question)."""
    ranks: dict[str, list[float]] = {way: [] for way in WAYS}
    for question, gold in list(zip(loaded.questions, loaded.gold, strict=True))[::every]:
        for way, keys in index.lists(question).items():
            ranks[way].append(keys.index(gold) if gold in keys else np.inf)
    table = {}
    for way, values in ranks.items():
        r = np.array(values)
        gain = np.where(r < 10, 1 / np.log2(r + 2), 0.0)
        table[way] = (float((r < 1).mean()), float((r < 5).mean()), float(gain.mean()))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=5, help="use every N-th question")
    parser.add_argument("--embedder", help="in the place of the packaged table's vectors, as `footnote index` takes it")
    parser.add_argument("--only", default="", help="sets of the paragraphs, all when empty")
    parser.add_argument("--cross", action="store_true", help="every pair of languages of the parallel sets")
    arguments = parser.parse_args()
    table = StaticEmbedder()
    embedder = open_embedder(arguments.embedder) if arguments.embedder else None
    names = devsets.names(arguments.folder)
    parallel = [name for name in names if name.startswith("xquad")]
    below = 0
    print("| questions -> paragraphs | " + " | ".join(f"{way} R@1 / R@5 / nDCG@10" for way in WAYS) + " |")
    print("|---" * (len(WAYS) + 1) + "|")
    for name in names:
        if arguments.only and name not in arguments.only.split(","):
            continue
        index = MemoryIndex(devsets.load(arguments.folder, name).paragraphs, table, embedder)
        near = [q for q in parallel if {q[-2:], name[-2:]} == {"en", "zh"}] if name in parallel else []
        asked = parallel if arguments.cross and name in parallel else [name, *near]
        for questions in asked:
            loaded = devsets.load(arguments.folder, questions, name)
            found = measure(index, loaded, arguments.every)
            cells = " | ".join(" / ".join(f"{value:.3f}" for value in found[way]) for way in WAYS)
            print(f"| {loaded.name} | {cells} |", flush=True)
            parts = [found[way] for way in WAYS[:-1]]
            below += any(found["hybrid"][m] < max(part[m] for part in parts) - 1e-9 for m in (0, 2))
    print(f"\nThe hybrid is below one of its parts in {below} rows.")
    sys.exit(1 if below else 0)


if __name__ == "__main__":
    main()
