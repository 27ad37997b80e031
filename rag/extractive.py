"""Choosing the sentences that answer a question, without a model: those that the reader points at (`rag.reader`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.records import Paragraph
from rag.readings import Readings

READ = 5
"""Passages, from the first, in which sentences are looked for."""

LATER = 1.0
"""Log-odds that a paragraph loses for every place in the list."""
MORE = 0.7
"""How far below the best a further sentence of its paragraph may score, in log-odds."""
MOST = 3
"""Sentences that are quoted of one paragraph, without the items of a list."""
ITEMS = 12
"""Sentences that follow a lead-in at most."""

_ASKS, _LEADS = ("?", "？", "؟"), (":", "：")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sentence that answers."""

    paragraph: int
    """Which of the paragraphs, from 0."""
    start: int
    """First character, in the paragraph's text."""
    end: int
    """One past the last character."""
    score: float
    """Log-odds that the answer lies here against lying nowhere in the paragraph."""


def select(
    question: str, paragraphs: Sequence[Paragraph], readings: Readings, ranks: Sequence[int] | None = None
) -> tuple[Chosen, ...]:
    """The sentences that answer, all of one paragraph, in reading order; empty without any.

    `ranks` are the places, from 1, of the passages that the paragraphs were found in; each for itself when None.

    The best sentence, others that come close to it, and behind a lead-in ("such as:") what it introduces. A question,
    a bare number or what has no letters is quoted only where there is nothing else.
    """
    ranks = ranks or range(1, len(paragraphs) + 1)
    read_first = sum(rank <= READ for rank in ranks)
    every = [
        Chosen(i, start, end, float(score) - LATER * (ranks[i] - 1))
        for i, read in enumerate(readings(question, paragraphs[:read_first]))
        for (start, end), score in zip(read.spans, read.scores, strict=True)
    ]
    if not every:
        return ()
    telling = [one for one in every if _tells(paragraphs[one.paragraph].text[one.start : one.end])] or every
    best = max(telling, key=lambda one: (one.score, -one.paragraph, -one.start))
    own = sorted((one for one in telling if one.paragraph == best.paragraph), key=lambda one: -one.score)
    chosen = {one for one in own[:MOST] if one.score >= best.score - MORE}
    text = paragraphs[best.paragraph].text
    if text[best.start : best.end].endswith(_LEADS):
        after = [one for one in every if one.paragraph == best.paragraph and one.start > best.start]
        chosen.update(after[:ITEMS])
    return tuple(sorted(chosen, key=lambda one: one.start))


def _tells(text: str) -> bool:
    """Whether a sentence can be an answer by its shape: it does not ask, and has letters beside figures."""
    return not text.endswith(_ASKS) and sum(map(str.isalpha, text)) > 1
