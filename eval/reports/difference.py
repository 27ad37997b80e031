"""What changed between two texts, marked: Chinese by character, other scripts by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_PIECES = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\s+|.", re.S)
_ALIKE = 0.4
"""Share of common pieces below which two texts are simply different."""
_MOST = 1500
"""Pieces up to which texts are compared: the time grows with the square."""


def difference(before: str, after: str) -> tuple[str, str]:
    """Both texts as HTML: what is gone in <del>, what is new in <ins>. ("共23间", "共32间") marks 23 and 32."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) > _MOST or len(new) > _MOST:
        return escape(before), escape(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return f"<del>{escape(before)}</del>", f"<ins>{escape(after)}</ins>"
    shown_old, shown_new = "", ""
    for what, a1, a2, b1, b2 in matcher.get_opcodes():
        gone, come = escape("".join(old[a1:a2])), escape("".join(new[b1:b2]))
        shown_old += gone if what == "equal" or not gone else f"<del>{gone}</del>"
        shown_new += come if what == "equal" or not come else f"<ins>{come}</ins>"
    return shown_old, shown_new
