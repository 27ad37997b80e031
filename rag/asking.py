"""What a question asks for: a figure, a date, a person, a place, several things, a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from index.text import fold

Kind = Literal["quantity", "date", "person", "place", "list", "reason", "other"]

_DATE = (
    r"何时|何年|哪一?年|几年(?!级)|哪一?[天日月]|几月|几号|什么时[候间]|什么年代"
    r"|(?:^|[,;] |\band |\bsince |\bby )when\b|\bwhen (?:did|do|does|was|is|were|are|will|would|has|have|had|can)\b"
    r"|\b(?:what|which) (?:year|date|day|month|century)"
)
_QUANTITY = (
    r"多少|几[个家所项条件座间名位人次种部年天岁公倍成万亿篇场只支层届期]|多[大高长远重久宽深]|百分之几"
    r"|\bhow (?:many|much|long|large|big|tall|high|far|old|often)\b"
    r"|\bwhat (?:percentage|proportion|number|amount|share)\b"
)
_LIST = (
    r"哪些|哪几|有何|包括什么|分别"
    r"|\b(?:what|which) (?:are|were)\b|\b(?:what|which) \w+s (?:are|were|did|do|does|has|have)\b"
)
_PERSON = r"谁|何人|哪位|哪个人|哪一?名|\bwho(?:m|se)?\b"
_PLACE = (
    r"哪里|哪儿|何处|何地|什么地方|哪个(?:城市|国家|省|市|区|县|地区|地方)"
    r"|\bwhere\b|\b(?:what|which) (?:city|country|state|place|district|region)\b"
)
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("date", re.compile(_DATE)),
    ("quantity", re.compile(_QUANTITY)),
    ("list", re.compile(_LIST)),
    ("reason", re.compile(r"为什么|为何|何故|原因|\bwhy\b")),
    ("person", re.compile(_PERSON)),
    ("place", re.compile(_PLACE)),
)
_AUXILIARY = r"(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|of|in|on|at|to|the|a|an|there)\b"
"""What may follow the thing counted: "how many visits were"."""

_COUNTED = re.compile(
    r"(?P<before>[^\W\d_的了共约时候]{2,4})有(?:多少|几)[个家所项条座间名位人次种部篇只支台]?(?=[？?。 ]|$)"
    r"|(?:多少|几)(?P<after>[^\W\d_的了吗呢]{1,12})"
    rf"|\bhow (?:many|much) (?P<english>[a-z\-]+(?: (?!{_AUXILIARY})[a-z\-]+)?)"
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a question asks for."""

    kind: Kind
    """The sort of thing that answers; "other" when nothing tells."""
    counted: str = ""
    """What a "how many" counts, folded: "家企业" in 有多少家企业, "地铁线路" in 地铁线路有几条; may be empty."""

    @property
    def several(self) -> bool:
        """Whether more than one sentence may be needed."""
        return self.kind in ("list", "reason")


def asks_for(question: str) -> Ask:
    """The first kind whose words stand in the question: 有多少家企业 -> Ask("quantity", "家企业")."""
    folded = fold(question)
    for kind, pattern in _PATTERNS:
        if pattern.search(folded):
            counted = _COUNTED.search(folded) if kind == "quantity" else None
            return Ask(kind, next(filter(None, counted.groups())) if counted else "")
    return Ask("other")
