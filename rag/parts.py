"""Questions that ask for several things, cut into one question for each.

Only where the cut is plain to see; any other question is its own single part. A part keeps the words that tell what it
is about and drops those that only join it to the others.
"""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"多少|几[个家所项条座间名位人次种部篇年天岁支只台]|多[大高长远重]|哪[个些一几年位里]|谁|何时|何地|什么时候|叫什么"
    r"|\b(?:how|what|when|where|who|which)\b"
)
_SHORTEST = 5
"""Characters; "Where and when did it begin" is one question."""
_BORDER = re.compile(
    r"[，；]\s*(?:(?:以及|而且|并且|又)\s*)?|,? and (?=(?:how (?:many|much)|what|when|where|who) \w+ \w)"
)
_EACH = re.compile(
    r"^(?P<before>.*?)(?P<one>[^，,。、和与及]{2,24}?)[和与及、](?P<two>[^，,。]{2,24}?)"
    r"(?:各自?|分别)(?P<tail>[^，,]{0,6}?(?:多少|几|什么|哪)[^，,]*)$"
)
_MORE = re.compile(
    r"^(?P<one>[^，,。]{2,24})[和与跟](?P<two>[^，,。]{2,24}?)[，,\s]*(?:相比[，,]?)?"
    r"(?:哪[个一家边]+|谁)(?:更|比较)?[多少大小高低快慢长短早晚][^，,]{0,4}$"
)
_OR = re.compile(
    r"^which\b(?P<stem>.*?\b(?:more|fewer|less|faster|slower|larger|smaller|higher|lower|longer|older)\b[^,]*),"
    r"\s*(?P<one>[^,]+?)\s+or\s+(?P<two>[^,?]+)",
    re.IGNORECASE,
)


def parts(question: str) -> tuple[str, ...]:
    """One question for each thing asked.

    "建成几座车站，记录到几种候鸟？" -> ("建成几座车站？", "记录到几种候鸟？"); "城镇和农村的收入分别是多少？" and
    "Which drew more people, the library or the ferry?" -> one for either.
    """
    plain = question.strip().rstrip("?？。 ")
    mark = "？" if re.search("[\u4e00-\u9fff]", plain) else "?"
    found = _clauses(plain) or _pairs(plain) or [plain]
    return tuple(part.strip() + mark for part in found)


def _clauses(question: str) -> list[str]:
    """The clauses, when at least two of them ask; one that does not ask goes with the next that does."""
    found, kept = [], ""
    for clause in _BORDER.split(question):
        kept = f"{kept}，{clause}" if kept else clause
        if _ASKS.search(clause.lower()):
            found.append(kept)
            kept = ""
    return found if len(found) > 1 and not kept and min(map(len, found)) > _SHORTEST else []


def _pairs(question: str) -> list[str]:
    """Two things between 和 and 分别, or compared."""
    if match := _EACH.match(question):
        tail = match["tail"]
        owner = re.search("的[^的]{2,8}$", match["two"])
        one = match["one"] + (owner.group() if owner and "的" not in match["one"] else "")
        return [f"{match['before']}{one}{tail}", f"{match['before']}{match['two']}{tail}"]
    if match := _MORE.match(question):
        return [f"{match['one']}有多少", f"{match['two']}有多少"]
    if match := _OR.match(question):
        return [match[side].strip() + match["stem"] for side in ("one", "two")]
    return []
