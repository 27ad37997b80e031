"""What a batch of passages costs to encode beside tokenising it, and what one question costs; one core.

    python benchmarks/encoding.py DATA_FOLDER [--model FOLDER] [--runs N]

CPU time, the smallest of N runs. Exit code 1 when encoding takes over 1.25 times tokenising or a question over 1 ms.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import devsets

from index.static_model import PACKAGED, StaticEmbedder

LIMIT, QUESTION_MS = 1.25, 1.0
SETS = ("cmrc2018-dev.zh", "squad11-part.en", "jsquad-valid.ja")


def cheapest(work: Callable[[], object], runs: int) -> float:
    """CPU seconds of the cheapest run."""
    found = []
    for _ in range(runs):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, default=PACKAGED)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    table = StaticEmbedder(arguments.model)
    worst = 0.0
    print("| paragraphs | kB | tokenise s | encode s | ratio | kB per CPU second |\n|---|---|---|---|---|---|")
    for name in SETS:
        texts = devsets.load(arguments.folder, name).paragraphs
        size = sum(len(text.encode()) for text in texts) / 1000
        table.embed_passages(texts[:50])
        tokenise = cheapest(lambda texts=texts: table.tokens(texts), arguments.runs)
        encode = cheapest(lambda texts=texts: table.embed_passages(texts), arguments.runs)
        worst = max(worst, encode / tokenise)
        print(
            f"| {name} | {size:.0f} | {tokenise:.2f} | {encode:.2f} | {encode / tokenise:.2f} | {size / encode:.0f} |"
        )
    questions = devsets.load(arguments.folder, SETS[0]).questions[:500]
    each = cheapest(lambda: [table.embed_query(q) for q in questions], arguments.runs) / len(questions) * 1000
    print(f"\nA question takes {each:.2f} ms.")
    sys.exit(1 if worst > LIMIT or each > QUESTION_MS else 0)


if __name__ == "__main__":
    main()
