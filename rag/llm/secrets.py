"""Keys and passwords taken out of whatever an endpoint says, whole or in pieces."""

from __future__ import annotations

from collections.abc import Iterable

_SHOWN = "***"


class Secrets:
    """What must not be shown."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text with asterisks for each of them."""
        for secret in self._secrets:
            text = text.replace(secret, _SHOWN)
        return text

    def beginning(self, text: str) -> int:
        """How many characters at the end of a text may be the beginning of one."""
        longest = max(map(len, self._secrets), default=1) - 1
        lengths = range(min(longest, len(text)), 0, -1)
        return next((n for n in lengths if any(secret.startswith(text[-n:]) for secret in self._secrets)), 0)


class Hiding:
    """Hides them in a text that comes in pieces, wherever it is cut; what may become one is held back."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets, self._held = secrets, ""

    def feed(self, piece: str) -> str:
        """A further piece -> what can be shown now, maybe empty."""
        text = self._secrets.hide(self._held + piece)
        shown = len(text) - self._secrets.beginning(text)
        self._held = text[shown:]
        return text[:shown]

    def finish(self) -> str:
        """The rest."""
        rest, self._held = self._held, ""
        return rest
