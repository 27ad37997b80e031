"""Does a text contain a sentence word for word, or its words in the same order?"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from index.sentences import sentences
from index.text import aligned, is_cjk
from rag.checking.alignment import CLAUSE_END, FUNCTION, words
from rag.checking.quantities import Quantity, quantities
from rag.checking.units import VOCABULARY

NEGATION = re.compile(VOCABULARY["negation"]["pattern"])
"""The particles of negation, in the languages whose figures are read."""
_BOUNDS = "<>≤≥±~≈"
_KEPT = 0.5
"""Share of the words of a stretch of text that a sentence copied from it keeps."""


def verbatim(sentence: str, text: str) -> tuple[int, int] | None:
    """Where the text contains the sentence word for word, width, case, script and punctuation aside.

    Only between marks or spaces: "建成车间23间" is not what "未建成车间23间" says, nor "增长5" what "增长5.3%" says.
    Figures say the same: signs and dashes are no mere punctuation in "-1.5%", "3-5家", "p<0.05" and "$12".
    """
    wanted = letters(sentence)
    folded, places = aligned(text)
    at = folded.find(wanted) if len(wanted) > 1 else -1
    while at >= 0:
        end = at + len(wanted)
        opens = at == 0 or places[at] - places[at - 1] > 1
        closes = end == len(folded) or places[end] - places[end - 1] > 1
        if opens and closes and _said(sentence) == _said(text, places[at], places[end - 1] + 1):
            return widened(text, places[at], places[end - 1] + 1)
        at = folded.find(wanted, at + 1)
    return None


def _said(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """What the figures say that lie in a stretch of the text, or reach into it, in order."""
    figures = _figures(text)
    first = bisect_right(figures, start, key=lambda one: one.end)
    last = bisect_left(figures, len(text) if end is None else end, key=lambda one: one.start)
    return [_figure(text, one) for one in figures[first:last]]


def _figure(text: str, figure: Quantity) -> str:
    """Value and unit, with the sign before it that bounds it, or the parentheses of a negative one in a table."""
    sign = unicodedata.normalize("NFKC", text[max(figure.start - 2, 0) : figure.start]).strip()[-1:]
    closed = sign == "(" and text[figure.end : figure.end + 1] in (")", "）")
    return f"{sign if closed or (sign and sign in _BOUNDS) else ''}{figure.value} {figure.unit}"


@lru_cache(maxsize=512)
def _figures(text: str) -> tuple[Quantity, ...]:
    return tuple(quantities(text))


def widened(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the closing punctuation and the opening quote, which folding drops."""
    while end < len(text) and text[end] in "。！？!?.；;”’」』）)】》\"'":
        end += 1
    while start > 0 and text[start - 1] in "“‘「『（(【《\"'":
        start -= 1
    return start, end


def letters(text: str) -> str:
    """Folded; letters, digits and the signs that change a figure."""
    return aligned(text)[0]


def copied(sentence: str, text: str, names: str) -> tuple[int, int] | None:
    """Where a sentence of the text contains the words of this one in the same order, figures by value; or None.

    Grammar aside, this one has no word that the text lacks but for a name from its headings at the front; of the
    stretch of the text it has at least `_KEPT`.
    """
    wanted, lead = [item for _, item in wording(sentence)], "".join(item for _, item in wording(names))
    if not wanted:
        return None
    for start, end in sentences(text):
        said = wording(text[start:end])
        for first in range(len(wanted)):
            if "".join(wanted[:first]) not in lead:
                break
            if found := _tightest(wanted[first:], [item for _, item in said]):
                return start + said[found[0]][0], _clause_end(text, start + said[found[1]][0], end)
    return None


def _tightest(wanted: Sequence[str], said: Sequence[str]) -> tuple[int, int] | None:
    """First and last index of the items wanted, in order, in a stretch with little else; None without one.

    Linear: the last item is reached as early as possible, then the first one is sought backwards from there.
    """
    steps = iter(enumerate(said))
    last = -1
    for item in wanted:
        last = next((i for i, other in steps if other == item), len(said))
    if last == len(said):
        return None
    at = last + 1
    for item in reversed(wanted):
        at = next(i for i in range(at - 1, -1, -1) if said[i] == item)
    return (at, last) if len(wanted) >= _KEPT * (last + 1 - at) else None


def _clause_end(text: str, place: int, end: int) -> int:
    """The next mark of punctuation, taken along."""
    match = CLAUSE_END.search(text, place, end)
    return match.end() if match else end


def wording(text: str) -> list[tuple[int, str]]:
    """Place and writing of each word of meaning, of each negation and of each figure, in order.

    Words of Chinese, Japanese and Korean are taken character by character: they may be cut in two ways.
    """
    held = words(text)
    items: list[tuple[int, str]] = []
    for (start, _), form, weight in zip(held.spans, held.forms, held.weights, strict=True):
        if weight > FUNCTION or NEGATION.search(form):
            items += [(start + i, c) for i, c in enumerate(form)] if is_cjk(form) else [(start, form)]
    return sorted(items + [(q.start, _figure(text, q)) for q in quantities(text)])
