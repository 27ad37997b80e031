"""Whether the paragraphs found are likely to answer the question, before anybody is asked to write.

A logistic score over a few features that mean the same in a library of ten paragraphs and of fifty thousand: shares
and cosines, never sums. The coefficients are fitted by `benchmarks/refusal.py --fit` on one half of the paragraphs of
public question sets and measured on the other: half of the paragraphs indexed, all questions asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from index.pinyin import names, spells
from index.records import Hit
from index.text import fold, is_cjk
from index.words import query_words, words
from rag.labels import names_another, names_the_same
from rag.places import places
from rag.similarity import Similarity

ABSENT = 0.5
"""What each paragraph that a library of fewer than five lacks is taken to score, as a share of the first one's score.
Set by hand from libraries of a single paragraph (`benchmarks/refusal.py --tiny`)."""

_NO_PLACE = re.compile("[哪几各每某的是在]")
"""In what looks like a place: 哪一个区."""
_SORT_OF_PLACE = re.compile(r" (?:district|county|city|town|township|province|village)$|(?<=..)[区县市镇乡]$")

SAME_SCRIPT = {"bias": -3.87, "best coverage": 1.93, "coverage": -0.58, "lead": 5.9, "late": 2.1, "late lead": 4.46}
OTHER_SCRIPT = {"bias": -2.71, "late": 3.78, "late lead": 5.13}
"""Coefficients in log-odds. In another script than the paragraphs' (English over Chinese) words cannot match, so that
only late interaction is left."""


def evidence(question: str, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, near: Similarity) -> float:
    """Probability-like score in [0, 1] that the hits answer the question; 0 without hits.

    `frequency` gives the number of paragraphs with a word, `size` the number of paragraphs in the library.
    """
    if not hits:
        return 0.0
    found = features(question, hits, frequency, size, near)
    weights = SAME_SCRIPT if "coverage" in found else OTHER_SCRIPT
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in found.items())))


def about_the_named(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those of another entity, when the question names one that some of them name.

    "松岭区建成了多少座监测站" over hits under 芦洲区 and 松岭区 -> only those that name 松岭区. An entity is the last
    heading of a hit, also in pinyin (Songling), or a district or town that the question names: what holds for a whole
    city or county may well not name it. Where the question names a year or number (2023年, 三期, Line 5), the hits of
    another one go, and all of them when none has the one named and the best has another. Order and ranks stay.
    """
    texts = [fold("\n".join((hit.paragraph.source, *hit.paragraph.heading, hit.paragraph.text))) for hit in hits]
    told = [[bool(test(text)) for text in texts] for test in _named(question, hits)]
    told = [held for held in told if any(held)]
    kept = [hit for i, hit in enumerate(hits) if not told or any(held[i] for held in told)]
    places_of = [(hit.paragraph.text, hit.paragraph.source, *hit.paragraph.heading) for hit in kept]
    other = [names_another(question, texts) for texts in places_of]
    if other[:1] == [True] and not any(names_the_same(question, texts) for texts in places_of):
        return []
    return [hit for hit, another in zip(kept, other, strict=True) if not another]


def _named(question: str, hits: Sequence[Hit]) -> list[Callable[[str], object]]:
    """For each entity that the question may name, what tells whether a text names it too."""
    asked = fold(question)
    labels = {core for hit in hits for label in hit.paragraph.heading[-1:] if len(core := _core(label)) > 1}
    named: list[Callable[[str], object]] = [word.search for word in map(_word, labels) if word.search(asked)]
    found = [place for place in places(question) if place[-1] in "区镇乡" and not _NO_PLACE.search(place)]
    named += [re.compile("|".join(place[i:] for i in range(len(place) - 2))).search for place in found]
    named += [partial(spells, name) for name in names(question) if any(spells(name, label) for label in labels)]
    return named


def _core(label: str) -> str:
    """The label, folded, without the word for what sort of place it is: "Songling District" -> "songling"."""
    return _SORT_OF_PLACE.sub("", fold(label))


def _word(label: str) -> re.Pattern[str]:
    """The label, not inside a longer Latin word: "art" is not named by "start"."""
    return re.compile(rf"(?<![a-z]){re.escape(label)}(?![a-z])")


def features(
    question: str, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, near: Similarity
) -> Mapping[str, float]:
    """The features of at least one hit: those of OTHER_SCRIPT, and of SAME_SCRIPT where words can match."""
    texts = ["\n".join((*hit.paragraph.heading, hit.paragraph.text)) for hit in hits[:5]]
    late = [float(score) for score in near(question, texts)]
    found = {"bias": 1.0, "late": late[0], "late lead": _lead(late)}
    if is_cjk(question) != is_cjk(texts[0]):
        return found
    asked = query_words(question)
    rarity = {w: math.log(1 + (size - min(df, size) + 0.5) / (df + 0.5)) for w in asked for df in [frequency(w)]}
    total = sum(rarity.values()) or 1.0
    held = [set(words(text)) for text in texts]
    covered = [sum(rarity[w] for w in asked if w in terms) / total for terms in held]
    share = sum(w in held[0] for w in asked) / max(len(asked), 1)
    return found | {"best coverage": max(covered[:3]), "coverage": share, "lead": _lead(covered)}


def _lead(values: Sequence[float]) -> float:
    """How far the first value is above the mean of the other four; in a tiny library absent ones count as ABSENT."""
    others = [*values[1:5], *[ABSENT * values[0]] * (5 - len(values))]
    return values[0] - sum(others) / len(others)
