"""Chinese place names, by the word that ends them: 区, 县, 市, ..."""

from __future__ import annotations

import re

from index.text import fold

_PLACE = re.compile(r"[\u4e00-\u9fff]{2,4}?[区县市省镇乡州]")
_COMMON_PLACE = re.compile(
    r"(?:示范|功能|园|城|社|地|全|新|特|景|校|片|集聚|各|本|该|我|都|超|上|门|街|山|厂|灾|辖|开发|经济|工业|高新)[区县市省镇乡州]$"
)


def places(text: str) -> list[str]:
    """Places that the text names, folded, a character of the word before it included at times: 在普陀区 -> [普陀区]."""
    return [m.group() for m in _PLACE.finditer(fold(text)) if not _COMMON_PLACE.search(m.group())]
