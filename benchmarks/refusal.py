"""Who is refused of those whose question a library answers, and of those whose question it does not (`absence.py`)?

    python benchmarks/refusal.py DATA_FOLDER [--every N] [--fit]

DATA_FOLDER holds `dev/` and `train/`. Prints, for each set, the AUROC of the evidence and the share refused of
answerable and unanswerable questions; `--fit` finds the coefficients of `rag.answerability` on half of the questions
(none of NoMIRACL's), and prints the figures of the others.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from absence import sets
from asked import Asked

from rag import answerability
from rag.settings import Settings

BY_HAND = {"elsewhere", "unnamed", "misnamed"}
"""Coefficients that a fit leaves as they are: these are about names, of which most of the sets have few."""


def fit(rows: list[list[Asked]], weights: dict[str, float], ridge: float = 1e-4) -> dict[str, float]:
    """Logistic regression by Newton's method, every set and either class counting the same, beside BY_HAND.

    A stronger ridge holds down what few questions have, however sure it is.
    """
    rows = [asked for asked in rows if asked]
    names, held = [name for name in weights if name not in BY_HAND], [name for name in weights if name in BY_HAND]
    table, fixed = (
        np.array([[one.features[name] for name in some] for asked in rows for one in asked]) for some in (names, held)
    )
    given = fixed @ np.array([weights[name] for name in held])
    truth = np.array([one.answerable for asked in rows for one in asked], dtype=float)
    weight = np.concatenate([np.full(len(asked), min(len(asked), 100) / len(asked)) for asked in rows])
    for value in (0.0, 1.0):
        weight[truth == value] /= weight[truth == value].sum()
    coefficients = np.zeros(len(names))
    for _ in range(30):
        share = 1 / (1 + np.exp(-table @ coefficients - given))
        gradient = table.T @ (weight * (truth - share)) - ridge * coefficients
        curve = (table * (weight * share * (1 - share))[:, None]).T @ table + ridge * np.eye(len(names))
        coefficients += np.linalg.solve(curve, gradient)
    return weights | {name: round(float(value), 2) for name, value in zip(names, coefficients, strict=True)}


def score(one: Asked) -> float:
    weights = answerability.weights_for(one.features)
    return float(1 / (1 + np.exp(-sum(weights[name] * value for name, value in one.features.items()))))


def auroc(asked: list[Asked]) -> float:
    scores = {truth: np.array([score(one) for one in asked if one.answerable is truth]) for truth in (True, False)}
    wins = scores[True][:, None] - scores[False][None, :]
    return float((wins > 0).mean() + (wins == 0).mean() / 2) if wins.size else float("nan")


def row(name: str, asked: list[Asked], threshold: float) -> str:
    cells = [
        f"{np.mean([score(one) < threshold for one in asked if one.answerable is truth]):.3f}"
        for truth in (True, False)
    ]
    return f"| {name} | {len(asked)} | {auroc(asked):.3f} | {cells[0]} | {cells[1]} |"


def first_half(one: Asked) -> bool:
    return hashlib.sha256(one.question.encode()).digest()[0] % 2 == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=4, help="use every N-th question of the larger sets")
    parser.add_argument("--most", type=int, default=1000, help="paragraphs of a set that are used")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--threshold", type=float, default=Settings().threshold)
    parser.add_argument("--keep", type=Path, help="a JSON file of what was seen; read when it exists")
    given = parser.parse_args()
    if given.keep and given.keep.is_file():
        kept = json.loads(given.keep.read_text(encoding="utf-8"))
        found = {name: [Asked(**one) for one in asked] for name, asked in kept.items()}
    else:
        found = {}
        for name, asked in sets(given.folder, given.every, given.most):
            found[name] = asked
            print(name, len(asked), flush=True)
            if given.keep:
                given.keep.write_text(json.dumps({n: [vars(a) for a in rows] for n, rows in found.items()}))
    if given.fit:
        fitted = {name: asked for name, asked in found.items() if "nomiracl" not in name}
        learned = [[one for one in asked if first_half(one)] for asked in fitted.values()]
        for kind, weights in answerability.WEIGHTS.items():
            own = [[one for one in asked if answerability.weights_for(one.features) is weights] for asked in learned]
            if any(own):
                weights.update(fit(own, weights))
            print(kind, weights)
        found = {name: [one for one in asked if not first_half(one)] for name, asked in found.items()}
    print("| questions | n | AUROC | answerable refused | unanswerable refused |\n|---|---|---|---|---|")
    for name, asked in found.items():
        print(row(name, asked, given.threshold))


if __name__ == "__main__":
    main()
