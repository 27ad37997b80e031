"""Which pieces translate each other, counted; and rows drawn towards their translations, without training.

After retrofitting (Faruqui et al. 2015, https://arxiv.org/abs/1411.4166), over a lexicon of dictionary entries and of
words that keep turning up in each other's sentences.
"""

from __future__ import annotations

import numpy as np
from batches import Pairs
from numpy.typing import NDArray
from scipy import sparse

Rows = NDArray[np.float32]

_ENTRY = 3
"""Pieces of a dictionary translation at most."""
_SEEN, _DICE, _BEST = 3, 0.12, 5
"""Sentence pairs that two words must share, their Dice coefficient, and partners of a word at most."""
_SENTENCES = 60_000


def translations(every: list[Pairs], pieces: int) -> sparse.csr_matrix:
    """Weight of translation j for piece i, shape (pieces, pieces): 1 for an entry, Dice for what sentences show."""
    total = sparse.csr_matrix((pieces, pieces), dtype=np.float32)
    for pairs in every:
        if pairs.group in ("dict zh", "dict other"):
            total += _entries(pairs, pieces)
        elif pairs.group in ("zh-en", "zh-en technical", "zh-other", "other-en"):
            total = total.maximum(_shared(pairs, pieces))
    total.setdiag(0)
    total.eliminate_zeros()
    return total.tocsr()


def _entries(pairs: Pairs, pieces: int) -> sparse.csr_matrix:
    """A single piece beside a translation of up to three, each of which gets its share of 1."""
    left, right, weights = [], [], []
    for a, b in zip(pairs.left, pairs.right, strict=True):
        for one, other in ((a, b), (b, a)):
            if len(one) == 1 and len(other) <= _ENTRY:
                left += [one[0]] * len(other)
                right += other.tolist()
                weights += [1 / len(other)] * len(other)
    matrix = sparse.coo_matrix((weights, (left, right)), shape=(pieces, pieces), dtype=np.float32).tocsr()
    matrix.data = np.minimum(matrix.data, 1)
    return matrix


def _shared(pairs: Pairs, pieces: int) -> sparse.csr_matrix:
    """Dice coefficients of the words of one language with those of the other, both ways."""
    a, b = (_incidence(side[:_SENTENCES], pieces) for side in (pairs.left, pairs.right))
    together = (a.T @ b).tocoo()
    kept = together.data >= _SEEN
    i, j, n = together.row[kept], together.col[kept], together.data[kept]
    counts = [np.asarray(side.sum(axis=0)).ravel() for side in (a, b)]
    dice = 2 * n / (counts[0][i] + counts[1][j])
    kept = dice >= _DICE
    matrix = sparse.coo_matrix((dice[kept], (i[kept], j[kept])), shape=(pieces, pieces), dtype=np.float32).tocsr()
    return _best(matrix).maximum(_best(matrix.T.tocsr()))


def _incidence(sentences: list[NDArray[np.int32]], pieces: int) -> sparse.csr_matrix:
    """1 where a sentence holds a piece, shape (sentences, pieces)."""
    distinct = [np.unique(ids) for ids in sentences]
    starts = np.concatenate([[0], np.cumsum([len(ids) for ids in distinct])])
    ones = np.ones(starts[-1], dtype=np.float32)
    return sparse.csr_matrix((ones, np.concatenate(distinct), starts), shape=(len(distinct), pieces))


def _best(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """The largest few of every row."""
    for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        if end - start > _BEST:
            values = matrix.data[start:end]
            values[values < np.partition(values, -_BEST)[-_BEST]] = 0
    matrix.eliminate_zeros()
    return matrix


def retrofit(rows: Rows, weights: sparse.csr_matrix, strength: float, sharpness: float = 4.0, rounds: int = 1) -> Rows:
    """Rows of the same lengths, turned towards their translations.

    A translation counts by its weight times exp(sharpness * cosine): of several meanings, those near to what the row
    says already. `strength` is what all translations of a piece weigh together beside the row itself.
    """
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    links = weights.tocoo()
    for _ in range(rounds):
        cosines = np.concatenate(
            [
                np.einsum("ij,ij->i", units[links.row[k : k + 100_000]], units[links.col[k : k + 100_000]])
                for k in range(0, links.nnz, 100_000)
            ]
        )
        data = (links.data * np.exp(sharpness * cosines)).astype(np.float32)
        near = sparse.csr_matrix((data, (links.row, links.col)), shape=weights.shape)
        sums = np.asarray(near.sum(axis=1)).reshape(-1, 1)
        drawn = np.divide(near @ units, sums, out=np.zeros_like(units), where=sums > 0)
        norms = np.linalg.norm(drawn, axis=1, keepdims=True)
        np.divide(drawn, norms, out=drawn, where=norms > 0)
        trust = np.minimum(sums / np.exp(sharpness * 0.5), 1)
        units = units + strength * trust * drawn
        units /= np.maximum(np.linalg.norm(units, axis=1, keepdims=True), 1e-9)
    result: Rows = (units * lengths).astype(np.float32)
    return result
