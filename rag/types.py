"""What a question becomes: an answer, its sentences with their verdicts, and its footnotes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from index.records import Hit, Paragraph

Refusal = Literal["no_evidence", "low_evidence", "model_declined", "unsupported"]
"""no_evidence: nothing was found · low_evidence: what was found does not answer · model_declined: the model said so
· unsupported: no sentence of the reply is supported by the sources."""

VerdictName = Literal[
    "quoted",
    "supported",
    "consistent",
    "partly",
    "wrong_paragraph",
    "contradicted",
    "unsupported",
    "not_checked",
    "nothing_to_check",
]
"""quoted: verbatim in the cited paragraph · supported: the same words in the same order, figures and grammar aside
· consistent: its figures, dates, names and quotations are there, nothing disagrees; the wording is the writer's own and
its meaning is not judged · partly: some of it is not there, or in doubt · wrong_paragraph: another source says it
· contradicted: a figure, a negation or the order of the same words disagrees · unsupported: it is not there
· not_checked: a language that cannot be judged · nothing_to_check: no claim."""

HOLDING: tuple[VerdictName, ...] = ("quoted", "supported", "consistent")
"""The verdicts of a sentence that its sources do not speak against."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The stretch of a source that supports the answer."""

    start: int
    """First character, in the document's text."""
    end: int
    """One past the last character."""
    text: str
    """The source's own words."""

    def to_dict(self) -> dict[str, Any]:
        """As in the documented JSON."""
        return {"start": self.start, "end": self.end, "text": self.text}


@dataclass(frozen=True, slots=True)
class Citation:
    """One footnote."""

    mark: int
    """Its number in the answer, from 1 in the order of first use."""
    paragraph: Paragraph
    """The paragraph that is cited, whole."""
    quote: Quote | None
    """The supporting stretch; None when there is no single one."""
    verdict: VerdictName
    """The weakest verdict among the sentences that cite it."""

    def to_dict(self) -> dict[str, Any]:
        """As in the documented JSON."""
        return {
            "mark": self.mark,
            **paragraph_dict(self.paragraph),
            "quote": self.quote.to_dict() if self.quote else None,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer."""

    text: str
    """Without its marks."""
    marks: tuple[int, ...]
    """The footnotes it carries."""
    verdict: VerdictName
    """How far its sources carry it."""
    problems: tuple[str, ...] = ()
    """What is wrong with it, one plain sentence each."""
    quote: Quote | None = None
    """The stretch of the first cited paragraph that says the most of it, in the source's own words."""

    def to_dict(self) -> dict[str, Any]:
        """As in the documented JSON."""
        return {
            "text": self.text,
            "marks": list(self.marks),
            "verdict": self.verdict,
            "problems": list(self.problems),
            "quote": self.quote.to_dict() if self.quote else None,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question; `to_dict` gives the documented JSON."""

    question: str
    """As asked."""
    text: str
    """The answer with its marks `[1]`..`[n]`; the refusal sentence when refused."""
    refused: Refusal | None
    """Why there is no answer, or None."""
    citations: tuple[Citation, ...] = ()
    """Footnotes by mark."""
    sentences: tuple[Sentence, ...] = ()
    """The answer's sentences in order."""
    hits: tuple[Hit, ...] = ()
    """The passages that were found, best first."""
    model: dict[str, Any] = field(default_factory=dict)
    """Who answered: {"name", "kind": "extractive" | "endpoint"}."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    """Milliseconds per stage."""
    confidence: float | None = None
    """How likely the paragraphs found contain an answer, in [0, 1]; None when nothing was found."""

    def to_dict(self) -> dict[str, Any]:
        """As in the documented JSON, ready for `json.dumps`."""
        return {
            "question": self.question,
            "answer": self.text,
            "refused": self.refused,
            "citations": [citation.to_dict() for citation in self.citations],
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "hits": [hit_dict(hit) for hit in self.hits],
            "model": self.model,
            "timings_ms": self.timings_ms,
            "confidence": None if self.confidence is None else round(self.confidence, 6),
        }


def paragraph_dict(paragraph: Paragraph) -> dict[str, Any]:
    """A paragraph and its place, as in the documented JSON."""
    return {
        "paragraph_id": paragraph.id,
        "source": paragraph.source,
        "heading": list(paragraph.heading),
        "page": paragraph.page,
        "start": paragraph.start,
        "end": paragraph.end,
        "text": paragraph.text,
        "kind": paragraph.kind,
        "context": paragraph.context,
        "superseded": paragraph.superseded,
        "newer_version": paragraph.newer or None,
    }


def hit_dict(hit: Hit) -> dict[str, Any]:
    """A hit as in the documented JSON."""
    return {
        "paragraph_id": hit.paragraph.id,
        "paragraph_ids": list(hit.paragraph_ids),
        "source": hit.paragraph.source,
        "heading": list(hit.paragraph.heading),
        "page": hit.paragraph.page,
        "text": hit.text,
        "context": hit.paragraph.context,
        "superseded": hit.paragraph.superseded,
        "newer_version": hit.paragraph.newer or None,
        "score": round(hit.score, 6),
        "rank": hit.rank,
        "lexical_rank": hit.lexical_rank,
        "dense_rank": hit.dense_rank,
    }
