"""Trains the small network that tells whether a passage holds what a question asks (`index.matching`).

    python training/matching.py --data DIR --out FOLDER [--steps N] [--seed S]

The table stays as it is. Half of the passages that it learns to turn down are the nearest other ones, as in a library
that does not hold the answer; the other half are any. Minutes on two cores.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sources import Source, sources
from torch import Tensor, nn
from torch.nn import functional

from index.late_interaction import late_interaction
from index.matching import ALIKE, EXACT, FILE, STRIDE, WINDOW
from index.static_model import StaticEmbedder, Tokens

QUESTION, PASSAGE = 48, 320
"""Tokens of a question and of a passage at most."""

BATCH, RATE = 48, 4e-3
NEAR_SHARE = 0.5
"""Of the batches, those with the nearest other passages."""

_QA = ("jaquad", "msdocs-headings")
_HEADINGS = 2000
_DOCUMENTS = ("twlaw", "pydocs", "msdocs")
"""Parallel text whose lines stand in the order of their documents."""
_TECHNICAL, _CAP = 1500, 8000
"""Questions of one source and direction at most, of software documentation and of other text."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the passage that answers it, and the nearest others, all as token ids."""

    question: Tokens
    passage: Tokens
    others: list[Tokens]


class Network(nn.Module):
    """`index.matching.Matcher` for many pairs at once."""

    def __init__(self, rows: NDArray[np.float32], meaning: int = 8, hidden: int = 32) -> None:
        super().__init__()
        table = torch.from_numpy(np.concatenate([rows, np.zeros((1, rows.shape[1]), dtype=np.float32)]))
        self.norms = table.norm(dim=1)
        self.unit = table / self.norms.clamp_min(1e-6)[:, None]
        self.nothing = len(rows)
        self.meaning = nn.Linear(rows.shape[1], meaning)
        self.first = nn.Linear(3 * (6 + meaning), hidden)
        self.second = nn.Linear(3 * hidden, hidden)
        self.told = nn.Linear(hidden, 2)

    def forward(self, questions: Tensor, passages: Tensor) -> Tensor:
        """Log-odds, shape (pairs,); ids padded with `nothing`."""
        there = (questions != self.nothing).float()[:, :, None]
        unit, norms = self.unit[questions], self.norms[questions]
        similarity = torch.bmm(unit, self.unit[passages].transpose(1, 2)).clamp_min(0)
        similarity = functional.pad(similarity, (0, WINDOW))
        windows = functional.max_pool1d(similarity, WINDOW, STRIDE)
        fullest = (norms.square()[:, :, None] * windows).sum(1).argmax(1)
        together = windows.gather(2, fullest[:, None, None].expand(-1, windows.shape[1], 1))[:, :, 0]
        best = similarity.max(2).values
        pairs = (similarity[:, :-1, :-1] + similarity[:, 1:, 1:]).max(2).values / 2
        pairs = functional.pad(pairs * there[:, 1:, 0], (1, 1))
        beside = torch.maximum(pairs[:, :-1], pairs[:, 1:])
        times = torch.log1p((similarity > ALIKE).float().sum(2)) / 2
        matches = torch.stack([best, together, beside, (best > EXACT).float(), times, norms * 0.3], dim=2)
        seen = torch.cat([matches, self.meaning(unit)], dim=2) * there
        hidden = torch.relu(self.first(_around(seen))) * there
        hidden = hidden + torch.relu(self.second(_around(hidden))) * there
        told = self.told(hidden)
        gate = torch.sigmoid(told[:, :, 0]) * there[:, :, 0]
        return (gate * told[:, :, 1]).sum(1) / gate.sum(1).clamp_min(1e-6)

    def ids(self, rows: Sequence[Tokens], most: int) -> Tensor:
        """Token ids side by side, cut at `most` and padded."""
        width = max(2, min(most, max(map(len, rows))))
        padded = np.full((len(rows), width), self.nothing, dtype=np.int64)
        for i, row in enumerate(rows):
            padded[i, : min(len(row), width)] = row[:width]
        return torch.from_numpy(padded)


def _around(values: Tensor) -> Tensor:
    """Every token's values between those of its two neighbours."""
    padded = functional.pad(values, (0, 0, 1, 1))
    return torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], dim=2)


def examples(found: list[Source], table: StaticEmbedder, draw: random.Random) -> Iterator[Example]:
    """Questions with their paragraphs, headings with their sections, and sentences with their translations' passage."""
    for source in found:
        if source.kind == "qa" and source.name in _QA:
            yield from _asked(source, table, draw)
        elif source.kind == "parallel" and _in_order(source):
            pairs = [pair for pair in source.pairs() if all(8 <= len(text) <= 400 for text in pair)]
            most = _TECHNICAL if source.name.startswith(("msdocs", "pydocs")) else _CAP
            yield from _translated(pairs, most, table, draw)
            yield from _translated([(b, a) for a, b in pairs], most, table, draw)


