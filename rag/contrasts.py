"""What a paragraph must not lack: the one of several things that exclude each other, the office, the landmark.

What is said of master's graduates does not answer for doctors.

`benchmarks/contrasts.py` counts the questions whose own paragraph would be taken for one about something else.
"""

from __future__ import annotations

import re

from index.text import fold, is_cjk

_CONTRASTS = (
    (r"博士后|\bpost-?doc", r"博士(?!后)|\bph\.? ?d|\bdoctora", r"硕士|\bmaster's", r"本科|学士|\bbachelor's"),
    (r"小学|\bprimary school|\belementary", r"初中|\bmiddle school", r"高中|\bhigh school"),
    (r"男[性生孩婴子]|\bmales?\b|\bmen\b", r"女[性生孩婴子]|\bfemales?\b|\bwomen\b"),
    (r"父亲|\bfather", r"母亲|\bmother"),
    (r"出口|\bexport", r"进口|\bimports?\b|\bimported\b"),
    (r"城镇|\burban", r"农村|乡村|\brural"),
    (r"客运|旅客|\bpassenger", r"货运|货物|\bcargo|\bfreight"),
    (r"上半年|\bfirst half\b", r"下半年|\bsecond half\b"),
)
_OFFICES = (
    r"[市县区镇乡]长|书记|首长|\bmayor\b|\bgovernor\b|\bhead of\b|\bparty secretary\b",
    r"校长|\bprincipal\b|\bheadmaster\b|\bchancellor\b",
    r"[院馆局站所处科厅]长|主任|\bdirector\b|\bdean\b",
    r"董事长|主席|会长|\bchair(?:man|woman|person)?\b",
    r"经理|负责人|\bmanager\b",
    r"建筑师|设计|\barchitect\b|\bdesign",
)
_HOLDER = re.compile(r"谁|何人|哪一?位|叫什么|\bwho (?:is|was|are|were|designed)\b|\bname of the\b")
_BESIDE = re.compile(r"(?P<landmark>[\u4e00-\u9fff]{2,8}?)(?:周边|附近|沿线|沿岸|两岸|旁边|对面)")


def of_another(asked: str, text: str) -> bool:
    """Whether `asked` names one of several things that exclude each other, and the text others but not that one.

    "博士补贴多少" over "硕士每人3万元" -> True; over a text with both, or with neither -> False. Across languages too.
    """
    asked, text = fold(asked), fold(text)
    for contrast in _CONTRASTS:
        named = [word for word in contrast if re.search(word, asked)]
        if named and not any(re.search(word, text) for word in named):
            return any(re.search(word, text) for word in contrast)
    return False


def office_missing(question: str, text: str) -> bool:
    """Whether the question asks who holds an office, and the text never names such an office, in either language.

    A report tells of hundreds of offices without their holders: "市长是谁" is answered where one is named, or nowhere.
    """
    folded = fold(question)
    if not _HOLDER.search(folded):
        return False
    asked = [office for office in _OFFICES if re.search(office, folded)]
    return bool(asked) and not any(re.search(office, fold(text)) for office in asked)


def landmark_missing(question: str, text: str) -> bool:
    """Whether the question asks about what lies beside something, and the text, in the same script, never names that.

    "大学城周边建成多少套公寓" over "数字港周边建成公寓3400套" -> True. Two characters of the landmark are enough.
    """
    beside = _BESIDE.search(fold(question))
    if beside is None or "哪" in beside["landmark"] or not is_cjk(text):
        return False
    return beside["landmark"][-2:] not in fold(text)


LACKS = (of_another, office_missing, landmark_missing)
"""(question, text) -> whether the text lacks what the question needs."""
