"""Documents whose paragraphs do not name their subject: are the gold sentences inside the first five hits?

    python benchmarks/context.py DOCUMENTS QUESTIONS.jsonl [--most N]

DOCUMENTS is a folder; a question is {"question", "evidence": [sentence, ...], "type"}. Prints for each type the mean
share of the gold sentences inside the passages of the first five hits, punctuation and case aside, and the share of
the questions that is refused, which is right for those of the type "unanswerable".
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from pathlib import Path

from rag import Assistant


def letters(text: str) -> str:
    """The text without punctuation, white space and case."""
    return re.sub(r"\W+", "", text).lower()


def share(assistant: Assistant, question: dict) -> float:
    """Of the gold sentences inside the first five hits; nan without any."""
    if not question["evidence"]:
        return float("nan")
    found = letters(" ".join(hit.text for hit in assistant.search(question["question"], 5)))
    return sum(letters(sentence) in found for sentence in question["evidence"]) / len(question["evidence"])


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
        print("| type | questions | gold sentences found | refused |\n|---|---|---|---|")
        for kind, questions in sorted(by_type.items()):
            asked = questions[:: max(1, len(questions) // given.most)][: given.most]
            shares = [share(assistant, question) for question in asked]
            refused = [bool(assistant.ask(question["question"]).refused) for question in asked]
            cells = f"{sum(shares) / len(shares):.3f} | {sum(refused) / len(refused):.3f}"
            print(f"| {kind} | {len(asked)} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
