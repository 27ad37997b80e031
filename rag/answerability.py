"""Whether the paragraphs found are likely to answer the question, before anybody is asked to write.

A logistic score over a few features that mean the same in a library of ten paragraphs and of fifty thousand: shares,
cosines and log-odds, never sums. The coefficients are fitted by `benchmarks/refusal.py --fit` on several shapes of
absence: paragraphs left out of public question sets, in large and small libraries, and questions asked of a sibling.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from index.question import Question
from index.records import Hit, Paragraph
from index.text import fold, is_cjk
from index.words import words
from rag.checking.quantities import compatible, quantities
from rag.extractive import best, candidates, named
from rag.readings import Readings, context

_FEW = 5
"""Hits that are compared: those among them in the script of the first one."""

_BOUND = 6.0
"""Log-odds beyond which the best sentence's score tells no more."""
_CLEAR = 4.0
"""The same of its lead over the best sentence of another paragraph."""

ABSENT = 0.5
"""What each paragraph that a library of fewer than five lacks is taken to score, as a share of the first one's score.
Set by hand from libraries of a single paragraph."""

WEIGHTS: dict[str, dict[str, float]] = {
    "same": {
        "bias": -0.49,
        "late lead": 0.89,
        "match": -0.12,
        "score": 0.52,
        "margin": 0.17,
        "figures": -2.33,
        "misnamed": -1.84,
        "missing": -0.65,
    },
    "other": {
        "bias": 0.09,
        "late lead": 2.42,
        "match": 0.19,
        "score": 0.42,
        "margin": 0.12,
        "figures": -0.65,
    },
    "unknown": {
        "bias": -1.51,
        "best coverage": 1.74,
        "coverage": -0.28,
        "lead": 6.66,
    },
}
"""Coefficients in log-odds. In another script than the paragraphs' (English over Chinese) words cannot match; in a
language that the table does not know, only words are left."""


def evidence(
    question: Question, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, readings: Readings
) -> float:
    """Probability in [0, 1] that the hits answer the question, or one of the sentences that ask; 0 without hits.

    `frequency` gives the number of paragraphs with a word, `size` the number of paragraphs in the library.
    """
    if not hits:
        return 0.0
    return max(_probability(features(asked, hits, frequency, size, readings)) for asked in question.wordings)


def _probability(found: Mapping[str, float]) -> float:
    weights = weights_for(found)
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in found.items())))


def weights_for(found: Mapping[str, float]) -> dict[str, float]:
    """The coefficients that these features are for."""
    if "late lead" not in found:
        return WEIGHTS["unknown"]
    return WEIGHTS["same" if "misnamed" in found else "other"]


def features(
    question: Question, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, readings: Readings
) -> Mapping[str, float]:
    """The features of at least one hit: those of one of WEIGHTS. They are about the paragraph that would be quoted."""
    ranked = [(paragraph, hit.rank) for hit in hits for paragraph in hit.paragraphs]
    found = candidates(question, [one for one, _ in ranked], readings, [rank for _, rank in ranked])
    top = best(found)
    first = ranked[top.paragraph][0]
    paragraphs = [first, *(hit.paragraph for hit in hits if first not in hit.paragraphs)][:_FEW]
    read, text = readings(question, paragraphs), _whole(first)
    same = question.cjk == is_cjk(text)
    if same and not any(one.late for one in read):  # a language that the table does not know
        return _by_words(question, [_whole(hit.paragraph) for hit in hits[:_FEW]], frequency, size)
    other = max((one.score for one in found if one.paragraph != top.paragraph), default=-math.inf)
    alike = [i for i, one in enumerate(paragraphs) if is_cjk(_whole(one)) == is_cjk(text)]
    seen = {
        "bias": 1.0,
        "late lead": _lead([read[i].late for i in alike], _FEW - len(paragraphs)),
        "match": read[0].match,
        "score": max(-_BOUND, min(_BOUND, top.score)),
        "margin": min(_CLEAR, top.score - other),
        "figures": _figures_missing(question.text, text),
    }
    if same:
        rarity, held = _rarity(question, frequency, size), set(words(text))
        missing = max((rarity[word] for word in question.words if word not in held), default=0.0)
        misnamed = _misnamed(question, first, [paragraph for paragraph, _ in ranked])
        seen |= {"misnamed": float(misnamed), "missing": missing / math.log(2 * size + 2)}
    return seen


def _whole(paragraph: Paragraph) -> str:
    return f"{paragraph.head}\n{context(paragraph)}\n{paragraph.text}"


def _by_words(
    question: Question, texts: Sequence[str], frequency: Callable[[str], int], size: int
) -> Mapping[str, float]:
    """How much of the question's words the texts hold, rare ones counting more."""
    rarity = _rarity(question, frequency, size)
    total = sum(rarity.values()) or 1.0
    held = [set(words(text)) for text in texts if is_cjk(text) == is_cjk(texts[0])]
    covered = [sum(value for word, value in rarity.items() if word in own) / total for own in held]
    return {
        "bias": 1.0,
        "best coverage": max(covered[:3]),
        "coverage": sum(word in held[0] for word in rarity) / max(len(rarity), 1),
        "lead": _lead(covered, _FEW - len(texts)),
    }


def _rarity(question: Question, frequency: Callable[[str], int], size: int) -> dict[str, float]:
    """How rare each of the question's words is, as in BM25."""
    counts = {word: min(frequency(word), size) for word in question.words}
    return {word: math.log(1 + (size - n + 0.5) / (n + 0.5)) for word, n in counts.items()}


def _misnamed(question: Question, paragraph: Paragraph, found: Sequence[Paragraph]) -> bool:
    """Whether the question names a title or heading of what was found, and the paragraph is not about it.

    The head of its document does not count: it names every district that the report goes on to.
    """
    names, own = named(question.text, found), fold(f"{context(paragraph)}\n{paragraph.text}")
    return bool(names) and not any(name in own for name in names)


def _figures_missing(question: str, text: str) -> float:
    """Share of the question's figures that the text lacks; 0 without any."""
    asked = quantities(question)
    held = quantities(text, loose=True) if asked else []
    return sum(not any(compatible(one, other) for other in held) for one in asked) / max(len(asked), 1)


def _lead(values: Sequence[float], absent: int) -> float:
    """How far the first value is above the mean of the others; those that a tiny library lacks count as ABSENT."""
    others = [*values[1:], *[ABSENT * values[0]] * (absent or len(values) == 1)]
    return values[0] - sum(others) / len(others)
