"""A question and its hits become a prompt: numbered sources, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.records import Hit, Paragraph


@dataclass(frozen=True, slots=True)
class Source:
    """A paragraph as the model sees it."""

    number: int
    """What a mark names it by, from 1; valid within one prompt only."""
    paragraph: Paragraph
    """The paragraph itself."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything that a model is given for one question."""

    question: str
    """As the user asked it, white space trimmed."""
    sources: tuple[Source, ...]
    """Numbered from 1, best first."""

    def source(self, number: int) -> Source | None:
        """The source that a mark names, or None when there is no such number."""
        return self.sources[number - 1] if 1 <= number <= len(self.sources) else None


def compose(question: str, hits: Sequence[Hit]) -> Prompt:
    """Number the hits from 1 in the order found."""
    return Prompt(question.strip(), tuple(Source(i, hit.paragraph) for i, hit in enumerate(hits, start=1)))
