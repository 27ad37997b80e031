"""From the training files to the packaged folder: vocabulary, first rows, training, int8.

    python training/train.py --data DIR --out DIR [--start FOLDER] [--steps N] [--minutes M] [--seed S]

Checkpoints are packaged folders too (DIR/step-N); DIR itself gets the mean of those of the last third.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from batches import Batches, Ids, Pairs, prepared
from export import write
from loss import losses
from optimiser import RowAdam
from rows import first_rows
from sources import sources
from tokenizers import Tokenizer
from vocabulary import build

from index.static_model import PACKAGED, StaticEmbedder

_SAVE_SHARE = 0.08
"""Of the whole run, between two checkpoints."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, default=PACKAGED, help="an older table whose rows are kept")
    parser.add_argument("--tokenizer", type=Path, help="a tokenizer.json made before, instead of building one")
    parser.add_argument("--prepared", type=Path, help="tokenised pairs: read if the file is there, else written")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--minutes", type=float, default=90, help="the rate has fallen to nothing by then")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    found = sources(arguments.data)
    tokenizer = Tokenizer.from_file(str(arguments.tokenizer)) if arguments.tokenizer else build(arguments.data)
    rows = torch.from_numpy(first_rows(tokenizer, StaticEmbedder(arguments.start), found, arguments.seed))
    write(arguments.out / "step-0", tokenizer, rows.numpy())
    print(f"{len(rows)} rows; first table written", flush=True)
    every = prepared(arguments.prepared, found, tokenizer, arguments.seed)
    print(f"{sum(len(p.left) for p in every)} pairs of {len(every)} sources", flush=True)
    write(arguments.out, tokenizer, _train(rows, every, tokenizer, arguments))


def _train(rows: torch.Tensor, every: list[Pairs], tokenizer: Tokenizer, arguments: argparse.Namespace) -> np.ndarray:
    """The mean of the checkpoints of the last third."""
    batches, optimiser = Batches(every, arguments.seed), RowAdam(rows)
    began, due, report = time.monotonic(), _SAVE_SHARE, Report()
    late: list[np.ndarray] = []
    step, progress = 0, 0.0
    while progress < 1:
        spent = (time.monotonic() - began) / 60
        progress = max(step / arguments.steps, spent / arguments.minutes)
        group, questions, passages = batches.next()
        rate = arguments.rate * max(0.02, 1 - progress) * min(1.0, (step + 1) / 50)
        report.add(group, *_step(optimiser, questions, passages, rate))
        step += 1
        if progress >= due:
            due += _SAVE_SHARE
            write(arguments.out / f"step-{step}", tokenizer, rows.numpy())
            if progress > 2 / 3:
                late.append(rows.numpy().copy())
            print(f"step {step}, {spent:.1f} min, {report.line()}", flush=True)
            report = Report()
    return np.mean([*late, rows.numpy()], axis=0)


def _step(optimiser: RowAdam, questions: Ids, passages: Ids, rate: float) -> tuple[float, float]:
    """One step on one batch; the two losses before it."""
    ids, places = np.unique(np.concatenate([[0], questions.ravel(), passages.ravel()]), return_inverse=True)
    asked = torch.from_numpy(places[1 : 1 + questions.size].reshape(questions.shape))
    offered = torch.from_numpy(places[1 + questions.size :].reshape(passages.shape))
    touched = torch.from_numpy(ids).long()
    rows = optimiser.table[touched].requires_grad_()
    mean, late = losses(rows, asked, offered, _same(questions) | _same(passages))
    (mean + late).backward()
    assert rows.grad is not None
    optimiser.step(touched, rows.grad, rate)
    return mean.item(), late.item()


def _same(ids: Ids) -> torch.Tensor:
    """Which different pairs of the batch have the same tokens here, bool, shape (b, b)."""
    first: dict[bytes, int] = {}
    numbers = torch.tensor([first.setdefault(row.tobytes(), i) for i, row in enumerate(ids)])
    return (numbers[:, None] == numbers[None, :]) & ~torch.eye(len(ids), dtype=torch.bool)


class Report:
    """Mean losses per group since the last line."""

    def __init__(self) -> None:
        self.sums: dict[str, np.ndarray] = {}

    def add(self, group: str, mean: float, late: float) -> None:
        self.sums[group] = self.sums.get(group, np.zeros(3)) + np.array((mean, late, 1.0))

    def line(self) -> str:
        return ", ".join(f"{g} {m / n:.2f}/{l_ / n:.2f}" for g, (m, l_, n) in sorted(self.sums.items()))


if __name__ == "__main__":
    main()
