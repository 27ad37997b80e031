"""Where in a paragraph an answer lies, and whether it is there at all, read off the tokens of question and paragraph.

A small convolutional reader in the manner of DrQA's (Chen et al. 2017, https://arxiv.org/abs/1704.00051) over the
frozen rows of the static table. Each token of the paragraph is seen with how it matches the question, which part of the
question it matches, and what it means beside what is asked for; each sentence with how much of the question it has by
itself, with its neighbours, with the paragraph and with its context. `training/reader.py` makes the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.late_interaction import unit_rows
from index.network import Floats, Network, around, relu, softmax
from index.sentences import CLOSERS
from index.static_model import StaticEmbedder, Tokens

FILE = "reader.npz"
"""Its weights, beside the table that they were trained with."""

QUESTION, PARAGRAPH, CONTEXT = 40, 320, 64
"""Tokens of a question, of a paragraph and of its context that are read at most."""

DILATIONS = (1, 2, 4, 1)
"""Of the convolutions over the paragraph."""

_EXACT = 0.999
"""Cosine from which two tokens are the same one."""
_SHARP = 8.0
"""How strongly a token of the paragraph turns to its best partner in the question."""


@dataclass(frozen=True, slots=True)
class View:
    """What the reader sees of one question and one paragraph of n tokens in s sentences; the question has q tokens."""

    question: Tokens
    """Shape (q,)."""
    paragraph: Tokens
    """Shape (n,)."""
    sentence: NDArray[np.int32]
    """Which sentence each token of the paragraph belongs to, shape (n,), ascending."""
    held: Floats
    """How each sentence matches each token of the question, shape (s, q, 9)."""
    match: Floats
    """How each token of the paragraph matches the question, shape (n, 6)."""
    aligned: Floats
    """Which token of the question it matches: weights that sum to at most 1, shape (n, q)."""
    shape: Floats
    """What the sentence looks like, shape (s, 7)."""


def view(table: StaticEmbedder, question: Tokens, sentences: Sequence[Tokens], context: Tokens, shape: Floats) -> View:
    """What is seen of one or more sentences, as many as fit into PARAGRAPH tokens; of a longer one its beginning."""
    nothing = np.zeros(1, np.int32)
    question, context = question[:QUESTION] if len(question) else nothing, context[:CONTEXT]
    sentences = [ids if len(ids) else nothing for ids in sentences]
    while len(sentences) > 1 and sum(map(len, sentences)) > PARAGRAPH:
        sentences = sentences[:-1]
    paragraph = np.concatenate(sentences)[:PARAGRAPH]
    sentence = np.repeat(np.arange(len(sentences), dtype=np.int32), list(map(len, sentences)))[:PARAGRAPH]
    asked = table.rows(question)
    norms = np.linalg.norm(asked, axis=1) * 0.3
    rows = table.rows(np.concatenate([paragraph, context]))
    similarity = np.maximum(unit_rows(asked) @ unit_rows(rows).T, 0)
    there, beside = similarity[:, : len(paragraph)], similarity[:, len(paragraph) :]
    own = np.linalg.norm(rows[: len(paragraph)], axis=1) * 0.3
    return View(
        question,
        paragraph,
        sentence,
        _held(there, sentence, beside.max(axis=1, initial=0), norms),
        _matches(there, norms, own, sentence),
        _aligned(there),
        shape[: len(sentences)],
    )


def _held(there: Floats, sentence: NDArray[np.int32], beside: Floats, norms: Floats) -> Floats:
    starts = np.flatnonzero(np.diff(sentence, prepend=-1))
    best = np.maximum.reduceat(there, starts, axis=1).T
    padded = np.pad(best, ((1, 1), (0, 0)))
    near = np.maximum(padded[:-2], padded[2:])
    every = np.broadcast_to(best.max(axis=0), best.shape)
    context = np.broadcast_to(beside, best.shape)
    seen = np.stack([best, near, every, context], axis=2)
    weights = np.broadcast_to(norms, best.shape)[:, :, None]
    return np.concatenate([seen, seen > _EXACT, weights], axis=2).astype(np.float32)


def _matches(there: Floats, norms: Floats, own: Floats, sentence: NDArray[np.int32]) -> Floats:
    best = there.max(axis=0)
    partner = norms[there.argmax(axis=0)]
    pairs = np.zeros(there.shape[1] + 1, dtype=np.float32)
    if there.shape[0] > 1 and there.shape[1] > 1:
        pairs[1:-1] = (there[:-1, :-1] + there[1:, 1:]).max(axis=0) / 2
    beside = np.maximum(pairs[:-1], pairs[1:])
    first = np.diff(sentence, prepend=-1) > 0
    return np.stack([best, partner * best, best > _EXACT, own, beside, first], axis=1).astype(np.float32)


def _aligned(there: Floats) -> Floats:
    weight = np.exp(_SHARP * there)
    shares: Floats = (weight / (weight.sum(axis=0) + np.exp(_SHARP * 0.3))).T
    return shares


def shapes(texts: Sequence[str]) -> Floats:
    """What sentences look like, whatever they mean: float32, shape (len(texts), 7)."""
    rows = []
    for place, text in enumerate(texts):
        last = text.rstrip(f"{CLOSERS} ")[-1:]
        rows.append(
            (
                min(np.log1p(len(text)) / 5, 1.2),
                last in "?？؟;",
                last in ":：",
                last in ".。!！…।",
                sum(map(str.isdigit, text)) / max(len(text), 1),
                place == 0,
                1 / (1 + place),
            )
        )
    return np.array(rows, dtype=np.float32).reshape(-1, 7)


class Reader(Network):
    """Reads paragraphs for one table, by the weights beside it."""

    def __init__(self, table: StaticEmbedder, folder: Path) -> None:
        super().__init__(folder / FILE)
        self._table = table

    def __call__(self, seen: View) -> Floats:
        """Log-odds of each sentence against "the answer is not in this paragraph", float32, shape (s,)."""
        asked = self._meaning(seen.question)
        norms = np.linalg.norm(self._table.rows(seen.question), axis=1, keepdims=True) * 0.3
        encoded = relu(self.linear("asked", around(np.concatenate([asked, norms], axis=1), 1)))
        sought = softmax(self.linear("weigh", encoded)[:, 0]) @ encoded
        sentences = np.concatenate([self._held(seen.held, asked), seen.shape], axis=1)
        meaning = self._meaning(seen.paragraph)
        typed = meaning * self.linear("sought", sought)
        spread = sentences[seen.sentence]
        states = np.concatenate([meaning, typed, seen.aligned @ asked, seen.match, spread], axis=1)
        states = relu(self.linear("enter", states) + self.linear("tone", sought))
        for i, dilation in enumerate(DILATIONS):
            states = states + relu(self.linear(f"layers.{i}", around(states, dilation)))
        tokens = self.linear("told", states)[:, 0] + self.linear("whole", sentences)[seen.sentence, 0]
        starts = np.flatnonzero(np.diff(seen.sentence, prepend=-1))
        scores: Floats = np.logaddexp.reduceat(tokens, starts)
        return scores

    def _held(self, held: Floats, asked: Floats) -> Floats:
        """What is made of how each sentence matches the question, shape (s, h)."""
        meaning = np.broadcast_to(asked, (*held.shape[:2], asked.shape[1]))
        hidden = relu(self.linear("held1", around(np.concatenate([held, meaning], axis=2), 1)))
        hidden = hidden + relu(self.linear("held2", around(hidden, 1)))
        told = self.linear("held3", hidden)
        gate = 1 / (1 + np.exp(-told[:, :, :1]))
        gated: Floats = (gate * told[:, :, 1:]).sum(axis=1) / gate.sum(axis=1)
        return gated

    def _meaning(self, ids: Tokens) -> Floats:
        return self.linear("meaning", unit_rows(self._table.rows(ids)))
