"""Trains the reader that finds the sentence which answers (`rag.reader`).

    python training/reader.py --data DIR --out FOLDER [--minutes N] [--seed S]

DIR holds `train/` with qa2.LANG.SOURCE.jsonl.gz and `dev/` with the question sets; every fifth paragraph of the latter
is left out. It learns running text, and the same as labels, rows, items and clauses (`records`). Paragraphs that it
learns to turn down are the nearest others, those of the same article, the right one with its subject's name exchanged,
without the sentence that answers, and for a question about another figure or name.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from reader_data import Data, dictionaries
from reader_examples import Maker
from reader_network import Network, collate, loss_of
from torch import nn

from index.static_model import StaticEmbedder
from rag.reader import FILE

RATE = 2e-3

Made = TypeVar("Made")


def batches(examples: list[Made], lengths: list[float], draw: random.Random) -> Iterator[list[Made]]:
    """32 examples each of about one length, in random order; within one of `lengths` they are mixed."""
    order = sorted(range(len(examples)), key=lambda i: int(lengths[i]) + draw.random())
    starts = list(range(0, len(order), 32))
    draw.shuffle(starts)
    return ([examples[i] for i in order[start : start + 32]] for start in starts)


def save(net: Network, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / FILE, **{k: v.numpy().astype(np.float16) for k, v in net.state_dict().items()})


def rate(highest: float, step: int, done: float) -> float:
    """The first 50 steps warm up, then the rate falls as a cosine over the share of the time that is done, 0 to 1."""
    return highest * min(1.0, step / 50 + 0.02) * max(0.02, (1 + math.cos(math.pi * done)) / 2)


def train(net: Network, data: Data, maker: Maker, given: argparse.Namespace) -> None:
    """Steps on examples made anew for every 4000 questions, until the minutes are over."""
    optimiser = torch.optim.AdamW(net.parameters(), given.rate, weight_decay=1e-3)
    began, steps, seen = time.monotonic(), 0, defaultdict(float)
    while True:
        chunk = maker.draw.sample(data.asked, min(4000, len(data.asked)))
        made = [example for one in chunk for example in maker.make(one)]
        for batch in batches(made, [len(one.seen.paragraph) / 24 for one in made], maker.draw):
            done = (time.monotonic() - began) / 60 / given.minutes
            if done >= 1:
                return
            for group in optimiser.param_groups:
                group["lr"] = rate(given.rate, steps, done)
            loss, measured = loss_of(net, collate(batch, net.nothing))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            steps += 1
            for name, value in {**measured, "batches": 1}.items():
                seen[name] += value
            if steps % 100 == 0:
                mean, first = seen["loss"] / seen["batches"], seen["hit"] / max(seen["n"], 1)
                print(f"step {steps}, {time.monotonic() - began:.0f} s, loss {mean:.3f}, first {first:.3f}", flush=True)
                seen.clear()
            if steps % 250 == 0:
                save(net, given.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--start", type=Path, help="a folder with weights to go on from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    draw = random.Random(given.seed)
    table = StaticEmbedder()
    data = Data(given.data, draw)
    print(len(data.asked), "questions", len(data.passages), "passages", flush=True)
    maker = Maker(data, table, dictionaries(given.data), draw)
    net = Network(table.rows(np.arange(table.tokenizer.get_vocab_size(), dtype=np.int32)))
    if given.start:
        with np.load(given.start / FILE) as held:
            net.load_state_dict({k: torch.from_numpy(held[k].astype(np.float32)) for k in held})
    train(net, data, maker, given)
    save(net, given.out)


if __name__ == "__main__":
    main()