def _in_order(source: Source) -> bool:
    """Whether its lines follow each other as in the documents; beside Chinese only the text of general interest."""
    general = source.name in ("tico19", "ntrex")
    return general or (source.name.startswith(_DOCUMENTS) and source.languages[0].startswith("zh"))


def _asked(source: Source, table: StaticEmbedder, draw: random.Random) -> Iterator[Example]:
    pairs = list(source.pairs())
    if source.name == "msdocs-headings":
        pairs = draw.sample(pairs, min(_HEADINGS, len(pairs)))
    row = {paragraph: i for i, paragraph in enumerate(dict.fromkeys(paragraph for _, paragraph in pairs))}
    passages = [ids[:PASSAGE] for ids in table.tokens(list(row))]
    vectors = table.embed_tokens(passages)
    for question, (_, paragraph) in zip(table.tokens([asked for asked, _ in pairs]), pairs, strict=True):
        gold = row[paragraph]
        yield Example(question[:QUESTION], passages[gold], _nearest(question, gold, passages, vectors, table))


def _translated(
    pairs: list[tuple[str, str]], most: int, table: StaticEmbedder, draw: random.Random
) -> Iterator[Example]:
    """A few tokens of a line, over passages of two to six lines in the other language: one holds its translation."""
    starts = [0]
    while starts[-1] < len(pairs):
        starts.append(starts[-1] + draw.randint(2, 6))
    lines = [range(a, min(b, len(pairs))) for a, b in zip(starts, starts[1:], strict=False)]
    passages = [ids[:PASSAGE] for ids in table.tokens([" ".join(pairs[i][1] for i in own) for own in lines])]
    vectors = table.embed_tokens(passages)
    picked = sorted(draw.sample(range(len(lines)), min(most, len(lines))))
    whole = table.tokens([pairs[draw.choice(lines[i])][0] for i in picked])
    for i, ids in zip(picked, whole, strict=True):
        length = draw.randint(5, 20)
        start = draw.randint(0, max(0, len(ids) - length))
        question = ids[start : start + length]
        near = slice(max(0, i - 150), i + 150)
        others = _nearest(question, i - near.start, passages[near], vectors[near], table)
        if len(ids) >= 5:
            yield Example(question, passages[i], others)


def _nearest(
    question: Tokens, gold: int, passages: list[Tokens], vectors: NDArray[np.float32], table: StaticEmbedder
) -> list[Tokens]:
    """The three passages beside the right one that come nearest, by means and late interaction."""
    cosines = vectors @ table.embed_tokens([question])[0]
    pool = [int(i) for i in np.argsort(-cosines)[:40] if i != gold]
    scores = late_interaction(table, question, [passages[i] for i in pool]) + cosines[pool] / 2
    return [passages[pool[i]] for i in np.argsort(-scores)[:3] if len(passages[pool[i]])]


def train(every: list[Example], network: Network, steps: int, draw: random.Random) -> None:
    """Right and wrong passages told apart, each by itself and side by side."""
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    began, report = time.monotonic(), np.zeros(3)
    for step in range(1, steps + 1):
        batch = draw.sample(every, BATCH)
        near = draw.random() < NEAR_SHARE
        others = [draw.choice(one.others) if near else draw.choice(every).passage for one in batch]
        questions = network.ids([one.question for one in batch] * 2, QUESTION)
        passages = network.ids([*(one.passage for one in batch), *others], PASSAGE)
        right, wrong = network(questions, passages).split(BATCH)
        alone = (functional.softplus(-right).mean() + functional.softplus(wrong).mean()) / 2
        loss = alone + functional.softplus(wrong - right).mean() / 2
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        report += (loss.item(), (right > wrong).float().mean().item(), 1)
        if step % 500 == 0:
            loss_mean, first = report[:2] / report[2]
            print(f"step {step}, {time.monotonic() - began:.0f} s, loss {loss_mean:.3f}, first {first:.3f}", flush=True)
            report[:] = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the folder that gets the weights")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    draw, table = random.Random(arguments.seed), StaticEmbedder()
    every = [one for one in examples(sources(arguments.data), table, draw) if len(one.question) > 1 and one.others]
    print(f"{len(every)} questions", flush=True)
    network = Network(table.rows(np.arange(table.tokenizer.get_vocab_size(), dtype=np.int32)))
    train(every, network, arguments.steps, draw)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.savez(arguments.out / FILE, **{name: values.numpy() for name, values in network.state_dict().items()})


if __name__ == "__main__":
    main()
