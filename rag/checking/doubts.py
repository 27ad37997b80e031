"""Words that turn a sentence round: what one side negates and the other states, and opposites such as rose and fell."""

from __future__ import annotations

import re

from index.text import fold, is_cjk
from rag.contrasts import of_another

_NEGATION = re.compile(
    r"未能?|没有?|并非|不[^同断仅少足]|无[^线锡人]|\b(?:not|no|never|without|neither|nor|cannot)\b|n't\b"
)
_AFTER_NEGATION = re.compile(r"[\s能被有得]*([\u4e00-\u9fff]{1,2}|[a-z]+|\d+)")
_OPPOSITES = (
    (
        r"增[长加]|上升|提高|\b(?:increas|rose|grew|gain|higher|more than)",
        r"下降|减少|降低|\b(?:decreas|fell|declin|drop|lower|less than)",
    ),
    (r"以上|超过", r"以下|不足"),
    (r"最[大高多]|largest|highest|most", r"最[小低少]|smallest|lowest|fewest"),
    (r"同意|支持|批准|approved|supported", r"反对|否决|rejected|opposed"),
    (r"首[个次家]|第一|\bfirst\b", r"末[个次家]|最后|\blast\b"),
)


def differences(sentence: str, nearest: str, text: str) -> tuple[tuple[str, ...], bool]:
    """The doubts about a sentence, one plain sentence each, and whether its paragraph says the opposite.

    `nearest` is the sentence of the paragraph `text` that shares the most with it. "下降17.3%。" against
    "同比增长17.3%。" -> (("The cited paragraph says the opposite.",), True).
    """
    near, folded = fold(nearest), fold(sentence)
    doubts: list[str] = []
    if is_cjk(sentence) == is_cjk(text) and _differ_in_negation(folded, near):
        doubts.append("One of the two is negated, the sentence or the cited paragraph.")
    opposite = False
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if re.search(one, folded) and not re.search(one, near) and re.search(other, near):
                opposite = True
    if opposite:
        doubts.append("The cited paragraph says the opposite.")
    if of_another(sentence, nearest):
        doubts.append("The cited paragraph says it of something else.")
        opposite = True
    return tuple(doubts), opposite


def _differ_in_negation(claim: str, near: str) -> bool:
    """Whether something is negated on one side and stated on the other, or one side alone negates and the claim does.

    "未建成23间" against "建成23间" differs, "建成23间" against "建成23间，未见亏损" does not.
    """
    claimed, found = _negated(claim), _negated(near)
    turned = [word for word in claimed if word not in found and (word in near or not found)]
    return bool(turned) or any(word in claim and word not in claimed for word in found)


def _negated(folded: str) -> set[str]:
    """The word after each negation, two characters of it in Chinese: 未建成 -> 建成, "did not open" -> "open"."""
    after = (_AFTER_NEGATION.match(folded, match.end()) for match in _NEGATION.finditer(folded))
    return {match.group(1) for match in after if match}
