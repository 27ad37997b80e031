"""Trains the network that tells which type of answer a question asks for (`rag.answer_type`).

    python training/answer_type.py --data DIR --out FOLDER [--epochs N] [--seed S]

DIR holds `train/` and `dev/` as for `reader.py`. An answer that is mostly a date or a number is of that type. One in
ten questions is kept back; printed is the share of them that is told rightly, by where they come from.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from reader_data import Data
from torch import Tensor, nn
from torch.nn import functional

from index.late_interaction import unit_rows
from index.sentences import columns
from index.static_model import StaticEmbedder
from rag.answer_type import FILE, LENGTH, LONG, OTHER, QUESTION, types
from rag.checking.quantities import quantities

WIDE = 32
MOSTLY = 0.34
"""Share of an answer that its figures take: "about 5 kilometres", not "in chapter 5 of the report of the council"."""
COST = torch.tensor([1.0, 2.0, 2.0, 2.0])
"""Of a mistake, by type: most questions ask for a short one."""


class Classifier(nn.Module):
    """`rag.answer_type.Classifier` for many questions at once."""

    def __init__(self, dim: int, kinds: int) -> None:
        super().__init__()
        self.meaning = nn.Linear(dim, WIDE)
        self.around = nn.Linear(3 * WIDE, WIDE)
        self.weigh = nn.Linear(WIDE, 1)
        self.told = nn.Linear(2 * WIDE, kinds)

    def forward(self, rows: Tensor, there: Tensor) -> Tensor:
        encoded = torch.relu(self.meaning(functional.dropout(rows, 0.2, self.training))) * there
        padded = functional.pad(encoded, (0, 0, 1, 1))
        beside = torch.cat([padded[:, :-2], encoded, padded[:, 2:]], 2)
        encoded = encoded + torch.relu(self.around(beside)) * there
        weight = (self.weigh(encoded) - 1e4 * (1 - there)).softmax(1)
        return self.told(torch.cat([(weight * encoded).sum(1), encoded.max(1).values], 1))


def questions(folder: Path, draw: random.Random) -> list[tuple[str, int, str]]:
    """(question, type of its answer, source of its paragraph), shuffled."""
    data = Data(folder, draw)
    asked = {one.question: one for one in data.asked if one.answers}
    found = [(one.question, type_of(one.answers[0]), data.passages[one.passage].source) for one in asked.values()]
    draw.shuffle(found)
    return found


def type_of(answer: str) -> int:
    taken = sum(one.end - one.start for one in quantities(answer, loose=True))
    figures = types(answer) if taken >= MOSTLY * len(answer.strip()) else ()
    return min(figures, default=LONG if columns(answer) >= LENGTH else OTHER)


def rows_of(table: StaticEmbedder, asked: list[str]) -> tuple[Tensor, Tensor]:
    """The rows of each question's tokens, and 1 where there is a token."""
    rows = np.zeros((len(asked), QUESTION, table.dim), dtype=np.float32)
    there = np.zeros((len(asked), QUESTION, 1), dtype=np.float32)
    for i, ids in enumerate(table.tokens(asked)):
        if len(ids):
            rows[i, : len(ids[:QUESTION])] = unit_rows(table.rows(ids[:QUESTION]))
            there[i, : len(ids)] = 1
    return torch.from_numpy(rows), torch.from_numpy(there)


def learn(every: list[tuple[str, int, str]], cost: Tensor, file: Path, given: argparse.Namespace) -> None:
    """Trains on nine of ten (text, kind, source), prints how the others are told, and writes the weights."""
    torch.manual_seed(given.seed)
    table = StaticEmbedder()
    kept = len(every) * 9 // 10
    net = Classifier(table.dim, len(cost))
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    for epoch in range(given.epochs):
        net.train()
        for batch in torch.randperm(kept).split(64):
            own = [every[i] for i in batch]
            rows, there = rows_of(table, [text for text, *_ in own])
            loss = functional.cross_entropy(net(rows, there), torch.tensor([kind for _, kind, _ in own]), weight=cost)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        net.eval()
        right: dict[str, list[bool]] = defaultdict(list)
        with torch.no_grad():
            told = net(*rows_of(table, [text for text, *_ in every[kept:]])).argmax(1)
        for (_, kind, source), one in zip(every[kept:], told.tolist(), strict=True):
            right[f"{source} {kind}"].append(kind == one)
        print(f"epoch {epoch + 1}:", {name: round(float(np.mean(own)), 3) for name, own in sorted(right.items())})
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **{name: value.numpy().astype(np.float16) for name, value in net.state_dict().items()})


def options(description: str | None, epochs: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    given = options(__doc__, 8)
    learn(questions(given.data, random.Random(given.seed)), COST, given.out / FILE, given)


if __name__ == "__main__":
    main()
