"""Units and measure words of Chinese and English, folded to one name each, and which may stand for each other."""

from __future__ import annotations

import re
from fractions import Fraction

_CHINESE = {
    **{"%": "% ‰", "百分点": "个百分点 百分点", "元": "元 块钱 人民币", "美元": "美元 美金", "欧元": "欧元 €"},
    **{
        "英镑": "英镑",
        "日元": "日元 日圆",
        "港元": "港元 港币",
        "新台币": "新台币 台币",
        "韩元": "韩元",
        "卢布": "卢布",
    },
    **{
        "km": "公里 千米",
        "m": "米 公尺",
        "cm": "厘米 公分",
        "mm": "毫米",
        "nm": "纳米",
        "英里": "英里",
        "海里": "海里",
    },
    **{"英尺": "英尺", "英寸": "英寸", "km²": "平方公里 平方千米 ㎢", "m²": "平方米 平方公尺 平米 ㎡"},
    **{"公顷": "公顷", "亩": "亩", "英亩": "英亩", "m³": "立方米", "吨": "吨级 公吨 吨", "kg": "公斤 千克", "g": "克"},
    **{"mg": "毫克", "斤": "斤", "l": "公升 升", "kWh": "千瓦时 度电", "kW": "千瓦", "MW": "兆瓦", "GW": "吉瓦"},
    **{"℃": "摄氏度 ℃", "岁": "周岁 岁", "世纪": "世纪 个世纪", "年代": "年代", "年": "年 周年", "季度": "季度 个季度"},
    **{"月": "个多月 个月 月", "周": "周 个星期 星期 个礼拜", "天": "天 日", "小时": "个小时 小时 个钟头"},
    **{"分钟": "分钟", "秒": "秒钟 秒", "倍": "倍", "人次": "人次", "人": "人 名 位 口人", "户": "户"},
}
_SYMBOLS = {
    **{"km": "km", "m": "m", "cm": "cm", "mm": "mm", "nm": "nm", "英尺": "ft", "km²": "km² km2", "m²": "m² m2"},
    **{"公顷": "ha", "m³": "m³ m3", "kg": "kg", "g": "g", "mg": "mg", "kWh": "kWh", "kW": "kW", "MW": "MW", "GW": "GW"},
    **{"℃": "°C", "GB": "GB", "MB": "MB", "TB": "TB", "Hz": "Hz", "MHz": "MHz", "GHz": "GHz", "年代": "s"},
}
_ENGLISH = {
    "%": ["percent", "per cent", "pct"],
    "百分点": ["percentage point", "percentage-point"],
    "元": ["yuan", "rmb", "renminbi", "cny"],
    **{"美元": ["dollar", "us dollar", "usd"], "欧元": ["euro", "eur"], "英镑": ["pounds sterling", "gbp"]},
    **{
        "日元": ["yen", "jpy"],
        "港元": ["hong kong dollar", "hkd"],
        "新台币": ["new taiwan dollar", "nt dollar", "twd"],
    },
    **{"km": ["kilometre", "kilometer"], "m": ["metre", "meter"], "cm": ["centimetre", "centimeter"]},
    **{
        "mm": ["millimetre", "millimeter"],
        "nm": ["nanometre", "nanometer"],
        "英里": ["mile"],
        "英尺": ["feet", "foot"],
    },
    "英寸": ["inch", "inches"],
    "km²": ["square kilometre", "square kilometer", "sq km", "square km"],
    "m²": ["square metre", "square meter", "sq m", "square m"],
    **{"公顷": ["hectare"], "亩": ["mu"], "英亩": ["acre"], "m³": ["cubic metre", "cubic meter"]},
    **{"吨": ["tonne", "ton", "metric ton"], "kg": ["kilogram", "kilogramme", "kilo"], "g": ["gram"]},
    **{"mg": ["milligram"], "l": ["litre", "liter"], "kWh": ["kilowatt hour", "kilowatt-hour"], "kW": ["kilowatt"]},
    **{"MW": ["megawatt"], "GW": ["gigawatt"], "℃": ["degrees celsius", "degrees centigrade"]},
    "岁": ["years old", "year old", "year-old"],
    **{"世纪": ["century", "centuries"], "年代": ["decade"], "年": ["year"], "季度": ["quarter"], "月": ["month"]},
    **{"周": ["week"], "天": ["day"], "小时": ["hour"], "分钟": ["minute"], "秒": ["second"], "倍": ["fold"]},
    **{"人": ["people", "person"], "户": ["household"]},
}
_MEASURE_WORDS = (
    "个 家 所 项 条 件 座 栋 幢 间 套 台 辆 艘 架 部 本 册 篇 张 份 批 次 届 期 场 支 只 匹 颗 株 棵 块 枚 门 款 类 种 "
    "组 队 团 级 层 楼 号 对 副 起 宗 例 步 点 大 片 章 节 段 集 轮 代 环 折 头 首 线 区 城 省 市 县 镇 乡 村 校 院 地"
).split()
AFTER_ONE_CHARACTER = frozenset(
    "家 所 项 条 件 座 栋 幢 间 套 辆 艘 架 部 册 篇 张 份 批 次 届 期 场 支 只 颗 株 棵 枚 款 类 种 组 层 号 起 例 步 "
    "大 片 章 轮 代 个 区 城 市 省 县 镇 村 校 院 地 级 折 台".split()
) | (frozenset(_CHINESE) - {"元", "m", "l", "g", "斤", "百分点"})
"""Units that make a figure of one Chinese digit before them. After the others it mostly names: 三元, 三角, 三门峡."""

