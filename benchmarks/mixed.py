"""A library in two languages: does a question find the paragraph that answers it when that is in the other one?

    python benchmarks/mixed.py DATA_FOLDER [--every N]

Of parallel paragraphs every second one is in the language of the questions, the others are in the other language.
Printed per pair, for the questions that are answered in either: recall@1 / recall@5 of the hybrid, and beside them
those over a library that is in the language of the answer alone. Then the same of questions over Chinese paragraphs
among those of the other sets: Chinese and Japanese ones, and with them English ones of the same articles.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import devsets
import numpy as np
from memory import MemoryIndex

from index.static_model import StaticEmbedder

AMONG = ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "jsquad-valid.ja", "squad11-part.en")
BEGINNING = 60
"""Letters and figures by which a paragraph of SQuAD is known for the original of one of XQuAD."""

PAIRS = (("en", "zh"), ("zh", "en"), ("de", "zh"), ("ru", "zh"))


def recall(index: MemoryIndex, asked: list[tuple[str, int]]) -> str:
    ranks = []
    for question, gold in asked:
        keys = index.lists(question)["hybrid"]
        ranks.append(keys.index(gold) if gold in keys else len(index.paragraphs))
    return f"{np.mean(np.array(ranks) < 1):.3f} / {np.mean(np.array(ranks) < 5):.3f}"


def beginning(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))[:BEGINNING]


def among_others(folder: Path, every: int) -> None:
    """Prints the second table."""
    table = StaticEmbedder()
    originals = {beginning(text) for text in devsets.load(folder, "xquad-half.en").paragraphs}
    texts = list(devsets.load(folder, "xquad-half.zh").paragraphs)
    print("\n| library | paragraphs | English questions | German | Chinese |\n|---|---|---|---|---|")
    for name in AMONG:
        texts += [text for text in devsets.load(folder, name).paragraphs if beginning(text) not in originals]
        if name in AMONG[-2:]:
            index, cells = MemoryIndex(texts, table), []
            for language in ("en", "de", "zh"):
                asked = devsets.load(folder, f"xquad-half.{language}", "xquad-half.zh")
                cells.append(recall(index, list(zip(asked.questions, asked.gold, strict=True))[::every]))
            print(f"| up to {name} | {len(texts)} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="use every N-th question")
    arguments = parser.parse_args()
    table = StaticEmbedder()
    columns = ("answered in their own language", "that language alone", "in the other", "that language alone")
    print("| questions, other language | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for own, other in PAIRS:
        home = devsets.load(arguments.folder, f"xquad-half.{own}")
        away = devsets.load(arguments.folder, f"xquad-half.{own}", f"xquad-half.{other}")
        both = [home.paragraphs[i] if i % 2 == 0 else away.paragraphs[i] for i in range(len(home.paragraphs))]
        mixed = MemoryIndex(both, table)
        asked = list(zip(home.questions, home.gold, strict=True))[:: arguments.every]
        cells = []
        for place, alone in enumerate((home, away)):
            those = [(question, gold) for question, gold in asked if gold % 2 == place]
            cells += [recall(mixed, those), recall(MemoryIndex(alone.paragraphs, table), those)]
        print(f"| {own}, {other} | " + " | ".join(cells) + " |", flush=True)
    among_others(arguments.folder, arguments.every)


if __name__ == "__main__":
    main()
