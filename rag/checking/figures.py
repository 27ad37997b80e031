"""Readers of figures, one for each way of writing them; `rag.checking.quantities` puts their finds together.

Each takes text that `numerals.plain` has made, in which what an earlier reader took is blanked out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from rag.checking.dates import dates
from rag.checking.numerals import (
    ENGLISH_NUMBER,
    ENGLISH_ORDINAL,
    ENGLISH_SCALES,
    FORMAL_DIGITS,
    chinese,
    decimal,
    english,
)
from rag.checking.units import AFTER_ONE_CHARACTER, VOCABULARY, unit_at

Kind = Literal["number", "percent", "date", "ordinal", "code"]


@dataclass(frozen=True, slots=True)
class Found:
    """A quantity while it is being read."""

    kind: Kind
    value: Fraction | str
    start: int
    end: int
    unit: str = ""
    approximate: bool = False
    """Said by the figure itself: 20多, 数百, dozens."""
    factor: Fraction = Fraction(1)
    """The multiplier that the value already holds: 10000 in 5万."""


_FIGURE = (
    r"(?:(?<![\d,.\u3400-\u9fff])\d+,\d{1,2}(?![\d,.\u3400-\u9fff])"  # decimal comma
    r"|\d{1,3}(?:\.\d{3}){2,}(?![\d.])"  # thousands the European way, where no other reading is left
    r"|(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?:,\d{2})+,\d{3}(?!\d)|\d{1,3}(?:[\u00a0’']\d{3})+(?!\d)|\d+)(?:\.\d+)?)"
)
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_DOTTED = re.compile(r"\d+(?:\.\d{3}){2,}")
_ONE_TO_NINE = "一二三四五六七八九"
_CHARACTERS = f"零〇○{_ONE_TO_NINE}两壹贰叁肆伍陆柒捌玖十百千万亿兆廿卅拾佰仟"
_HAN = f"[{_CHARACTERS}]"
_ALONE = r"(?<![A-Za-z\d])"

_CODE = re.compile(
    rf"{_ALONE}[A-Za-z]{{1,24}}(?:[-/&][A-Za-z]{{1,24}}){{0,3}}(?:(?<=[A-Z])[-/])?\d[A-Za-z\d]*(?:[-–—/.][A-Za-z\d]+)*"
    rf"|{_ALONE}[A-Z]{{1,4}}/[A-Z]{{1,4}} ?\d+(?:[-–—]\d+)*"
    rf"|{_ALONE}(?=[A-Z]\+\d|\d)[\dA-Z]{{1,6}}(?:\+[\dA-Zn]{{1,6}})+(?![A-Za-z\d])"
    r"|(?<!\d)(?:\d+(?:[-–—]\d+){2,}|(?!\d{1,3}(?:\.\d{3}){2,}(?![\d.]))\d+(?:\.\d+){2,}|\d+(?::\d+)+"
    r"|\d{1,2}/\d{1,2}/\d{2,4})"
)
_NOT_CODE = re.compile(r"(?i:us|hk|nt|rmb|cny|usd|eur|gbp|jpy|hkd|no)(?=\d)|[kcm]?m[23]$")


def codes(text: str) -> Iterator[Found]:
    """Names made of digits: G60, GB/T 1234, 10:30, 1+1+N, 0—1—10—100; Q3 is the third quarter."""
    for match in _CODE.finditer(text):
        name = match.group()
        if _NOT_CODE.match(name):
            continue
        if re.fullmatch("[Qq][1-4]", name):
            yield Found("ordinal", Fraction(name[1]), match.start(), match.end(), "季度")
        else:
            yield Found("code", _folded_code(name), match.start(), match.end())


def _folded_code(name: str) -> str:
    return re.sub("[-–—]+", "-", name.replace(" ", "").casefold())


def all_dates(text: str) -> Iterator[Found]:
    """Dates of every writing, in ISO form."""
    for value, start, end in dates(text):
        yield Found("date", value, start, end)


_SHARE = re.compile(
    rf"(?P<whole>(?<!{_HAN}){_HAN}+|(?<!\d)\d+)分之(?P<part>{_FIGURE}|{_HAN}+(?:点[零〇{_ONE_TO_NINE}]+)?)"
    rf"|(?<![\d.{_CHARACTERS}])(?P<tenth>\d(?:\.\d)?|[{_ONE_TO_NINE}两])成(?![立为功员果本长都品型熟就绩交分语人不])"
    r"|(?P<half>一半|(?i:\b(?:one )?half(?= of\b| the\b| a\b)))"
    r"|(?<![\d/.])(?P<above>\d{1,3})/(?P<below>\d{1,3})(?![\d/])|(?P<sign>[¼-¾⅐-⅞])"
    r"|\b(?i:(?P<some>one|two|three|four|five|a(?=[ -]\w+ of\b))[ -]"
    r"(?P<nth>third|quarter|fourth|fifth|sixth|eighth|tenth)s?)\b"
)
_PERCENT_PER = {100: Fraction(1), 1000: Fraction(1, 10), 10000: Fraction(1, 100)}


def shares(text: str) -> Iterator[Found]:
    """百分之五 and 五成 are percent; 三分之一, 1/3, "two thirds" are fractions."""
    for match in _SHARE.finditer(text):
        kind, value = _share(match)
        if value is not None:
            yield Found(kind, value, match.start(), match.end(), "%" if kind == "percent" else "")


def _share(match: re.Match[str]) -> tuple[Kind, Fraction | None]:
    if match["whole"]:
        whole, part = _value(match["whole"]), _value(match["part"])
        if not whole or part is None:
            return "number", None
        percent = _PERCENT_PER.get(int(whole))
        return ("percent", part * percent) if percent else ("number", part / whole)
    if match["tenth"]:
        return "percent", 10 * (_value(match["tenth"]) or Fraction(0))
    if match["half"]:
        return "number", Fraction(1, 2)
    if match["sign"]:
        return "number", Fraction(unicodedata.numeric(match["sign"])).limit_denominator(10)
    if match["below"]:
        return "number", Fraction(int(match["above"]), int(match["below"])) if int(match["below"]) else None
    nth = "fourth" if match["nth"].lower() == "quarter" else match["nth"]
    return "number", english(match["some"]) / english(nth)


def _value(written: str) -> Fraction | None:
    value = decimal(written) if written[0].isdigit() else chinese(written)
    return value if isinstance(value, Fraction) else None


_ORDINAL = re.compile(
    rf"第\s?(?P<han>\d+|{_HAN}+)|(?<!\d)(?P<figure>\d+)(?:st|nd|rd|th)(?![A-Za-z])|(?:\bNo\.?|№|#)\s?(?P<no>\d+)(?![\d,.]\d)"
)
_FIRST = re.compile("首(?=[个家批次届项支座条台款本部只位名份例])")


def ordinals(text: str, loose: bool = False) -> Iterator[Found]:
    """第三, 第3季度, 3rd, No. 3; 首个 if `loose`."""
    for match in _ORDINAL.finditer(text):
        written = match["han"] or match["figure"] or match["no"]
        value = decimal(written) if written[0].isdigit() else chinese(written)
        if value is not None:
            unit, end = unit_at(text, match.end())
            yield Found("ordinal", value, match.start(), end, unit)
    for match in _FIRST.finditer(text) if loose else ():
        yield Found("ordinal", Fraction(1), match.start(), match.end())


_MYRIAD = r"(?:[百千](?![克米瓦卡赫帕伏焦分])|十|万(?!分之)|亿|兆(?![瓦赫]))"
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w)\]%\0])(?<![\d%\0]\s)-|(?<=[\u3400-\u9fff])-(?=[\d.]+\s?(?:[%‰℃]|°C|摄氏度|度|个?百分点))"
    r"|零下|负|(?i:\bminus\s))?"
    r"(?P<currency>(?i:us\$|hk\$|nt\$|(?<![A-Za-z])(?:rmb|cny|usd|eur|gbp|jpy|hkd)\s?)|[$¥€£₩₹]\s?)?"
    rf"(?P<figure>{_FIGURE})"
    rf"(?P<han>\s?[余多来几]?{_MYRIAD}+(?:\d+(?:\.\d+)?{_MYRIAD}+)*(?:(?<=万)\d{{4}}(?![\d年]))?)?"
    r"(?P<more>[余多来](?!元化|样|年来|源|自|到))?"
)
_SCALE = re.compile(
    rf"[ -]?(?i:(?P<word>{'|'.join(ENGLISH_SCALES)})s?)(?![A-Za-z])|(?P<letter>[KkMmBb]n?)(?![A-Za-z\d])"
)
_LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9, "mn": 10**6, "bn": 10**9}
_CURRENCIES: dict[str, str] = VOCABULARY["currencies"]
_LETTER_RUN = re.compile(r"[A-Za-z][A-Za-z\d]*")


def numbers(text: str) -> Iterator[Found]:
    """Figures in digits with what belongs to them: "$1.2 million", 3亿5000万元, 20余家, -5℃, 2.5-fold; 5G is a code."""
    for match in _NUMBER.finditer(text):
        base, value, about = _digits(match)
        end, currency = match.end(), _CURRENCIES.get((match["currency"] or "").strip().lower(), "")
        scale = None if match["han"] else _SCALE.match(text, end)
        if scale and isinstance(value, Fraction) and (scale["word"] or currency):
            value *= ENGLISH_SCALES[scale["word"].lower()] if scale["word"] else _LETTERS[scale["letter"].lower()]
            end = scale.end()
        unit, unit_end = unit_at(text, end)
        if not currency or unit == currency:
            end = unit_end
        letters = _LETTER_RUN.match(text, end)
        if letters and end == match.end() and text[end - 1].isdigit():
            yield Found("code", _folded_code(text[match.start("figure") : letters.end()]), match.start(), letters.end())
            continue
        factor = value / base if isinstance(value, Fraction) and isinstance(base, Fraction) and base else Fraction(1)
        yield _with_unit(text, Found("number", value, match.start(), end, currency or unit, about, abs(factor)))


def _digits(match: re.Match[str]) -> tuple[Fraction | str, Fraction | str, bool]:
    """The bare figure, its value with Chinese multipliers and sign, and whether 余 or 多 blurs it."""
    figure = match["figure"]
    if _DECIMAL_COMMA.fullmatch(figure):
        figure = figure.replace(",", ".")
    elif _DOTTED.fullmatch(figure):
        figure = figure.replace(".", "")
    base = value = decimal(figure)
    about = bool(match["more"])
    if match["han"] and isinstance(base, Fraction):
        han = match["han"].strip()
        about = about or han[0] in "余多来几"
        value = chinese(re.sub("[,'’\u00a0]", "", figure) + han.lstrip("余多来几")) or base
    if match["sign"] and isinstance(value, Fraction):
        value = -value
    return base, value, about


def _with_unit(text: str, one: Found) -> Found:
    """Percent signs make a percentage, ‰ a tenth of one; a 半 after the unit adds a half: 两年半."""
    kind, value, end = one.kind, one.value, one.end
    if isinstance(value, Fraction):
        if one.unit == "%":
            kind, value = "percent", value / 10 if text[end - 1] == "‰" else value
        elif one.unit and text[end : end + 1] == "半":
            value, end = value + Fraction(1, 2), end + 1
    return Found(kind, value, one.start, end, one.unit, one.approximate, one.factor)


_CHINESE = re.compile(
    rf"[数几]?{_HAN}+(?:(?<=[十百千万亿])[余多来几][百千万亿]*)?(?:点[零〇{_ONE_TO_NINE}]+(?!十)[百千万亿]*)?"
)
_ROUGH = re.compile("[余多来几数]")
_BARE_BEFORE = re.compile("(?:近|(?<!千)上|约|逾|超|过|超过|约为)$")
_NEIGHBOURS = re.compile("|".join(a + b for a, b in pairwise(_ONE_TO_NINE)) + "|两三")


def chinese_numbers(text: str, loose: bool = False) -> Iterator[Found]:
    """Chinese numerals that are figures: 三家, 一百二十, 二〇三五, 近百家, 数十; with `loose` 一家 and 百家 too."""
    for match in _CHINESE.finditer(text):
        run = _ROUGH.sub("", match.group())
        about = run != match.group()
        pair = _NEIGHBOURS.match(run)
        if pair and (len(run) == 2 or run[2] in "十百千万亿"):
            run, about = run[0] + run[2:], True  # 七八个, 三四十万: from the first on
        value = chinese(run)
        if value is None:
            continue
        unit, end = unit_at(text, match.end())
        bare = about or bool(_BARE_BEFORE.search(text, max(0, match.start() - 2), match.start()))
        if _is_figure(run, unit, bare, loose):
            yield _with_unit(
                text, Found("number", value, match.start(), end, unit, about or (bare and run[0] in "百千万亿"))
            )


def _is_figure(run: str, unit: str, about: bool, loose: bool) -> bool:
    """Whether a numeral is meant as one, by what stands around it: 三家 is, the 三 of 三角 is not."""
    if any(character in FORMAL_DIGITS for character in run) and (len(run) == 1 or set(run) & set("十百千零〇")):
        return False  # 陆家嘴, 队伍; figures on cheques are formal throughout
    if loose and unit:
        return True
    if "点" in run:
        return (bool(unit) and unit != "线") or run[-1] in "百千万亿"
    if run[0] in "百千万亿兆":
        return set(run) <= set("百千万亿兆") and (about or (bool(unit) and len(run) > 1))
    if run[0] in "十拾":
        return about or bool(unit)
    if len(run) == 1:
        return unit == "倍" if run == "一" else unit in AFTER_ONE_CHARACTER
    return True


_ENGLISH = re.compile(
    rf"{_ALONE}(?i:(?P<many>dozen|hundred|thousand|million|billion)s|(?P<ordinal>{ENGLISH_ORDINAL})"
    rf"|(?P<cardinal>{ENGLISH_NUMBER}))(?![A-Za-z])"
)
_NO_ORDINAL = re.compile(r"(?i:per|a|every|each|split|one)[ -]$")


def english_numbers(text: str, loose: bool = False) -> Iterator[Found]:
    """Number words: "twenty-five", "two hundred people", "third", "dozens"; with `loose` also "one" and "first"."""
    for match in _ENGLISH.finditer(text):
        words, start, end = match.group().lower(), match.start(), match.end()
        if match["ordinal"]:
            lone = words == "first" or (words == "second" and _NO_ORDINAL.search(text, max(0, start - 6), start))
            if loose or not lone:
                unit, end = unit_at(text, end)
                yield Found("ordinal", english(words), start, end, unit)
        elif match["many"]:
            yield Found("number", Fraction(ENGLISH_SCALES[match["many"].lower()]), start, end, approximate=True)
        else:
            unit, end = unit_at(text, end)
            if loose or words != "one" or unit == "%":
                yield _with_unit(text, Found("number", english(words), start, end, unit))
