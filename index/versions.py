"""Versions of one document: of two passages that say much the same, the one of the newer version comes first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from index.records import Paragraph
from index.text import fold
from index.words import words

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:\W?(0[1-9]|1[0-2])(?:\W?([0-2]\d|3[01]))?)?(?!\d)")
"""2020, 2020-12, 2020-12-30, 20201230: year, month, day."""

_ALIKE = 0.5
"""Share of a passage's words in the newer one: minutes of two meetings have a name in common, versions have a text."""

Passage = Sequence[Paragraph]


def newest_first(passages: Sequence[Passage], folded: str) -> list[tuple[int, str]]:
    """Places of the passages, best first, each with the source of a newer version of it that is here, "" for none.

    Versions have the same file name or title but for a date with a year: "rules(2010-12-23).md", "rules(2020).md". A
    question (`folded`) that gives the year of one wants that one.
    """
    asked = {date[0] for date in _DATE.findall(folded)}
    versions: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for place, passage in enumerate(passages):
        for name in (PurePath(passage[0].source).stem, passage[0].title or ""):
            if found := _DATE.findall(fold(name)):
                plain = "".join(filter(str.isalpha, _DATE.sub("", fold(name))))
                versions.setdefault(plain, []).append((found[-1], place))
                break
    newer: dict[int, int] = {}
    for plain, known in versions.items():
        dates = {date for date, _ in known}
        if plain and len(dates) > 1 and not asked & {year for year, *_ in dates}:
            newer |= _newer(sorted(known, key=lambda one: one[0], reverse=True), passages)
    order = list(dict.fromkeys(p for place in range(len(passages)) for p in (newer.get(place, place), place)))
    return [(place, passages[newer[place]][0].source if place in newer else "") for place in order]


def _newer(newest: Sequence[tuple[tuple[str, ...], int]], passages: Sequence[Passage]) -> dict[int, int]:
    """For the place of each passage with a newer one much like it, the place of the newest."""
    own = {place: set(words("\n".join(one.text for one in passages[place]))) for _, place in newest}
    found = {}
    for date, place in newest:
        later = (p for other, p in newest if other > date and len(own[place] & own[p]) >= _ALIKE * len(own[place]))
        if (first := next(later, None)) is not None:
            found[place] = first
    return found
