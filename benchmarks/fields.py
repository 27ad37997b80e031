"""Questions about one field of one document among many of its kind: is the field of another one quoted?

    python benchmarks/fields.py DOCUMENTS [--each N]

DOCUMENTS is a folder of text files with fields ("Pulse: 76 bpm"), one of them a person's name, such as medical
records. Asked is "What is the pulse of V. Martin?" (脉搏 in Chinese) for fields that the person's document has and for
fields that only others have. Printed: the share refused, of the former the share answered with the field's own
text, and the share answered from another document.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from index.text import is_cjk
from rag import Assistant, Settings

FIELD = re.compile(r"^[-* #]*([^\W\d_][^:：\n*]{1,24})\**[:：]\**[ \t]*(\S.*)$", re.MULTILINE)
NAME = re.compile("name|姓名", re.IGNORECASE)
LONGEST_NAME = 20
OFTEN = 3
"""Documents that have a field which is asked for."""


@dataclass(frozen=True)
class Asked:
    """A question about one document."""

    source: str
    question: str
    value: str | None
    """How the field begins; None where the document has none."""


def fields_of(folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Name and fields of each document about a person, if no other document is about one of that name."""
    found, names = {}, {}
    for file in sorted(folder.glob("*.txt")):
        fields = {label.strip(): value for label, value in reversed(FIELD.findall(file.read_text(encoding="utf-8")))}
        name = next((value.strip("* .") for label, value in reversed(fields.items()) if NAME.search(label)), "")
        names[file.name] = name
        if 0 < len(name) < LONGEST_NAME:
            found[file.name] = name, fields
    # Of two people of one name, either's field is right.
    return {
        source: one
        for source, one in found.items()
        if not any(name.startswith(one[0]) for other, name in names.items() if other != source)
    }


def questions(documents: dict[str, tuple[str, dict[str, str]]], each: int) -> list[Asked]:
    counts = Counter(label for _, fields in documents.values() for label in fields)
    common = [label for label, count in counts.items() if count >= OFTEN and not NAME.search(label)]
    drawn, asked = random.Random(3), []
    for source, (name, fields) in documents.items():
        own = [label for label in common if label in fields]
        other = [
            label
            for label in common
            if not any(label.lower() in one.lower() or one.lower() in label.lower() for one in fields)
        ]
        for label in (*drawn.sample(own, min(each, len(own))), *drawn.sample(other, min(each, len(other)))):
            question = f"{name}的{label}是什么？" if is_cjk(label) else f"What is the {label.lower()} of {name}?"
            asked.append(Asked(source, question, fields[label].strip("* ")[:12] if label in fields else None))
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--each", type=int, default=5, help="fields of either kind that are asked for, of a document")
    given = parser.parse_args()
    asked = questions(fields_of(given.documents), given.each)
    if not asked:
        parser.error(f"no document in {given.documents} has fields of a named person")
    print("| field | questions | refused | right | of another document |\n|---|---|---|---|---|")
    with (
        tempfile.TemporaryDirectory() as folder,
        Assistant.open(Path(folder) / "library", settings=Settings()) as assistant,
    ):
        assistant.add([given.documents])
        for kind, there in (("there", True), ("only elsewhere", False)):
            own = [one for one in asked if (one.value is not None) == there]
            answers = [(one, assistant.ask(one.question)) for one in own]
            told = [(one, answer) for one, answer in answers if not answer.refused]
            right = [one for one, answer in told if one.value and one.value in answer.text]
            other = [one for one, answer in told if answer.citations[0].paragraph.source != one.source]
            shares = [1 - len(told) / len(own), len(right) / len(own), len(other) / len(own)]
            print(f"| {kind} | {len(own)} | {' | '.join(f'{one:.3f}' for one in shares)} |", flush=True)


if __name__ == "__main__":
    main()
