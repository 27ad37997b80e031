"""The seam to whoever writes the answer. `ExtractiveModel` needs nothing but the sources."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

from prompts.citations import render, strip_marks
from prompts.compose import Prompt
from rag.extractive import select
from rag.readings import Readings

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
    """Anything that answers a prompt. Subclass it: what is optional has a default that means "not here"."""

    exchanges: list[dict[str, Any]] | None = None
    """What was sent and what came back, for a debug record; a list while somebody records, else None.

    {"prompt", "messages"} and either {"reply", "received", "record"} or {"error"}; no key and no headers.
    """

    @property
    def description(self) -> dict[str, Any]:
        """For the answer's record: {"name", "kind"}."""

    @property
    def context(self) -> int | None:
        """Tokens that a request and its reply may take together; None when that is not known, or no limit."""
        return None

    def complete(self, prompt: Prompt) -> Reply:
        """Answer from the prompt's sources, each sentence with its marks. Raises EndpointError when no reply comes."""

    def stream(self, prompt: Prompt) -> Generator[str | Reply, None, None]:
        """Pieces of visible text as they come, never empty, without reasoning; then, last, exactly one Reply.

        The Reply is the truth: when what was shown turns out to have been reasoning, no further piece comes, and the
        pieces joined are not its text. Raises EndpointError; nothing is tried again once a piece has been yielded.
        Closing the iterator closes the connection.
        """
        yield from at_once(self, prompt)

    def write(self, messages: list[dict[str, str]], *, prompt: str) -> Reply | None:
        """A whole reply to messages of any kind; None from a model that can only quote.

        `prompt` names the messages' template and its version. Raises EndpointError when no reply can be had.
        """
        return None

    def repeat(self, number: int) -> ChatModel:
        """The model of which a cassette keeps the number-th reply to the same request; itself without a cassette."""
        return self

    def hide(self, text: str) -> str:
        """The text without the model's secrets: its key, its headers, passwords in its address."""
        return text


def at_once(model: ChatModel, prompt: Prompt) -> Generator[str | Reply, None, None]:
    """A whole reply in the shape of a stream."""
    reply = model.complete(prompt)
    if reply.text:
        yield reply.text
    yield reply


_FLAGGED = 2
"""Places that a source falls behind for orders to a model."""


class ExtractiveModel(ChatModel):
    """Quotes the sentences that answer, verbatim, each with its mark."""

    def __init__(self, readings: Readings | None = None) -> None:
        self.readings = readings or Readings()

    @property
    def description(self) -> dict[str, Any]:
        """Name and kind; both are "extractive"."""
        return {"name": "extractive", "kind": "extractive"}

    def complete(self, prompt: Prompt) -> Reply:
        """The chosen sentences in reading order."""
        written = " ".join(text for _, text in self.quotations(prompt))
        return Reply(written.replace("\n ", "\n").strip())

    def quotations(self, prompt: Prompt) -> list[tuple[int, str]]:
        """The numbers of the sources, and the chosen sentences with their marks, in reading order.

        Marks that are in a source itself are left out of its quote. A source with orders to a model in it is quoted
        only where no other comes close.
        """
        paragraphs = [source.paragraph for source in prompt.sources]
        flagged = {flag["paragraph_id"] for flag in prompt.flags}
        ranks = [source.rank + _FLAGGED * (source.paragraph.id in flagged) for source in prompt.sources]
        written: list[tuple[int, str]] = []
        for quote in select(prompt.question, paragraphs, self.readings, ranks):
            text = strip_marks(paragraphs[quote.paragraph].text[quote.start : quote.end]).replace("\n", " ").strip()
            if text:
                number = prompt.sources[quote.paragraph].number
                mark = render(number)
                written.append((number, f"{text}{mark}" if text.endswith(_ENDINGS) else f"{text} {mark}\n"))
        return written
