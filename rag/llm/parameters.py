"""What is sent beside the messages: the least, and nothing that this endpoint refused before."""

from __future__ import annotations

import json
import re
from typing import Any

LIMITS = ("max_tokens", "max_completion_tokens")
_OPTIONAL = {"temperature", "stream_options", *LIMITS}
_ECHOES = {"input", "body", "request"}
"""Where a server repeats what it was sent; the names there are no complaint."""


class Parameters:
    """The parameters for one endpoint, and what was learnt about them."""

    def __init__(
        self,
        model: str,
        max_tokens: int | None = None,
        temperature: float | None = None,
        *,
        refused: frozenset[str] = frozenset(),
        usage: bool = False,
    ) -> None:
        """`refused` is known from before; `usage`: the server counts the tokens of a stream only when asked."""
        self._wanted = {"model": model, "temperature": temperature}
        self._max_tokens, self._usage = max_tokens, usage
        self._proven: set[str] | None = None  # what was refused when a request was last understood
        self.refused: set[str] = set(refused)
        """Names that are left out; "stream=true" and "stream=false" stand for the two kinds of reply."""

    def sent(self, *, stream: bool) -> dict[str, Any]:
        """What goes into the next request."""
        limit = next((name for name in LIMITS if name not in self.refused), None)
        streamed = next((kind for kind in (stream, not stream) if _kind(kind) not in self.refused), None)
        wanted: dict[str, Any] = self._wanted | {"stream": streamed}
        if limit:
            wanted[limit] = self._max_tokens
        if streamed and self._usage:
            wanted["stream_options"] = {"include_usage": True}
        return {name: value for name, value in wanted.items() if value is not None and name not in self.refused}

    def unbounded(self) -> None:
        """Send no limit of tokens from now on."""
        self._max_tokens = None

    def understood(self) -> None:
        """The last request was: another refusal is not for its parameters."""
        self._proven = set(self.refused)

    def try_bare(self, sent: dict[str, Any]) -> bool:
        """After a refusal that names no parameter: leave out all that can be. False when that is of no use.

        When it is refused all the same, it was none of them: they are sent again the next time.
        """
        if self._proven is not None:
            self.refused = set(self._proven)
            return False
        self.understood()
        self.refused |= _OPTIONAL
        return bool(_OPTIONAL & sent.keys())

    def learn(self, body: bytes, sent: dict[str, Any], *, only_stream: bool = False) -> bool:
        """After a refusal: remember the parameter of `sent` that the server names. False when it names none.

        With `only_stream`, the status was not one for a wrong parameter: only streaming that is not there counts.
        """
        try:
            said = _error_text(json.loads(body)).lower()
        except (ValueError, RecursionError):
            said = body[:2000].decode("utf-8", "replace").lower()
        if only_stream and not re.search(r"support|implement|disabled", said):
            return False
        # "stream_options is only allowed when stream is on" complains of the first.
        names = ["stream"] if only_stream else ["stream_options", *LIMITS, "temperature", "stream"]
        for name in names:
            # DashScope says "for non-streaming calls"; "upstream" is another word.
            pattern = r"stream(?:ing)?" if name == "stream" else name
            if name in sent and re.search(rf"(?<![a-z_]){pattern}(?![a-z_])", said):
                self.refused.add(_kind(sent["stream"]) if name == "stream" else name)
                return True
        return False


def _kind(stream: bool) -> str:
    return f"stream={str(stream).lower()}"


def _error_text(value: object) -> str:
    """The strings of an error, without the request that some servers repeat in it."""
    if isinstance(value, dict):
        value = [item for name, item in value.items() if name not in _ECHOES]
    return " ".join(map(_error_text, value)) if isinstance(value, list) else str(value)
