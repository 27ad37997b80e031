"""One request and its response: what was sent, and the text as it comes."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from index.http_faults import error_message
from rag.llm.chat_completions import ErrorPayloadError, NotChatError, ReplyReader
from rag.llm.connection import Connection
from rag.llm.deadline import Deadline
from rag.llm.fault import Fault
from rag.llm.sse import NotJsonError, payloads

_END_SECONDS = 2.0
"""After the finish reason: for the count of tokens, which some send last."""


_LONGEST_REPLY = 100_000
"""Characters, thinking aside: some hundred times an answer."""
_LONGEST_THOUGHT = 1_000_000


@dataclass
class Trial:
    """One attempt to get a reply."""

    sent: dict[str, Any]
    """The parameters beside the messages."""
    reading: ReplyReader
    """What came back so far."""
    start: float = field(default_factory=time.perf_counter)
    """When it was sent."""
    first: float | None = None
    """When the first text came, reasoning or not."""


def attempt(
    connection: Connection, trial: Trial, messages: list[dict[str, str]], seconds: float
) -> Generator[str, None, None]:
    """The visible text of one response as it comes. Raises Fault."""
    body, name, deadline = trial.sent | {"messages": messages}, connection.name, Deadline(seconds)
    if trial.sent.get("stream"):
        deadline.start("first token", connection.endpoint.first_token_timeout)
    with connection.request("POST", "/chat/completions", deadline, body) as chunks:
        try:
            yield from connection.hide_in(_read(connection, trial, payloads(chunks), deadline))
        except ErrorPayloadError as error:
            raise _fault_of(connection, error) from None
        except NotJsonError:
            if trial.reading.deltas:
                raise Fault(f"{name} broke off in the middle of a message; ask again.", again=True) from None
            raise Fault(f"{name} did not send JSON; check --base-url (usually it ends in /v1).") from None
        except NotChatError:
            raise Fault(f"{name} sent JSON that is no chat completion; check --base-url.") from None


def _read(connection: Connection, trial: Trial, received: Iterator[object], deadline: Deadline) -> Iterator[str]:
    """The visible text of the payloads; sets how long the next one is waited for. Raises Fault for one without end."""
    reading = trial.reading
    for payload in received:
        text = reading.add(payload)
        if reading.written > _LONGEST_REPLY or reading.thought > _LONGEST_THOUGHT:
            raise Fault(f"{connection.name} writes without end; set FOOTNOTE_MAX_TOKENS, or use another model.")
        if reading.deltas:  # a chunk with a role and empty text is not yet one
            trial.first = trial.first or time.perf_counter()
        if reading.finish_reason:
            deadline.start("end", _END_SECONDS)
        elif reading.deltas and trial.sent.get("stream"):
            deadline.start("next token", connection.endpoint.token_timeout)
        if text:
            yield text
    if text := reading.finish():
        yield text


def _fault_of(connection: Connection, error: ErrorPayloadError) -> Fault:
    """An error inside a good response: as if it had come with its status, when it has one."""
    if error.status >= 400:
        fault = connection.fault_of(error.status, str(error))
        fault.body = str(error).encode()
        return fault
    return Fault(f"{connection.name} failed: {error_message(connection.hide(str(error)))}; try again later.")
