"""Choosing the sentences that answer a question, without a model: those that the reader points at (`rag.reader`)."""

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
from index.text import fold, is_cjk
from index.words import query_words, words
from rag.answer_type import LONG, fit
from rag.checking.quantities import quantities
from rag.documents import spans
from rag.readings import Readings, context

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
MORE = 1.0
"""How far below the best a further sentence of its paragraph may score, in log-odds."""
FIELD, ELSEWHERE = 2.5, 8.0
"""Log-odds that a field gains whose label ("Chair: Mei Sato") has only words of the question, and that it loses again
where its document lacks all of the words that others have: the pulse of another patient. `benchmarks/fields.py`."""
CLAUSE = 3.5
"""Log-odds from which a sentence answers a clause that asks: "How many islands have a doctor, and how many patients
were seen?" What is quoted already may score MORE less. It adds .025 to what is trusted of the packaged set and .02
to the gold sentences quoted of English questions over two paragraphs (`benchmarks/context.py --most 70`)."""
LONG_LIKELY = 0.6
"""Probability from which a question is taken to ask for a long answer."""
LONGER = 3.0
"""How much further below the best a sentence may then score."""
MOST = 3
"""Sentences that are quoted of one paragraph, without the items of a list."""
SUMMARY, MOST_SUMMARY = 4.0, 8
"""LONGER and MOST for the passage of which a summary is asked for."""
ITEMS = 12
"""Sentences that follow a lead-in at most."""

_LEADS = (":", "：")
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
    found = _candidates(question, paragraphs, readings, ranks)
    asked = readings.asked(question)
    if asked is not None:
        asking = _candidates(asked, paragraphs, readings, ranks)
        found = [replace(one, score=_mean(one.score, other.score)) for one, other in zip(found, asking, strict=True)]
    return _closely(question, found, paragraphs, readings) if closely else found


def _closely(
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
    return [replace(one, score=_mean(one.score, read.get(_place(one), worst) + LOWER)) for one in found]


def asks_long(question: Question, readings: Readings) -> bool:
    """Whether it is taken to ask for a long answer."""
    return bool(readings.expected(readings.asked(question) or question)[LONG] >= LONG_LIKELY)


def _mean(one: float, other: float) -> float:
    return (one + other) / 2


def _candidates(
    question: Question, paragraphs: Sequence[Paragraph], readings: Readings, ranks: Sequence[int] | None
) -> list[Chosen]:
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
        fitting = fit(readings.expected(question), quantities(question.text), texts)
        scores += EXACT * _shared(question, held) + TYPE * fitting
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


def select(
    question: Question, paragraphs: Sequence[Paragraph], readings: Readings, ranks: Sequence[int] | None = None
) -> tuple[Chosen, ...]:
    """The sentences that answer, in reading order; empty without any. `ranks` are those of `candidates`.

    The best sentence, others of its paragraph or list that come close to it, of an FAQ the whole answer, and behind a
    lead-in ("such as:") what it introduces. For every clause of the question, the sentence that surely answers it. Of
    every further title or heading that the question names, as in a comparison, the best sentence below it. Where the
    question is about documents themselves, what they answer.
    """
    asked = question.about_documents
    if asked and (fitting := spans(asked, paragraphs, readings.table)):
        return tuple(Chosen(*span, 0.0) for span in fitting)
    summary = readings.topic(question) is not None
    telling = candidates(question, paragraphs, readings, ranks, closely=False)
    if not telling:
        return ()
    read = telling if summary else _closely(question, telling, paragraphs, readings)
    first = telling[read.index(best(read))]
    paragraph = paragraphs[first.paragraph]
    own = [one for one in telling if one.paragraph == first.paragraph]
    chosen = _close(question, first, telling, paragraphs, readings, ranks)
    if paragraph.kind == "faq":
        chosen = set(own)
    if paragraph.text[first.start : first.end].endswith(_LEADS):
        chosen.update([one for one in own if one.start > first.start][:ITEMS])
    for clause in readings.asking(question):
        found = _candidates(clause.own, paragraphs, readings, ranks)
        one = best(found)
        quoted = {_place(two) for two in chosen}
        nearest = max((two.score for two in found if _place(two) in quoted), default=-math.inf)
        if one.score >= CLAUSE and one.score - nearest > MORE:
            chosen.add(one)
    names = named(question.text, paragraphs)
    if len(names) == 1:  # the best sentence may be below that very name in another language
        names = set()
    for name in names - named(f"{context(paragraph)} {paragraph.text}", paragraphs):
        below = [one for one in telling if name in fold(context(paragraphs[one.paragraph]))]
        chosen.add(max(below, key=lambda one: one.score, default=first))
    return tuple(sorted(chosen, key=lambda one: (one.paragraph, one.start)))


def _close(
    question: Question,
    first: Chosen,
    telling: Sequence[Chosen],
    paragraphs: Sequence[Paragraph],
    readings: Readings,
    ranks: Sequence[int] | None,
) -> set[Chosen]:
    """The sentences that come close to the best: of its paragraph or list, of its passage in a summary."""
    ranked = sorted(telling, key=lambda one: -one.score)
    summary = readings.topic(question) is not None
    long = asks_long(question, readings)
    place = ranks if summary and ranks else range(len(paragraphs))
    own = [one for one in ranked if place[one.paragraph] == place[first.paragraph]]
    least = first.score - MORE - (SUMMARY if summary else LONGER * long)
    chosen = {first, *[one for one in own if one.score >= least][: MOST_SUMMARY if summary else MOST]}
    paragraph = paragraphs[first.paragraph]
    if paragraph.kind == "list_item":  # "what must I do before ...": the other items that come close
        close = [one for one in ranked if one.score >= first.score - MORE]
        chosen.update([one for one in close if _same_list(paragraph, paragraphs[one.paragraph])][:ITEMS])
    return chosen


def _place(one: Chosen) -> tuple[int, int]:
    return one.paragraph, one.start


def _same_list(one: Paragraph, other: Paragraph) -> bool:
    place, there = ((p.kind, p.source, p.heading, p.context) for p in (one, other))
    return place == there


def named(text: str, paragraphs: Sequence[Paragraph]) -> set[str]:
    """Titles and headings of the paragraphs, of two characters and more, that are in the text; folded."""
    text = fold(text)
    every = {fold(name) for paragraph in paragraphs for name in (paragraph.title or "", *paragraph.heading)}
    return {name for name in every if len(name) > 1 and name in text and (is_cjk(name) or _is_word(name, text))}


def _is_word(name: str, text: str) -> bool:
    """Whether it is in the text as words of its own: "art" is not in "start"."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


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
            own[paragraph.source].update(words(f"{paragraph.head}\n{context(paragraph)}\n{paragraph.text}"))
    shares = dict(zip(own, _shared(question, list(own.values())).tolist(), strict=True))
    return [1 - shares.get(paragraph.source, 1.0) for paragraph in paragraphs]


def _tells(text: str) -> bool:
    """Whether a sentence can be an answer by its shape: it does not ask, and has letters beside figures."""
    return not text.rstrip(CLOSERS).endswith(ASKS) and sum(map(str.isalpha, text)) > 1
