"""Models that think aloud: what they thought is not part of the answer."""

from __future__ import annotations

import re

_TAGS = "think|thinking|reasoning|thought"
_WHOLE = re.compile(rf"<({_TAGS})>.*?</\1>", re.DOTALL | re.IGNORECASE)
_UNOPENED = re.compile(rf"\A.*</(?:{_TAGS})>", re.DOTALL | re.IGNORECASE)
_UNCLOSED = re.compile(rf"<(?:{_TAGS})>.*\Z", re.DOTALL | re.IGNORECASE)


def without_reasoning(text: str) -> str:
    """The text without `<think>...</think>`; an unopened block ends at its tag, an unclosed one takes the rest."""
    if "<" not in text:
        return text.strip()
    return _UNCLOSED.sub("", _UNOPENED.sub("", _WHOLE.sub("", text))).strip()
