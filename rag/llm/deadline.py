"""Waiting for a server with a limit for each stage, and leaving it from another thread.

httpx limits each single read by one number; a server that sends a byte now and then never meets it, and the first
token deserves more patience than the next. So requests run on an event loop in a thread of their own, where any step
can be cancelled, and a caller without a loop waits for one step after another.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


class Stop:
    """Says that nobody waits any longer: `with stop.active(): ...` in the thread that asks, `stop.set()` elsewhere."""

    def __init__(self) -> None:
        self._set = threading.Event()
        self._steps: set[Future[Any]] = set()

    @property
    def is_set(self) -> bool:
        """Whether nobody waits."""
        return self._set.is_set()

    def set(self) -> None:
        """End every request that was begun under it; later ones end at once."""
        self._set.set()
        for step in tuple(self._steps):
            step.cancel()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Requests begun inside, in this thread, are under it."""
        token = _STOP.set(self)
        try:
            yield
        finally:
            _STOP.reset(token)

    def watch(self, step: Future[Any]) -> None:
        """A step began; it is forgotten when it ends."""
        self._steps.add(step)
        step.add_done_callback(self._steps.discard)
        if self.is_set:  # set between the two
            step.cancel()


_STOP: ContextVar[Stop | None] = ContextVar("footnote_stop", default=None)


class Deadline:
    """The limits of one request: `wait` for each step, `start` when the next stage begins."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is the limit for everything together."""
        self.passed: str | None = None
        """The stage that took too long, or "stopped"."""
        self._total = self._at = time.monotonic() + seconds
        self._stage = "total"
        self._stop = _STOP.get()

    @property
    def left(self) -> float:
        """Seconds until the total is used up, at least 0."""
        return max(0.0, self._total - time.monotonic())

    def start(self, stage: str, seconds: float) -> None:
        """From now on wait for `stage`, so many seconds at most."""
        at = time.monotonic() + seconds
        self._at, self._stage = (at, stage) if at < self._total else (self._total, "total")

    def wait(self, step: Coroutine[Any, Any, T]) -> T:
        """What the step returns. Raises TimeoutError, with `passed` set, when it takes too long or nobody waits."""
        running = asyncio.run_coroutine_threadsafe(step, _loop(os.getpid()))
        if self._stop:
            self._stop.watch(running)
        try:
            return running.result(max(0.0, self._at - time.monotonic()))
        except CancelledError:
            self.passed = "stopped"
            raise TimeoutError from None
        except TimeoutError:
            if not running.done():  # else the step's own
                self.passed = self._stage
            raise
        finally:
            running.cancel()  # else it would go on when nobody waits; one that is done stays as it is


@cache
def _loop(_: int) -> asyncio.AbstractEventLoop:
    """The loop of a process, by its number: a fork does not take the thread along."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="footnote-http", daemon=True).start()
    return loop
