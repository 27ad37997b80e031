"""Half of the paragraphs indexed, the questions of both halves asked: who is refused?

    python benchmarks/refusal.py DATA_FOLDER [--every N]

Prints, per set, the AUROC of the evidence score, the share of answerable questions refused and the share of
unanswerable ones refused at the product's thresholds, and the same with the check that a figure asked for is stated.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import devsets
import numpy as np
from memory import MemoryIndex

from index.static import StaticEmbedder
from rag.abstain import answerable, evidence
from rag.extractive import states
from rag.similarity import StaticSimilarity


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=5, help="use every N-th question")
    arguments = parser.parse_args()
    table = StaticEmbedder()
    near = StaticSimilarity(table)
    pairs = [(name, name) for name in devsets.names(arguments.folder)]
    pairs += [("xquad-half.en", "xquad-half.zh"), ("xquad-half.zh", "xquad-half.en")]
    print("| questions -> paragraphs | AUROC | answerable refused | unanswerable refused | + figure check |")
    print("|---|---|---|---|---|")
    for questions, paragraphs in pairs:
        loaded = devsets.load(arguments.folder, questions, paragraphs)
        index = MemoryIndex(loaded.paragraphs[::2], table)
        scores: dict[bool, list[float]] = {True: [], False: []}
        refused: dict[bool, list[bool]] = {True: [], False: []}
        both: dict[bool, list[bool]] = {True: [], False: []}
        for question, gold in list(zip(loaded.questions, loaded.gold, strict=True))[:: arguments.every]:
            hits = index.hits(question)
            here = gold % 2 == 0
            known = (question, hits, index.words.document_frequency, len(index.words), near)
            scores[here].append(evidence(*known))
            refused[here].append(not answerable(*known))
            both[here].append(refused[here][-1] or not states(question, [hits[0].paragraph.text]))
        yes, no = np.array(scores[True]), np.array(scores[False])
        auroc = float((yes[:, None] > no[None, :]).mean() + (yes[:, None] == no[None, :]).mean() / 2)
        cells = f"{auroc:.3f} | {np.mean(refused[True]):.3f} | {np.mean(refused[False]):.3f}"
        print(f"| {loaded.name} | {cells} | {np.mean(both[True]):.3f} / {np.mean(both[False]):.3f} |", flush=True)


if __name__ == "__main__":
    main()
