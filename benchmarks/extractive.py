"""How often the quoted sentences of the right paragraph hold the answer.

    python benchmarks/extractive.py DATA_FOLDER [--every N] [--all] [--unknown]

Contained: an accepted answer is a substring of the sentences, both folded, letters and digits only. Asked are the
questions about every fifth paragraph, which the reader was not trained on; `--all` asks all of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import devsets
import numpy as np

from index.question import Question
from index.records import Paragraph
from index.text import fold
from rag.candidates import best, candidates
from rag.extractive import select
from rag.readings import Readings


def plain(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


def contained(folder: Path, questions: str, paragraphs: str | None, every: int, *, whole: bool) -> list[list[float]]:
    """For each question: whether the best sentence holds the answer, what is quoted does, and how much is quoted."""
    loaded, readings = devsets.load(folder, questions, paragraphs), Readings()
    answers = {}
    if paragraphs:  # the same question under the same id, in the paragraphs' language
        other = devsets.load(folder, paragraphs)
        answers = dict(zip(other.ids, other.answers, strict=True))
    rows = []
    for i in [i for i in range(len(loaded.gold)) if whole or loaded.gold[i] % 5 == 4][::every]:
        text = loaded.paragraphs[loaded.gold[i]]
        paragraph = Paragraph("", text, (), "", 0, len(text))
        golds = [plain(answer) for answer in answers.get(loaded.ids[i], loaded.answers[i])]
        question = Question(loaded.questions[i])
        top, quoted = best(candidates(question, [paragraph], readings)), select(question, [paragraph], readings)
        said = plain("".join(text[one.start : one.end] for one in quoted))
        one = any(gold in plain(text[top.start : top.end]) for gold in golds)
        rows.append([one, any(gold in said for gold in golds), len(quoted)])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=2, help="use every N-th question")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--unknown", action="store_true", help="languages that the packaged table lacks")
    given = parser.parse_args()
    print("| questions -> paragraphs | questions | one sentence | as quoted | sentences |\n|---|---|---|---|---|")
    for questions, paragraphs in devsets.UNKNOWN if given.unknown else devsets.SETS:
        rows = contained(given.folder, questions, paragraphs, given.every, whole=given.all)
        one, quoted, sentences = np.mean(rows, axis=0)
        name = f"{questions} -> {paragraphs or questions}"
        print(f"| {name} | {len(rows)} | {one:.3f} | {quoted:.3f} | {sentences:.2f} |", flush=True)


if __name__ == "__main__":
    main()
