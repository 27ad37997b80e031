"""Questions of law in laymen's words over the articles of statutes (STARD): how many of the right articles are found?

    python benchmarks/laymen.py DATA_FOLDER [--every N]

DATA_FOLDER holds `stard/`: 57 785 articles, and questions with the articles that answer them. Each article is a
passage of its own in a library in memory. Printed is the mean share of a question's articles among the first 5 and the
first 10, by words (BM25), by vectors, and by both.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from asked import rows
from memory import MemoryIndex

from index.static_model import StaticEmbedder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="use every N-th question")
    given = parser.parse_args()
    articles = rows(given.folder / "stard" / "articles.zh.jsonl.gz")
    place = {one["id"]: i for i, one in enumerate(articles)}
    index = MemoryIndex([one["text"] for one in articles], StaticEmbedder())
    found = defaultdict[tuple[str, int], list[float]](list)
    for one in rows(given.folder / "stard" / "questions.zh.jsonl")[:: given.every]:
        right = {place[name] for name in one["article_ids"]}
        for way, keys in index.lists(one["question"]).items():
            for k in (5, 10):
                found[way, k].append(len(right.intersection(keys[:k])) / len(right))
    print("| | recall@5 | recall@10 |\n|---|---|---|")
    for way in dict.fromkeys(way for way, _ in found):
        print(f"| {way} | {np.mean(found[way, 5]):.3f} | {np.mean(found[way, 10]):.3f} |")


if __name__ == "__main__":
    main()
