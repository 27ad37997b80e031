"""Every quantity of a text, with its place and one canonical value: figures, shares, dates, ordinals, codes.

Figures in digits of any script are always found: every digit of the text lies in exactly one quantity. Numerals in
Chinese characters and number words are found where they are figures ("三家", "一百二十", "twenty-five"), not where they
are part of a word (长三角, 统一, 五角场); a lone 一 or "one" is left out unless asked for.

Decided once where writing is ambiguous: "1,234" is 1234 (groups of three are thousands), "3,5" away from Chinese text
is 3.5, "1.234" is 1.234; "2010-12" is a month; "05/06/2023" stays a code; "2000年" is the year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from rag.checking import numerals
from rag.checking.dates import covers, dates, parts
from rag.checking.units import AFTER_ONE_CHARACTER, NUMBERING, VOCABULARY, same_unit, to_base, unit_at

Kind = Literal["number", "percent", "date", "ordinal", "code"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure, share, date, ordinal or code, and its place."""

    kind: Kind
    """number | percent | date | ordinal | code (a name made of digits: G60, 10:30, 400-820-1234)."""
    value: Fraction | str
    """Exact. "2023", "2023-05", "2023-05-01", "--05", "--05-01" for a date; the folded text for a code."""
    unit: str
    """Folded unit or measure word ("元", "km", "家", "%"); empty when none follows."""
    start: int
    """First character, in the text that was read."""
    end: int
    """One past the last character."""
    text: str = ""
    """As written: text[start:end]."""
    approximate: bool = False
    """The text itself calls it so: 近百家, 20多, nearly 1,000, at least five."""


def quantities(text: str, *, loose: bool = False) -> list[Quantity]:
    """Every quantity in order of place, never overlapping; `text[q.start:q.end] == q.text`. Linear time.

    With `loose`, also numerals that are figures only to someone who looks for one: 一家, 百家, "one", "first".
    Evidence is read loosely, a claim strictly. "16家院所、近百家企业" -> 16 家, about 100 家.
    """
    folded = rest = numerals.plain(text)
    found: list[Quantity] = []
    # In this order: 2023-05-01 would be a code, and the 5 of 百分之5 a number.
    for read in (_dates, _codes, _shares, _ordinals, _numbers, _chinese_numbers, _english_numbers):
        rest = _take(rest, list(read(rest, loose)), found)
    found.sort(key=lambda one: one.start)
    for i, one in enumerate(found):
        about = one.approximate or (one.kind in ("number", "percent") and _blurred(folded, one.start, one.end))
        found[i] = replace(one, text=text[one.start : one.end], approximate=about)
    return found


def _take(rest: str, new: list[Quantity], found: list[Quantity]) -> str:
    """Adds what does not overlap and blanks it out, so that the next reader does not see it again."""
    pieces: list[str] = []
    position = 0
    for one in sorted(new, key=lambda one: one.start):
        if one.start >= position:
            pieces += rest[position : one.start], "\0" * (one.end - one.start)
            position = one.end
            found.append(one)
    return "".join(pieces) + rest[position:] if pieces else rest


_ABOUT_BEFORE = re.compile(
    # Not 附近3家, 签约3家.
    r"(?:(?<![附最靠邻])近|(?<![签节合条公])约|逾|超|超过|突破|不少于|不低于|不超过|至少|至多|最多|多达|高达|约为|不足|不到"
    r"|\b(?i:about|nearly|almost|around|over|above|under|below|than|at least|at most|some|up to|roughly|close to"
    r"|approximately)\s(?:an?\s)?|[~≈<>≥≤])\s?$"
)
_ABOUT_AFTER = re.compile(r"左右|上下|以上|以下|以内|余|\+(?!\w)|\s(?i:or (?:so|more|less))\b")


def _blurred(text: str, start: int, end: int) -> bool:
    """Whether the words around a figure call it approximate."""
    return bool(_ABOUT_BEFORE.search(text, max(0, start - 16), start) or _ABOUT_AFTER.match(text, end))


