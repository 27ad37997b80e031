"""Whether paragraphs can hold what is asked for, and which of those found does."""

from __future__ import annotations

from collections.abc import Sequence

from index.records import Hit
from index.sentences import sentences
from index.text import fold, is_cjk
from rag.asking import asks_for
from rag.checking.quantities import quantities
from rag.contrasts import LACKS
from rag.dimensions import measured
from rag.parts import parts
from rag.similarity import Similarity

_NEAR, _CLEAR = 0.3, 0.35
"""How near a sentence in another script must come to what is counted: to stay first, and to be put first. Chosen
with `benchmarks/unstated.py`."""

_FEW = 5
"""Hits among which another one may be put first."""

_MEASURES = "个家所项条件座间名位次种部篇场只支层届期台辆艘套张份批户棵株本册门款类组对处吨"
_BARE = "人天夜年月日岁"
"""First characters of what is no noun of its own: 多少人参加, 几天几夜."""
_UNITLIKE = frozenset(
    "比例 比率 比数 时间 人口 公里 公斤 公顷 平方 立方 分钟 小时 百分 倍的 万元 亿元 资金 经费 金额 国家 部分 "
    "money people person times years days months hours minutes miles square kilometers kilometres metres meters "
    "degrees tons areas points percent percentage different total".split()
)
"""Words after "how many" that name a unit or next to nothing: texts state the figure without them."""


def states(question: str, texts: Sequence[str], near: Similarity) -> bool:
    """Whether the texts, best first, can hold what is asked: the first one, or for several things any for each.

    False when a figure or date is asked for and none is stated. A figure that stands in the question does not count,
    nor one that measures something else (see `dimensions`), nor one in a sentence that never names what is counted:
    "引进了多少博士" is not answered by a figure of enterprises. Any question needs what `contrasts` tells.
    """
    asked = parts(question)
    if len(asked) == 1:
        return any(_states(question, text, near, _NEAR) is not False for text in texts[:1])
    return all(any(_states(part, text, near, _NEAR) is not False for text in texts) for part in asked)


def stating_first(question: str, hits: Sequence[Hit], near: Similarity) -> list[Hit]:
    """The hits, with the first of a few that names what is counted put first where the best hit does not state it.

    "How many canteens did Wangjiang open" finds the English paragraph on Wangjiang's hospital before the Chinese one
    on its canteens.
    """
    texts = [hit.paragraph.text for hit in hits[:_FEW]]
    if texts and len(parts(question)) == 1 and not states(question, texts, near):
        for i, text in enumerate(texts[1:], start=1):
            if _states(question, text, near, _CLEAR):
                return [hits[i], *hits[:i], *hits[i + 1 :]]
    return list(hits)


def _states(question: str, text: str, near: Similarity, least: float) -> bool | None:
    """Whether the text can hold the answer; None where nothing tells that it does not."""
    if not measured(question, [text]) or any(lacks(question, text) for lacks in LACKS):
        return False
    ask = asks_for(question)
    if ask.kind not in ("quantity", "date"):
        return None
    known = {q.value for q in quantities(question)}
    spans = [text[start:end] for start, end in sentences(text)]
    stating = [span for span in spans if any(q.value not in known for q in quantities(span, loose=True))]
    return _name(ask.counted, stating, near, least) if stating else False


def _name(counted: str, stating: Sequence[str], near: Similarity, least: float) -> bool | None:
    """Whether the sentences name what is counted; None where that cannot be told (a bare unit)."""
    english = counted[:1].isascii()
    long = next((word for word in counted.split() if len(word) >= 4), "")  # "new labs" -> "labs"
    noun = long if english else counted.lstrip(_MEASURES)
    if counted[:1] in _BARE or len(noun) < 2 or (noun if english else noun[:2]) in _UNITLIKE:
        return None
    folded = fold(" ".join(stating))
    if is_cjk(counted) != is_cjk(folded):
        return bool(near(counted if english else noun, stating).max() >= least)
    if english:
        return noun[: max(4, len(noun) - 3)] in folded
    return any(noun[i : i + 2] in folded for i in range(min(len(noun) - 1, 2)))
