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
from rag.readings import Readings, context

_FEW = 5
"""Hits that are compared: those among them in the script of the first one."""

ABSENT = 0.5
"""What each paragraph that a library of fewer than five lacks is taken to score, as a share of the first one's score.
Set by hand from libraries of a single paragraph."""

WEIGHTS: dict[str, dict[str, float]] = {
    "same": {
        "bias": -1.06,
        "best coverage": -0.04,
        "coverage": 0.56,
        "lead": 1.27,
        "missing": -0.63,
        "late lead": 1.52,
        "match": 0.29,
        "answer": 0.47,
        "figures": -0.24,
        "named": 0.35,
        "misnamed": -2.54,
    },
    "other": {
        "bias": 0.02,
        "late lead": 2.59,
        "match": 0.45,
        "answer": 0.47,
        "figures": -0.54,
        "named": 0.0,
        "misnamed": 0.0,
    },
    "unknown": {
        "bias": -1.93,
        "best coverage": 1.74,
        "coverage": -0.28,
        "lead": 6.66,
        "missing": 0.0,
    },
}
"""Coefficients in log-odds. In another script than the paragraphs' (English over Chinese) words cannot match, so that
late interaction and matching are left; in a language that the table does not know, only words are. "misnamed" is of a
later fit than the others, the first with paragraphs told of another subject: `training/LOG.md` has why the rest
stayed."""


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
    if "coverage" not in found:
        return WEIGHTS["other"]
    return WEIGHTS["same" if "late lead" in found else "unknown"]


def features(
    question: Question, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, readings: Readings
) -> Mapping[str, float]:
    """The features of at least one hit: those of one of WEIGHTS."""
    paragraphs = [hit.paragraph for hit in hits[:_FEW]]
    read = readings(question, paragraphs)
    answer = max(one.answer for one in readings(question, hits[0].paragraphs))
    texts = [f"{paragraph.head}\n{context(paragraph)}\n{paragraph.text}" for paragraph in paragraphs]
    alike = [i for i, text in enumerate(texts) if is_cjk(text) == is_cjk(texts[0])]
    absent = _FEW - len(texts)
    late = [read[i].late for i in alike]
    found = {
        "bias": 1.0,
        "late lead": _lead(late, absent),
        "match": read[0].match,
        "answer": _bounded(answer),
        "figures": _figures_missing(question.text, texts[0]),
        **_named(question, paragraphs),
    }
    if question.cjk != is_cjk(texts[0]):
        return found
    asked = question.words
    rarity = {w: math.log(1 + (size - min(df, size) + 0.5) / (df + 0.5)) for w in asked for df in [frequency(w)]}
    total = sum(rarity.values()) or 1.0
    held = [set(words(texts[i])) for i in alike]
    covered = [sum(rarity[w] for w in asked if w in terms) / total for terms in held]
    literal = {
        "best coverage": max(covered[:3]),
        "coverage": sum(w in held[0] for w in asked) / max(len(asked), 1),
        "lead": _lead(covered, absent),
        "missing": max((rarity[w] for w in asked if w not in held[0]), default=0.0) / math.log(2 * size + 2),
    }
    return {**found, **literal} if any(late) else {"bias": 1.0, **literal}


def _named(question: Question, paragraphs: Sequence[Paragraph]) -> dict[str, float]:
    """Whether the question names a title or heading, and the first one is about it (named) or not (misnamed).

    The head of its document does not count: it names every district that the report goes on to.
    """
    asked, first = question.folded, fold(f"{context(paragraphs[0])}\n{paragraphs[0].text}")
    own = {fold(name) for paragraph in paragraphs for name in (paragraph.title or "", *paragraph.heading[-1:])}
    named = [name for name in own if len(name) > 1 and name in asked]
    right = any(name in first for name in named)
    return {"named": float(right), "misnamed": float(bool(named) and not right)}


def _figures_missing(question: str, text: str) -> float:
    """Share of the question's figures that the text lacks; 0 without any."""
    asked = quantities(question)
    held = quantities(text, loose=True) if asked else []
    return sum(not any(compatible(one, other) for other in held) for one in asked) / max(len(asked), 1)


def _bounded(log_odds: float) -> float:
    """The log-odds within bounds: what lies beyond tells no more."""
    return max(-6.0, min(6.0, log_odds))


def _lead(values: Sequence[float], absent: int) -> float:
    """How far the first value is above the mean of the others; those that a tiny library lacks count as ABSENT."""
    others = [*values[1:], *[ABSENT * values[0]] * (absent or len(values) == 1)]
    return values[0] - sum(others) / len(others)
