"""Why one attempt at an endpoint failed, and whether another may do better."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 (never leaves `rag`; EndpointError is what a caller sees)
    """One attempt failed."""

    def __init__(
        self,
        sentence: str,
        *,
        again: bool = False,
        status: int = 0,
        context: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.again = again
        """Whether another attempt may do better."""
        self.wait: float | None = None
        """Seconds that the server asks us to wait."""
        self.status = status
        """HTTP status, 0 when there was none."""
        self.context = context
        """Tokens of the model's context, when the server says that the request is longer."""
        self.body = b""
        """What the server said with it."""
