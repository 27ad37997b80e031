"""The seam to whoever writes the answer. `ExtractiveModel` needs nothing but the sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from prompts.citations import render, strip_marks
from prompts.compose import Prompt
from prompts.injection import evidence
from rag.extractive import select
from rag.similarity import Similarity

_ENDINGS = tuple('。！？!?.…”’」』）)"')


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote."""

    text: str
    """Sentences with marks that name the prompt's sources; empty when it has nothing to say."""
    record: dict[str, Any] = field(default_factory=dict)
    """What the answer's record is to say about how it was made: usage, parameters sent, notes."""
    received: dict[str, str] = field(default_factory=dict, compare=False)
    """{"content", "reasoning"} as they came, for a record to debug with; empty when nobody sent anything."""


class ChatModel(Protocol):
    """Anything that answers a prompt."""

    @property
    def description(self) -> dict[str, Any]:
        """For the answer record: {"name", "kind"}."""

    def complete(self, prompt: Prompt) -> Reply:
        """Answer from the prompt's sources, each sentence with its marks."""


class StreamingModel(ChatModel, Protocol):
    """A ChatModel that can be read while it writes."""

    def stream(self, prompt: Prompt) -> Iterator[str | Reply]:
        """Pieces of visible text as they come, never empty, without reasoning; then, last, exactly one Reply.

        The Reply is the truth: when what was shown turns out to have been reasoning, no further piece comes, and the
        pieces joined are not its text. Raises EndpointError; nothing is tried again once a piece has been yielded.
        Closing the iterator closes the connection.
        """


class ExtractiveModel:
    """Quotes the sentences that answer, verbatim, each with its mark."""

    description: dict[str, Any] = {"name": "extractive", "kind": "extractive"}  # noqa: RUF012 (never changed)

    def __init__(self, similarity: Similarity | None = None) -> None:
        self._similarity = similarity

    def complete(self, prompt: Prompt) -> Reply:
        """The chosen sentences in reading order, none that gives orders to a model.

        Marks that stand in a source itself are left out of its quote.
        """
        paragraphs = [replace(source.paragraph, text=evidence(source.paragraph.text)) for source in prompt.sources]
        written: list[str] = []
        for quote in select(prompt.question, paragraphs, self._similarity):
            text = strip_marks(paragraphs[quote.paragraph].text[quote.start : quote.end]).replace("\n", " ").strip()
            if text:
                mark = render(prompt.sources[quote.paragraph].number)
                written.append(f"{text}{mark}" if text.endswith(_ENDINGS) else f"{text} {mark}\n")
        return Reply(" ".join(written).replace("\n ", "\n").strip())
