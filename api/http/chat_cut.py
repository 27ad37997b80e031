"""Where a client wants an answer to end: at one of its stop sequences, or after so many tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from prompts.tokens import estimate_tokens


class Cut:
    """Cuts a text that comes in pieces; the pieces that it gives, joined, are the same however it is split."""

    def __init__(self, stop: Sequence[str], most: int | None) -> None:
        """`stop`: the text ends before the first of these; `most`: tokens, by our count."""
        self._stop, self._most = [word for word in stop if word], most
        self._held, self._over = "", False
        self.given = ""
        """The text so far."""
        self.finish: Literal["stop", "length"] = "stop"
        """Why it ended, in OpenAI's words."""

    def feed(self, piece: str) -> str:
        """A further piece -> what can be given now, maybe empty."""
        if self._over:
            return ""
        text = self._held + piece
        ends = [at for at in (text.find(word) for word in self._stop) if at >= 0]
        if ends:
            self._over, self._held = True, ""
            return self._within(text[: min(ends)])
        longest = max(map(len, self._stop), default=1) - 1
        sizes = range(min(longest, len(text)), 0, -1)
        kept = next((n for n in sizes if any(word.startswith(text[-n:]) for word in self._stop)), 0)
        self._held = text[len(text) - kept :]
        return self._within(text[: len(text) - kept])

    def finished(self) -> str:
        """The rest, now that nothing follows."""
        rest, self._held = self._held, ""
        return "" if self._over else self._within(rest)

    def _within(self, text: str) -> str:
        """As much of it as the tokens allow."""
        if self._most is not None and estimate_tokens(self.given + text) > self._most:
            low, high = 0, len(text)
            while low < high:
                middle = (low + high + 1) // 2
                fits = estimate_tokens(self.given + text[:middle]) <= self._most
                low, high = (middle, high) if fits else (low, middle - 1)
            text, self._over, self.finish = text[:low], True, "length"
        self.given += text
        return text
