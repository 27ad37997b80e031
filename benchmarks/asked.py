"""Questions asked of documents that a benchmark writes, and what the evidence sees of each."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from index.question import Question
from rag import Assistant, answerability
from rag.settings import Settings


@dataclass(frozen=True)
class Asked:
    """One question: what was seen of it, and the truth."""

    question: str
    answerable: bool
    features: dict[str, float]


def ask(documents: dict[str, str], questions: Iterable[tuple[str, bool]]) -> list[Asked]:
    """The features of each question, (question, whether it is answerable), over documents by file name."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in documents.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        with Assistant.open(Path(folder) / "library", settings=Settings()) as assistant:
            assistant.add(sorted(Path(folder).glob("*.[tm]*")))
            return [one for question, answerable in questions if (one := _asked(assistant, question, answerable))]


def _asked(assistant: Assistant, question: str, answerable: bool) -> Asked | None:
    hits = assistant.search(question)
    if not hits:
        return None
    found = answerability.features(Question(question), hits, assistant.library, assistant.readings)
    return Asked(question, answerable, {name: float(value) for name, value in found.items()})


def file_of(title: str) -> str:
    return re.sub(r"[^\w]", "_", title)[:60] + ".md"


def name_of(title: str) -> str:
    return re.sub(r"\s*[(（].*", "", title.replace("_", " "))


def rows(file: Path) -> list[dict]:
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
