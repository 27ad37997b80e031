"""How often the sentence that is quoted first answers, over whole libraries; and the weights it is chosen by.

    python benchmarks/choosing.py DATA_FOLDER [--questions N] [--most N] [--fit]

A library holds each question set's paragraphs, as articles under their titles, and again with every sentence a
paragraph of its own; asked are questions about every fifth paragraph, which the reader was not trained on. Right is a
sentence of the right paragraph with an accepted answer. `--fit` finds LATER, EXACT, MATCH and TYPE of
`rag.candidates` beside the reader's log-odds, by the likelihood of the right sentences among all of the first passages,
on half of the questions, and prints the shares of the others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import devsets
import numpy as np
from absence import first, titles_of
from asked import file_of, name_of
from extractive import plain
from numpy.typing import NDArray
from refusal import first_half
from scipy.optimize import minimize

from index.question import Question
from index.sentences import sentences
from rag import Assistant, candidates
from rag.settings import Settings

SETS = (
    *((name, None) for name in ("cmrc2018-dev.zh", "squad11-part.en", "drcd-dev.zh-Hant", "jsquad-valid.ja")),
    ("xquad-half.zh", None),
    ("xquad-half.en", "xquad-half.zh"),
    ("xquad-half.de", "xquad-half.en"),
)
WEIGHTS = ("EXACT", "MATCH", "LATER", "TYPE")


@dataclass(frozen=True)
class Asked:
    """The sentences that one question can be answered with."""

    question: str
    features: NDArray[np.float64]
    """The reader's log-odds, and what each of WEIGHTS multiplies, shape (n, 5)."""
    right: NDArray[np.bool_]


def libraries(loaded: devsets.QuestionSet, titles: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    articles: dict[str, str] = {}
    lines = {}
    for i, (title, text) in enumerate(zip(titles, loaded.paragraphs, strict=True)):
        text, heading = " ".join(text.split()), f"# {name_of(title)}\n\n"
        articles[file_of(title)] = articles.get(file_of(title), heading) + f"{text}\n\n"
        lines[f"{i}_{file_of(title)}"] = heading + "\n\n".join(text[a:b] for a, b in sentences(text))
    yield "articles", articles
    yield "sentences", lines


def ask(assistant: Assistant, question: str, paragraph: str, answers: list[str]) -> Asked:
    """Each weight's own part is what the score gains when the weight grows by one."""
    asked = Question.of(question, assistant.library.embedder)
    pairs = [(one, hit.rank) for hit in assistant.search(question) for one in hit.paragraphs]
    paragraphs, ranks = [one for one, _ in pairs], [rank for _, rank in pairs]
    kept = {name: getattr(candidates, name) for name in WEIGHTS}
    columns = []
    try:
        for name in (None, *WEIGHTS):
            for other in WEIGHTS:
                setattr(candidates, other, float(other == name))
            found = candidates.candidates(asked, paragraphs, assistant.readings, ranks, closely=False)
            columns.append([one.score for one in found])
    finally:
        for name, value in kept.items():
            setattr(candidates, name, value)
    texts = [plain(paragraphs[one.paragraph].text[one.start : one.end]) for one in found]
    right = [text in plain(paragraph) and any(plain(answer) in text for answer in answers) for text in texts]
    reader, *rest = np.array(columns)
    return Asked(question, np.stack([reader, *(column - reader for column in rest)], axis=1), np.array(right))


def collect(folder: Path, most: int, questions: int) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for name, other in SETS:
        loaded = first(devsets.load(folder / "dev", name, other), most)
        titles = titles_of(folder / "dev", other or name)[:most]
        own = devsets.load(folder / "dev", other or name)
        answers = dict(zip(own.ids, own.answers, strict=True))
        rows = [i for i, gold in enumerate(loaded.gold) if gold % 5 == 4 and loaded.ids[i] in answers]
        for shape, documents in libraries(loaded, titles):
            with tempfile.TemporaryDirectory() as place:
                for file, text in documents.items():
                    (Path(place) / file).write_text(text, encoding="utf-8")
                with Assistant.open(Path(place) / "library", settings=Settings()) as assistant:
                    assistant.add(sorted(Path(place).glob("*.md")))
                    for i in rows[:: max(1, len(rows) // questions)]:
                        paragraph = loaded.paragraphs[loaded.gold[i]]
                        one = ask(assistant, loaded.questions[i], paragraph, answers[loaded.ids[i]])
                        found[f"{name} -> {other or name}, {shape}"].append(one)
    return found


def fit(asked: list[Asked], ridge: float = 0.5) -> dict[str, float]:
    """The weights beside a reader's log-odds that count once, by maximum likelihood of the right sentences."""
    asked = [one for one in asked if one.right.any()]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = ridge * float(weights @ weights) / 2, ridge * weights
        for one in asked:
            scores = one.features @ weights
            shares = np.exp(scores - scores.max())
            right = shares * one.right
            total -= float(np.log(right.sum() / shares.sum()))
            slope = slope - one.features.T @ (right / right.sum() - shares / shares.sum())
        return total, slope

    reader, *rest = minimize(loss, np.ones(1 + len(WEIGHTS)), jac=True, method="L-BFGS-B").x
    return {name: round(float(value / reader), 2) for name, value in zip(WEIGHTS, rest, strict=True)}


def share(asked: list[Asked], weights: dict[str, float]) -> float:
    told = np.array([1.0, *(weights[name] for name in WEIGHTS)])
    return float(np.mean([one.right[np.argmax(one.features @ told)] if len(one.right) else False for one in asked]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=120, help="of each set")
    parser.add_argument("--most", type=int, default=500, help="paragraphs of a set that are used")
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    weights = {name: getattr(candidates, name) for name in WEIGHTS}
    found = collect(given.folder, given.most, given.questions)
    shown = {"packaged": weights}
    if given.fit:
        shown["fitted"] = fit([one for asked in found.values() for one in asked if first_half(one)])
        found = {name: [one for one in asked if not first_half(one)] for name, asked in found.items()}
    print(shown)
    print(f"| questions -> paragraphs | questions | {' | '.join(shown)} |\n|---|---|{'---|' * len(shown)}")
    for name, asked in found.items():
        cells = " | ".join(f"{share(asked, one):.3f}" for one in shown.values())
        print(f"| {name} | {len(asked)} | {cells} |")


if __name__ == "__main__":
    main()