_FIGURE = (
    r"(?:(?<![\d,.\u3400-\u9fff])\d+,\d{1,2}(?![\d,.\u3400-\u9fff])"  # decimal comma
    r"|(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?:[\u00a0’']\d{3})+(?!\d)|\d+)(?:\.\d+)?)"
)
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_ONE_TO_NINE = "一二三四五六七八九"
_HAN = f"[零〇○{_ONE_TO_NINE}两壹贰叁肆伍陆柒捌玖十百千万亿兆廿卅拾佰仟]"
_ALONE = r"(?<![A-Za-z\d])"

_CODE = re.compile(
    # A hyphen only behind capitals: COVID-19 is one name, of mid-2023 the year is a figure.
    rf"{_ALONE}[A-Za-z]{{1,24}}(?:[-/&][A-Za-z]{{1,24}}){{0,3}}(?:(?<=[A-Z])[-/])?\d[A-Za-z\d]*(?:[-–—/.][A-Za-z\d]+)*"
    r"|(?<!\d)(?:\d+(?:[-–—]\d+){2,}|\d+(?:\.\d+){2,}|\d+(?::\d+)+|\d{1,2}/\d{1,2}/\d{2,4})"
)


def _dates(text: str, _: bool) -> Iterator[Quantity]:
    """Dates of every writing, in ISO form."""
    return (Quantity("date", value, "", start, end) for value, start, end in dates(text))


def _codes(text: str, _: bool) -> Iterator[Quantity]:
    """Names made of digits: G60, 10:30, 400-820-1234."""
    for match in _CODE.finditer(text):
        yield Quantity("code", _folded_code(match.group()), "", match.start(), match.end())


def _folded_code(name: str) -> str:
    return re.sub("[-–—]+", "-", name.casefold())


_SHARE = re.compile(
    rf"((?<!{_HAN}){_HAN}+|(?<!\d)\d+)分之({_FIGURE}|{_HAN}+(?:点[零〇{_ONE_TO_NINE}]+)?)"
    r"|(?<![\d/.])(\d{1,3})/(\d{1,3})(?![\d/])"
)


def _shares(text: str, _: bool) -> Iterator[Quantity]:
    """百分之五 and 千分之五 are percent, 三分之一 and 1/3 are fractions."""
    for match in _SHARE.finditer(text):
        whole, part = _value(match[1] or match[4]), _value(match[2] or match[3])
        if whole and part is not None:
            kind: Kind = "percent" if match[1] and whole in (100, 1000, 10000) else "number"
            value, unit = (100 * part / whole, "%") if kind == "percent" else (part / whole, "")
            yield Quantity(kind, value, unit, match.start(), match.end())


def _value(written: str) -> Fraction | None:
    value = numerals.decimal(written) if written[0].isdigit() else numerals.chinese(written)
    return value if isinstance(value, Fraction) else None


_ORDINAL = re.compile(rf"第\s?(\d+|{_HAN}+)|(?<!\d)(\d+)(?:st|nd|rd|th)(?![A-Za-z])")


def _ordinals(text: str, _: bool) -> Iterator[Quantity]:
    """第三, 第3季度, 21st."""
    for match in _ORDINAL.finditer(text):
        if (value := _value(match[1] or match[2])) is not None:
            unit, end = unit_at(text, match.end())
            yield Quantity("ordinal", value, unit, match.start(), end)


