"""A question and its hits become a prompt: numbered sources, best first, within a budget of tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Template

from index.question import Question
from index.records import Hit, Paragraph
from prompts.citations import render, strip_marks
from prompts.injection import instructions, visible
from prompts.language import language_name
from prompts.templates import AnswerTemplate, answer_template, fill, rules_for
from prompts.tokens import Counter, estimate_tokens

BUDGET = 6000
"""Tokens that the sources may take together."""

_REPLY = 1024
"""Tokens of a long answer."""
_BESIDE = 128
"""Tokens for what a chat template adds, for the refusal sentence, and for the list of marks."""

_TAG = re.compile(r"<(?=[|/!]?\s*[A-Za-z|])")
_TURN = re.compile(r"\[(/?INST)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """A paragraph as the model sees it."""

    number: int
    """What a mark names it by, from 1; valid within one prompt only."""
    paragraph: Paragraph
    """The paragraph itself."""
    rank: int = 1
    """Place, from 1, of the passage that it was found in."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything that a model is given for one question."""

    question: Question
    """As it is searched and answered."""
    sources: tuple[Source, ...]
    """Numbered from 1, best first."""
    dropped: tuple[str, ...] = ()
    """Ids of the paragraphs that were found but had no room."""
    template: AnswerTemplate = field(default_factory=answer_template)
    """What surrounds rules and sources."""

    def source(self, number: int) -> Source | None:
        """The source that a mark names, or None when there is no such number."""
        return self.sources[number - 1] if 1 <= number <= len(self.sources) else None

    @property
    def version(self) -> str:
        """Of the words around question and sources."""
        return self.template.version

    @property
    def flags(self) -> list[dict[str, str]]:
        """The sentences of the sources that speak to the model: {"paragraph_id", "source", "text"}."""
        found = []
        for source in self.sources:
            paragraph = source.paragraph
            for start, end in instructions(paragraph.text):
                said = visible(paragraph.text[start:end])
                found.append({"paragraph_id": paragraph.id, "source": paragraph.source, "text": said})
        return found

    def messages(self, refusal: str) -> list[dict[str, str]]:
        """The chat messages for an endpoint; `refusal` is the sentence to reply with when the sources do not answer.

        One user message: some models take no system role. Sources first, then the rules, the question last: a small
        model follows what it read last. Whatever the template says, the rules follow the sources. Same prompt, same
        words.
        """
        first, language = self.sources[0].paragraph.text if self.sources else "", language_name(self.question.text)
        rules = fill(
            rules_for(self.question.text, first),
            example=render(len(self.sources) + 1),  # names no source: copied into an answer, it is removed
            refusal=refusal,
            language=language,
        )
        content = Template(self.template.in_language(self.question.text)).substitute(
            sources=f"{_listed(self.sources)}\n\n{rules}",
            question=visible(self.question.text),
            language=language,
        )
        return [{"role": "user", "content": content.strip()}]


def compose(
    question: Question | str,
    hits: Sequence[Hit],
    budget: int = BUDGET,
    *,
    count: Counter = estimate_tokens,
    template: AnswerTemplate | None = None,
) -> Prompt:
    """Number the hits' paragraphs from 1 in the order found, while they fit into `budget` tokens.

    The best paragraph always does. Of a passage that does not fit whole, the paragraph that fits the question best
    comes first and is kept longest.
    """
    found: dict[str, tuple[Paragraph, int]] = {}
    for hit in hits:
        for paragraph in hit.paragraphs:
            found.setdefault(paragraph.id, (paragraph, hit.rank))
    ordered = list(found.values())
    sources: list[Source] = []
    left = budget
    for paragraph, rank in ordered:
        source = Source(len(sources) + 1, paragraph, rank)
        left -= count(_listed([source]))
        if sources and left < 0:
            break
        sources.append(source)
    dropped = tuple(paragraph.id for paragraph, _ in ordered[len(sources) :])
    return Prompt(Question.of(question), tuple(sources), dropped, template or answer_template())


def room(
    context: int,
    question: Question | str,
    reply: int | None = None,
    *,
    count: Counter = estimate_tokens,
    template: AnswerTemplate | None = None,
) -> int:
    """Tokens that a model's context leaves to the sources, beside rules, question and reply; at least 0.

    `reply` is the longest reply in tokens, by default `reply_bound`.
    """
    [bare] = Prompt(Question.of(question), (), (), template or answer_template()).messages("")
    return max(0, context - count(bare["content"]) - (reply or reply_bound(context)) - _BESIDE)


def reply_bound(context: int | None) -> int:
    """Longest reply in tokens that is asked for and kept room for: 1024, or a quarter of a shorter context."""
    return min(_REPLY, context // 4) if context else _REPLY


def _listed(sources: Sequence[Source]) -> str:
    """The sources as the model reads them, one a line, below the place that neighbours share."""
    written, before = "", None
    for source in sources:
        place = _place(source.paragraph)
        head = "" if place == before else f"\n{place}\n"
        written += f"{head}{render(source.number)} {_quiet(source.paragraph.text)}\n"
        before = place
    return written.strip()


def _place(paragraph: Paragraph) -> str:
    """Where a paragraph is: its document and the headings above it."""
    return _quiet(" > ".join((paragraph.source, *paragraph.heading))).replace("\n", " ")


def _quiet(text: str) -> str:
    """Nothing that a model could take for a mark, a tag or a turn of the conversation."""
    return _TURN.sub(r"(\1)", _TAG.sub("‹", strip_marks(visible(text))))
