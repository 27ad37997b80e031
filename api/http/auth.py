"""Who is let in: the key of a request, its scope, and how often one address may guess."""

from __future__ import annotations

import time
from collections import deque

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.errors import ApiError
from api.http.keys import Keys

_OPEN = ("/", "/healthz", "/readyz", "/docs", "/openapi.json")
_WRITES = ("/v1/documents", "/v1/feedback", "/v1/model")
_KEEPS = "/v1/conversations"
_MINUTE = 60.0
_ADDRESSES = 10_000
"""Addresses whose guesses are remembered."""


def scope_of(method: str, path: str) -> str | None:
    """What a key must allow for this; None where none is needed. What is not named here needs one."""
    if path in _OPEN or path.startswith("/web/"):
        return None
    if path.startswith(_KEEPS):
        return "keep"
    writes = path.startswith(_WRITES) and method not in ("GET", "HEAD")
    return "write" if writes else "ask"


def bearer(headers: Headers) -> str:
    """The key that a request presents, "" for none."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""


class ApiKeyAuth:
    """Lets in whoever has a key that allows it. A right key is let in however many wrong ones its address sent."""

    def __init__(self, app: ASGIApp, keys: Keys, guesses: int, *, required: bool) -> None:
        """`required`: also when no key was ever made, so that nobody comes in."""
        self._app, self._keys, self._required = app, keys, required
        self._guesses = FailedAttempts(guesses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and (wanted := scope_of(scope["method"], scope["path"])):
            self._let_in(scope, wanted)
        await self._app(scope, receive, send)

    def _let_in(self, scope: Scope, wanted: str) -> None:
        if not (self._required or self._keys.all):
            return
        address = (scope.get("client") or ("",))[0]
        presented = bearer(Headers(scope=scope))
        key = self._keys.find(presented) if presented else None
        if key is None:
            if presented:
                self._guesses.count(address)
            raise ApiError(
                401,
                "This needs a key that is known here: Authorization: Bearer KEY (footnote keys create NAME).",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if wanted not in key.scopes:
            raise ApiError(403, f"The key may not {wanted}; make one with: footnote keys create NAME --scope {wanted}")


class FailedAttempts:
    """Wrong keys by address within the last minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: dict[str, deque[float]] = {}

    def count(self, address: str) -> None:
        """One more. Raises ApiError (429) when there were too many."""
        now = time.monotonic()
        if address not in self._times and len(self._times) >= _ADDRESSES:
            self._times.pop(next(iter(self._times)))
        times = self._times.setdefault(address, deque(maxlen=self._most + 1))
        while times and times[0] < now - _MINUTE:
            times.popleft()
        times.append(now)
        if len(times) > self._most:
            raise ApiError(429, "Too many wrong keys; wait a minute.", headers={"Retry-After": "60"})
