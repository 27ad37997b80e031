"""Half of the paragraphs indexed, the questions of both halves asked: who is refused?

    python benchmarks/refusal.py DATA_FOLDER [--every N] [--fit | --tiny]

Prints, per set, the AUROC of the evidence score, the share of answerable and of unanswerable questions refused at the
product's threshold, and the same two with the check that a figure asked for is stated. `--fit` finds the coefficients
anew on half of the questions (by paragraph) and prints the figures of the other half.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import devsets
import numpy as np
from memory import MemoryIndex

from index.static_model import StaticEmbedder
from rag import answerability as abstain
from rag.named import about_the_named
from rag.settings import Settings
from rag.similarity import StaticSimilarity
from rag.stated import states, stating_first

CAUTION = (-0.3, 0.6, 0.0)
"""In log-odds, in the paragraphs' own script, in another one, and in a language that the table does not know. Chosen by
the table that this prints: in the own script for most sets within the aim, in another one so that seven tenths of what
is not said are refused."""

_ENOUGH = 50
"""Questions of a set that a fit may learn from: of a few, each would count for many."""


@dataclass(frozen=True)
class Asked:
    """One question: what the product saw of it, and the truth."""

    paragraph: int
    answerable: bool
    features: dict[str, float]
    stated: bool


def ask(loaded: devsets.QuestionSet, every: int, table: StaticEmbedder) -> list[Asked]:
    """Every `every`-th question over the paragraphs with an even number."""
    index, near = MemoryIndex(loaded.paragraphs[::2], table), StaticSimilarity(table)
    asked = []
    for question, gold in list(zip(loaded.questions, loaded.gold, strict=True))[::every]:
        found = index.hits(question)
        named = about_the_named(question, found)
        hits = stating_first(question, named or found, near)
        features = abstain.features(question, hits, index.words.document_frequency, len(index.words), near)
        stated = bool(named) and states(question, [hit.paragraph.text for hit in hits], near)
        asked.append(Asked(gold, gold % 2 == 0, dict(features), stated))
    return asked


def ask_tiny(loaded: devsets.QuestionSet, every: int, table: StaticEmbedder) -> list[Asked]:
    """Every `every`-th question, asked of a library that holds nothing but its own paragraph, then another one."""
    near, asked = StaticSimilarity(table), []
    for question, gold in list(zip(loaded.questions, loaded.gold, strict=True))[::every]:
        for place in (gold, (gold + 7) % len(loaded.paragraphs)):
            index = MemoryIndex([loaded.paragraphs[place]], table)
            hits = index.hits(question)
            found = abstain.features(question, hits, index.words.document_frequency, 1, near)
            asked.append(
                Asked(gold, place == gold, dict(found), states(question, [hit.paragraph.text for hit in hits], near))
            )
    return asked


def fit(sets: list[list[Asked]], names: list[str], caution: float, ridge: float = 1e-3) -> dict[str, float]:
    """Logistic regression by Newton's method, every set and either class counting the same.

    `caution` is taken from the bias: half of the evidence is not enough where a wrong answer costs more than none.
    """
    rows = [[one for one in asked if set(one.features) == set(names)] for asked in sets]
    rows = [asked for asked in rows if len(asked) >= _ENOUGH]
    table = np.array([[one.features[name] for name in names] for asked in rows for one in asked])
    truth = np.array([one.answerable for asked in rows for one in asked], dtype=float)
    weight = np.concatenate([np.full(len(asked), 1 / len(asked)) for asked in rows])
    for value in (0.0, 1.0):
        weight[truth == value] /= weight[truth == value].sum()
    coefficients = np.zeros(len(names))
    for _ in range(30):
        share = 1 / (1 + np.exp(-table @ coefficients))
        gradient = table.T @ (weight * (truth - share)) - ridge * coefficients
        curve = (table * (weight * share * (1 - share))[:, None]).T @ table + ridge * np.eye(len(names))
        coefficients += np.linalg.solve(curve, gradient)
    coefficients[names.index("bias")] -= caution
    return {name: round(float(value), 2) for name, value in zip(names, coefficients, strict=True)}


def score(one: Asked) -> float:
    weights = abstain.weights_for(one.features)
    return float(1 / (1 + np.exp(-sum(weights[name] * value for name, value in one.features.items()))))


def row(name: str, asked: list[Asked], threshold: float) -> str:
    scores = {truth: np.array([score(one) for one in asked if one.answerable is truth]) for truth in (True, False)}
    wins = scores[True][:, None] - scores[False][None, :]
    auroc = float((wins > 0).mean() + (wins == 0).mean() / 2)
    cells = [f"{(scores[truth] < threshold).mean():.3f}" for truth in (True, False)]
    for truth in (True, False):
        kept = [score(one) < threshold or not one.stated for one in asked if one.answerable is truth]
        cells.append(f"{np.mean(kept):.3f}")
    return f"| {name} | {len(asked)} | {auroc:.3f} | {cells[0]} / {cells[1]} | {cells[2]} / {cells[3]} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=5, help="use every N-th question of the larger sets")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--tiny", action="store_true", help="libraries of one paragraph, its own or another's")
    parser.add_argument("--threshold", type=float, default=Settings().threshold)
    arguments = parser.parse_args()
    table = StaticEmbedder()
    pairs = [(name, name) for name in devsets.names(arguments.folder)]
    pairs += [("xquad-half.en", "xquad-half.zh"), ("xquad-half.zh", "xquad-half.en")]
    sets = {}
    for questions, paragraphs in pairs:
        loaded = devsets.load(arguments.folder, questions, paragraphs)
        every = arguments.every if len(loaded.gold) > 1000 else 1
        sets[loaded.name] = ask_tiny(loaded, every * 5, table) if arguments.tiny else ask(loaded, every, table)
    if arguments.fit:
        learned = [[one for one in asked if one.paragraph // 2 % 2 == 0] for asked in sets.values()]
        for weights, caution in zip((abstain.SAME_SCRIPT, abstain.OTHER_SCRIPT, abstain.UNKNOWN), CAUTION, strict=True):
            weights.update(fit(learned, list(weights), caution))
            print(weights)
        sets = {name: [one for one in asked if one.paragraph // 2 % 2] for name, asked in sets.items()}
    print("| questions -> paragraphs | questions | AUROC | answerable / unanswerable refused | with the figure check |")
    print("|---|---|---|---|---|")
    for name, asked in sets.items():
        print(row(name, asked, arguments.threshold))


if __name__ == "__main__":
    main()
