"""Documents whose paragraphs do not name their subject: are the gold sentences inside the first five hits?

    python benchmarks/context.py DOCUMENTS QUESTIONS.jsonl [--most N]

DOCUMENTS is a folder; a question is {"question", "evidence": [sentence, ...], "type"}. Prints for each type the mean
share of the gold sentences inside the passages of the first five hits, punctuation and case aside, and the share of
the questions that is refused, which is right for those of the type "unanswerable"; of the answers without a model the
share of the gold sentences that they quote, and how many sentences they have.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rag import Assistant


def letters(text: str) -> str:
    """The text without punctuation, white space and case."""
    return re.sub(r"\W+", "", text).lower()


def share(question: dict, text: str) -> float:
    """Of the gold sentences inside a text; nan without any."""
    held = [letters(sentence) in letters(text) for sentence in question["evidence"]]
    return sum(held) / len(held) if held else float("nan")


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


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
        for kind, questions in sorted(by_type.items()):
            asked = questions[:: max(1, len(questions) // given.most)][: given.most]
            shares = [share(one, " ".join(hit.text for hit in assistant.search(one["question"], 5))) for one in asked]
            answers = [(one, assistant.ask(one["question"])) for one in asked]
            answered = [(one, answer) for one, answer in answers if not answer.refused]
            refused = 1 - len(answered) / len(asked)
            quoted = mean([share(one, answer.text) for one, answer in answered])
            length = mean([len(answer.sentences) for _, answer in answered])
            cells = f"{mean(shares):.3f} | {refused:.3f} | {quoted:.3f} | {length:.2f}"
            print(f"| {kind} | {len(asked)} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
