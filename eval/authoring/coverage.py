"""Which paragraphs of a library no question of a set reaches."""

from __future__ import annotations

from dataclasses import dataclass

from eval.anchors import Anchors
from eval.cases import EvalSet
from index.library import Library
from index.records import Paragraph


@dataclass(frozen=True, slots=True)
class Coverage:
    """A set compared with a library."""

    questions: dict[str, list[str]]
    """Paragraph id to the ids of the cases that have evidence there, drafts too; every paragraph, in order."""
    unreached: list[Paragraph]
    """Paragraphs without a question, in order."""


def coverage(eval_set: EvalSet, library: Library) -> Coverage:
    """Where the evidence of every case is, paragraph by paragraph."""
    anchors = Anchors(library)
    paragraphs = list(anchors.all_paragraphs())
    questions: dict[str, list[str]] = {paragraph.id: [] for paragraph in paragraphs}
    for case in eval_set.cases:
        for name in sorted(anchors.resolve(case).paragraph_ids):
            questions[name].append(case.id)
    return Coverage(questions, [paragraph for paragraph in paragraphs if not questions[paragraph.id]])
