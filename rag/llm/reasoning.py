"""Models that think aloud: what they thought is not part of the answer.

Three dialects: `<think>...</think>` in the text; the same without its opening tag, which the server's template had
already written; and a field of its own beside the text, which never comes here.
"""

from __future__ import annotations

import re
from typing import Literal

Style = Literal["none", "field", "tags", "unopened"]
"""How a model's reasoning reached us."""

_NAMES = ("think", "thinking", "reasoning", "thought")
_TAG = re.compile(rf"<(/?)(?:{'|'.join(_NAMES)})>", re.IGNORECASE)
_TAGS = tuple(f"<{slash}{name}>" for slash in ("", "/") for name in _NAMES)


class Visible:
    """The visible text of a reply that comes in pieces.

    A block ends at its tag, an unclosed one takes the rest. At a closing tag that was never opened, everything before
    it was reasoning. White space around the whole is cut. However the reply is split, `text` ends up the same, and the
    pieces that `feed` and `finish` gave, joined, are `text`, unless `withdrawn`.
    """

    def __init__(self, *, hold: bool = False) -> None:
        """With `hold`, nothing is given before a closing tag or the end: for a model known to open no tag."""
        self.style: Style = "none"
        """What was met so far."""
        self.withdrawn = False
        """Whether pieces already given turned out to be reasoning; none are given from then on."""
        self._hold = hold
        self._thinking = False
        self._held = ""  # may be the start of a tag
        self._parts: list[str] = []  # visible so far
        self._given = 0  # how many of them were given

    @property
    def text(self) -> str:
        """All that is visible so far."""
        return "".join(self._parts).strip()

    def feed(self, piece: str) -> str:
        """A further piece of the reply -> the visible text that can be given now, maybe empty."""
        text, at = self._held + piece, 0
        self._held = ""
        while (start := text.find("<", at)) >= 0:
            self._add(text[at:start])
            at = start
            if tag := _TAG.match(text, start):
                self._meet(closing=bool(tag.group(1)))
                at = tag.end()
            elif _may_become_a_tag(text[start:]):
                self._held = text[start:]
                return self._new()
            else:
                self._add("<")
                at += 1
        self._add(text[at:])
        return self._new()

    def finish(self) -> str:
        """The end of the reply -> the last visible text."""
        self._add(self._held)
        self._held = ""
        self._hold = False
        return self._new()

    def _add(self, text: str) -> None:
        if text and not self._thinking and (self._parts or text.strip()):
            self._parts.append(text if self._parts else text.lstrip())

    def _meet(self, *, closing: bool) -> None:
        if closing and not self._thinking:
            self.style, self._hold = "unopened", False
            self.withdrawn = self.withdrawn or self._given > 0
            self._parts, self._given = [], 0
        elif not closing and self.style == "none":
            self.style = "tags"
        self._thinking = not closing

    def _new(self) -> str:
        """The parts not given yet, but for white space at the end: the reply may end there."""
        if self._hold or self.withdrawn:
            return ""
        new = "".join(self._parts[self._given :])
        kept = new.rstrip()
        if not kept:
            return ""
        self._parts[self._given :] = [kept, new[len(kept) :]] if len(kept) < len(new) else [kept]
        self._given = len(self._parts) - (len(kept) < len(new))
        return kept


def without_reasoning(text: str) -> str:
    """The visible text of a whole reply."""
    visible = Visible()
    visible.feed(text)
    visible.finish()
    return visible.text


def _may_become_a_tag(start: str) -> bool:
    return len(start) < max(map(len, _TAGS)) and any(tag.startswith(start.lower()) for tag in _TAGS)