# 5千克 and 3兆瓦 are units, not thousands and millions of millions.
_MYRIAD = r"(?:[百千](?![克米瓦卡赫帕伏焦分])|十|万(?!分之)|亿|兆(?![瓦赫]))"
_NUMBER = re.compile(
    # A hyphen is a minus in 增长-3.5%, not in 5-10 or 第2-5条.
    r"(?P<sign>(?<![\w)\]%\0])(?<![\d%\0]\s)-|(?<=[\u3400-\u9fff])-(?=[\d.]+\s?(?:[%‰℃]|°C|摄氏度|度|个?百分点))"
    r"|零下|负|(?i:\bminus\s))?"
    r"(?P<currency>(?i:us\$|hk\$|nt\$|(?<![A-Za-z])(?:rmb|cny|usd|eur|gbp|jpy|hkd)\s?)|[$¥€£₩₹]\s?)?"
    rf"(?P<figure>{_FIGURE})"
    rf"(?P<han>\s?[余多来几]?{_MYRIAD}+(?:\d+(?:\.\d+)?{_MYRIAD}+)*(?:(?<=万)\d{{4}}(?![\d年]))?)?"
    # 20多家 is about twenty; 20多元化, 20来自 are other words.
    r"(?P<more>[余多来](?!元化|样|年来|源|自|到))?"
)
_SCALE = re.compile(
    rf"[ -]?(?i:(?P<word>{'|'.join(numerals.ENGLISH_SCALES)})s?)(?![A-Za-z])|(?P<letter>[KkMmBb]n?)(?![A-Za-z\d])"
)
_SCALES = numerals.ENGLISH_SCALES | {"k": 10**3, "m": 10**6, "b": 10**9, "mn": 10**6, "bn": 10**9}
_CURRENCIES: dict[str, str] = VOCABULARY["currencies"]
_LETTER_RUN = re.compile(r"[A-Za-z][A-Za-z\d]*")


def _numbers(text: str, _: bool) -> Iterator[Quantity]:
    """Figures in digits with what belongs to them: "$1.2 million", 3亿5000万元, 20余家, -5℃, 2.5-fold; 5G is a code."""
    for match in _NUMBER.finditer(text):
        value, about = _digits(match)
        end, currency = match.end(), _CURRENCIES.get((match["currency"] or "").strip().lower(), "")
        scale = None if match["han"] else _SCALE.match(text, end)
        # "$5m" is five million dollars, "5m" five metres.
        if scale and isinstance(value, Fraction) and (scale["word"] or currency):
            value *= _SCALES[(scale["word"] or scale["letter"]).lower()]
            end = scale.end()
        unit, unit_end = unit_at(text, end)
        if not currency or unit == currency:
            end = unit_end
        letters = _LETTER_RUN.match(text, end)
        if letters and end == match.end() and text[end - 1].isdigit():
            name = _folded_code(text[match.start("figure") : letters.end()])
            yield Quantity("code", name, "", match.start(), letters.end())
        else:
            yield _with_unit(text, value, currency or unit, match.start(), end, about)


def _digits(match: re.Match[str]) -> tuple[Fraction | str, bool]:
    """The value with Chinese multipliers and sign, and whether 余 or 多 blurs it."""
    figure = match["figure"]
    if _DECIMAL_COMMA.fullmatch(figure):
        figure = figure.replace(",", ".")
    value, about = numerals.decimal(figure), bool(match["more"])
    if match["han"] and isinstance(value, Fraction):
        han = match["han"].strip()
        about = about or han[0] in "余多来几"
        value = numerals.chinese(re.sub("[,'’\u00a0]", "", figure) + han.lstrip("余多来几")) or value
    return (-value if match["sign"] and isinstance(value, Fraction) else value), about


def _with_unit(text: str, value: Fraction | str, unit: str, start: int, end: int, about: bool = False) -> Quantity:
    """A number, or a percentage by its unit (%, ‰, 成); a 半 after the unit adds a half: 两年半."""
    kind: Kind = "number"
    if isinstance(value, Fraction):
        in_base, base = to_base(value, unit)
        if base == "%":
            kind, value, unit = "percent", in_base, base
        elif unit and text[end : end + 1] == "半":
            value, end = value + Fraction(1, 2), end + 1
    return Quantity(kind, value, unit, start, end, approximate=about)


_CHINESE = re.compile(
    rf"[数几]?{_HAN}+(?:(?<=[十百千万亿])[余多来几][百千万亿]*)?(?:点[零〇{_ONE_TO_NINE}]+(?!十)[百千万亿]*)?"
)
_ROUGH = re.compile("[余多来几数]")


