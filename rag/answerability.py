"""Whether the paragraphs found are likely to answer the question, before anybody is asked to write.

A logistic score over a few features that mean the same in a library of ten paragraphs and of fifty thousand: shares,
cosines and log-odds, never sums. The coefficients are fitted by `benchmarks/refusal.py --fit` on several shapes of
absence: paragraphs left out of public question sets, in large and small libraries, and questions asked of a sibling.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.engine import Words
from index.pinyin import respelled
from index.question import Question
from index.records import Hit, Paragraph
from index.sentences import columns
from index.static_model import StaticEmbedder
from index.text import fold, is_cjk
from index.words import query_words, words
from rag.answer_type import LONG
from rag.candidates import best, candidates
from rag.checking.quantities import quantities
from rag.extractive import named
from rag.missing_figures import figures_missing
from rag.missing_names import Terms, elsewhere, misnamed, rarity
from rag.readings import Readings, context, whole

_GREETINGS = (
    *("Hello!", "Good morning.", "Good evening, good night.", "How are you?", "Nice to meet you."),
    *("Thank you very much.", "Goodbye, see you later.", "Bye!"),
    *("你好！", "早上好，晚上好。", "谢谢你，多谢。", "再见，晚安。"),
)
"""What greeting, thanking and parting mean; the table finds other wordings, and most European languages."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
"""A name that a question in Latin letters is respelled with."""

_SOCIABLE = 0.6
"""Least cosine with one of these; no question of the packaged set reaches it (`tests/rag/test_answerability.py`)."""

_FEW = 5
"""Hits that are compared: those among them in the script of the first one."""

_FIRST = 3
"""Of these, one may have all that is asked for."""

_BOUND = 6.0
"""Log-odds beyond which the best sentence's score tells no more."""

_SHORTEST, _USUAL, _LONGEST = 8, 12, 60
"""Tokens of a question that count at least; those of one whose length counts for nothing; those that count at most."""

ABSENT = 0.5
"""What each paragraph that a library of fewer than five lacks is taken to score, as a share of the first one's score.
Set by hand from libraries of a single paragraph."""

WEIGHTS: dict[str, dict[str, float]] = {
    "same": {
        "bias": -0.91,
        "late lead": 1.11,
        "score": 0.56,
        "figures": -2.58,
        "misnamed": -2.9,
        "long answer": 0.92,
        "length": 0.67,
        "length x score": -0.21,
        "elsewhere": -14.0,
        "lacking": -4.35,
    },
    "other": {
        "bias": -0.55,
        "late lead": 4.15,
        "score": 0.69,
        "figures": -1.39,
        "unnamed": -1.71,
    },
    "summary": {
        "bias": -7.0,
        "tokens": 7.13,
        "words": 3.94,
        "figures": -2.65,
    },
    "unknown": {
        "bias": -1.51,
        "best coverage": 1.74,
        "coverage": -0.28,
        "lead": 6.66,
    },
}
"""Coefficients in log-odds. In another script than the paragraphs' (English over Chinese) words cannot match; in a
language that the table does not know, only words are left. "unnamed", "misnamed", "elsewhere" (`benchmarks/fields.py`)
and the figures of a summary are set by hand: the sets that the others are fitted to have little of what they are about.
Of "other" and "unknown" the biases are a tenth above the fit, chosen with `benchmarks/context.py`."""

_MISSING = ("figures", "misnamed", "unnamed", "elsewhere")
"""Where one of these counts against the whole question, its last clause is not asked alone: "In 2019, how many?"."""
_NEAR = 200
"""Columns of the paragraphs before one that are taken to be about the same; fewer than a paragraph of a report has."""
_LACKS = 0.25
"""Where names are missing as far as this, it counts against the whole question too."""


def greets(question: Question, hits: Sequence[Hit], table: StaticEmbedder) -> bool:
    """Whether somebody greets, thanks or takes leave, and asks nothing.

    What a passage has all the words of is taken for a question: "Thanksgiving" to documents about it.
    """
    if (_greetings(table) @ table.embed_query(question.text)).max() < _SOCIABLE:
        return False
    asked = set(query_words(question.text))
    return not any(asked <= set(words(hit.text)) for hit in hits)


@lru_cache(2)
def _greetings(table: StaticEmbedder) -> NDArray[np.float32]:
    return table.embed_passages(list(_GREETINGS))


def evidence(question: Question, hits: Sequence[Hit], terms: Terms, readings: Readings) -> float:
    """Probability in [0, 1] that the hits answer the question, or a sentence or clause of it that asks; 0 without hits.

    `terms` are those of the library.
    """
    if not hits:
        return 0.0
    found = []
    for wording in question.wordings:
        seen = features(wording, hits, terms, readings)
        found.append(seen)
        # The last clause of a request for a summary does not do alone: any company has an outlook.
        missing = any(seen.get(name) for name in _MISSING) or seen.get("lacking", 0.0) > _LACKS
        if not (readings.topic(wording) or missing):
            asking = [clause.own for clause in readings.asking(wording)]
            parts = {one.text: one for one in (readings.asked(wording), *asking) if one}
            found += [features(one, hits, terms, readings) for one in parts.values()]
    return max(map(_probability, found))


def _probability(found: Mapping[str, float]) -> float:
    weights = weights_for(found)
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in found.items())))


def weights_for(found: Mapping[str, float]) -> dict[str, float]:
    """The coefficients that these features are for."""
    if "tokens" in found:
        return WEIGHTS["summary"]
    if "late lead" not in found:
        return WEIGHTS["unknown"]
    return WEIGHTS["same" if "misnamed" in found else "other"]


