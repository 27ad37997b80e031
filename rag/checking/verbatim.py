"""Does a text hold a sentence word for word?"""

from __future__ import annotations

from index.text import aligned


def verbatim(sentence: str, text: str) -> tuple[int, int] | None:
    """Where the text holds the sentence word for word, width, case, script and punctuation aside.

    Only between marks or spaces: "建成车间23间" is not what "未建成车间23间" says, nor "增长5" what "增长5.3%" says.
    """
    wanted = plain(sentence)
    folded, places = aligned(text)
    at = folded.find(wanted) if len(wanted) > 1 else -1
    while at >= 0:
        end = at + len(wanted)
        opens = at == 0 or places[at] - places[at - 1] > 1
        closes = end == len(folded) or places[end] - places[end - 1] > 1
        if opens and closes:
            return _widen(text, places[at], places[end - 1] + 1)
        at = folded.find(wanted, at + 1)
    return None


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Take the closing punctuation and the opening quote along."""
    while end < len(text) and text[end] in "。！？!?.；;”’」』）)】》\"'":
        end += 1
    while start > 0 and text[start - 1] in "“‘「『（(【《\"'":
        start -= 1
    return start, end


def plain(text: str) -> str:
    """Folded; letters, digits and the signs that change a figure."""
    return aligned(text)[0]
