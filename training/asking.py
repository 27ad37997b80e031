"""Trains the network that tells whether a clause asks something (`rag.answer_type.ASKING`).

    python training/asking.py --data DIR --out FOLDER [--epochs N] [--seed S]

DIR holds `train/` and `dev/` as for `reader.py`. Questions of one clause ask, and the last clause of others; clauses of
the paragraphs state. Half of them lose their full stop or question mark, as the first of two questions in one sentence
does. One in ten is kept back; printed is the share of them that is told rightly, by where they come from.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from answer_type import Classifier, rows_of, save
from reader_data import Data
from torch.nn import functional

from index.question import pieces
from index.sentences import sentences
from index.static_model import StaticEmbedder
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
            for first, last in pieces(passage.text, start, end):
                found[ended(passage.text[first:last], draw)] = (0, passage.source)
    for one in data.asked:
        *_, (first, last) = pieces(one.question, 0, len(one.question))
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    table = StaticEmbedder()
    every = examples(given.data, random.Random(given.seed))
    kept = len(every) * 9 // 10
    net = Classifier(table.dim, 2)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    for epoch in range(given.epochs):
        net.train()
        for batch in torch.randperm(kept).split(64):
            own = [every[i] for i in batch]
            rows, there = rows_of(table, [text for text, *_ in own])
            loss = functional.cross_entropy(net(rows, there), torch.tensor([asks for _, asks, _ in own]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        net.eval()
        right: dict[str, list[bool]] = defaultdict(list)
        with torch.no_grad():
            told = net(*rows_of(table, [text for text, *_ in every[kept:]])).argmax(1)
        for (_, asks, source), one in zip(every[kept:], told.tolist(), strict=True):
            right[f"{source} {'asks' if asks else 'states'}"].append(asks == one)
        print(f"epoch {epoch + 1}:", {name: round(float(np.mean(own)), 3) for name, own in sorted(right.items())})
        save(net, given.out / ASKING)


if __name__ == "__main__":
    main()
