"""Documents whose paragraphs do not name their subject: are the gold sentences inside the first five hits?

    python benchmarks/context.py DOCUMENTS QUESTIONS.jsonl [--most N]

DOCUMENTS is a folder; a question is {"question", "evidence": [sentence, ...], "type"}. Prints for each type the mean
share of the gold sentences inside the passages of the first five hits, punctuation and case aside, and the share of
the questions that is refused, which is right for those of the type "unanswerable"; of the answers without a model the
share of the gold sentences that they quote, and how many sentences they have. Some questions ask about a person whom no
document names ("J. Brooks"), and their gold sentences are there by chance ("Occupation: Retired"): such a type has a
second row, without them.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rag import Assistant

PERSON = re.compile(r"\b[A-Z]\. [A-Z]\w+")


def letters(text: str) -> str:
    """The text without punctuation, white space and case."""
    return re.sub(r"\W+", "", text).lower()


def share(question: dict, text: str) -> float:
    """Of the gold sentences inside a text; nan without any."""
    held = [letters(sentence) in letters(text) for sentence in question["evidence"]]
    return sum(held) / len(held) if held else float("nan")


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


class Measured(NamedTuple):
    """Of one question."""

    found: float
    """Share of its gold sentences in the first five hits."""
    quoted: float
    """Of them in the answer."""
    sentences: int
    """Of the answer; 0 where it is refused."""


def measure(assistant: Assistant, question: dict) -> Measured:
    found = share(question, " ".join(hit.text for hit in assistant.search(question["question"], 5)))
    answer = assistant.ask(question["question"])
    return Measured(found, share(question, answer.text), 0 if answer.refused else len(answer.sentences))


def row(kind: str, measured: Sequence[Measured]) -> str:
    answered = [one for one in measured if one.sentences]
    found, refused = mean([one.found for one in measured]), 1 - len(answered) / max(len(measured), 1)
    quoted, length = mean([one.quoted for one in answered]), mean([one.sentences for one in answered])
    return f"| {kind} | {len(measured)} | {found:.3f} | {refused:.3f} | {quoted:.3f} | {length:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--most", type=int, default=10**9, help="questions of each type, evenly spread")
    given = parser.parse_args()
    by_type: dict[str, list[dict]] = defaultdict(list)
    for line in given.questions.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        by_type[question["type"]].append(question)
    with tempfile.TemporaryDirectory() as folder, Assistant.open(Path(folder) / "library") as assistant:
        assistant.add([given.documents])
        print("| type | questions | gold found | refused | gold quoted | sentences |\n|---|---|---|---|---|---|")
        texts = "\n".join(file.read_text(encoding="utf-8") for file in sorted(given.documents.iterdir()))
        for kind, questions in sorted(by_type.items()):
            asked = questions[:: max(1, len(questions) // given.most)][: given.most]
            measured = [measure(assistant, one) for one in asked]
            print(row(kind, measured), flush=True)
            named = [PERSON.findall(one["question"]) for one in asked]
            known = [one for one, names in zip(measured, named, strict=True) if all(name in texts for name in names)]
            if len(known) < len(measured):
                print(row(f"{kind}, of persons that are there", known), flush=True)


if __name__ == "__main__":
    main()
