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
from typing import Protocol

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
from rag.candidates import asks_long, best, candidates
from rag.checking.quantities import quantities
from rag.extractive import named
from rag.missing_figures import figures_missing
from rag.readings import Readings, context, whole

_GREETINGS = (
    *("Hello!", "Good morning.", "Good evening, good night.", "How are you?", "Nice to meet you."),
    *("Thank you very much.", "Goodbye, see you later.", "Bye!"),
    *("你好！", "早上好，晚上好。", "谢谢你，多谢。", "再见，晚安。"),
)
"""What greeting, thanking and parting mean; the table finds other wordings, and most European languages."""

_SOCIABLE = 0.6
"""Least cosine with one of these; no question of the packaged set reaches it (`tests/rag/test_answerability.py`)."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
"""A name that a question in Latin letters is respelled with."""

_FEW = 5
"""Hits that are compared: those among them in the script of the first one."""

_FIRST = 3
"""Of these, one may have all that is asked for."""

_BOUND = 6.0
"""Log-odds beyond which the best sentence's score tells no more."""

ABSENT = 0.5
"""What each paragraph that a library of fewer than five lacks is taken to score, as a share of the first one's score.
Set by hand from libraries of a single paragraph."""

WEIGHTS: dict[str, dict[str, float]] = {
    "same": {
        "bias": -0.86,
        "late lead": 1.4,
        "score": 0.54,
        "figures": -2.4,
        "misnamed": -2.9,
        "long": 0.22,
        "elsewhere": -14.0,
        "lacking": -4.62,
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
_COMMON = 0.08
"""Up to this share, words that the paragraph's document lacks and others repeat are most often no names."""
_UNLIKELY = 0.25
"""Probability below which the one word most like a name is not taken for one in full."""


class Terms(Protocol):
    """What is known of the terms of a library; a `Library` knows it."""

    @property
    def words(self) -> Words:
        """How often they occur."""

    def holders(self, terms: Sequence[str]) -> Sequence[Mapping[str, int]]:
        """In which documents they occur, see `index.engine.Structures`."""


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
    seen["misnamed" if same else "unnamed"] = (_misnamed if same else _unnamed)(question.text, first, every)
    if same:
        seen["elsewhere"] = _elsewhere(question, first, terms, readings)
        before = next(_before(first, hit) for hit in hits if first in hit.paragraphs)
        seen["lacking"] = readings.lacking(question, "\n".join((whole(first), *before)))
        seen["long"] = float(asks_long(question, readings))  # no single sentence says all of it
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
    rarity, held = _rarity(question, known), [set(words(text)) for text in texts]
    total = sum(rarity.values()) or 1.0
    return [sum(value for word, value in rarity.items() if word in own) / total for own in held]


def _rarity(question: Question, known: Words) -> dict[str, float]:
    """How rare each of the question's words is, as in BM25."""
    size = len(known)
    counts = {word: min(known.document_frequency(word), size) for word in question.words}
    return {word: math.log(1 + (size - n + 0.5) / (n + 0.5)) for word, n in counts.items()}


def _elsewhere(question: Question, paragraph: Paragraph, terms: Terms, readings: Readings) -> float:
    """How far the question names another document than the paragraph's, in [0, 1]: "the pulse of V. Martin".

    The share of the question's names, rare words counting more, that the paragraph's document lacks and another one
    repeats. Words that recur in the few documents that have them are most often names (Church and Gale 1995, "Inverse
    Document Frequency (IDF): A Measure of Deviations from Poisson", https://aclanthology.org/W95-0110/), but in a small
    library any word may: each counts as far as its tokens look like a name's.
    """
    rarity = _rarity(question, terms.words)
    naming = readings.naming(question, list(rarity))
    counts = {word: rarity[word] * likely for word, likely in zip(rarity, naming, strict=True)}
    own = set(words(whole(paragraph)))
    sources = {paragraph.source, *(place.source for place in paragraph.also)}
    held, missing = sum(counts[word] for word in counts if word in own), [word for word in counts if word not in own]
    lacking = 0.0
    for word, holders in zip(missing, terms.holders(missing), strict=True):
        held += counts[word] if holders else 0.0
        if holders and sources.isdisjoint(holders):
            lacking += counts[word] * (1 - len(holders) / sum(holders.values()))
    least = _UNLIKELY * max(rarity.values(), default=1.0)  # a question may hold no name
    return max(0.0, lacking / max(held, least) - _COMMON)


def _misnamed(question: str, paragraph: Paragraph, found: Sequence[Paragraph]) -> float:
    """How far the paragraph is not about a title or heading of what was found that the question names, in [0, 1].

    The share of such a name's words that it lacks, of the name that fits it best; squared, for a name that is there in
    part is often meant (of such questions in `benchmarks/refusal.py` 9 of 36 have an answer; where all words are
    missing, 7 of 106). The head of its document does not count: it names every district that the report goes on to.
    """
    names, own = named(question, found), set(words(f"{context(paragraph)}\n{paragraph.text}"))
    asked = [query_words(name) for name in names]
    return min((sum(word not in own for word in one) / max(len(one), 1) for one in asked), default=0.0) ** 2


def _unnamed(question: str, paragraph: Paragraph, found: Sequence[Paragraph]) -> float:
    """Share of the question's names in Latin letters that the paragraph lacks, of those that others write in Chinese.

    "Changning", of a paragraph on 普陀区 where there is one on 长宁区; 0 without such names.
    """
    own, *others = (fold(f"{context(one)}\n{one.text}") for one in (paragraph, *found))
    names = _CHINESE.findall(respelled(question, "\n".join((own, *others))))
    asked = [name for name in names if name not in question]
    return sum(name not in own for name in asked) / max(len(asked), 1)


def _lead(values: Sequence[float], absent: int) -> float:
    """How far the first value is above the mean of the others; those that a tiny library lacks count as ABSENT."""
    others = [*values[1:], *[ABSENT * values[0]] * (absent or len(values) == 1)]
    return values[0] - sum(others) / len(others)
