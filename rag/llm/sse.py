"""The JSON objects in the body of a response, as they arrive: an event stream, a whole JSON text, or JSON lines.

Event streams are read as WHATWG HTML (server-sent events) says, and more leniently: a `data:` line that is JSON by
itself counts at once, and lines without a field's name are taken as they are.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterable, Iterator

_FIELD = re.compile(r"(data|event|id|retry)(?::|\Z)")
_END = "[DONE]"


class NotJsonError(Exception):
    """The body is something else, or was torn."""


def payloads(chunks: Iterable[bytes]) -> Iterator[object]:
    """Every JSON value up to `[DONE]` or the end, the ones of an `event: error` as {"error": value}.

    Raises NotJsonError for anything else, and when there is nothing at all.
    """
    kept: list[str] = []
    event, empty = "", True
    for line in _lines(chunks):
        name, value = _field(line)
        empty = empty and name != "data"
        if name == "event":
            event = value
        elif name == "data" and value.strip().upper() == _END:
            break
        elif name == "data" and not kept and value.startswith("{") and (found := _json(value)) is not None:
            yield _named(event, found)
        elif name == "data" and value:
            kept.append(value)
        elif not name:
            if kept:
                yield _named(event, _whole(kept))
            kept, event = [], ""
    if kept:
        yield _named(event, _whole(kept))
    if empty:
        raise NotJsonError


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines ended by CRLF, CR or LF, without the end; a character or CRLF may be cut between chunks."""
    # Not httpx's lines, which are also cut at U+2028: JSON strings may have it as it is.
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")("replace"), translate=True)
    parts: list[str] = []
    for chunk in chunks:
        first, *rest = decoder.decode(chunk).split("\n")
        parts.append(first)
        if rest:
            yield "".join(parts)
            yield from rest[:-1]
            parts = [rest[-1]]
    parts.append(decoder.decode(b"", final=True))
    yield from "".join(parts).split("\n")


def _field(line: str) -> tuple[str, str]:
    """Name and value: a comment is ("comment", ""), a blank line ("", ""), a line without a name is data."""
    if not line.strip():
        return "", ""
    if line.startswith(":"):
        return "comment", ""
    match = _FIELD.match(line)
    return (match.group(1), line[match.end() :].strip()) if match else ("data", line.strip())


def _json(text: str) -> object:
    """The value; None for what is no JSON, and for null, which is no message either."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _whole(lines: list[str]) -> object:
    if (found := _json("\n".join(lines))) is None:
        raise NotJsonError
    return found


def _named(event: str, found: object) -> object:
    marked = event == "error" and not (isinstance(found, dict) and found.get("error"))
    return {"error": found} if marked else found
