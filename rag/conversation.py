"""A follow-up becomes a question that can be understood alone: 「那松岭区呢？」 after a question about 望江区.

Without a model. A name alone ("那X呢？", "and in X?") takes the place of the date, place, name or counted thing in the
question before; a word that points back (它, 该区, its, there) becomes the name there. Where that question has none,
and where the follow-up has no word of its own ("为什么？", "since when?"), the two are asked together. Anything else is
left as it is. Which words point back is grammar, a closed list; what they mean is left to search and reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.records import Paragraph
from index.text import fold, simplify
from rag.checking.alignment import words
from rag.checking.quantities import quantities
from rag.types import Answer

_OWN = 8.0
"""Squared norm from which a word is the follow-up's own: 为什么 and "since" have some 6, 措施 and "maps" more."""


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


_LEAD = r"^(?:(?:那么?|然后|请问|还有|至于|换成|如果是|再看看?|另外|哪|では|and|or|but|so|then)[，,、 ]*)?"
_PLACE = re.compile(
    rf"(?:{_LEAD})((?![哪这那该此])[\u4e00-\u9fff]{{2,6}}?(?:自治区|新区|区|县|市|省|镇|乡|州|街道|国))"
)
_NAME = re.compile(
    r"《[^《》]{2,40}》|“[^“”]{2,30}”|「[^「」]{2,30}」|(?<![.?!] )(?<!^)\b[A-Z][\w&-]*(?: (?:of |the )?[A-Z][\w&-]*)*"
)
_ALONE = re.compile(
    rf"{_LEAD}(?:(?:what|how) about |what of |same for |for |in |at |on |during )?"
    # 和去年比呢 compares and exchanges nothing.
    r"(?P<what>(?![和与跟同比])[^，、。？?！!]{1,60}?)"
    r"(?:的?(?:呢|如何|怎么样)|はどう(?:ですか)?|は| then| too| instead)?\s*[？?。]?$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"多少|几|什么|谁|哪|何|吗|\b(?:what|which|who|when|where|why|how|does|did|do|is|are|was|were)\b", re.IGNORECASE
)
_BACK = re.compile(
    # Not 其中, 其他, 其次, 其实.
    r"(?P<of>其(?![中他它余次实间])|[它他她]们?的|\b(?:its|their)\b)"
    r"|(?P<in>那[里儿]|当地|(?<!is )(?<!are )(?<!was )(?<!were )\bthere\b(?! (?:is|are|was|were)))"
    r"|(?P<self>[它他她]们?|\b(?:it|they|them|this \w+)\b)|(?P<kind>该|上述|此(?=[区市县]))",
    re.IGNORECASE,
)


_COUNTED = re.compile(
    r"(?:多少|几)([\u4e00-\u9fff]{2,10}?)(?=[了的吗呢？?，。]|$)"
    r"|\bhow (?:many|much) ([\w\- ]{2,40}?)(?= (?:did|does|do|were|was|are|is|has|have|had)\b|\?|$)",
    re.IGNORECASE,
)

_SUBJECT = re.compile(r"[\u4e00-\u9fff]{2,12}?(?=[的有是在])")


def standalone(question: str, history: Sequence[Turn], cited: Callable[[Turn], Sequence[Paragraph]]) -> str:
    """The question, with what it leaves out filled in from the turns before it; itself when it is complete.

    `cited` gives the paragraphs that a turn's answer cites. "那松岭区呢？" after "望江区建成了多少间中试车间？" ->
    "松岭区建成了多少间中试车间？".
    """
    asked = [*(turn.question.strip() for turn in history), question.strip()]
    before = asked[0]
    for turn, following in zip(history, asked[1:], strict=True):
        before = _filled(following, before, cited(turn))
    return before


def _filled(question: str, before: str, cited: Sequence[Paragraph]) -> str:
    plain = simplify(question)  # as long as the question itself
    alone, back = _ALONE.match(plain), _BACK.search(plain)
    asks = _ASKS.search(plain) or plain.endswith(("?", "？"))  # 谢谢 does not
    together = f"{before} {question}" if asks else question
    if alone and not back and not _ASKS.search(alone["what"]) and not plain.endswith("。"):
        return _exchanged(before, question[slice(*alone.span("what"))], cited) or together
    bare = not quantities(question) and not (words(question).weights >= _OWN).any()
    if bare or plain.rstrip("？?").endswith("呢"):
        return together
    if not back or _names(question[: back.start()]):
        return question
    names = _names(before) or [paragraph.heading[-1] for paragraph in cited if paragraph.heading]
    return _pointed(question, back, names[0]) if names else together


def _exchanged(before: str, what: str, cited: Sequence[Paragraph]) -> str | None:
    """The question before, about something else: its date, place, name or counted thing becomes `what`."""
    for kind in (_dates, _places, _titles):
        old, new = kind(before), kind(what)
        if old and new:
            return before.replace(old[0], new[0], 1)
    held = fold("\n".join(text for paragraph in cited for text in (*paragraph.heading, paragraph.text)))
    counted, subject = _COUNTED.search(simplify(before)), _SUBJECT.match(simplify(before))
    if counted and fold(what) in held:  # the same place counts that too
        start, end = counted.span(counted.lastindex or 0)
        return before[:start] + what + before[end:]
    return what + before[subject.end() :] if subject and fold(subject.group()) in held else None


def _pointed(question: str, back: re.Match[str], name: str) -> str:
    """The name that a word points back to in the place of that word."""
    chinese = not back.group().isascii()
    rest = question[back.end() :]
    if back.lastgroup == "kind":  # 该区 is 望江区: what both end and begin with is written once
        rest = rest[max(n for n in range(len(rest) + 1) if simplify(name).endswith(simplify(rest[:n]))) :]
    form = {"of": name + ("的" if chinese else "'s"), "in": name if chinese else f"in {name}"}
    return question[: back.start()] + form.get(back.lastgroup or "", name) + rest


def _dates(text: str) -> list[str]:
    return [q.text for q in quantities(text) if q.kind == "date" or re.fullmatch(r"(?:19|20)\d\d", q.text)]


def _places(text: str) -> list[str]:
    """Places outside titles."""
    plain = _NAME.sub(lambda name: " " * len(name.group()), simplify(text))
    return [text[slice(*match.span(1))] for match in _PLACE.finditer(plain)]


def _titles(text: str) -> list[str]:
    """Titles, quoted names, and capitalised names but for a sentence's first word."""
    return [match.group() for match in _NAME.finditer(text)]


def _names(text: str) -> list[str]:
    return _titles(text) or _places(text)
