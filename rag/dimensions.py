"""What a figure must measure to answer: a price is asked for in money, a height in metres, a share in percent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text import fold
from rag.checking.quantities import quantities

_MONEY = frozenset("元 美元 欧元 英镑 日元 港元 新台币 韩元 卢布 卢比".split())
_LENGTH = frozenset("km m cm mm nm 英里 海里 英尺 英寸".split())
_AREA = frozenset("km² m² 公顷 亩 英亩".split())
_WEIGHT = frozenset("吨 kg g mg 斤".split())

_ASKED = (
    (
        re.compile(
            r"多少钱|多少[万亿]?[美欧日港]?元|(?:价格?|票价|造价|经费|预算|费用|金额|房租|工资|月薪|年薪)(?:分别|各)?[是为有]?多少"
            r"|\bhow much (?:money|do|does|did)\b.*\bcost\b|\bwhat (?:do|does|did)\b.*\bcost\b"
            r"|\bwhat (?:is|was|are|were) the (?:\w+ )?(?:price|cost|budget|salary|fee|fare)\b"
        ),
        _MONEY,
        re.compile(r"免费|全免|\bfree\b|[$€£¥₩₹]"),
    ),
    (
        re.compile(r"海拔|\b(?:elevation|altitude)\b"),
        frozenset({"m", "英尺"}),
        None,
    ),
    (
        re.compile(r"(?<![期间许])多[长高远深宽](?![时校中等层])|\bhow tall\b"),
        _LENGTH,
        re.compile("光年|天文单位"),
    ),
    (
        re.compile(r"面积(?:分别|各)?[是为有]?(?:多少|多大)|\bwhat (?:is|was) the (?:\w+ )?area\b"),
        _AREA,
        re.compile(r"\bacres?\b|\bsq"),
    ),
    (re.compile(r"多重"), _WEIGHT, None),
    (
        re.compile(r"(?:几|多少)天(?!气)|天数|\bhow many days\b"),
        frozenset("天"),
        re.compile(r"[天日夜周月]|\b(?:days?|nights?|weeks?|months?)\b"),
    ),
    (
        re.compile(r"百分之几|(?:比例|占比|比重|百分比)(?:分别|各)?[是为有]?多少|\bwhat (?:percentage|proportion)\b"),
        frozenset("%"),
        re.compile(r"分之|[成半]|\bhalf\b|\bthird|\bquarter|\bpercent|比|:"),
    ),
)


def measured(question: str, texts: Sequence[str]) -> bool:
    """Whether the texts hold a figure of the sort that is asked for; True where the question does not tell the sort.

    "门票一张多少钱" over "展期45天" -> False; over "票价30元" or "免费" -> True.
    """
    folded = fold(question)
    for asked, units, otherwise in _ASKED:
        if asked.search(folded):
            said = {quantity.unit for text in texts for quantity in quantities(text, loose=True)}
            if not units & said and not (otherwise and any(otherwise.search(fold(text)) for text in texts)):
                return False
    return True
