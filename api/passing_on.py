"""Requests of a chat client's own (a title for the conversation, tags, further questions) for the model to answer."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from rag.events import Done, Event
from rag.llm.model import ChatModel, Reply
from rag.types import Answer

NOTHING = "{}"
"""What such a client gets without a model: it asks for JSON, and goes on with what it has where that is empty."""


def passed_on(model: ChatModel, messages: Sequence[dict[str, str]]) -> Generator[Event, None, None]:
    """The model's own words, without sources and without verdicts. Raises EndpointError when no reply comes."""
    reply = model.write(list(messages), prompt="passed on") or Reply(NOTHING)
    yield Done(Answer(messages[-1]["content"], reply.text, None, model={**model.description, **reply.record}))
