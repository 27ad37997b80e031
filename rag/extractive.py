"""Choosing the sentences of a paragraph that answer a question, without a model.

A linear score over a handful of features: the question's words that a sentence shares (those that few sentences of
the paragraph share count more), its neighbours' words, whether it holds the sort of thing that is asked for and is not
in the question already, and late interaction for questions in another language. The weights are fitted by
`benchmarks/extractive.py --fit`, on one half of the paragraphs and measured on the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.records import Paragraph
from index.sentences import sentences
from index.text import fold
from index.words import query_words, words
from rag.asking import Ask, asks_for
from rag.checking.quantities import Quantity, quantities
from rag.dimensions import measured
from rag.parts import parts
from rag.places import districts, names_district
from rag.similarity import Similarity

WEIGHTS = {
    "words": 0.04,
    "rare words": 2.76,
    "before": 0.67,
    "after": 0.40,
    "pronoun": 0.54,
    "figure": 2.34,
    "counted": 1.03,
    "date": 2.15,
    "person": 0.97,
    "place": 1.24,
    "list": 0.37,
    "reason": 0.73,
    "length": -0.29,
    "new": -0.58,
    "similarity": 3.90,
}
"""Feature to weight, in log-odds per unit."""

_MORE = 1.0
"""Where several things are asked for, how far below the best a further sentence may lie."""
_TIE = 0.2
"""Where one thing is asked for but not which sort, how close a second sentence must come."""

_PRONOUN = re.compile(r"其|该|他|她|它|此|这|同年|当时|后来|之后|(?:the|he|she|it|this|they|its|his|her)\b")
_PERSON = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+|·|先生|女士|博士|教授|导演|总统|皇帝")
_PLACE = re.compile(r"[省市县区镇乡国州岛山河路街港]|位于|\b(?:in|at|near) [A-Z]")
_REASON = re.compile(r"因为|由于|因此|因而|为了|所以|导致|because|due to|since|in order to|therefore")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sentence that answers."""

    paragraph: int
    """Which of the paragraphs, from 0."""
    start: int
    """First character, in the paragraph's text."""
    end: int
    """One past the last character."""
    score: float
    """Log-odds, comparable within one paragraph."""


def select(question: str, paragraphs: Sequence[Paragraph], similarity: Similarity | None = None) -> tuple[Chosen, ...]:
    """The sentences that answer, those of one paragraph in reading order.

    One thing asked is answered from the best paragraph (the first), with one sentence unless more are wanted; several
    things are answered with the best sentence for each, from any of the paragraphs.
    """
    asked = parts(question)
    if len(asked) == 1:
        return _ranked(question, paragraphs[:1], similarity)
    best = [max(_ranked(part, paragraphs, similarity), key=lambda one: one.score) for part in asked if paragraphs]
    return tuple({(one.paragraph, one.start): one for one in best}.values())


def _ranked(question: str, paragraphs: Sequence[Paragraph], similarity: Similarity | None) -> tuple[Chosen, ...]:
    """The best sentence of the paragraphs, and others close to it where several are wanted, in reading order."""
    spans = [(i, *span) for i, paragraph in enumerate(paragraphs) for span in sentences(paragraph.text)]
    if not spans:
        return ()
    ask = asks_for(question)
    texts = [paragraphs[i].text[start:end] for i, start, end in spans]
    scores = features(question, ask, texts, similarity) @ np.array(list(WEIGHTS.values()))
    fitting = [i for i, text in enumerate(texts) if measured(question, [text])]  # a price is told in money
    order = sorted(fitting or range(len(spans)), key=lambda i: (-scores[i], i))
    best = float(scores[order[0]])
    if ask.several:
        kept = [i for i in order[:3] if scores[i] >= best - _MORE]
    else:
        kept = [i for i in order[:2] if i == order[0] or (ask.kind == "other" and scores[i] >= best - _TIE)]
    return tuple(Chosen(*spans[i], float(scores[i])) for i in sorted(kept))


def features(
    question: str, ask: Ask, texts: Sequence[str], similarity: Similarity | None = None
) -> NDArray[np.float64]:
    """One row per sentence of a paragraph, columns as in WEIGHTS, shape (len(texts), len(WEIGHTS))."""
    question = _without_district(question, texts)
    asked = query_words(question)
    terms = [set(words(text)) for text in texts]
    rarity = {w: math.log(1 + len(texts) / (0.5 + sum(w in t for t in terms))) for w in asked}
    shared = [sum(w in t for w in asked) / max(len(asked), 1) for t in terms]
    rare = [sum(rarity[w] for w in asked if w in t) for t in terms]
    rare = [value / (max(rare) or 1.0) for value in rare]
    known = {q.value for q in quantities(question)}
    known_words = set(words(question))
    near = similarity(question, texts) if similarity else np.zeros(len(texts))
    near = near - near.max(initial=0.0)
    rows = []
    for i, text in enumerate(texts):
        folded = fold(text)
        before = rare[i - 1] if i else 0.0
        new = [q for q in quantities(text) if q.value not in known]
        rows.append(
            (
                shared[i],
                rare[i],
                before,
                rare[i + 1] if i + 1 < len(texts) else 0.0,
                before if _PRONOUN.match(folded) else 0.0,
                ask.kind == "quantity" and any(q.kind in ("number", "percent") for q in new),
                ask.kind == "quantity" and any(_counts(q, ask, text) for q in new),
                ask.kind == "date" and any(q.kind == "date" for q in new),
                ask.kind == "person" and bool(_PERSON.search(text)),
                ask.kind == "place" and bool(_PLACE.search(text)),
                min(text.count("、") + folded.count(", "), 4) if ask.kind == "list" else 0,
                ask.kind == "reason" and bool(_REASON.search(folded)),
                min(math.log(1 + len(text)), 6.0),
                1 - len(terms[i] & known_words) / max(len(terms[i]), 1),
                near[i],
            )
        )
    return np.array(rows, dtype=np.float64)


def _without_district(question: str, texts: Sequence[str]) -> str:
    """The question without the district it names, where the paragraph names no other: there it tells nothing."""
    asked = fold(question)
    for place in districts(question):
        names = names_district(place)
        if all(names(fold(other)) for text in texts for other in districts(text)):
            asked = asked.replace(fold(place), " ")
    return asked if query_words(asked) else question


def _counts(quantity: Quantity, ask: Ask, text: str) -> bool:
    """Whether the figure counts what is asked: 135家企业, and 企业135家, for 多少家企业."""
    before = fold(text[max(0, quantity.start - 6) : quantity.start])
    after = fold(text[quantity.start : quantity.end + 8])
    return bool(ask.counted) and (ask.counted[:2] in after or ask.counted[-2:] in after + "\n" + before)
