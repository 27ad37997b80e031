"""Connections that cost a server nothing: headers have a time limit, and one process holds so many at most.

uvicorn limits neither: clients that never finish their headers would use up every file descriptor.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from contextlib import suppress

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 15.0
"""From a connection, or the first byte of a further request on it, to the end of the headers."""
_MOST = 4_000
"""Connections of one process, file descriptors permitting."""
_RESERVED = 200
"""File descriptors kept for the library, its indexes, children and endpoints."""
_logger = logging.getLogger("footnote.server")


class LimitedHTTPProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with both limits."""

    most = _MOST
    """Set by `raise_limits` to what the system allows."""
    _full = False
    """Whether a connection was refused since the last one that was accepted: one line in the log, not thousands."""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        if len(self.connections) >= self.most:
            if not LimitedHTTPProtocol._full:
                _logger.warning("%d connections are open; further ones are closed until some end", self.most)
            LimitedHTTPProtocol._full = True
            self.transport = transport  # `connection_lost` closes it
            transport.abort()
            return
        LimitedHTTPProtocol._full = False
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._expect_headers()
        else:
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._stop_timer()
        super().connection_lost(exc)

    def _expect_headers(self) -> None:
        self._timer = self._timer or self.loop.call_later(HEADER_SECONDS, self._late)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def raise_limits() -> None:
    """Use as many file descriptors as the system allows, and accept no more connections than they suffice for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST + _RESERVED if hard == resource.RLIM_INFINITY else min(hard, _MOST + _RESERVED)
    with suppress(OSError, ValueError):  # a container may forbid it: then what is set counts
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    LimitedHTTPProtocol.most = max(1, min(_MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _RESERVED))
