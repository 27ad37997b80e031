"""Question sets in the form {id, question, answers, context_id} beside {id, title, text}."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

SETS = (
    ("cmrc2018-dev.zh", None),
    ("drcd-dev.zh-Hant", None),
    ("squad11-part.en", None),
    ("jsquad-valid.ja", None),
    ("xquad-half.zh", None),
    ("xquad-half.en", None),
    ("xquad-half.en", "xquad-half.zh"),
    ("xquad-half.zh", "xquad-half.en"),
)
"""Questions and the paragraphs they are asked over; None: their own."""

UNKNOWN = tuple((f"xquad-half.{language}", None) for language in ("ar", "el", "hi", "th", "vi"))
"""In languages that the packaged table lacks."""


@dataclass(frozen=True)
class QuestionSet:
    """Questions and the paragraphs they were written for; `gold[i]` is the row of question i's paragraph."""

    name: str
    ids: list[str]
    questions: list[str]
    answers: list[list[str]]
    gold: list[int]
    paragraphs: list[str]


def load(folder: Path, questions: str, paragraphs: str | None = None) -> QuestionSet:
    """`load(folder, "xquad-half.en", "xquad-half.zh")`: English questions over Chinese paragraphs."""
    contexts = _lines(folder / f"{paragraphs or questions}.contexts.jsonl")
    row = {context["id"]: i for i, context in enumerate(contexts)}
    cases = [case for case in _lines(folder / f"{questions}.jsonl") if case["context_id"] in row]
    return QuestionSet(
        name=questions if paragraphs in (None, questions) else f"{questions} -> {paragraphs}",
        ids=[case["id"] for case in cases],
        questions=[case["question"] for case in cases],
        answers=[case["answers"] for case in cases],
        gold=[row[case["context_id"]] for case in cases],
        paragraphs=[context["text"] for context in contexts],
    )


def names(folder: Path) -> list[str]:
    """Every set in the folder, sorted."""
    return sorted(file.name.removesuffix(".contexts.jsonl") for file in folder.glob("*.contexts.jsonl"))


def _lines(file: Path) -> list[dict]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
