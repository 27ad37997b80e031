"""Numerals to exact values: digits, Chinese numerals, English number words.

Everything here reads text that `plain` has made: one plain character for each original one, so that offsets stay.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from index.text import simplify

MAX_DIGITS = 40
"""Longer runs of digits are identifiers, not figures; exact arithmetic on them would also stop being linear."""

CHINESE_DIGITS = dict(zip("零〇○一二三四五六七八九两", (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True))
FORMAL_DIGITS = dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
_DIGITS = CHINESE_DIGITS | FORMAL_DIGITS
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8, "兆": 10**12}
_TOKEN = re.compile(r"\d+(?:\.\d+)?|\D")

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TIES = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth"
).split()
ENGLISH_SCALES = {
    **{"dozen": 12, "hundred": 100, "thousand": 1000, "lakh": 10**5, "million": 10**6, "mn": 10**6},
    **{"crore": 10**7, "billion": 10**9, "bn": 10**9, "trillion": 10**12, "tn": 10**12},
}
_ENGLISH = (
    {word: i for i, word in enumerate(_ONES + _TEENS, 1)}
    | {word: 10 * i for i, word in enumerate(_TIES, 2)}
    | {word: i for i, word in enumerate(_ORDINALS, 1)}
    | {word.replace("y", "ieth"): 10 * i for i, word in enumerate(_TIES, 2)}
    | {"zero": 0, "a": 1, "an": 1, "once": 1, "twice": 2, "thrice": 3}
)

_TIE = rf"(?:{'|'.join(_TIES)})"
_BELOW_100 = rf"(?:{_TIE}(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(sorted(_TEENS + _ONES, key=len, reverse=True))}|zero)"
_BELOW_1000 = rf"(?:(?:{_BELOW_100}|a)[ -]hundred(?:(?: and)? {_BELOW_100})?|{_BELOW_100})"
ENGLISH_NUMBER = (
    rf"(?:(?:{_BELOW_1000}|an?)(?:[ -](?:dozen|thousand|million|billion|trillion)(?![a-z])"
    rf"(?:,? (?:and )?{_BELOW_1000})?)+|{_BELOW_1000}|twice|thrice)"
)
"""Pattern of a well-formed English cardinal: "twenty-five", "three hundred and two", "a dozen", "two million"."""
ENGLISH_ORDINAL = (
    rf"(?:{_TIE}-(?:{'|'.join(_ORDINALS[:9])})|{'|'.join(sorted(_ORDINALS, key=len, reverse=True))}"
    rf"|{'|'.join(_TIES).replace('y', 'ieth')})"
)
"""Pattern of an English ordinal in words: "third", "twenty-first", "thirtieth"."""


class _Plain(dict[int, str]):
    """Character table filled on demand: width, digits of any script and traditional characters folded, length kept."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            folded = str(digit)
        elif character == "，" or unicodedata.decomposition(character).startswith("<super>"):
            folded = character  # a full-width comma parts clauses, a superscript is no digit
        else:
            normal = unicodedata.normalize("NFKC", character)
            folded = simplify(normal) if len(normal) == 1 else character
        self[code] = folded
        return folded


_PLAIN = _Plain({ord("٫"): ".", ord("٬"): ",", ord("−"): "-", ord("\u00a0"): "\u00a0", ord("\u202f"): "\u00a0"})
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９]{3})")


def plain(text: str) -> str:
    """The same text, as long as before, with plain digits and simplified characters: "１２萬" -> "12万"."""
    return _WIDE_COMMA.sub(",", text).translate(_PLAIN)


def decimal(digits: str) -> Fraction | str:
    """A figure in digits, separators removed: "1,234.5" -> 2469/2. Runs longer than MAX_DIGITS stay a string."""
    bare = re.sub("[,'’\u00a0\u2009]", "", digits)
    return Fraction(bare) if len(bare) <= MAX_DIGITS else bare


def chinese(run: str) -> Fraction | None:
    """Value of a numeral of Chinese digits and multipliers, Western digits allowed between; None if ill-formed.

    "十二点三万" -> 123000, "3亿5000万" -> 350000000, "一百二" -> 120, "二〇二三" -> 2023, "三三" -> None.
    """
    run = run.replace("廿", "二十").replace("卅", "三十")
    if len(run) > MAX_DIGITS:
        return None
    if len(run) > 1 and all(c in _DIGITS for c in run):
        return _positional(run)
    whole, point, rest = run.partition("点")
    if point:
        places = re.match(rf"[{''.join(CHINESE_DIGITS)}]+", rest)
        base = _multiply(whole)
        if base is None or places is None:
            return None
        digits = "".join(str(CHINESE_DIGITS[c]) for c in places.group())
        return _scale(base + Fraction(int(digits), 10 ** len(digits)), rest[places.end() :])
    return _multiply(run)


def _positional(run: str) -> Fraction | None:
    """二〇二三 -> 2023; without a zero only four digits are read so: "三五" and "九一八" are names."""
    if len(run) < 3 or not (len(run) == 4 or any(c in "零〇○" for c in run)) or "两" in run:
        return None
    return Fraction(int("".join(str(_DIGITS[c]) for c in run)))


def _scale(value: Fraction, multipliers: str) -> Fraction | None:
    for character in multipliers:
        factor = _TENS.get(character) or _MYRIADS.get(character)
        if factor is None:
            return None
        value *= factor
    return value


def _multiply(run: str) -> Fraction | None:
    """The additive reading: digits times tens within a section, sections times myriads."""
    total = section = Fraction(0)
    digit: Fraction | None = None
    unit, myriad = 1, 0  # the multiplier just passed (1 after a zero); the last myriad
    for token in _TOKEN.findall(run):
        if token in _MYRIADS:
            # 万元 is one 万; the 亿 of 三万亿 has no digit of its own.
            section = section + (digit or 0) or Fraction(not total)
            unit, digit = _MYRIADS[token], None
            # 三万亿 is 三万 times 亿; 三亿五千万 is a sum.
            total = (total + section) * unit if unit > myriad else total + section * unit
            section, myriad = Fraction(0), unit
        elif token in _TENS:
            unit = _TENS[token]
            section, digit = section + (Fraction(1) if digit is None else digit) * unit, None
        elif digit is not None:
            return None
        else:
            value = Fraction(_DIGITS[token]) if token in _DIGITS else Fraction(token) if token[0].isdigit() else None
            if value is None:
                return None
            if value == 0 and token in _DIGITS and len(run) > 1:
                unit = 1  # 一百零二 is 102, 一百二 is 120
            else:
                digit = value
    if digit is not None and unit >= 100 and run[-1] in _DIGITS and not run[-2].isdigit():
        digit *= Fraction(unit, 10)  # 一百二 is 120
    return total + section + (digit or 0)


def english(phrase: str) -> Fraction:
    """Value of a phrase that ENGLISH_NUMBER or ENGLISH_ORDINAL matches: "two hundred and five" -> 205."""
    total = section = 0
    for word in re.findall("[a-z]+", phrase.lower()):
        if word in ("hundred", "dozen"):
            section = (section or 1) * ENGLISH_SCALES[word]
        elif word in ENGLISH_SCALES:
            total, section = total + (section or 1) * ENGLISH_SCALES[word], 0
        elif word != "and":
            section += _ENGLISH[word]
    return Fraction(total + section)
