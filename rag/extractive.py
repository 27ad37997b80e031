"""Choosing the sentences that answer a question, without a model: those that the reader points at (`rag.reader`)."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence

from index.question import Question
from index.records import Paragraph
from index.text import fold, is_cjk
from rag.candidates import Chosen, asks_long, best, candidates, closely_read, of_passages, place_of
from rag.documents import spans
from rag.readings import Readings, context, whole

MORE = 1.0
"""How far below the best a further sentence of its paragraph may score, in log-odds."""
CLAUSE = 3.5
"""Log-odds from which a sentence answers a clause that asks: "How many islands have a doctor, and how many patients
were seen?" What is quoted already may score MORE less. It adds .025 to what is trusted of the packaged set and .02
to the gold sentences quoted of English questions over two paragraphs (`benchmarks/context.py --most 70`)."""
LONGER = 3.0
"""How much further below the best it may score where a long answer is asked for."""
MOST = 3
"""Sentences that are quoted of one paragraph, without the items of a list."""
SUMMARY, MOST_SUMMARY = 5.0, 10
"""How far below the best the sentences of a summary may score, and how many there are at most."""
HELD, TOLD, BESIDE = 9.0, 0.3, 1.5
"""What a passage scores that has all that a summary is asked of, how much the log-odds of its best sentence count, and
how far below the best passage others of its document may be. Of every fourth request over documents whose paragraphs do
not name their subject (`benchmarks/context.py`) that finds .39 and .43 of the gold sentences where the passage of the
best sentence has .25 and .34, and as large a part of what is quoted is gold."""
ITEMS = 12
"""Sentences that follow a lead-in at most."""

_LEADS = (":", "：")


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
    telling = candidates(question, paragraphs, readings, ranks, closely=False)
    if not telling:
        return ()
    if topic := readings.topic(question):
        chosen = _summary(topic, telling, paragraphs, readings, ranks)
        first = best(list(chosen))
    else:
        read = closely_read(question, telling, paragraphs, readings)
        first = telling[read.index(best(read))]
        chosen = _close(question, first, telling, paragraphs, readings)
    paragraph = paragraphs[first.paragraph]
    own = [one for one in telling if one.paragraph == first.paragraph]
    if paragraph.kind == "faq":
        chosen = set(own)
    if paragraph.text[first.start : first.end].endswith(_LEADS):
        chosen.update([one for one in own if one.start > first.start][:ITEMS])
    for clause in readings.asking(question):
        found = of_passages(clause.own, paragraphs, readings, ranks)
        one = best(found)
        quoted = {place_of(two) for two in chosen}
        nearest = max((two.score for two in found if place_of(two) in quoted), default=-math.inf)
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
    question: Question, first: Chosen, telling: Sequence[Chosen], paragraphs: Sequence[Paragraph], readings: Readings
) -> set[Chosen]:
    """The sentences of the best one's paragraph or list that come close to it."""
    ranked = sorted(telling, key=lambda one: -one.score)
    least = first.score - MORE - LONGER * asks_long(question, readings)
    own = [one for one in ranked if one.paragraph == first.paragraph]
    chosen = {first, *[one for one in own if one.score >= least][:MOST]}
    paragraph = paragraphs[first.paragraph]
    if paragraph.kind == "list_item":  # "what must I do before ...": the other items that come close
        close = [one for one in ranked if one.score >= first.score - MORE]
        chosen.update([one for one in close if _same_list(paragraph, paragraphs[one.paragraph])][:ITEMS])
    return chosen


def _summary(
    topic: Question,
    telling: Sequence[Chosen],
    paragraphs: Sequence[Paragraph],
    readings: Readings,
    ranks: Sequence[int] | None,
) -> set[Chosen]:
    """The best sentences of the passages that have what a summary is asked of, all of one document.

    In another script than the topic's names cannot be looked for: there it is the passage of the best sentence.
    """
    ranks = ranks or range(1, len(paragraphs) + 1)
    passages = defaultdict[int, list[Chosen]](list)
    for one in telling:
        passages[ranks[one.paragraph]].append(one)
    same = topic.cjk == is_cjk(paragraphs[best(telling).paragraph].text)
    texts = ["\n".join(whole(paragraphs[i]) for i in {one.paragraph for one in own}) for own in passages.values()]
    held = readings.held(topic, texts) if same else [0.0] * len(texts)
    scores = {
        rank: HELD * share + TOLD * best(own).score for (rank, own), share in zip(passages.items(), held, strict=True)
    }
    first = max(scores, key=scores.__getitem__)
    source = {rank: paragraphs[own[0].paragraph].source for rank, own in passages.items()}
    near = [rank for rank in passages if source[rank] == source[first] and scores[rank] >= scores[first] - BESIDE]
    found = [one for rank in (near if same else [first]) for one in passages[rank]]
    ranked = sorted(found, key=lambda one: -one.score)
    return {one for one in ranked[:MOST_SUMMARY] if one.score >= ranked[0].score - SUMMARY}


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
