"""Numbers of a workbook as its cells show them, from Excel's format codes (ECMA-376 part 1, 18.8.31)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne

# 14 and 22 are the short date of whoever looks at them: ISO here.
BUILT_IN = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00"}
BUILT_IN |= {14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM"}
BUILT_IN |= {20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)"}
BUILT_IN |= {39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0"}
# Those of Chinese Excel, which writes no code for them.
BUILT_IN |= dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"') | dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"')
BUILT_IN |= {30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"'}

_TOKEN = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|上午/下午|E[+-]0+|[ymdhs]+|g*e+|a{3,4}|[0#?][0#?,.]*|.',
    re.IGNORECASE | re.DOTALL,
)
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|General|E[+-]', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[([hms])+\]", re.IGNORECASE)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_COMPARED = {"<": lt, "<=": le, "=": eq, "<>": ne, ">=": ge, ">": gt}
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_NAMED = {("y", 2): "%y", ("y", 4): "%Y", ("m", 3): "%b", ("m", 4): "%B", ("d", 3): "%a", ("d", 4): "%A"}
_NAMED |= {("a", 3): "%a", ("a", 4): "%A"}
"""Parts of a date that are no plain number, by letter and width."""
_DAYS_1904 = 1462
_MAX_SERIAL = 2_958_466
"""The day after 31 December 9999."""


def show(value: float, code: str, from_1904: bool = False) -> str:
    """(1234.5, "#,##0.00") -> "1,234.50"; (45292, "yyyy-mm-dd") -> "2024-01-01"; (0.125, "0.0%") -> "12.5%"."""
    section, signed = _section(value, code)
    plain = _LITERAL.sub("", section)
    if _DATE.search(plain) or _ELAPSED.search(section):
        return _date(value + _DAYS_1904 * from_1904, section)
    if "general" in section.lower() or not re.search("[0#?]", plain):
        return general(value)
    return _number(value, section, signed)


def general(value: float) -> str:
    """A number without a format: at most eleven digits, as a cell of the usual width shows it."""
    if value == int(value) and abs(value) < 1e15:  # Excel keeps fifteen digits
        return str(int(value))
    text = f"{value:.10g}"
    return text if "e" not in text else f"{value:.15g}"


def _section(value: float, code: str) -> tuple[str, bool]:
    """Positive; negative; zero: what is missing is the first. Or the first one whose condition holds: "[<1]0.0%;0".

    And whether it is for negative numbers only, so that it has a sign of its own.
    """
    sections = re.findall(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])+', code) or ["General"]
    if _CONDITION.search(code):
        for section in sections:
            test = _CONDITION.search(section)
            if test is None:
                return section, False
            if _COMPARED[test[1]](value, float(test[2])):
                return section, test[1][0] == "<" and float(test[2]) <= 0
        return "General", False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    return sections[2] if value == 0 and len(sections) > 2 else sections[0], False


def _number(value: float, section: str, signed: bool) -> str:
    tokens = _TOKEN.findall(_CURRENCY.sub(lambda found: f'"{found[1]}"', section))
    places = [t for t in tokens if t[0] in "0#?"]
    shape = "".join(places)
    if "/" in tokens or len(places) != 1 or any(t.upper().startswith("E") and len(t) > 1 for t in tokens):
        return general(value)  # fractions, scientific notation, telephone numbers: the number itself
    # By its repr: 1.005 is shown as 1.01, but its binary value lies below.
    exact = Decimal(repr(value)) * 100 ** tokens.count("%")
    # A comma behind the last digit divides by a thousand: "#,##0,".
    exact /= 1000 ** (len(shape) - len(shape.rstrip(",")))
    integers, _, decimals = shape.rstrip(",").partition(".")
    rounded = exact.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    if not rounded and "0" not in shape:  # '"-"??' shows nothing of a zero but the dash
        return "".join("" if t in places else _literal(t) for t in tokens).strip()
    digits = f"{abs(rounded):{',' if ',' in integers else ''}.{len(decimals)}f}"
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional):
        digits = digits.removesuffix("0")
    whole, point, rest = digits.removesuffix(".").partition(".")
    whole = whole.zfill(integers.count("0")) if "," not in integers else whole
    sign = "-" if rounded < 0 and not signed else ""
    return sign + "".join(whole + point + rest if t in places else _literal(t) for t in tokens).strip()


def _literal(token: str) -> str:
    if token[0] == '"':
        return token[1:-1]
    if token[0] == "\\":
        return token[1:]
    return "" if token[0] in "_*[" else token


def _date(value: float, section: str) -> str:
    if not 0 <= value < _MAX_SERIAL:
        return general(value)
    # Excel takes 1900 for a leap year: its day 60 never was, so that earlier days are one further on.
    base = datetime(1899, 12, 30) if value >= 60 else datetime(1899, 12, 31)
    tokens = _TOKEN.findall(section)
    places = next((len(t) for point, t in pairwise(tokens) if point == "." and t[0] == "0"), 0)
    seconds = round(value * 86400, places)
    moment = base + timedelta(seconds=seconds)
    half = any(t.upper() in ("AM/PM", "上午/下午") for t in tokens)
    shown = []
    for i, token in enumerate(tokens):
        kind = token[0].lower() if _DATE.match(token) else ""
        # Minutes and months have one letter: "h:mm", "mm:ss", "yyyy-mm".
        if kind == "m" and (_near(tokens, i, -1) == "h" or _near(tokens, i, 1) == "s"):
            shown.append(f"{moment.minute:02d}" if len(token) > 1 else str(moment.minute))
        elif kind:
            shown.append(_part(moment, kind, len(token), half))
        elif _ELAPSED.fullmatch(token):
            shown.append(str(int(seconds) // {"h": 3600, "m": 60, "s": 1}[token[1].lower()]))
        elif token[0] == "0":  # of a second
            shown.append(f"{moment.microsecond:06d}"[: len(token)])
        elif token[-1] in "eE":  # the year of an emperor: that of the calendar
            shown.append(str(moment.year))
        elif token[0] in "aA" and "/" not in token:
            shown.append(_part(moment, "a", len(token), half))
        elif token.upper() in ("AM/PM", "上午/下午"):
            shown.append(token.split("/")[moment.hour >= 12])
        else:
            shown.append(_literal(token))
    return "".join(shown).strip()


def _near(tokens: list[str], i: int, step: int) -> str:
    """The kind of the next date part before or behind token i: "h" for "[h]" too."""
    i += step
    while 0 <= i < len(tokens):
        if _DATE.match(tokens[i]) or _ELAPSED.fullmatch(tokens[i]):
            return tokens[i].strip("[")[0].lower()
        i += step
    return ""


def _part(moment: datetime, kind: str, width: int, half: bool) -> str:
    width = min(width, 4) if kind != "y" else 4 if width > 2 else 2
    if shape := _NAMED.get((kind, width)):
        return moment.strftime(shape)
    hour = (moment.hour - 1) % 12 + 1 if half else moment.hour
    number = {"m": moment.month, "d": moment.day, "h": hour, "s": moment.second}[kind]
    return f"{number:02d}" if width > 1 else str(number)
