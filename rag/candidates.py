"""How well each sentence of the first passages answers a question, by both readers and what words and labels tell."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.question import ASKS, Question
from index.records import Paragraph
from index.sentences import CLOSERS
from index.text import is_cjk
from index.words import query_words, words
from rag.answer_type import LONG, fit
from rag.checking.quantities import quantities
from rag.missing_figures import other_year
from rag.readings import Readings, context, whole

READ = 5
"""Passages, from the first, in which sentences are looked for."""

LATER = 1.2
"""Log-odds that a paragraph loses for every place in the list."""
EXACT = 1.5
"""Log-odds that a sentence with all of the question's words gains over one with none: the table hardly tells E110 from
E102. Words of the sentence before it count as its own: "Anna Lind designed the library. It opened in 2019." """
MATCH = 0.5
"""How much the paragraph's match counts beside the reader's log-odds."""
WORDS = 8.0
"""What a sentence with all of the question's words scores in a language that the table lacks: nothing else counts. The
best sentence then answers .70 of Arabic questions, before .45 (`benchmarks/extractive.py --unknown`)."""
TYPE = 0.5
"""How much the log-probability counts that the sentence has the type of answer that is asked for. The four are near
what `benchmarks/choosing.py --fit` finds; EXACT between 1 and 2.3 quotes as many right sentences."""
CLOSELY, NEAR = 3, 2.0
"""Paragraphs that the second reader reads at most, and how far below the best sentence theirs may score."""
SURE = 4.0
"""Log-odds from which a sentence that none of another paragraph comes near is not read again. Of Dragonball's facts the
second reader doubts none of these; they are a fifth."""
LOWER = 2.0
"""By how much its log-odds are lower than the first reader's, on average (`benchmarks/context.py`'s questions)."""
FIELD, ELSEWHERE = 2.5, 8.0
"""Log-odds that a field gains whose label ("Chair: Mei Sato") has only words of the question, and that it loses again
where its document lacks all of the words that others have: the pulse of another patient. `benchmarks/fields.py`."""
OTHER_YEAR = 8.0
"""Log-odds that a sentence loses below a heading with another year than the question's. `benchmarks/years.py`."""
LONG_LIKELY = 0.6
"""Probability from which a question is taken to ask for a long answer."""
_LABEL = re.compile(r"[^:：\n]{1,40}(?=[:：])")


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
    """Log-odds that the answer lies here against lying nowhere in the paragraph."""


def candidates(
    question: Question,
    paragraphs: Sequence[Paragraph],
    readings: Readings,
    ranks: Sequence[int] | None = None,
    *,
    closely: bool = True,
) -> list[Chosen]:
    """Every sentence of the first passages in reading order, as far as they tell anything; all where none does.

    `ranks` are the places, from 1, of the passages that the paragraphs were found in; each for itself when None. A
    question, a bare number or what has no letters tells nothing. Where the question begins with where to look, the
    scores are the mean of those for the question and for the clause that asks.
    """
    found = of_passages(question, paragraphs, readings, ranks)
    asked = readings.asked(question)
    if asked is not None:
        asking = of_passages(asked, paragraphs, readings, ranks)
        found = [replace(one, score=_mean(one.score, other.score)) for one, other in zip(found, asking, strict=True)]
    return closely_read(question, found, paragraphs, readings) if closely else found


def closely_read(
    question: Question, found: Sequence[Chosen], paragraphs: Sequence[Paragraph], readings: Readings
) -> list[Chosen]:
    """What the second reader makes of the paragraphs that may be the best one: the mean of both readers' log-odds.

    Sentences that it does not read count as the worst of those that it does. Where a long answer is asked for it is not
    called: it was trained on questions that a few words answer.
    """
    ranked = sorted(found, key=lambda one: -one.score)
    likely: dict[int, int] = {}
    for one in ranked:
        if one.score >= ranked[0].score - NEAR:
            likely.setdefault(one.paragraph, one.start)
    sure = len(likely) == 1 and ranked[0].score >= SURE
    if sure or not readings.knows(question) or asks_long(question, readings):
        return list(found)
    places = list(likely)[:CLOSELY]
    told = readings.closely(question, [(paragraphs[place], likely[place]) for place in places])
    read = {(place, start): score for place, own in zip(places, told, strict=True) for start, score in own.items()}
    worst = min(read.values(), default=0.0)
    return [replace(one, score=_mean(one.score, read.get(place_of(one), worst) + LOWER)) for one in found]


def asks_long(question: Question, readings: Readings) -> bool:
    """Whether it is taken to ask for a long answer."""
    return bool(readings.expected(readings.asked(question) or question)[LONG] >= LONG_LIKELY)


