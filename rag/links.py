"""Links and pictures in a model's reply: an address that is in no source is taken out.

A picture is fetched when it is shown, and a link when it is followed: either can carry what was asked and answered to
whoever made the model write it.
"""

from __future__ import annotations

import re

from prompts.compose import Prompt

_LINK = re.compile(r"(!?)\[([^\]\n]{0,200}\]?)\]\(\s*([^)\n]{0,1000})\)")
_BEGUN = re.compile(r"!?(?:\[[^\]\n]{0,200}(?:\]{1,2}(?:\([^)\n]{0,1000})?)?)?\Z|!\Z")
"""What may still become a link at the end of a text."""


class LinkFilter:
    """Takes them out while the reply arrives; any split gives what the whole gives.

    "[text](address)" becomes "text", "![text](address)" nothing, unless the address is in a source.
    """

    def __init__(self, prompt: Prompt) -> None:
        self._sources = [source.paragraph.text for source in prompt.sources]
        self._held = ""

    def feed(self, piece: str) -> str:
        """The text that is settled by now."""
        text = self._held + piece
        begun = _BEGUN.search(text)
        cut = begun.start() if begun else len(text)
        self._held = text[cut:]
        return _LINK.sub(self._written, text[:cut])

    def finish(self) -> str:
        """What was held back."""
        text, self._held = self._held, ""
        return _LINK.sub(self._written, text)

    def _written(self, link: re.Match[str]) -> str:
        picture, text, address = link.groups()
        target = address.split()[0] if address.split() else ""
        if target and any(target in source for source in self._sources):
            return link.group()
        # [1](address) is a footnote with a link of the model's own.
        return "" if picture else text if not text.isdigit() else f"[{text}]"
