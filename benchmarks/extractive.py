"""How often the quoted sentences of the right paragraph hold the answer; `--fit` finds the weights anew.

    python benchmarks/extractive.py DATA_FOLDER [--every N] [--fit]

Contained: an accepted answer is a substring of the sentence(s), both folded, letters and digits only. Weights are
fitted on the paragraphs with an even number and the figures are those of the odd ones (all of them without --fit).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import devsets
import numpy as np

from index.sentences import sentences
from index.static_model import StaticEmbedder
from index.text import fold
from rag.asking import asks_for
from rag.extractive import WEIGHTS, features
from rag.similarity import StaticSimilarity


def plain(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


def cases(folder: Path, questions: str, paragraphs: str | None, every: int, similarity: StaticSimilarity) -> list:
    loaded = devsets.load(folder, questions, paragraphs)
    answers = {}
    if paragraphs:  # the same question under the same id, in the paragraphs' language
        other = devsets.load(folder, paragraphs)
        answers = dict(zip(other.ids, other.answers, strict=True))
    rows = []
    for i in range(0, len(loaded.gold), every):
        text = loaded.paragraphs[loaded.gold[i]]
        texts = [text[a:b] for a, b in sentences(text)]
        golds = [plain(a) for a in answers.get(loaded.ids[i], loaded.answers[i])]
        question = loaded.questions[i]
        rows.append(
            (
                loaded.gold[i],
                features(question, asks_for(question), texts, similarity),
                [plain(t) for t in texts],
                golds,
            )
        )
    return rows


def contained(rows: list, weights: np.ndarray) -> tuple[float, float]:
    hits = [0, 0]
    for _, table, texts, golds in rows:
        order = np.argsort(-(table @ weights), kind="stable")
        for n in (1, 2):
            joined = "".join(texts[i] for i in sorted(order[:n]))
            hits[n - 1] += any(gold in joined for gold in golds)
    return hits[0] / len(rows), hits[1] / len(rows)


def fit(rows: list, steps: int = 400, rate: float = 0.05, shrink: float = 1e-3) -> np.ndarray:
    """Softmax regression over the sentences of each paragraph, by Adam."""
    weights = np.zeros(len(WEIGHTS))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    marked = [(t, np.array([any(g in x for g in golds) for x in texts])) for _, t, texts, golds in rows]
    marked = [(t, y) for t, y in marked if y.any() and not y.all()]
    for step in range(1, steps + 1):
        gradient = np.zeros_like(weights)
        for table, holds in marked[step % 4 :: 4]:
            scores = table @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            right = share * holds
            gradient += table.T @ (right / right.sum() - share)
        gradient = gradient / len(marked) * 4 - shrink * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        weights += rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=3, help="use every N-th question")
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    similarity = StaticSimilarity(StaticEmbedder())
    loaded = {pair: cases(arguments.folder, *pair, arguments.every, similarity) for pair in devsets.SETS}
    weights = np.array(list(WEIGHTS.values()))
    if arguments.fit:
        weights = fit([row for rows in loaded.values() for row in rows if row[0] % 2 == 0])
        for name, weight in zip(WEIGHTS, weights, strict=True):
            print(f'    "{name}": {weight:.2f},')
    print("| questions -> paragraphs | questions | one sentence | two sentences |\n|---|---|---|---|")
    for (questions, paragraphs), rows in loaded.items():
        measured = [row for row in rows if row[0] % 2] if arguments.fit else rows
        one, two = contained(measured, weights)
        print(f"| {questions} -> {paragraphs or questions} | {len(measured)} | {one:.3f} | {two:.3f} |")


if __name__ == "__main__":
    main()
