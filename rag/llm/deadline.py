"""A limit on waiting that holds wherever a request stands.

httpx limits each single read by one number; a server that sends a byte now and then never meets it, and the first
token deserves more patience than the next. So a thread watches the clock, and shuts the sockets when it is time.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any


class Stop:
    """Says that nobody waits any longer: `with stop.active(): ...` in the thread that asks, `stop.set()` elsewhere."""

    def __init__(self) -> None:
        self._changed = threading.Lock()
        self._requests: set[Deadline] = set()
        self._set = False

    @property
    def is_set(self) -> bool:
        """Whether nobody waits."""
        return self._set

    def set(self) -> None:
        """Shut the connections of every request that was begun under it; later ones end at once."""
        with self._changed:
            self._set = True
            requests = list(self._requests)
        for request in requests:
            request.cut("stopped")

    @contextmanager
    def active(self) -> Iterator[None]:
        """Requests begun inside, in this thread, are under it."""
        token = _STOP.set(self)
        try:
            yield
        finally:
            _STOP.reset(token)

    def watch(self, request: Deadline) -> None:
        """A request began."""
        with self._changed:
            self._requests.add(request)
        if self._set:
            request.cut("stopped")

    def forget(self, request: Deadline) -> None:
        """It ended."""
        with self._changed:
            self._requests.discard(request)


_STOP: ContextVar[Stop | None] = ContextVar("footnote_stop", default=None)


class Deadline:
    """Shuts the connections of one request when a stage takes too long: `with Deadline(60) as deadline: ...`."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is the limit for everything together."""
        self.passed: str | None = None
        """The stage that took too long, once the sockets were shut."""
        self._total = time.monotonic() + seconds
        self._at, self._stage, self._next_look = self._total, "total", self._total
        self._changed = threading.Condition()
        self._sockets: list[socket.socket] = []
        self._over = False
        self._stop = _STOP.get()

    def __enter__(self) -> Deadline:
        if self._stop:
            self._stop.watch(self)
        threading.Thread(target=self._watch, name="footnote-deadline", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stop:
            self._stop.forget(self)
        with self._changed:
            self._over = True
            self._changed.notify()

    def cut(self, stage: str) -> None:
        """Shut the connections now; `stage` says why."""
        with self._changed:
            if not self._over:
                self.passed, self._over = stage, True
                self._shut()
                self._changed.notify()

    @property
    def left(self) -> float:
        """Seconds until the total is used up, at least 0."""
        return max(0.0, self._total - time.monotonic())

    def start(self, stage: str, seconds: float) -> None:
        """From now on wait for `stage`, so many seconds at most."""
        with self._changed:
            at = time.monotonic() + seconds
            self._at, self._stage = (at, stage) if at < self._total else (self._total, "total")
            if self._at < self._next_look:  # else the watcher wakes too early, and looks again
                self._changed.notify()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """For httpx's extension `trace`: learns of each connection."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._changed:
                self._sockets.append(info["return_value"].get_extra_info("socket"))
                if self.passed:
                    self._shut()

    def _watch(self) -> None:
        with self._changed:
            while not self._over and (left := self._at - time.monotonic()) > 0:
                self._next_look = self._at
                self._changed.wait(left)
            if not self._over:
                self.passed = self._stage
                self._shut()

    def _shut(self) -> None:
        for connection in self._sockets:
            with suppress(OSError):  # already closed; a TLS socket has its own `shutdown`, which would wait
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
