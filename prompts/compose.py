"""A question and its hits become a prompt: numbered sources, best first, within a budget of tokens."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from index.records import Hit, Paragraph
from prompts.citations import render, strip_marks

VERSION = "answer-1"
"""Of the template; goes into the answer's record, because other words get other answers."""
BUDGET = 6000
"""Tokens that the sources may take together, by `estimate_tokens`."""

_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
"""Zero-width, bidirectional and tag characters: a reader does not see them, a model does."""


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
    dropped: tuple[str, ...] = ()
    """Ids of the paragraphs that were found but had no room."""

    def source(self, number: int) -> Source | None:
        """The source that a mark names, or None when there is no such number."""
        return self.sources[number - 1] if 1 <= number <= len(self.sources) else None

    def messages(self, refusal: str) -> list[dict[str, str]]:
        """The chat messages for an endpoint; `refusal` is the sentence to reply with when the sources do not answer.

        One user message: some models take no system role. Same prompt, same words.
        """
        template = Template(files("prompts").joinpath("answer.txt").read_text(encoding="utf-8"))
        fence = self._fence()
        content = template.substitute(
            marks=" ".join(render(source.number) for source in self.sources),
            refusal=refusal,
            sources="\n\n".join(_block(source, fence) for source in self.sources),
            question=_visible(self.question),
        )
        return [{"role": "user", "content": content.strip()}]

    def _fence(self) -> str:
        """A tag that no source can have written: it would have to hold the hash of itself."""
        texts = (self.question, *(source.paragraph.text for source in self.sources))
        return "source-" + hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def compose(question: str, hits: Sequence[Hit], budget: int = BUDGET) -> Prompt:
    """Number the hits from 1 in the order found, while they fit into `budget` tokens; the first one always does."""
    kept: list[Hit] = []
    left = budget
    for hit in hits:
        left -= estimate_tokens(hit.paragraph.text)
        if kept and left < 0:
            break
        kept.append(hit)
    sources = tuple(Source(i, hit.paragraph) for i, hit in enumerate(kept, start=1))
    return Prompt(question.strip(), sources, tuple(hit.paragraph.id for hit in hits[len(kept) :]))


def estimate_tokens(text: str) -> int:
    """Tokens of a text for a tokenizer that we do not know: three ASCII characters a token, one of any other script."""
    ascii_ = sum(character.isascii() for character in text)
    return len(text) - ascii_ + (ascii_ + 2) // 3


def _block(source: Source, fence: str) -> str:
    """A source between tags, its own look-alikes of marks and tags taken away."""
    paragraph = source.paragraph
    place = _visible(" > ".join((paragraph.source, *paragraph.heading))).replace('"', "'").replace("\n", " ")
    text = strip_marks(_visible(paragraph.text)).replace("<source", "‹source").replace("</source", "‹/source")
    return f'<{fence} mark="{render(source.number)}" place="{place}">\n{text}\n</{fence}>'


def _visible(text: str) -> str:
    """Without characters that a reader cannot see."""
    shown = _INVISIBLE.sub("", text)
    return "".join(c for c in shown if c in "\n\t" or unicodedata.category(c) != "Cc")
