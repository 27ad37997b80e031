"""Answers on their way out: as server-sent events, or whole, and given up when the client goes away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse

from api.http import errors
from rag.events import Asking, CheckedSentence, Done, Event, Sources, Text, Withdrawn
from rag.types import hit_dict

T = TypeVar("T")
_KEEP_ALIVE = 15.0
"""Seconds after which a comment is sent: it keeps proxies patient, and shows whether the client is still there."""


class ClientDisconnected(Exception):  # noqa: N818 (no error: nobody waits)
    """The client went away."""


def event_dict(event: Event) -> tuple[str, dict[str, Any]]:
    """Name and data of an event, as the API documents them."""
    match event:
        case Sources():
            return "sources", {"hits": [hit_dict(hit) for hit in event.hits]}
        case Asking():
            return "asking", {"model": event.model, "tokens": event.tokens}
        case Text():
            return "text", {"text": event.text}
        case CheckedSentence():
            citations = [citation.to_dict() for citation in event.citations]
            return "sentence", {**event.sentence.to_dict(), "stretch": event.text, "citations": citations}
        case Withdrawn():
            return "withdrawn", {"reason": event.reason}
        case Done():
            return "done", event.answer.to_dict()


def frame(data: dict[str, Any] | str, name: str | None = None) -> bytes:
    """One server-sent event."""
    body = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {body}\n\n".encode("utf-8", "replace")


async def started(events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    """The same events, the first one already there: so that an error in the question gets its own status."""
    try:
        first = await anext(events)
    except BaseException:
        await events.aclose()
        raise

    async def rest() -> AsyncGenerator[Event, None]:
        async with aclosing(events):
            yield first
            async for event in events:
                yield event

    return rest()


async def native_frames(events: AsyncGenerator[Event, None]) -> AsyncGenerator[bytes, None]:
    """The events of the native API; an error that comes midway is the last of them."""
    try:
        async with aclosing(events):
            async for event in events:
                name, data = event_dict(event)
                yield frame(data, name)
    except Exception as error:
        yield frame(errors.body_of(errors.of(error))["error"], "error")


def event_stream(frames: AsyncGenerator[bytes, None]) -> StreamingResponse:
    """The response that sends them."""
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(_with_keep_alive(frames), media_type="text/event-stream", headers=headers)


async def _with_keep_alive(frames: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """The frames, and a comment whenever none came for a while."""
    async with aclosing(frames):
        while True:
            following = asyncio.ensure_future(anext(frames, None))
            try:
                while not (await asyncio.wait({following}, timeout=_KEEP_ALIVE))[0]:
                    yield b": keep-alive\n\n"
                piece = await following
            finally:
                if not following.done():
                    following.cancel()
                    with suppress(asyncio.CancelledError):
                        await following
            if piece is None:
                return
            yield piece


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client goes away. Raises ClientDisconnected then."""
    task = asyncio.ensure_future(work)
    disconnected = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({task, disconnected}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnected
    finally:
        for each in (task, disconnected):
            each.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await each


async def _disconnected(request: Request) -> None:
    """Ends when the client has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
