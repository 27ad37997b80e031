"""A follow-up becomes a question that can be understood alone: 「那松岭区呢？」 after a question about 望江区.

Without a model: what the follow-up leaves out is taken from the question before it. Three shapes are known, in
Chinese and English: a name alone ("那X呢？", "and in X?"), words that point back (它, 该区, its, there), and a bare
question word ("为什么？", "since when?"). Anything else is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.records import Paragraph
from index.text import fold, simplify
from rag.checking.quantities import quantities
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, earlier in a conversation."""

    question: str
    """As asked."""
    answer: str = ""
    """What was answered."""
    cited: tuple[str, ...] = ()
    """Ids of the paragraphs that the answer cites."""

    @classmethod
    def of(cls, answer: Answer) -> Turn:
        """The turn that ended in this answer."""
        return cls(answer.question, answer.text, tuple(citation.paragraph.id for citation in answer.citations))


_PLACE = re.compile(r"[\u4e00-\u9fff]{2,6}?(?:自治区|新区|区|县|市|省|镇|乡|州|街道|国)")
_TITLE = re.compile(r"《[^《》]{2,40}》|“[^“”]{2,30}”|「[^「」]{2,30}」")
_NAME = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][\w&-]*(?: (?:of |the )?[A-Z][\w&-]*)*")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LEAD = re.compile(r"^(?:那么|那|然后|请问|还有|至于|换成|如果是|再看看?|另外|哪)[，, ]?")
_CHINESE_ALONE = re.compile(
    r"^(?:(?:那么?|还有|至于|换成|如果是|再看看?)[，, ]?)?(?![和与跟同比])(?P<what>[^，。？?！!]{1,16}?)"
    r"(?:的?(?:呢|又?如何|怎么样|又是多少)|呢)[？?。]?$"
    r"|^(?:那么?|换成|如果是)[，, ]?(?P<then>[^，。？?！!呢]{1,12})[？?。]?$"
)
_ENGLISH_ALONE = re.compile(
    r"^(?:(?:and|or|but|ok|okay|then|so)[, ]+)?(?:what about|how about|what of|same for|for|in|at|on|during|and)\s+"
    r"(?P<what>[^?.!]{1,60}?)\s*(?:then|too|instead)?\s*\??$",
    re.IGNORECASE,
)
_JAPANESE_ALONE = re.compile(
    r"^(?:では|じゃあ|それでは)?、?(?P<what>[^、。？?]{1,16}?)(?:はどう(?:ですか)?|は)[？?。]?$"
)
_ASKS = re.compile(
    r"多少|几|什么|谁|哪|何|吗|\b(?:what|which|who|when|where|why|how|does|did|do|is|are|was|were)\b", re.IGNORECASE
)
_CHINESE_BACK = re.compile(
    r"(?P<of>其(?![中他它余次实间])|(?:它|他|她)们?的)"
    r"|(?P<self>它们|它|(?:该|这个?|此|上述)(?:自治区|新区|区|县|市|省|镇|乡|州|地区|项目|公司|企业|机构|图书馆|平台|中心|园区|馆|院|校|基金|政策|文件)"
    r"|那里|那儿|当地)"
)
_ENGLISH_BACK = re.compile(
    r"\b(?P<of>its|their)\b"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\b(?P<in>there)\b(?! (?:is|are|was|were))"
    r"|\b(?P<self>it|they|them|(?:this|that) (?:district|city|county|library|company|project|place|fund|port|center|"
    r"centre|museum|room|collection|platform))\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^(?:那么?|and|but|so)?[，, ]*(?:具体)?(?:是|在|到|从|since|until|by|from|in)?\s*"
    r"(?:为什么|为何|什么时候|何时|哪一?年|在?哪里|谁|多少|几个|哪些|哪几个|怎么做的?|如何|还有吗|还有哪些|[和与跟同].{1,12}相?比"
    r"|why|when|where|who|how many|how much|which ones?|which|how|what else|what year|who else)"
    r"(?:的|呢|not)?[？?。]?$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"的|有|是|在|于|何时|什么|多少|哪|谁|几|共|建成|引进|[，。？?]")
_COUNTED = re.compile(r"(?:多少|几)[个家间项条座名位所件种次篇]?([\u4e00-\u9fff]{2,10}?)(?=[了的吗呢？?，。]|$)")
_COUNTED_ENGLISH = re.compile(
    r"\bhow (?:many|much)\s+([\w\- ]{2,40}?)(?=\s+(?:did|does|do|were|was|are|is|has|have|had)\b|\?|$)", re.IGNORECASE
)


def standalone(question: str, history: Sequence[Turn], cited: Callable[[Turn], Sequence[Paragraph]]) -> str:
    """The question, with what it leaves out filled in from the turns before it; itself when it can stand alone.

    `cited` gives the paragraphs that a turn's answer cites. "那松岭区呢？" after "望江区建成了多少间中试车间？" ->
    "松岭区建成了多少间中试车间？".
    """
    if not history:
        return question
    before = history[0].question
    for last, turn in zip(history, history[1:], strict=False):
        before = _filled(turn.question, before, cited(last))
    return _filled(question.strip(), before.strip(), cited(history[-1]))


def _filled(question: str, before: str, cited: Sequence[Paragraph]) -> str:
    if what := _alone(question):
        return _exchanged(before, what, cited)
    if _BARE.match(simplify(question)):
        return f"{before} {question}"
    return _pointed(question, before, cited)


def _alone(question: str) -> str | None:
    """The name that is all a follow-up says: "那普陀区呢？" -> "普陀区"."""
    for shape in (_CHINESE_ALONE, _ENGLISH_ALONE, _JAPANESE_ALONE):
        match = shape.match(simplify(question))  # as long as the question itself
        if match:
            start, end = match.span(match.lastgroup or 0)
            if not _ASKS.search(simplify(question[start:end])):
                return question[start:end].strip()
    return None


def _exchanged(before: str, what: str, cited: Sequence[Paragraph]) -> str:
    """The question before, about something else: its date, place, name, counted thing or subject becomes `what`."""
    for kind in (_dates, _places, _names):
        old, new = kind(before), kind(what)
        if old and new:
            return before.replace(old[0], new[0] if kind is _dates else what, 1)
        if new and kind is _dates:
            return _with_date(before, what)
    counted = _counted(before)
    subject = _shared(before, cited)
    if counted and (not subject or _holds(cited, what)):  # its paragraph counts that too
        return before[: counted[0]] + what + before[counted[1] :]
    return before.replace(subject, what, 1) if subject else f"{what} {before}"


def _counted(question: str) -> tuple[int, int] | None:
    """Where "how many" says what is counted: 多少间中试车间 -> the span of 间中试车间."""
    if match := _COUNTED.search(simplify(question)):
        return match.start() + (2 if match.group().startswith("多少") else 1), match.end()
    match = _COUNTED_ENGLISH.search(question)
    return match.span(1) if match else None


def _with_date(before: str, date: str) -> str:
    """A date added to a question that has none."""
    if _HAN.search(before):
        return f"{date}，{before}"
    return f"{before.rstrip(' ?')} in {re.sub('^(?:in|on) ', '', date)}?"


def _pointed(question: str, before: str, cited: Sequence[Paragraph]) -> str:
    """Words that point back exchanged for what they point to, unless the question names something before them."""
    chinese = bool(_HAN.search(question))
    match = (_CHINESE_BACK if chinese else _ENGLISH_BACK).search(simplify(question))
    if not match or _names(question[: match.start()]) or _places(question[: match.start()]):
        return question
    name = _subject(before, cited)
    if not name:
        return question
    form = {"of": name + ("的" if chinese else "'s"), "in": f"in {name}", "self": name}[match.lastgroup or "self"]
    return question[: match.start()] + form + question[match.end() :]


def _subject(before: str, cited: Sequence[Paragraph]) -> str | None:
    """What a question is about: a title, name or place in it, else its first words that the cited paragraphs use too.

    Else the heading of a cited paragraph.
    """
    if found := _names(before) or _places(before):
        return found[0]
    return _shared(before, cited) or next((p.heading[-1] for p in cited if p.heading), None)


def _shared(question: str, cited: Sequence[Paragraph]) -> str | None:
    """The question's first words, or those after "the", as far as a cited paragraph holds them."""
    if _HAN.search(question):
        lead = _LEAD.match(simplify(question))
        begin = lead.end() if lead else 0
        length = len(_SPLIT.split(simplify(question[begin:]))[0])
        runs = (question[begin : begin + n] for n in range(length, 1, -1))
        return next((run for run in runs if _holds(cited, run)), None)
    for match in re.finditer(r"\bthe ((?:[\w\-]+ ?){1,6})", question, re.IGNORECASE):
        words = match.group(1).split()
        for n in range(len(words), 0, -1):
            if _holds(cited, " ".join(words[:n])):
                return "the " + " ".join(words[:n])
    return None


def _holds(cited: Sequence[Paragraph], words: str) -> bool:
    """Whether a cited paragraph or its headings hold the words, not inside a longer Latin word."""
    whole = re.compile(rf"(?<![a-z]){re.escape(fold(words))}(?![a-z])")
    return any(whole.search(fold("\n".join((*paragraph.heading, paragraph.text)))) for paragraph in cited)


def _dates(text: str) -> list[str]:
    return [q.text for q in quantities(text) if q.kind == "date" or re.fullmatch(r"(?:19|20)\d\d", q.text)]


def _places(text: str) -> list[str]:
    """Places outside titles."""
    plain = _TITLE.sub(lambda title: " " * len(title.group()), simplify(text))
    lead = _LEAD.match(plain)
    return [text[m.start() : m.end()] for m in _PLACE.finditer(plain, lead.end() if lead else 0)]


def _names(text: str) -> list[str]:
    """Titles, quoted names, and capitalised names but for a sentence's first word."""
    return [match.group() for match in (*_TITLE.finditer(text), *_NAME.finditer(text))]
