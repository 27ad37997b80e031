"""Trains the network that tells whether a clause asks something (`rag.answer_type.ASKING`).

    python training/asking.py --data DIR --out FOLDER [--epochs N] [--seed S]

DIR holds `train/` and `dev/` as for `reader.py`. Questions of one clause ask, and the last clause of others; clauses of
the paragraphs state. Half of them lose their full stop or question mark, as the first of two questions in one sentence
does. One in ten is kept back; printed is the share of them that is told rightly, by where they come from.
"""

from __future__ import annotations

import random
from pathlib import Path

import torch
from answer_type import learn, options
from reader_data import Data

from index.question import clause_spans
from index.sentences import sentences
from index.words import words
from rag.answer_type import ASKING

MOST = 60_000
"""Of each kind."""
_END = ".?!。？！ "


def examples(folder: Path, draw: random.Random) -> list[tuple[str, int, str]]:
    """(clause, 1 where it asks, source of its paragraph), shuffled."""
    data = Data(folder, draw)
    found = dict[str, tuple[int, str]]()
    for passage in data.passages:
        for start, end in sentences(passage.text):
            for first, last in clause_spans(passage.text, start, end):
                found[ended(passage.text[first:last], draw)] = (0, passage.source)
    for one in data.asked:
        *_, (first, last) = clause_spans(one.question, 0, len(one.question))
        found[ended(one.question[first:last], draw)] = (1, data.passages[one.passage].source)
    every = [(text, asks, source) for text, (asks, source) in found.items() if len(words(text)) > 2]
    draw.shuffle(every)
    kinds = [[one for one in every if one[1] == kind][:MOST] for kind in (0, 1)]
    chosen = kinds[0] + kinds[1]
    draw.shuffle(chosen)
    return chosen


def ended(clause: str, draw: random.Random) -> str:
    """Every second one without its full stop or question mark."""
    return clause.strip(_END) if draw.random() < 0.5 else clause.strip()


def main() -> None:
    given = options(__doc__, 4)
    learn(examples(given.data, random.Random(given.seed)), torch.ones(2), given.out / ASKING, given)


if __name__ == "__main__":
    main()
