"""Why one attempt at an endpoint failed, and whether another may do better."""

from __future__ import annotations

import email.utils
import time

_RETRIED = {408, 409, 429}
_LASTING = {501, 505}
"""Statuses of a server's fault that will be the same the next time: not implemented, another HTTP version."""


class Fault(Exception):  # noqa: N818 (never leaves `rag`; EndpointError is what a caller sees)
    """One attempt failed."""

    def __init__(
        self,
        sentence: str,
        *,
        again: bool = False,
        wait: float | None = None,
        status: int = 0,
        context: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.again = again
        """Whether another attempt may do better."""
        self.wait = wait
        """Seconds that the server asks us to wait."""
        self.status = status
        """HTTP status, 0 when there was none."""
        self.context = context
        """Tokens of the model's context, when the server says that the request is longer."""
        self.body = b""
        """What the server said with it."""


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
