"""What goes wrong over HTTP: one shape, `{"error": {"type", "message"}}`, and one type for each status (`TYPES`).

Requests below /v1/chat and the other addresses of OpenAI get its shape: its types, and `param` and `code` beside the
message. Those of MCP get that of JSON-RPC, so that its clients show the sentence.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from index.errors import EndpointError, FootnoteError, InputError, LibraryError, LibraryLockedError

TYPES = {
    400: "invalid_request",  # a body, question or name that cannot be used
    401: "unauthorized",  # no key, or none that is known
    403: "forbidden",  # the key's scope, the Origin or the Host does not allow it
    404: "not_found",
    405: "invalid_request",  # a method that the address does not take
    409: "conflict",  # somebody else is writing to the library
    413: "too_large",
    415: "unsupported_media",
    422: "unprocessable",  # JSON that does not fit the documented shape
    429: "rate_limited",
    500: "internal",
    502: "endpoint",  # the language model's endpoint failed and nothing may take its place
    503: "unavailable",  # the library cannot be used now
}
_FAMILIES: tuple[tuple[type[Exception], int], ...] = (
    (InputError, 400),
    (LibraryLockedError, 409),
    (LibraryError, 503),
    (sqlite3.Error, 503),
    (EndpointError, 502),
    (FootnoteError, 500),
)
_SENTENCES = {  # the exceptions' own name folders of this machine
    409: "Somebody else is changing the library; try again in a moment.",
    503: "The library cannot be used at the moment; see the server's log.",
}
_ADDRESSES = {
    404: "There is nothing at this address; see /openapi.json.",
    405: "This address does not take that method; see /openapi.json.",
}
_SAID = {"There was an error parsing the body": "The body is not valid JSON in UTF-8."}
"""What FastAPI says, and we say."""
_OPENAI_PATHS = ("/v1/chat/", "/v1/models", "/v1/embeddings", "/v1/responses")
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_JSON_RPC_SERVER_ERROR = -32000
_UNREADABLE = ("json_invalid", "string_unicode")
"""Kinds of validation error that mean the body is no proper JSON text, rather than JSON of the wrong shape."""
_SHAPE = re.compile(r"str|constrained-str|list\[.*\]")
"""How pydantic names one of several shapes, between the names of the fields."""
_NO_OBJECT = ("model_type", "model_attributes_type", "dict_type")
_logger = logging.getLogger("footnote.server")


class ApiError(HTTPException):
    """A request that cannot be served: a status of `TYPES`, and one sentence."""

    def __init__(
        self, status: int, message: str, *, headers: Mapping[str, str] | None = None, param: str | None = None
    ) -> None:
        super().__init__(status, message, headers)
        self.param = param


def of(error: Exception) -> ApiError:
    """Any exception as the error a client gets; one that was not foreseen reveals nothing of the inside."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        said = _SAID.get(error.detail, f"{str(error.detail).rstrip('.')}.")
        message = _ADDRESSES.get(error.status_code, _plain(said))
        return ApiError(error.status_code, message, headers=error.headers)
    status = next((status for family, status in _FAMILIES if isinstance(error, family)), None)
    if status is None:
        _logger.error("internal error", exc_info=error)
        return ApiError(500, "Something went wrong inside the server; its log says what.")
    if status in _SENTENCES:
        _logger.error("%s: %s", TYPES[status], error)
    headers = {"Retry-After": "5"} if status == 409 else None
    return ApiError(status, _SENTENCES.get(status) or _plain(str(error)), headers=headers)


def body_of(error: ApiError, path: str = "") -> dict[str, Any]:
    """The JSON of an error, in OpenAI's shape where its clients ask, in JSON-RPC's for MCP."""
    message, status = error.detail, error.status_code
    if path == "/mcp":
        return {"jsonrpc": "2.0", "id": None, "error": {"code": _JSON_RPC_SERVER_ERROR, "message": message}}
    if not path.startswith(_OPENAI_PATHS):
        return {"error": {"type": TYPES.get(status, "invalid_request"), "message": message}}
    kind = _OPENAI_TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = "invalid_api_key" if status == 401 else None
    return {"error": {"message": message, "type": kind, "param": error.param, "code": code}}


def response(error: ApiError, path: str = "") -> JSONResponse:
    """The response of an error. On the OpenAI paths a wrong shape is 400, as there."""
    wrong_shape = error.status_code == 422 and path.startswith(_OPENAI_PATHS)
    return JSONResponse(body_of(error, path), 400 if wrong_shape else error.status_code, headers=error.headers)


def install(app: FastAPI) -> None:
    """Every error of a route in the one shape."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        return response(of(error), request.url.path)

    handler = cast(Callable[[Request, Exception], Awaitable[JSONResponse]], handle)
    for family in (RequestValidationError, HTTPException, FootnoteError, sqlite3.Error):
        app.add_exception_handler(family, handler)


def _invalid(error: RequestValidationError) -> ApiError:
    errors = error.errors()
    # Of what may have two shapes both are told: the one that was meant is that which fits further.
    alike = [each for each in errors if each["loc"][:2] == errors[0]["loc"][:2]]
    first = max(alike, key=lambda each: (len(each["loc"]), not each["type"].endswith("_type")))
    parts = [str(part) for part in first["loc"] if part != "body"]
    place = ".".join(part for part in parts if not _SHAPE.fullmatch(part)) or "the body"
    if first["type"] in _UNREADABLE:
        where = "The body" if first["type"] == "json_invalid" else place
        return ApiError(400, _plain(f"{where} is not valid JSON in UTF-8."))
    wrong = "Input should be a JSON object" if first["type"] in _NO_OBJECT or not parts else first["msg"]
    message = _plain(f"{place}: {wrong.rstrip('.')}.")
    return ApiError(422, message, param=_plain(place))


def _plain(text: str) -> str:
    """Text that can be sent: no half surrogate, no more than a paragraph."""
    return text.encode("utf-8", "replace").decode("utf-8")[:500]
