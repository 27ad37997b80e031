"""From trained tables to the one that is packaged: their mean, drawn towards translations, lengths set anew.

    python training/finish.py --data DIR --out DIR [--prepared FILE] TABLE [TABLE ...]

The tables are folders that `train.py` wrote from the same vocabulary, such as runs with different seeds. Needs no
training; `LOG.md` says what each part gave.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from batches import prepared
from export import write
from lexicon import retrofit, translations
from numpy.typing import NDArray
from sources import sources

from index.static_model import StaticEmbedder

STRENGTH = 0.3
"""What all translations of a piece weigh beside the row itself."""

_LENGTH_POWER = 0.7
_TYPICAL = 10.0


def lengths(rows: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Factor of every row, shape (pieces, 1): length^0.7 times how rare the piece is.

    The length is what a token weighs in the mean, its square in late interaction. `scores` are the vocabulary's log
    frequencies.
    """
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rarity = -np.minimum(scores, -1).reshape(-1, 1) / _TYPICAL
    powers = np.power(norms, _LENGTH_POWER - 1, out=np.zeros_like(norms), where=norms > 0)
    factors: NDArray[np.float32] = (powers * rarity).astype(np.float32)
    return factors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prepared", type=Path, help="the file of tokenised pairs that train.py wrote")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tables = [StaticEmbedder(folder) for folder in arguments.tables]
    tokenizer = tables[0].tokenizer
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    every = np.arange(len(vocabulary), dtype=np.int32)
    rows = np.mean([table.rows(every) for table in tables], axis=0)
    pairs = prepared(arguments.prepared, sources(arguments.data), tokenizer, arguments.seed)
    rows = retrofit(rows, translations(pairs, len(rows)), STRENGTH)
    rows *= lengths(rows, np.array([score for _, score in vocabulary], dtype=np.float32))
    write(arguments.out, tokenizer, rows)


if __name__ == "__main__":
    main()