_TABLE: dict[str, str] = {}
for _names in (_CHINESE, _SYMBOLS):
    _TABLE.update((_form, _name) for _name, _forms in _names.items() for _form in _forms.split())
_TABLE.update((_word, _word) for _word in _MEASURE_WORDS)
_WORDS = {form: name for name, forms in _ENGLISH.items() for form in forms}


def _any(forms: list[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))


_UNIT = re.compile(
    rf"\s?(?P<han>{_any([form for form in _TABLE if not form[0].isascii() or form == '%'])})"
    rf"|\s?(?P<symbol>{_any([form for form in _TABLE if form[0].isascii() and form != '%'])})(?![A-Za-z\d²³])"
    rf"|[\s-]?(?i:(?P<word>{_any(list(_WORDS))})s?)(?![A-Za-z])"
)
# Words in which a measure word or unit is only the first character, so that "5成立" or "三家港" is not a figure's unit.
_NOT_UNIT = re.compile(
    "日本|人民(?!币)|人工|人才|人均|人类|人口|大学|大型|大力|大幅|大陆|地区|市场|市区|点[零一二三四五六七八九\\d]"
)

_COUNT = frozenset(_MEASURE_WORDS) | {"户"}
_ALIKE = {frozenset(pair) for pair in (("个", "人"), ("人次", "人"), ("人次", "次"), ("岁", "年"), ("月", "年"))}
_SCALE = {
    **{"km": ("m", Fraction(1000)), "cm": ("m", Fraction(1, 100)), "mm": ("m", Fraction(1, 1000))},
    **{"km²": ("m²", Fraction(10**6)), "公顷": ("m²", Fraction(10**4)), "亩": ("m²", Fraction(2000, 3))},
    **{
        "吨": ("g", Fraction(10**6)),
        "kg": ("g", Fraction(1000)),
        "斤": ("g", Fraction(500)),
        "mg": ("g", Fraction(1, 1000)),
    },
    **{"MW": ("kW", Fraction(1000)), "GW": ("kW", Fraction(10**6)), "小时": ("分钟", Fraction(60))},
}
NUMBERING = frozenset("世纪 期 届 号 年 月 天 季度 级 大 次 层 楼 环 代 轮 年代 章 节 条 集".split())
"""Units with which a bare number says which one, like an ordinal: 20世纪, 三季度, 2期."""


def unit_at(plain: str, position: int) -> tuple[str, int]:
    """The unit's folded name and where it ends; ("", position) when none stands there. "公里。" -> ("km", 2)."""
    match = _UNIT.match(plain, position)
    if match is None:
        return "", position
    form = match["han"] or match["symbol"]
    if form is None:
        return _WORDS[match["word"].lower()], match.end()
    if _NOT_UNIT.match(plain, match.start("han")):
        return "", position
    return _TABLE[form], match.end()


def same_unit(first: str, second: str) -> bool:
    """Whether two units do not contradict each other: no unit fits any, measure words fit each other."""
    if first == second or not first or not second:
        return True
    return (first in _COUNT and second in _COUNT) or frozenset((first, second)) in _ALIKE


def to_base(value: Fraction, unit: str) -> tuple[Fraction, str]:
    """The value in the unit that others of its kind are compared in: (5, "km") -> (5000, "m")."""
    base, factor = _SCALE.get(unit, (unit, Fraction(1)))
    return value * factor, base