def _mean(one: float, other: float) -> float:
    return (one + other) / 2


def of_passages(
    question: Question, paragraphs: Sequence[Paragraph], readings: Readings, ranks: Sequence[int] | None
) -> list[Chosen]:
    """The sentences of `candidates`, by the first reader alone and for the question as it stands."""
    ranks = ranks or range(1, len(paragraphs) + 1)
    places = [i for i, rank in enumerate(ranks) if rank <= READ]
    read = dict(zip(places, readings(question, [paragraphs[i] for i in places]), strict=True))
    spans = [(i, *span) for i, one in read.items() for span in one.spans]
    texts = [paragraphs[i].text[a:b] for i, a, b in spans]
    own = [set(words(text)) for text in texts]
    if readings.knows(question):
        scores = np.array([score + MATCH * one.match for one in read.values() for score in one.scores])
        around = {i: set(words(context(paragraphs[i]))) for i in places}
        former = [own[n - 1] if n and spans[n - 1][0] == i else set() for n, (i, *_) in enumerate(spans)]
        held = [around[i] | one | before for (i, *_), one, before in zip(spans, own, former, strict=True)]
        figures = quantities(question.text)
        scores += EXACT * _shared(question, held) + TYPE * fit(readings.expected(question), figures, texts)
        other = {i for i in places if other_year(figures, paragraphs[i])}
        scores -= OTHER_YEAR * np.array([i in other for i, *_ in spans])
        labelled = _labelled(question, spans, texts)
        if labelled.any():
            lacking = _lacking(question, paragraphs)
            scores += labelled * (FIELD - ELSEWHERE * np.array([lacking[i] for i, *_ in spans]))
    else:
        scores = WORDS * _shared(question, own, missing=True)
    scores -= LATER * np.array([ranks[i] - 1 for i, *_ in spans])
    every = [Chosen(*span, float(score)) for span, score in zip(spans, scores, strict=True)]
    return [one for one, text in zip(every, texts, strict=True) if _tells(text)] or every


def best(found: Sequence[Chosen]) -> Chosen:
    """The one with the highest score, the first of several."""
    return max(found, key=lambda one: (one.score, -one.paragraph, -one.start))


def place_of(one: Chosen) -> tuple[int, int]:
    """Its paragraph and first character."""
    return one.paragraph, one.start


def _shared(question: Question, held: Sequence[set[str]], *, missing: bool = False) -> NDArray[np.float64]:
    """Share of the question's words among the words of each sentence and its context, in [0, 1], shape (len(held),).

    Words that few sentences have count more, as in BM25; those that none has count only with `missing`.
    """
    counts = {word: sum(word in own for own in held) for word in question.words}
    rarity = {word: math.log(1 + (len(held) - n + 0.5) / (n + 0.5)) for word, n in counts.items() if n or missing}
    total = sum(rarity.values()) or 1.0
    return np.array([sum(value for word, value in rarity.items() if word in own) / total for own in held])


def _labelled(question: Question, spans: Sequence[tuple[int, int, int]], texts: Sequence[str]) -> NDArray[np.float64]:
    """Share of the words of each sentence's label that the question has, in [0, 1], shape (len(texts),).

    A label counts for all that follows it in its paragraph: "E110: session expired. Log in again."
    """
    asked, shares = set(question.words), list[float]()
    for n, ((paragraph, *_), text) in enumerate(zip(spans, texts, strict=True)):
        if found := _LABEL.match(text):
            label = set(query_words(found[0]))
            shares.append(len(label & asked) / max(len(label), 1))
        else:
            shares.append(shares[-1] if n and spans[n - 1][0] == paragraph else 0.0)
    return np.array(shares)


def _lacking(question: Question, paragraphs: Sequence[Paragraph]) -> list[float]:
    """Share of the question's words that each paragraph's document lacks, of those that any has, in [0, 1].

    A document has the words of its head and of what was found of it. 0 in another script than the question's.
    """
    own = defaultdict[str, set[str]](set)
    for paragraph in paragraphs:
        if is_cjk(paragraph.text) == question.cjk:
            own[paragraph.source].update(words(whole(paragraph)))
    shares = dict(zip(own, _shared(question, list(own.values())).tolist(), strict=True))
    return [1 - shares.get(paragraph.source, 1.0) for paragraph in paragraphs]


def _tells(text: str) -> bool:
    """Whether a sentence can be an answer by its shape: it does not ask, and has letters beside figures."""
    return not text.rstrip(CLOSERS).endswith(ASKS) and sum(map(str.isalpha, text)) > 1