def _chinese_numbers(text: str, loose: bool) -> Iterator[Quantity]:
    """Chinese numerals that are figures: 三家, 一百二十, 二〇三五, 近百家, 数十; with `loose` 一家 too."""
    for match in _CHINESE.finditer(text):
        run = _ROUGH.sub("", match.group())
        about = run != match.group() or _blurred(text, *match.span())
        value = numerals.chinese(run)
        unit, end = unit_at(text, match.end())
        if value is not None and ((loose and unit) or _is_figure(run, unit, about)):
            yield _with_unit(text, value, unit, match.start(), end, about)


def _is_figure(run: str, unit: str, about: bool) -> bool:
    """Whether a numeral is meant as one, by what follows it: 三家 is, the 三 of 三角 is not."""
    if set(run) & set(numerals.FORMAL_DIGITS) and (len(run) == 1 or set(run) & set("十百千零〇")):
        return False  # 陆家嘴, 队伍; figures on cheques are formal throughout
    if "点" in run:
        return (bool(unit) and unit != "线") or run[-1] in "百千万亿"  # not 三点一线, nor the time 三点五
    if run[0] in "百千万亿兆":  # 亿元 alone is a unit, 近百家 a figure
        return set(run) <= set("百千万亿兆") and (about or (bool(unit) and len(run) > 1))
    if run[0] in "十拾":  # not 十分, 十足
        return about or bool(unit)
    if len(run) == 1:
        return unit == "倍" if run == "一" else unit in AFTER_ONE_CHARACTER
    return True


_ENGLISH = re.compile(
    rf"{_ALONE}(?i:(?P<many>dozen|hundred|thousand|million|billion)s|(?P<ordinal>{numerals.ENGLISH_ORDINAL})|{numerals.ENGLISH_NUMBER})"
    "(?![A-Za-z])"
)


def _english_numbers(text: str, loose: bool) -> Iterator[Quantity]:
    """Number words: "twenty-five", "two hundred people", "third", "dozens"; with `loose` "one", "first" too."""
    for match in _ENGLISH.finditer(text):
        words, start = match.group().lower(), match.start()
        unit, end = unit_at(text, match.end())
        if match["many"]:
            yield Quantity("number", numerals.english(match["many"].lower()), unit, start, end, approximate=True)
        elif match["ordinal"] and (loose or words not in ("first", "second")):
            yield Quantity("ordinal", numerals.english(words), unit, start, end)
        elif not match["ordinal"] and (loose or words != "one" or unit == "%"):
            yield _with_unit(text, numerals.english(words), unit, start, end)


def compatible(claim: Quantity, evidence: Quantity) -> bool:
    """Whether the evidence states the claim's value: 1.2万 and 12,000, 5% and 百分之五, 2023 and 2023年5月1日.

    Units must not contradict (none fits any; 家, 个 and 项 fit each other; 元 and 人 do not). A date must be given at
    least as finely as claimed. Whether one of the two is approximate does not count here.
    """
    kinds = {claim.kind, evidence.kind}
    if kinds == {"date"}:
        return covers(str(claim.value), str(evidence.value))
    if "date" in kinds:
        return _same_year(claim, evidence) or _same_year(evidence, claim)
    if not isinstance(claim.value, Fraction) or not isinstance(evidence.value, Fraction):
        return claim.value == evidence.value
    if "percent" in kinds and len(kinds) > 1:
        return False
    if "ordinal" in kinds and len(kinds) > 1:
        counted = claim if evidence.kind == "ordinal" else evidence
        return counted.unit in NUMBERING and claim.value == evidence.value and same_unit(claim.unit, evidence.unit)
    if claim.value == evidence.value and same_unit(claim.unit, evidence.unit):
        return True
    if claim.unit == evidence.unit == "年代":
        return claim.value % 100 == evidence.value % 100  # the 1980s are 80年代
    return bool(claim.unit) and to_base(claim.value, claim.unit) == to_base(evidence.value, evidence.unit)


def _same_year(number: Quantity, date: Quantity) -> bool:
    """A bare 2023 is the year of a date; a date that says more than the year claims more than a number shows."""
    if number.kind != "number" or not isinstance(number.value, Fraction) or number.unit not in ("", "年"):
        return False
    return parts(str(date.value))[0] == str(number.value)
