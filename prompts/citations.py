r"""Citation marks: the form we ask for, the many forms we read, and the one form we show.

Reading is lenient about brackets, separators and labels (`[1]`, `[[1]]`, `[^1]`, `[1,2]`, `[1，2]`, `［1、2］`,
`【1】`, `〔1〕`, `[1-3]`, `\[1\]`, `[source 1]`, `(source 1)`, `(来源：[1])`, `【1†L3-L5】`, `<sup>[1]</sup>`,
in backticks or not) and strict about numbers: what one names is resolved by whoever has the sources. `[2023]` is text:
no mark has more than three digits. Behind punctuation `<sup>1</sup>` is a mark; else it may be an exponent. Code
between backticks is left alone. A text may arrive in pieces: any split of it is read like the whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LABELS = ("sources", "source", "来源", "來源", "资料", "資料", "出处", "出處")
# Every repetition is bounded, so that thousands of brackets, spaces and numbers take linear time.
_SPACE = r"[\s　]{0,3}"
_SEPARATORS = r",，、;；\-–—~～至到"
_NUMBERS = rf"{_SPACE}\d{{1,3}}(?:{_SPACE}[{_SEPARATORS}]{_SPACE}\d{{1,3}}){{0,30}}{_SPACE}"
_INSIDE = rf"{_SPACE}(?:\^|(?:{'|'.join(_LABELS)}){_SPACE}[:：]?)?{_NUMBERS}(?:†[^\[\]【】`<>\n]{{0,40}})?"
_LABELLED = rf"[(（]{_SPACE}(?:{'|'.join(_LABELS)}){_SPACE}[:：]?{_SPACE}[\[【]?\d{{1,3}}[\]】]?{_SPACE}[)）]"
_BRACKETED = rf"(?:\[\[{_INSIDE}\]\]|\\?\[{_INSIDE}\\?\]|［{_INSIDE}］|【{_INSIDE}】|〔{_INSIDE}〕|{_LABELLED})"
_MARK = re.compile(_BRACKETED, re.IGNORECASE)
_TICKED = re.compile(rf"`(?:{_BRACKETED})+`", re.IGNORECASE)
_SUPERSCRIPT = re.compile(rf"<sup>(?:{_BRACKETED}){{1,3}}</sup>", re.IGNORECASE)
_BARE_SUPERSCRIPT = re.compile(rf"<sup>{_NUMBERS}</sup>", re.IGNORECASE)
_FOOTNOTED = "。！？；，：.!?;,:”’」』>"
"""What a bare superscript is a mark behind: behind a figure, a unit or a bracket it may be an exponent."""
_NUMBER_OR_DASH = re.compile(r"\d+|[\-–—~～至到]")
_LONGEST_RANGE = 20

_LABEL_BEGUN = "|".join(sorted({label[:n] for label in _LABELS for n in range(1, len(label) + 1)}, key=len)[::-1])
_BEGUN = rf"{_SPACE}(?:\^|{_LABEL_BEGUN})?[\s　:：]{{0,7}}[\d\s　{_SEPARATORS}]{{0,300}}(?:†[^\[\]【】`<>\n]{{0,40}})?"
_LABELLED_BEGUN = rf"[(（]{_SPACE}(?:{_LABEL_BEGUN})?[\s　:：]{{0,7}}[\[【]?\d{{0,3}}[\]】]?{_SPACE}"
_SUPERSCRIPT_BEGUN = r"<(?:s|su|sup|sup>[^<>]{0,1500}(?:<(?:/(?:s|su|sup)?)?)?)?"
_MARK_BEGUN = re.compile(
    rf"(?:\[\[|\\?[\[［【〔]){_BEGUN}\\?|\\|\[\[{_BEGUN}\]|{_LABELLED_BEGUN}|{_SUPERSCRIPT_BEGUN}", re.IGNORECASE
)
"""Whatever may still become a mark, and a little more."""

_PLAIN = re.compile(r"[^\[［【〔`(（\\<]+")
_LONGEST_CODE = 200
_CODE = re.compile(rf"`[^`\n]{{1,{_LONGEST_CODE}}}`")
_CODE_BEGUN = re.compile(rf"`{{1,2}}|`[^`\n]{{1,{_LONGEST_CODE}}}")
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Mark:
    """One citation mark in a text."""

    start: int
    """First character, backtick included."""
    end: int
    """One past the last character."""
    numbers: tuple[int, ...]
    """The source numbers it names, in the order written, ranges spelled out, repeats dropped."""


class MarkReader:
    """Tells marks from text while the text arrives; holds back only what may still become a mark or code.

    feed("甲[1") -> ["甲"]; feed("]乙") -> [Mark(1, 4, (1,)), "乙"]; finish() -> []. Linear time.
    """

    def __init__(self) -> None:
        self._held = ""
        self._offset = 0
        self._before = "\n"
        """The last character that was settled."""
        self._fenced = False

    def feed(self, piece: str) -> list[str | Mark]:
        """What the piece settles, in order: text without marks, and marks."""
        self._held += piece
        return self._settle(final=False)

    def finish(self) -> list[str | Mark]:
        """What was held back, now that nothing follows."""
        return self._settle(final=True)

    def _settle(self, *, final: bool) -> list[str | Mark]:
        at, text = 0, self._held
        settled: list[str | Mark] = []
        while at < len(text):
            items, end = self._fence(text, at, final=final) or self._token(text, at, final=final)
            if end == at:
                break
            settled += items
            at = end
        self._offset += at
        self._before = text[at - 1] if at else self._before
        self._held = text[at:]
        return settled

    def _fence(self, text: str, at: int, *, final: bool) -> tuple[list[str | Mark], int] | None:
        """Fenced code as far as it is settled; None outside of it."""
        if not self._fenced:
            self._fenced = text.startswith(_FENCE, at)
            return ([_FENCE], at + len(_FENCE)) if self._fenced else None
        close = text.find(_FENCE, at)
        self._fenced = close < 0
        end = close + len(_FENCE) if close >= 0 else len(text)
        if self._fenced and not final:
            # One or two backticks may begin the closing fence.
            end = max(at, end - min(2, len(text) - len(text.rstrip("`"))))
        return [text[at:end]], end

    def _token(self, text: str, at: int, *, final: bool) -> tuple[list[str | Mark], int]:
        """The text, code or mark that begins at `at`, and its end; `at` itself when more is needed to tell."""
        if plain := _PLAIN.match(text, at):
            return [plain.group()], plain.end()
        begun = _CODE_BEGUN if text[at] == "`" else _MARK_BEGUN
        if not final and begun.fullmatch(text, at):
            return [], at
        if ticked := _TICKED.match(text, at):
            return self._marks(ticked), ticked.end()
        if found := _CODE.match(text, at):
            return [found.group()], found.end()
        if mark := _MARK.match(text, at) or _SUPERSCRIPT.match(text, at):
            return self._marks(mark), mark.end()
        before = text[at - 1] if at else self._before
        if before in _FOOTNOTED and (bare := _BARE_SUPERSCRIPT.match(text, at)):
            start = self._offset + at
            return [Mark(start, start + len(bare.group()), _numbers(bare.group()))], bare.end()
        return [text[at]], at + 1

    def _marks(self, match: re.Match[str]) -> list[str | Mark]:
        """The marks of a match; backticks around them belong to the first and the last."""
        found = list(_MARK.finditer(match.group()))
        base = self._offset + match.start()
        starts = [base, *(base + mark.start() for mark in found[1:])]
        ends = [*starts[1:], self._offset + match.end()]
        return [Mark(a, b, _numbers(mark.group())) for a, b, mark in zip(starts, ends, found, strict=True)]


def read(text: str) -> list[str | Mark]:
    """Text and marks in order: "甲[1]" -> ["甲", Mark(1, 4, (1,))]."""
    reader = MarkReader()
    return [*reader.feed(text), *reader.finish()]


def find_marks(text: str) -> list[Mark]:
    """Every mark outside code, in order. Full-width digits count as digits."""
    return [item for item in read(text) if isinstance(item, Mark)]


def strip_marks(text: str) -> str:
    """The text without its marks, and without the space before them."""
    kept: list[str] = []
    for item in read(text):
        if isinstance(item, str):
            kept.append(item)
        elif kept:
            kept[-1] = kept[-1].rstrip(" \u3000")
    return "".join(kept)


def render(number: int) -> str:
    """The mark as we write it: 3 -> "[3]"."""
    return f"[{number}]"


def _numbers(mark: str) -> tuple[int, ...]:
    numbers: dict[int, None] = {}
    last, ranged = 0, False
    # 【1†L3-L5】: behind the dagger are lines of the source, not sources.
    for piece in _NUMBER_OR_DASH.findall(mark.split("†")[0]):
        if not piece[0].isdigit():
            ranged = True
            continue
        number = int(piece)
        if ranged and last < number <= last + _LONGEST_RANGE:
            numbers.update(dict.fromkeys(range(last + 1, number + 1)))
        else:
            numbers[number] = None
        last, ranged = number, False
    return tuple(numbers)
