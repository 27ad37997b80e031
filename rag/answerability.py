"""Whether the paragraphs found are likely to answer the question, before anybody is asked to write.

A logistic score over a few features that mean the same in a library of ten paragraphs and of fifty thousand: shares,
cosines and the log-odds of a match, never sums. The coefficients are fitted by `benchmarks/refusal.py --fit` on one
half of the paragraphs of public question sets and measured on the other: half of the paragraphs indexed, all questions
asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from index.records import Hit
from index.text import is_cjk
from index.words import query_words, words
from rag.named import without_names
from rag.similarity import StaticSimilarity

_FEW = 5
"""Hits that are compared: those among them in the script of the first one."""

ABSENT = 0.5
"""What each paragraph that a library of fewer than five lacks is taken to score, as a share of the first one's score.
Set by hand from libraries of a single paragraph (`benchmarks/refusal.py --tiny`)."""

SAME_SCRIPT = {
    "bias": -2.65,
    "best coverage": 1.56,
    "coverage": -0.2,
    "lead": 3.32,
    "late": 1.88,
    "late lead": 3.33,
    "match": 0.68,
    "kana": -1.82,
}
OTHER_SCRIPT = {"bias": -1.33, "late": 0.79, "late lead": 5.01, "match": 0.55}
UNKNOWN = {"bias": -1.93, "best coverage": 1.74, "coverage": -0.28, "lead": 6.66}
"""Coefficients in log-odds. In another script than the paragraphs' (English over Chinese) words cannot match, so that
late interaction and matching are left; in a language that the table does not know, only words are."""

_KANA = re.compile("[\u3041-\u30ff]")
"""Japanese particles find themselves in any Japanese paragraph."""


def evidence(
    question: str, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, near: StaticSimilarity
) -> float:
    """Probability-like score in [0, 1] that the hits answer the question; 0 without hits.

    `frequency` gives the number of paragraphs with a word, `size` the number of paragraphs in the library.
    """
    if not hits:
        return 0.0
    found = features(question, hits, frequency, size, near)
    weights = weights_for(found)
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in found.items())))


def weights_for(found: Mapping[str, float]) -> dict[str, float]:
    """The coefficients that these features are for."""
    if "coverage" not in found:
        return OTHER_SCRIPT
    return SAME_SCRIPT if "late" in found else UNKNOWN


def features(
    question: str, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, near: StaticSimilarity
) -> Mapping[str, float]:
    """The features of at least one hit: those of OTHER_SCRIPT, of SAME_SCRIPT where words can match, or of UNKNOWN."""
    question = without_names(question, hits[0])
    texts = ["\n".join((*hit.paragraph.heading, hit.paragraph.text)) for hit in hits[:_FEW]]
    alike = [text for text in texts if is_cjk(text) == is_cjk(texts[0])]
    absent = _FEW - len(texts)
    late = [float(score) for score in near(question, alike)]
    match = near.match(question, texts[0])
    found = {"bias": 1.0, "late": late[0], "late lead": _lead(late, absent), "match": match}
    if is_cjk(question) != is_cjk(texts[0]):
        return found
    asked = query_words(question)
    rarity = {w: math.log(1 + (size - min(df, size) + 0.5) / (df + 0.5)) for w in asked for df in [frequency(w)]}
    total = sum(rarity.values()) or 1.0
    held = [set(words(text)) for text in alike]
    covered = [sum(rarity[w] for w in asked if w in terms) / total for terms in held]
    share = sum(w in held[0] for w in asked) / max(len(asked), 1)
    literal = {"best coverage": max(covered[:3]), "coverage": share, "lead": _lead(covered, absent)}
    if not any(late):
        return {"bias": 1.0, **literal}
    return {**found, **literal, "kana": float(bool(_KANA.search(question)))}


def _lead(values: Sequence[float], absent: int) -> float:
    """How far the first value is above the mean of the others; those that a tiny library lacks count as ABSENT."""
    others = [*values[1:], *[ABSENT * values[0]] * (absent or len(values) == 1)]
    return values[0] - sum(others) / len(others)
