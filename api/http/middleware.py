"""What every request passes before any route: Host, Origin, type, size; and what every response carries."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from contextlib import nullcontext

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import errors
from api.http.errors import ApiError
from api.http.limits import ConcurrencyLimit, Limits

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names by which a browser on this machine may call a server that listens on loopback only."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of every response: nothing inline, nothing from elsewhere."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_UPLOAD = ("POST", "/v1/documents")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::\d{1,5})?")


class SecurityHeaders:
    """Outermost: errors that nobody caught become the one shape, and every response carries the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/web/") else "no-store")
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if started:
                raise
            await errors.response(errors.of(error), scope["path"])(scope, receive, sending)


class RequestLimits:
    """Refuses a request for its Host, Origin or content type, and cuts off a body that is too large or too slow."""

    def __init__(
        self, app: ASGIApp, limits: Limits, hosts: Collection[str] | None, origins: Collection[str] = ()
    ) -> None:
        """`hosts` are the names that the Host header may give, ports aside; None: any.

        `origins` are the sites whose pages may call (`https://app.example.org`).
        """
        self._origins = origins
        self._app, self._limits, self._hosts = app, limits, hosts
        self._uploads = ConcurrencyLimit(limits.uploads, "uploads")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        self._check_host(headers)
        if headers.get("origin") not in self._origins:
            _check_origin(scope, headers)
        _check_type(scope, headers)
        upload = (scope["method"], scope["path"]) == _UPLOAD
        most, seconds = (
            (self._limits.upload, self._limits.upload_seconds)
            if upload
            else (self._limits.body, self._limits.body_seconds)
        )
        if int(headers.get("content-length", "0") or 0) > most:
            raise _too_large(most)
        with self._uploads.entered() if upload else nullcontext():  # before a byte of it is read
            await self._app(scope, _limited(receive, most, seconds), send)

    def _check_host(self, headers: Headers) -> None:
        """A page elsewhere that had its name point here (DNS rebinding) comes with its own name."""
        host = headers.get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            raise ApiError(403, f"This server does not answer as {host[:100]!r}; use http://127.0.0.1.")


def _check_origin(scope: Scope, headers: Headers) -> None:
    """Another site's page may not act through the reader's browser."""
    if scope["method"] in ("GET", "HEAD"):
        return
    origin, host = headers.get("origin"), headers.get("host", "")
    foreign = origin is not None and origin.partition("://")[2] != host
    if foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise ApiError(403, "Requests from the pages of other sites are not served.")


def _check_type(scope: Scope, headers: Headers) -> None:
    if scope["method"] != "POST" or not scope["path"].startswith("/v1/"):
        return
    wanted = "multipart/form-data" if scope["path"] == _UPLOAD[1] else "application/json"
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise ApiError(415, f"The body must be {wanted}.")


def _limited(receive: Receive, most: int, seconds: float) -> Receive:
    """A body that is counted and timed while it comes: ApiError where the route reads it and it is too long or slow."""
    until = asyncio.get_running_loop().time() + seconds
    size, more = 0, True

    async def counted() -> Message:
        nonlocal size, more
        if not more:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise ApiError(400, f"The body did not arrive within {seconds:g} s.") from None
        more = bool(message.get("more_body"))
        size += len(message.get("body", b""))
        if size > most:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> ApiError:
    shown = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most} bytes"
    return ApiError(413, f"The body is larger than {shown}; send less.", headers={"Connection": "close"})


def _name(host: str) -> str:
    """A Host header without its port: "[::1]:8000" -> "[::1]"; of no form that a browser sends -> ""."""
    match = _HOST.fullmatch(host)
    return match[1].lower() if match else ""
