"""Which paragraphs of a library no question of a set reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eval.anchors import Anchors
from eval.cases import EvalSet
from index.library import Library
from index.records import Paragraph


@dataclass(frozen=True, slots=True)
class Coverage:
    """A set held against a library."""

    paragraphs: Sequence[Paragraph]
    """All of the library."""
    questions: dict[str, list[str]]
    """Paragraph id to the ids of the cases that have evidence there; drafts count too."""

    @property
    def unreached(self) -> list[Paragraph]:
        """Paragraphs without a question, in order."""
        return [paragraph for paragraph in self.paragraphs if not self.questions.get(paragraph.id)]

    def to_dict(self) -> dict[str, Any]:
        """Ready for `json.dumps`."""
        shown = (
            {"paragraph_id": p.id, "source": p.source, "heading": p.heading, "text": p.text} for p in self.unreached
        )
        return {
            "paragraphs": len(self.paragraphs),
            "reached": len(self.paragraphs) - len(self.unreached),
            "questions": {p.id: self.questions.get(p.id, []) for p in self.paragraphs},
            "unreached": list(shown),
        }


def coverage(eval_set: EvalSet, library: Library) -> Coverage:
    """Where the evidence of every case is, paragraph by paragraph."""
    anchors = Anchors(library)
    questions: dict[str, list[str]] = {}
    for case in eval_set.cases:
        for paragraph_id in sorted(anchors.resolve(case).paragraph_ids):
            questions.setdefault(paragraph_id, []).append(case.id)
    return Coverage(list(anchors.all_paragraphs()), questions)
