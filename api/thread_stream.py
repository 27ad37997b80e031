"""The events of a generator that runs in a thread, for an event loop.

`Assistant.stream` is synchronous: reading, searching and checking need the processor, and its HTTP client blocks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from api.http.errors import ApiError
from rag.events import Event
from rag.llm.deadline import Stop

Start = Callable[[], Generator[Event, None, None]]
Put = Callable[[Event | Exception | None], None]


async def stream_from_thread(pool: ThreadPoolExecutor, start: Start, seconds: float) -> AsyncGenerator[Event, None]:
    """Events as they come. Closing this stops the generator, and the request to a model that it waits for.

    Raises ApiError (503) when the whole takes longer than `seconds`, and what the generator raises.
    """
    loop, stop = asyncio.get_running_loop(), Stop()
    queue: asyncio.Queue[Event | Exception | None] = asyncio.Queue()
    until = loop.time() + seconds
    future = loop.run_in_executor(pool, partial(_run, start, stop, partial(_put, loop, queue)))
    try:
        while (item := await asyncio.wait_for(queue.get(), until - loop.time())) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    except TimeoutError:
        raise ApiError(503, f"The answer was not ready within {seconds:g} s; try again later.") from None
    finally:
        stop.set()
        future.cancel()  # no effect once it runs; a queued one must not begin


def _run(start: Start, stop: Stop, put: Put) -> None:
    """In the thread: every event, then None, or what went wrong."""
    if stop.is_set:
        return
    try:
        with stop.active():
            events = start()
            for event in events:
                put(event)
                if stop.is_set:
                    events.close()
                    return
    except Exception as error:
        put(error)
    else:
        put(None)


def _put(loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[Any], item: Event | Exception | None) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(queue.put_nowait, item)
