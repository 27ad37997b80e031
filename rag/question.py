"""What a question asks for: a quantity, a date, a person, a place, a list, a reason, a definition, a title, yes or no.

One ordered table of patterns; the first that matches decides. Questions in other languages than Chinese and English
have their commonest question words in the table; whatever matches nothing asks for "other".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["quantity", "date", "person", "place", "list", "reason", "definition", "title", "yes_no", "other"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What would be an answer to the question."""

    kind: Kind
    """The kind of thing asked for; "other" when nothing tells."""
    unit: str | None = None
    """Unit or measure word that is asked for, folded as in `rag.units`: "km" in 多少公里, "家" in 几家."""
    several: bool = False
    """It asks for more than one thing: 哪些, 分别, which measures, what are the."""
    focus: tuple[str, ...] = ()
    """The words that say what is asked for, folded: 博士 in 引进了多少博士, "city" in "which city"."""
    asking: tuple[str, ...] = ()
    """The words that only ask, folded: 多少, "how many". They stand in no answer."""


_WHICH = "(?:哪|何|什么|甚么)"
_ONE = "(?:一?[个座种条家项所支块片]|一|个)?"
_HOW_BIG = "大|高|长|远|宽|深|重|久|快|厚|广"
_EXTENT = (
    "long|far|old|tall|high|big|large|deep|wide|heavy|fast|often|thick|hot|cold|close|frequently|late|early|strong|loud"
)
_AMOUNT = (
    "percentage|percent|proportion|number|population|fraction|amount|share|distance|length|height|width|depth|area"
    "|temperature|speed|price|cost|age|rate|score|ratio|salary|total"
)
_SPOT = (
    "city|country|state|place|location|region|area|province|county|town|village|district|continent|island|street|river"
    "|neighbou?rhood|nation|ocean|sea|building|stadium|venue"
)
_WORK = "book|film|movie|song|album|novel|poem|play|show|series|magazine|newspaper|article|title|name|term|word"

_QUESTIONS: tuple[tuple[Kind, str], ...] = (
    ("title", "(?:[称叫呼唤]|俗名).{0,6}为(?:什么|何|甚么)"),
    (
        "reason",
        "为什么|为甚么|为啥|为何(?![?。 ]*$)|何以(?!为)|(?:什么|何|哪些?)(?:主要)?(?:原因|缘故|理由)|因何|因为?(?:什么|哪)",
    ),
    (
        "reason",
        r"由于(?:什么|何|哪)|(?:原因|理由)(?:主要)?(?:是|为|有)|\bwhy\b|\bhow come\b|\bwhat (?:caused|causes)\b",
    ),
    ("reason", r"\b(?:what|which)\b.{0,20}\breasons?\b|\bwarum\b|\bpourquoi\b|\bpor qué\b|\bпочему\b|なぜ|何故"),
    ("date", f"{_WHICH}一?个?(?:年|月|日|天|时|世纪|年代|时期|朝代|时代|日子|日期|季节|月份|时间|阶段)|几[月号日点]"),
    ("date", r"(?:时间|日期|年份)(?:是|为|在)|几时|\bwhen\b|いつ|何[年月日時]|\bwann\b|\bquand\b|\bcuándo\b|\bкогда\b"),
    (
        "date",
        r"\b(?:what|which)\b(?: \w+)?? (?:years?|dates?|days?|months?|centur(?:y|ies)|decades?|era|time)\b"
        r"|\bwhat is the date\b",
    ),
    (
        "quantity",
        f"第?(?:多少|几(?![乎何内])[^年]?)|百分之几|几年|多(?:{_HOW_BIG})|いくつ|いくら|ど[のれ]くらい|何[人個本回歳]",
    ),
    ("quantity", rf"\bhow (?:many|much|{_EXTENT})\b|\b(?:what|which) (?:\w+ )?(?:{_AMOUNT})\b"),
    ("quantity", rf"\bwhat (?:is|was|were|are) the (?:\w+ ){{0,2}}(?:{_AMOUNT})\b"),
    ("quantity", r"\bwie ?viele?\b|\bcombien\b|\bcuánt[oa]s?\b|\bсколько\b"),
    ("person", "谁|何人|哪一?[位名]|哪一?个人|哪些人|什么人|誰|だれ"),
    ("person", r"\bwho(?:m|se)?\b|\bwer\b|\bwem\b|\bwen\b|\bqui\b|\bquién(?:es)?\b|\bкто\b|\bкого\b|\bкем\b"),
    (
        "place",
        f"哪里|哪儿|何处|何地|(?:在|于|至|到)哪(?:[?。 ]|$)|{_WHICH}{_ONE}"
        "(?:地方|地点|位置|地区|国家?|城市|省份?|市|县|区域?|镇|村|州|洲|岛屿?|街|路|地带|场所|大陆)",
    ),
    ("place", rf"\bwhere\b|\b(?:what|which)\b(?: \w+)?? (?:{_SPOT})\b|どこ|\bwo\b|\boù\b|\bdónde\b|\bгде\b"),
    ("title", f"{_WHICH}(?:一?[本部首篇张款幅出档]|{_ONE}(?:名|书|电影|影片|歌|节目|专辑|作品|小说|称))"),
    ("title", r"(?:叫做?|称为?|称作|名为|称之为|称呼)(?:是|作|为)?(?:什么|何|[?]|$)|名(?:字|称)(?:是|叫|为)"),
    ("title", rf"\b(?:what|which)\b(?: \w+)?? (?:{_WORK})\b|\bwhat\b.*\b(?:called|named|known as|referred to as)\b"),
    ("title", rf"\bwhat (?:is|was|were|are) the (?:\w+ )?(?:{_WORK})s?\b"),
    ("list", r"哪些|哪几|\bwhat are (?:the|some)\b|\bname (?:two|three|four|some)\b|分别"),
    ("definition", "^(?:什么(?:是|叫)|何谓)|指(?:的是)?什么|什么意思|的?定义(?:是|为)"),
    (
        "definition",
        r"^what (?:is|are) (?:an? |the )?[\w-]+(?: [\w-]+)?[?]*$|\bwhat does .* (?:mean|stand for)\b|\bdefine\b",
    ),
    ("yes_no", r"吗[?。 ]*$|是否|是不是|能不能|有没有|会不会|可否|能否"),
    (
        "yes_no",
        r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b(?!.*\b(?:what|which|how)\b)",
    ),
)
_TABLE = tuple((kind, re.compile(pattern)) for kind, pattern in _QUESTIONS)