def features(question: Question, hits: Sequence[Hit], terms: Terms, readings: Readings) -> Mapping[str, float]:
    """The features of at least one hit: those of one of WEIGHTS. They are about the paragraph that would be quoted."""
    topic = readings.topic(question)
    if topic and question.cjk == is_cjk(whole(hits[0].paragraph)):
        return _summarised(topic, hits, terms, readings)
    ranked = [(paragraph, hit.rank) for hit in hits for paragraph in hit.paragraphs]
    found = candidates(question, [one for one, _ in ranked], readings, [rank for _, rank in ranked], closely=not topic)
    top = best(found)
    first = ranked[top.paragraph][0]
    paragraphs = [first, *(hit.paragraph for hit in hits if first not in hit.paragraphs)][:_FEW]
    read, text = readings(question, paragraphs), whole(first)
    same = question.cjk == is_cjk(text)
    if same and not any(one.late for one in read):  # a language that the table does not know
        return _by_words(question, [whole(hit.paragraph) for hit in hits[:_FEW]], terms.words)
    alike = [i for i, one in enumerate(paragraphs) if is_cjk(whole(one)) == is_cjk(text)]
    alike = alike if len(alike) > 1 else list(range(len(paragraphs)))  # alone, it would lead by far
    seen = {
        "bias": 1.0,
        "late lead": _lead([read[i].late for i in alike], _FEW - len(paragraphs)),
        "score": max(-_BOUND, min(_BOUND, top.score)),
    }
    every = [paragraph for paragraph, _ in ranked]
    own = [whole(one) for one in every if one.source == first.source]
    seen["figures"] = figures_missing(quantities(question.text), first, own, first.text[top.start : top.end])
    if same:
        rare = rarity(question.words, terms.words)
        seen["misnamed"] = misnamed(named(question.text, every), first)
        seen["elsewhere"] = elsewhere(rare, readings.naming(question, list(rare)), first, terms)
        before = next(_before(first, hit) for hit in hits if first in hit.paragraphs)
        seen["lacking"] = readings.lacking(question, "\n".join((whole(first), *before)))
        seen["long answer"] = float(readings.expected(readings.asked(question) or question)[LONG])
        # Of a long question a single sentence says little, answered or not: its score tells less.
        tokens = len(readings.table.tokens([question.text])[0])
        seen["length"] = math.log(min(max(tokens, _SHORTEST), _LONGEST) / _USUAL)
        seen["length x score"] = seen["length"] * seen["score"]
    else:
        seen["unnamed"] = _unnamed(question.text, first, every)
    return seen


def _before(paragraph: Paragraph, hit: Hit) -> list[str]:
    """The paragraphs before one, nearest first, as far as they are short: above "Pulse: 76 bpm" is whose it is."""
    found: list[str] = []
    for other in reversed([one.text for one in hit.passage if one.start < paragraph.start]):
        if columns("".join([*found, other])) > _NEAR:
            break
        found.append(other)
    return found


def _summarised(topic: Question, hits: Sequence[Hit], terms: Terms, readings: Readings) -> Mapping[str, float]:
    """How much of what a summary is asked of is in one of the first passages, literally.

    Of its tokens, and of its words, rare ones counting more; and the figures that are missing. How well a single
    sentence answers tells little: one on the outlook of another company answers as well.
    """
    texts = [whole(hit.paragraph) for hit in hits[:_FIRST]]
    every = [paragraph for hit in hits for paragraph in hit.paragraphs]
    tokens, covered = readings.held(topic, texts), _covered(topic, texts, terms.words)
    first = hits[int(np.argmax(tokens))].paragraph
    own = [whole(one) for one in every if one.source == first.source]
    names = sorted(named(topic.text, every))
    if len(names) > 1:  # of two districts, each has a passage of its own
        both = "\n".join(next(whole(one) for one in every if name in fold(context(one))) for name in names)
        tokens, covered = tokens + readings.held(topic, [both]), covered + _covered(topic, [both], terms.words)
    return {
        "bias": 1.0,
        "tokens": max(tokens),
        "words": max(covered),
        "figures": figures_missing(quantities(topic.text), first, own, ""),
    }


def _by_words(question: Question, texts: Sequence[str], known: Words) -> Mapping[str, float]:
    """How much of the question's words the texts contain, rare ones counting more."""
    alike, first = [text for text in texts if is_cjk(text) == is_cjk(texts[0])], set(words(texts[0]))
    covered = _covered(question, alike, known)
    return {
        "bias": 1.0,
        "best coverage": max(covered[:_FIRST]),
        "coverage": sum(word in first for word in question.words) / max(len(question.words), 1),
        "lead": _lead(covered, _FEW - len(texts)),
    }


def _covered(question: Question, texts: Sequence[str], known: Words) -> list[float]:
    """Share of the question's words that each text has, in [0, 1]; rare ones count more."""
    rare, held = rarity(question.words, known), [set(words(text)) for text in texts]
    total = sum(rare.values()) or 1.0
    return [sum(value for word, value in rare.items() if word in own) / total for own in held]


def _lead(values: Sequence[float], absent: int) -> float:
    """How far the first value is above the mean of the others; those that a tiny library lacks count as ABSENT."""
    others = [*values[1:], *[ABSENT * values[0]] * (absent or len(values) == 1)]
    return values[0] - sum(others) / len(others)


def _unnamed(question: str, paragraph: Paragraph, found: Sequence[Paragraph]) -> float:
    """Share of the question's names in Latin letters that the paragraph lacks, of those that others write in Chinese.

    "Changning", of a paragraph on 普陀区 where there is one on 长宁区; 0 without such names.
    """
    own, *others = (fold(f"{context(one)}\n{one.text}") for one in (paragraph, *found))
    names = _CHINESE.findall(respelled(question, "\n".join((own, *others))))
    asked = [name for name in names if name not in question]
    return sum(name not in own for name in asked) / max(len(asked), 1)
