"""Place names, by the word that ends them: 区, 县, 市, ..., District, County, ..."""

from __future__ import annotations

import re
from collections.abc import Callable

from index.pinyin import names, spells
from index.text import fold

_PLACE = re.compile(r"[\u4e00-\u9fff]{2,4}?[区县市省镇乡州]")
_COMMON_PLACE = re.compile(
    r"(?:示范|功能|园|城|社|地|全|新|特|景|校|片|集聚|各|本|该|我|都|超|上|门|街|山|厂|灾|辖|开发|经济|工业|高新"
    r"|成立|设立|建立|建设|打造|推动|推进|支持|发布)[区县市省镇乡州]$"
)
_DISTRICT = re.compile(
    r"\b(?!(?:Which|What|The|This|That|Each|Every|Any|Another|No|Our|Their|Its|In|How)\b)"
    r"([A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2}) (?:[Dd]istrict|[Cc]ounty|[Tt]own|[Tt]ownship)\b"
)
_NO_PLACE = re.compile("[哪几各每某的是在]")
"""In what looks like a place: 哪一个区."""


def places(text: str) -> list[str]:
    """Places that the text names, folded, a character of the word before it included at times: 在普陀区 -> [普陀区]."""
    return [m.group() for m in _PLACE.finditer(fold(text)) if not _COMMON_PLACE.search(m.group())]


def districts(text: str) -> list[str]:
    """Districts, counties and towns that the text names, with the word for what they are: 静安区, Ridge District."""
    chinese = [place for place in places(text) if place[-1] in "区县镇乡" and not _NO_PLACE.search(place)]
    return chinese + [m.group() for m in _DISTRICT.finditer(text)]


def names_district(district: str) -> Callable[[str], bool]:
    """What tells whether a folded text names the district, with or without the word for what it is.

    静安区 -> 静安, also where a character too many was taken (在静安区); "Jing'an District" -> 静安 too.
    """
    latin = _DISTRICT.fullmatch(district)
    if latin is None:
        stems = [re.escape(district[i:-1]) for i in range(len(district) - 2)] or [re.escape(district)]
        return lambda text: re.search("|".join(stems), text) is not None
    spelled, stem = names(latin.group(1)), re.compile(rf"(?<![a-z]){re.escape(fold(latin.group(1)))}(?![a-z])")
    return lambda text: bool(stem.search(text)) or any(spells(name, text) for name in spelled)
