"""How often a paragraph that does answer is taken for one about something else (`rag.contrasts`).

    python benchmarks/contrasts.py DATA_FOLDER

Every question of `devsets.SETS` against the paragraph that it was
written for: any that `rag.contrasts` finds lacking is a question that would wrongly be refused.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import devsets

from rag.contrasts import LACKS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print("| questions -> paragraphs | questions | " + " | ".join(lacks.__name__ for lacks in LACKS) + " |")
    print("|---" * (2 + len(LACKS)) + "|")
    for questions, paragraphs in devsets.SETS:
        loaded = devsets.load(folder, questions, paragraphs)
        asked = [(q, loaded.paragraphs[gold]) for q, gold in zip(loaded.questions, loaded.gold, strict=True)]
        wrong = [str(sum(lacks(*pair) for pair in asked)) for lacks in LACKS]
        print(f"| {loaded.name} | {len(asked)} | {' | '.join(wrong)} |")


if __name__ == "__main__":
    main()
