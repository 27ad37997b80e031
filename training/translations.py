"""Writes the nearest tokens of the other script of each token of the packaged table (`index.translation`).

    python training/translations.py [--out FOLDER]

The two scripts are Chinese, Japanese and Korean together, and all others. A minute on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from index.late_interaction import unit_rows
from index.static_model import PACKAGED, StaticEmbedder
from index.text import is_cjk
from index.translation import FILE

MOST, MOST_OF_CJK, LEAST = 4, 12, 0.5
"""Tokens that are kept of each, and of one in Chinese, Japanese or Korean, which has a word in each of the other
languages; and their cosine at least."""

SHORT = 1.0
"""Squared norm of a row below which a token means too little to be translated: "the" has .2, "surrender" 14."""

_AT_A_TIME = 512


def nearest(table: StaticEmbedder) -> dict[str, np.ndarray]:
    """The arrays of `index.translation.Nearest`, cosines as float16."""
    size = table.tokenizer.get_vocab_size()
    pieces = [table.piece(token) for token in range(size)]
    worded = np.array([any(map(str.isalpha, piece)) for piece in pieces])
    cjk = np.array([is_cjk(piece) for piece in pieces])
    rows = table.rows(np.arange(size, dtype=np.int32))
    meaning, unit = np.square(rows).sum(axis=1), unit_rows(rows)
    found: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    for script in (False, True):
        own = np.flatnonzero(worded & (cjk == script) & (meaning >= SHORT))
        others = np.flatnonzero(worded & (cjk != script) & (meaning > 0))
        most = MOST_OF_CJK if script else MOST
        for first in range(0, len(own), _AT_A_TIME):
            some = own[first : first + _AT_A_TIME]
            cosines = unit[some] @ unit[others].T
            for token, places, row in zip(some.tolist(), _best(cosines, most), cosines, strict=True):
                found[token] = [(int(others[i]), float(row[i])) for i in places if row[i] >= LEAST]
    return {
        "starts": np.cumsum([0, *map(len, found)]).astype(np.int32),
        "tokens": np.array([token for own in found for token, _ in own], dtype=np.int32),
        "cosines": np.array([cosine for own in found for _, cosine in own], dtype=np.float16),
    }


def _best(cosines: np.ndarray, most: int) -> np.ndarray:
    """Columns of the highest of each row, best first."""
    best = np.argpartition(-cosines, most, axis=1)[:, :most]
    order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PACKAGED, help="the folder that gets the file")
    given = parser.parse_args()
    np.savez_compressed(given.out / FILE, **nearest(StaticEmbedder()))


if __name__ == "__main__":
    main()
