"""Sentences without a mark: how many are given the right paragraph, how many a wrong one.

    python benchmarks/attribution.py DATA_FOLDER [--every N]

A true sentence is made of every N-th question and its answer, which takes the place of the question word. It stands
before the five paragraphs nearest to the question, its own among them: attributed rightly or wrongly. A false one
has another question's answer; an absent one is the true one without its own paragraph: whatever they are given is
wrong. Even questions choose the bar, odd ones are the figures of the last table.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import devsets
import numpy as np

from index.embedders import open_embedder
from index.words import words
from rag.checking.attribution import BAR, MARGIN
from rag.checking.claims import support

GRID = [(bar, margin) for bar in (0.6, 0.7, 0.8, 0.9) for margin in (0.0, 0.15, 0.3, 0.45)]
NEAR = 5
_ASKED = re.compile(
    r"(?:是|在|由|于)?(?:什么时候|什麼時候|什么时间|何时|何時|哪一?年|哪里|哪裡|哪裏|何处|何處|多少|几|幾|谁|誰|哪位|哪个|哪個|哪些|哪种|什么|什麼|何)"
    r"|\b(?:what|which|who|whom|whose|when|where|why|how (?:many|much|long|old)|how)\b",
    re.IGNORECASE,
)


class Row(NamedTuple):
    """Support of one sentence by the paragraphs it stands before, and which of them is its own (-1: none)."""

    true: tuple[np.ndarray, int]
    false: tuple[np.ndarray, int]
    absent: tuple[np.ndarray, int]


class Source:
    """A paragraph without headings."""

    heading: tuple[str, ...] = ()

    def __init__(self, text: str) -> None:
        self.text = text


def statement(question: str, answer: str) -> str:
    """The answer in the place of what is asked for, or after the rest of the question."""
    bare = question.strip().rstrip("？?。. ")
    found = _ASKED.search(bare)
    end = "." if bare.isascii() else "。"
    if found is None:
        return f"{bare} {answer}{end}"
    return f"{bare[: found.start()]}{answer}{bare[found.end() :]}{end}"


def rows(folder: Path, questions: str, paragraphs: str | None, every: int, embed: Callable[[str], np.ndarray]) -> list:
    """The cases of one set."""
    loaded = devsets.load(folder, questions, paragraphs)
    sources = [Source(text) for text in loaded.paragraphs]
    table = np.stack([embed(text) for text in loaded.paragraphs])
    by_kind: dict[str, str] = {}
    found = []
    for i in range(0, len(loaded.gold), every):
        question, answer, gold = loaded.questions[i], loaded.answers[i][0], loaded.gold[i]
        near = [int(j) for j in np.argsort(-(table @ embed(question)))[: NEAR + 1] if j != gold]
        kind = "figure" if any(map(str.isdigit, answer)) else "words"
        other, by_kind[kind] = by_kind.get(kind), answer
        if not near or len(words(answer)) > 30:
            continue
        sentence = statement(question, answer)
        with_gold = [sources[j] for j in (gold, *near[: NEAR - 1])]
        true = np.array([support(sentence, source) for source in with_gold])
        wrong = statement(question, other) if other and other not in sources[gold].text else None
        false = np.array([support(wrong, source) for source in with_gold]) if wrong else np.zeros(1)
        absent = np.array([support(sentence, sources[j]) for j in near[:NEAR]])
        found.append(Row((true, 0), (false, -1), (absent, -1)))
    return found


def outcomes(cases: list[Row], bar: float, margin: float) -> list[float]:
    """Shares: true sentences rightly and wrongly attributed, false ones and absent ones attributed."""
    rightly = wrongly = false = absent = 0
    for case in cases:
        got = attributed(case.true[0], bar, margin)
        rightly += got == 0
        wrongly += got is not None and got != 0
        false += attributed(case.false[0], bar, margin) is not None
        absent += attributed(case.absent[0], bar, margin) is not None
    return [count / len(cases) for count in (rightly, wrongly, false, absent)]


def attributed(supports: np.ndarray, bar: float, margin: float) -> int | None:
    """As `rag.checking.attribution.attribute` decides."""
    best = int(np.argmax(supports))
    others = np.delete(supports, best)
    clear = supports[best] - (others.max() if len(others) else 0.0)
    return best if supports[best] >= bar and clear >= margin else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/dev"))
    parser.add_argument("--every", type=int, default=20, help="use every N-th question")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        raise SystemExit(f"{arguments.folder} is not there; nothing to measure.")
    embedder = open_embedder(None)
    loaded = {pair: rows(arguments.folder, *pair, arguments.every, embedder.embed_query) for pair in devsets.SETS}
    every = [case for cases in loaded.values() for case in cases[::2]]
    print(f"{len(every)} sentences to choose by\n")
    print("| bar | margin | true, rightly | true, wrongly | false | absent |\n|---|---|---|---|---|---|")
    for bar, margin in GRID:
        print(f"| {bar} | {margin} | " + " | ".join(f"{share:.3f}" for share in outcomes(every, bar, margin)) + " |")
    print(f"\nWith bar {BAR} and margin {MARGIN}, the other half:\n")
    print("| questions -> paragraphs | sentences | true, rightly | true, wrongly | false | absent |")
    print("|---|---|---|---|---|---|")
    for (questions, paragraphs), cases in loaded.items():
        shares = " | ".join(f"{share:.3f}" for share in outcomes(cases[1::2], BAR, MARGIN))
        print(f"| {questions} -> {paragraphs or questions} | {len(cases[1::2])} | {shares} |")


if __name__ == "__main__":
    main()
