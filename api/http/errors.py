"""What goes wrong over HTTP: one shape, `{"error": {"type", "message"}}`, and one status for each type (`STATUS`).

Requests below /v1/chat and /v1/models get OpenAI's shape: its types, and `param` and `code` beside the message. Those
of MCP get that of JSON-RPC, so that its clients show the sentence.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from index.errors import EndpointError, FootnoteError, InputError, LibraryError, LibraryLockedError

Type = Literal[
    "invalid_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "too_large",
    "unsupported_media",
    "unprocessable",
    "rate_limited",
    "internal",
    "endpoint",
    "unavailable",
]

STATUS: dict[Type, int] = {
    "invalid_request": 400,  # a body, question or name that cannot be used
    "unauthorized": 401,  # no key, or none that is known
    "forbidden": 403,  # the key's scope, the Origin or the Host does not allow it
    "not_found": 404,
    "conflict": 409,  # somebody else is writing to the library
    "too_large": 413,
    "unsupported_media": 415,
    "unprocessable": 422,  # JSON that does not fit the documented shape
    "rate_limited": 429,
    "internal": 500,
    "endpoint": 502,  # the language model's endpoint failed and nothing may take its place
    "unavailable": 503,  # the library cannot be used now
}
_OPENAI_PATHS = ("/v1/chat/", "/v1/models", "/v1/embeddings", "/v1/responses")
_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    500: "server_error",
    502: "server_error",
    503: "server_error",
}
_JSON_RPC_SERVER_ERROR = -32000
_UNREADABLE = ("json_invalid", "string_unicode")
"""Kinds of validation error that mean the body is no proper JSON text, rather than JSON of the wrong shape."""
_SENTENCES: dict[Type, str] = {
    "conflict": "Somebody else is changing the library; try again in a moment.",
    "unavailable": "The library cannot be used at the moment; see the server's log.",
}
_logger = logging.getLogger("footnote.server")


class ApiError(Exception):
    """A request that cannot be served, and how to say so."""

    def __init__(
        self, kind: Type, message: str, *, headers: Mapping[str, str] | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.kind, self.message, self.headers, self.param = kind, message, dict(headers or {}), param
        self.status = STATUS[kind]


def of(error: Exception) -> ApiError:
    """Any exception as the error a client gets; one that was not foreseen reveals nothing of the inside."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _http(error)
    kinds: tuple[tuple[type[Exception], Type], ...] = (
        (InputError, "invalid_request"),
        (LibraryLockedError, "conflict"),
        (LibraryError, "unavailable"),
        (EndpointError, "endpoint"),
        (FootnoteError, "internal"),
    )
    for family, kind in kinds:
        if isinstance(error, family):
            if kind in _SENTENCES:  # theirs name folders of this machine
                _logger.error("%s: %s", kind, error)
            message = _SENTENCES.get(kind) or _plain(str(error))
            return ApiError(kind, message, headers={"Retry-After": "5"} if kind == "conflict" else {})
    if isinstance(error, sqlite3.Error):
        _logger.error("the library cannot be used: %s", error)
        return ApiError("unavailable", _SENTENCES["unavailable"])
    _logger.error("internal error", exc_info=error)
    return ApiError("internal", "Something went wrong inside the server; its log says what.")


def body_of(error: ApiError, path: str = "") -> dict[str, Any]:
    """The JSON of an error, in OpenAI's shape where its clients ask, in JSON-RPC's for MCP."""
    if path == "/mcp":
        return {"jsonrpc": "2.0", "id": None, "error": {"code": _JSON_RPC_SERVER_ERROR, "message": error.message}}
    if not path.startswith(_OPENAI_PATHS):
        return {"error": {"type": error.kind, "message": error.message}}
    kind = _OPENAI_TYPES.get(error.status, "invalid_request_error")
    code = "invalid_api_key" if error.status == 401 else None
    return {"error": {"message": error.message, "type": kind, "param": error.param, "code": code}}


def response(error: ApiError, path: str = "") -> JSONResponse:
    """The response of an error. On the OpenAI paths a wrong shape is 400, as there."""
    openai = path.startswith(_OPENAI_PATHS)
    status = 400 if openai and error.status == 422 else error.status
    return JSONResponse(body_of(error, path), status, headers=error.headers)


def install(app: FastAPI) -> None:
    """Every error of a route in the one shape."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        return response(of(error), request.url.path)

    handler = cast(Callable[[Request, Exception], Awaitable[JSONResponse]], handle)
    for family in (ApiError, RequestValidationError, HTTPException, FootnoteError, sqlite3.Error):
        app.add_exception_handler(family, handler)


def _invalid(error: RequestValidationError) -> ApiError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
    if first["type"] in _UNREADABLE:
        where = "The body" if first["type"] == "json_invalid" else place
        return ApiError("invalid_request", _plain(f"{where} is not valid JSON in UTF-8."))
    message = _plain(f"{place}: {first['msg'].rstrip('.')}.")
    return ApiError("unprocessable", message, param=_plain(place))


def _http(error: HTTPException) -> ApiError:
    kind: Type = next((kind for kind, status in STATUS.items() if status == error.status_code), "invalid_request")
    message = {
        404: "There is nothing at this address; see /openapi.json.",
        405: "This address does not take that method; see /openapi.json.",
    }.get(error.status_code, _plain(f"{str(error.detail).rstrip('.')}."))
    translated = ApiError(kind, message, headers=error.headers)
    translated.status = error.status_code
    return translated


def _plain(text: str) -> str:
    """Text that can be sent: no half surrogate, no more than a paragraph."""
    return text.encode("utf-8", "replace").decode("utf-8")[:500]
