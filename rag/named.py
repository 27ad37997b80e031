"""What a question names: paragraphs about something else of the same sort do not answer it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from index.pinyin import names, respelled, spells
from index.records import Hit
from index.text import fold, simplify
from index.words import query_words
from rag.labels import names_a_year, names_another, names_the_same
from rag.places import districts, names_district

_SORT_OF_PLACE = re.compile(r" (?:district|county|city|town|township|province|village)$|(?<=..)[区县市镇乡]$")


def about_the_named(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those of another entity than the question names. Order and ranks stay.

    "松岭区建成了多少座监测站" over hits under 芦洲区 and 松岭区 -> only those that name 松岭区. An entity is the last
    heading of a hit, also in pinyin (Songling), or a district, county or town that the question names; where no hit
    names that one, those that name another go, and what holds for a whole city stays. Where the question names a year
    or number (2023年, 三期, Line 5), the hits of another one go, and all of them when none has the one named and the
    best has another; for a year, when any has another.
    """
    entity = _of_the_entity(question, hits)
    year = names_a_year(question)
    labelled = hits if year else entity  # a report says its year once
    other = {hit.paragraph.id for hit in labelled if names_another(question, _said(hit))}
    doubtful = any(hit.paragraph.id in other for hit in (labelled if year else entity[:1]))
    if doubtful and not any(names_the_same(question, _said(hit)) for hit in labelled):
        return []
    return [hit for hit in entity if hit.paragraph.id not in other]


def without_names(question: str, hit: Hit) -> str:
    """The question without the places that the hit names: that they are the same tells nothing of what is asked.

    "普陀区引进了多少博士" over a paragraph on 普陀区 -> "引进了多少博士". As it is when nothing would be left.
    """
    text = fold("\n".join(_said(hit)))
    rest = question
    for place in districts(question):
        if names_district(place)(text):
            rest = re.sub(re.escape(place), " ", simplify(rest))
    rest = respelled(rest, text, lambda _: " ")
    for label in hit.paragraph.heading[-1:]:
        if len(core := _core(label)) > 1:
            rest = re.sub(rf"{re.escape(core)}[区县市镇乡]?", " ", simplify(rest), flags=re.IGNORECASE)
    return rest if query_words(rest) else question


def _said(hit: Hit) -> tuple[str, ...]:
    return (hit.paragraph.text, hit.paragraph.source, *hit.paragraph.heading)


def _of_the_entity(question: str, hits: Sequence[Hit]) -> list[Hit]:
    texts = ["\n".join(_said(hit)) for hit in hits]
    folded = [fold(text) for text in texts]
    rows = [row for test in _labels(question, hits) if any(row := [bool(test(text)) for text in folded])]
    for names_it in map(names_district, districts(question)):
        row = [names_it(text) for text in folded]
        rows.append(row if any(row) else [not districts(text) for text in texts])
    return [hit for hit, *told in zip(hits, *rows, strict=True) if any(told) or not rows]


def _labels(question: str, hits: Sequence[Hit]) -> list[Callable[[str], object]]:
    """For each last heading that the question names, also in pinyin, what tells whether a folded text names it too."""
    asked = fold(question)
    labels = {core for hit in hits for label in hit.paragraph.heading[-1:] if len(core := _core(label)) > 1}
    named: list[Callable[[str], object]] = [word.search for word in map(_word, labels) if word.search(asked)]
    return named + [partial(spells, name) for name in names(question) if any(spells(name, label) for label in labels)]


def _core(label: str) -> str:
    """The label, folded, without the word for what sort of place it is: "Songling District" -> "songling"."""
    return _SORT_OF_PLACE.sub("", fold(label))


def _word(label: str) -> re.Pattern[str]:
    """The label, not inside a longer Latin word: "art" is not named by "start"."""
    return re.compile(rf"(?<![a-z]){re.escape(label)}(?![a-z])")
