"""What servers report instead of a reply, and whether another attempt may do better."""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any

_LONGEST_COMPLAINT = 200
_RETRIED = {408, 409, 429}
_LASTING = {501, 505}
"""Statuses of a server's fault that will be the same the next time: not implemented, another HTTP version."""


def error_message(text: str) -> str:
    """A server's own words about an error, on one line of at most 200 characters."""
    try:
        found: Any = json.loads(text)
        for name in ("error", "message", "detail"):  # OpenAI nests the first two, FastAPI writes the third
            found = found.get(name, found) if isinstance(found, dict) else found
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = "an HTML page" if "<html" in text.lower() or "<!doctype" in text.lower() else text
    text = text.encode("utf-8", "replace").decode()
    return " ".join(text.split())[:_LONGEST_COMPLAINT].rstrip(".") or "nothing"


def may_pass(status: int) -> bool:
    """Whether the next attempt may do better (RFC 9110; 52x are those of gateways, 529 means "overloaded")."""
    return status in _RETRIED or (500 <= status < 600 and status not in _LASTING)


def retry_after(value: str | None) -> float | None:
    """`Retry-After`: seconds or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
