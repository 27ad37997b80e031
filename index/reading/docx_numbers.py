"""The numbers that Word shows before paragraphs: computed, because a file holds only the rule that makes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_ROMAN = dict(M=1000, CM=900, D=500, CD=400, C=100, XC=90, L=50, XL=40, X=10, IX=9, V=5, IV=4, I=1)  # noqa: C408
_CHINESE = ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting")


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""


class Numbering:
    """The lists of one document, counted as its paragraphs are read in order."""

    def __init__(self, part: Element) -> None:
        abstract = {each.get(f"{W}abstractNumId", ""): each for each in part.iter(f"{W}abstractNum")}
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}
        for number in part.iter(f"{W}num"):
            base = _value(number, "abstractNumId")
            levels = _levels(abstract.get(base))
            starts = [o for o in number.iter(f"{W}lvlOverride") if o.find(f"{W}startOverride") is not None]
            for override in starts:
                depth = int(override.get(f"{W}ilvl", "0"))
                kept = levels.get(depth, _Level())
                levels[depth] = _Level(int(_value(override, "startOverride", "1")), kept.format, kept.text)
            identity = number.get(f"{W}numId", "")
            # Lists that share a rule share its count, unless they begin anew.
            self._lists[identity] = (f"{base}/{identity}" if starts else base, levels)
        self._counts: dict[str, list[int | None]] = {}

    def label(self, identity: str, depth: int) -> str:
        """The next number at a depth of a list, "2.1" or "（三）"; empty for bullets and unknown lists."""
        if identity not in self._lists or depth not in range(_LEVELS):
            return ""
        key, levels = self._lists[identity]
        counts = self._counts.setdefault(key, [None] * _LEVELS)
        level = levels.get(depth, _Level())
        last = counts[depth]
        counts[depth] = level.start if last is None else last + 1
        counts[depth + 1 :] = [None] * (_LEVELS - depth - 1)
        if level.format in ("bullet", "none"):
            return ""

        def number(place: re.Match[str]) -> str:
            i = int(place[1]) - 1
            other = levels.get(i, _Level())
            count = counts[i]
            return shown(other.start if count is None else count, other.format)

        return _PLACE.sub(number, level.text)


def _levels(abstract: Element | None) -> dict[int, _Level]:
    found = {}
    for level in abstract.iter(f"{W}lvl") if abstract is not None else ():
        start = _value(level, "start", "1")
        text = _value(level, "lvlText")
        found[int(level.get(f"{W}ilvl", "0"))] = _Level(int(start), _value(level, "numFmt", "decimal"), text)
    return found


def _value(parent: Element, name: str, otherwise: str = "") -> str:
    child = parent.find(f"{W}{name}")
    return child.get(f"{W}val", otherwise) if child is not None else otherwise


def shown(number: int, kind: str) -> str:
    """A number in one of Word's formats: (4, "lowerRoman") -> "iv", (12, "chineseCounting") -> "十二"."""
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        # Word goes on from z with aa, bb, cc.
        letter = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 99)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = ""
        for sign, value in _ROMAN.items():
            roman += sign * (number // value)
            number %= value
        return roman.lower() if kind == "lowerRoman" else roman
    if kind in _CHINESE and 0 < number < 10_000:
        return _chinese(number)
    if kind == "decimalZero":
        return f"{number:02d}"
    if kind.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    return str(number)


def _chinese(number: int) -> str:
    text = ""
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += "〇一二三四五六七八九"[digit] + unit
        elif text and not text.endswith("零") and number % power:
            text += "零"
    return text.removeprefix("一") if 10 <= number < 20 else text
