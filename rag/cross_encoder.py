"""A second reader, slower and more exact: question and paragraph as one sequence, read by a small transformer.

The first six layers of multilingual-e5-small (Wang et al. 2024, https://arxiv.org/abs/2402.05672) as a cross-encoder
(Nogueira and Cho 2019, https://arxiv.org/abs/1901.04085), trained by `training/cross_encoder.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers

from index.network import Floats, Network
from index.static_model import PACKAGED
from index.tokens import Pieces

FILE = "cross_encoder.npz"
"""Its pieces and weights, in the folder of the packaged table."""

HIDDEN, HEADS, LAYERS, EPSILON = 384, 12, 6, 1e-12
START, PAD, END, UNKNOWN = range(4)
QUESTION, CONTEXT, WHOLE = 48, 56, 224
"""Tokens of a question, of its context, and of the sequence, at most."""

Integers = NDArray[np.int64]
_LONG = 4000
"""Characters of a text that are cut into pieces: no page of dashes and blanks holds up an answer."""
_WIDTH = HIDDEN // HEADS


class Part(NamedTuple):
    """One paragraph to read."""

    question: str
    """As the paragraph writes its names."""
    context: str
    sentences: Sequence[str]
    likely: int
    """Which sentence is read in any case, from 0."""


class CrossEncoder(Network):
    """Reads paragraphs of any language that multilingual-e5-small knows; it was trained for a few."""

    def __call__(self, parts: Sequence[Part]) -> list[tuple[int, Floats]]:
        """For each part which sentence is the first that is read, and float32 log-odds of each that is.

        They are against "the answer is not among these". As many sentences around the likely one are read as fit; of a
        longer one its beginning.
        """
        framed = [self._framed(part) for part in parts]
        ids, kinds = (np.concatenate([one[at] for one in framed]) for at in (0, 1))
        ends = np.cumsum([len(one[0]) for one in framed])
        told = np.split(self._told(ids, kinds, ends), ends[:-1])
        return [
            (first, np.logaddexp.reduceat(own, starts)) for own, (*_, starts, first) in zip(told, framed, strict=True)
        ]

    def _framed(self, part: Part) -> tuple[Integers, Integers, Integers, int]:
        """Ids and kinds of a sequence, where its sentences start, and which is the first."""
        skipped = max(0, part.likely - WHOLE // 2)  # a sentence takes two tokens at least
        near = part.sentences[skipped : part.likely + WHOLE // 2]
        texts = [text[:_LONG] for text in (part.question, part.context, *near)]
        asked, above, *pieces = self._pieces.tokens(texts)
        head, kinds = beginning(asked.tolist(), above.tolist())
        room = WHOLE - len(head)
        lengths = [min(len(ids), room - 1) + 1 for ids in pieces]
        first, last = _window(lengths, part.likely - skipped, room)
        ids = [*head, *(i for own in pieces[first:last] for i in [*own[: room - 1], END])]
        starts = len(head) + np.cumsum([0, *lengths[first : last - 1]])
        return np.array(ids), np.array(kinds + [2] * (len(ids) - len(head))), starts, skipped + first

    @cached_property
    def _pieces(self) -> Pieces:
        pieces, scores = str(self._others["pieces"]).split("\n"), self._weights["scores"].tolist()
        spec = json.loads(tokenizer(pieces[: UNKNOWN + 1], scores[: UNKNOWN + 1]).to_str())
        spec["model"]["vocab"] = list(zip(pieces, scores, strict=True))
        return Pieces(spec)

    def _told(self, ids: Integers, kinds: Integers, ends: Integers) -> Floats:
        """Log-odds of each token of sequences one behind the other, shape (n,)."""
        bounds = list(pairwise([0, *ends]))
        places = np.concatenate([np.arange(end - start) for start, end in bounds])
        x = self._norm(
            "norm",
            self._rows(ids)
            + self._others["places.int8"][places] * self._weights["places.scale"][places]
            + self._weights["kinds"][kinds],
        )
        for i in range(LAYERS):
            x = self._layer(f"layers.{i}", x, bounds)
        whole = self.linear("whole", x[[start for start, _ in bounds]])[:, 0]
        told: Floats = self.linear("told", x)[:, 0] + np.repeat(whole, np.diff([0, *ends]))
        return told

    def _layer(self, name: str, x: Floats, bounds: Sequence[tuple[int, int]]) -> Floats:
        """Attention and a wider layer, each added and normalised after (Vaswani et al. 2017)."""
        sought = self.linear(f"{name}.qkv", x)
        seen = np.concatenate([_attention(sought[start:end]) for start, end in bounds])
        x = self._norm(f"{name}.norm1", x + self.linear(f"{name}.out", seen))
        return self._norm(f"{name}.norm2", x + self.linear(f"{name}.back", _gelu(self.linear(f"{name}.wide", x))))

    def linear(self, name: str, values: Floats) -> Floats:
        """A layer by its name, over the last axis. Its matrix stays int8, a quarter of the memory, until used."""
        matrix = self._others.get(f"{name}.weight.int8")
        if matrix is None:
            return super().linear(name, values)
        out: Floats = values @ matrix.T.astype(np.float32)
        out *= self._weights[f"{name}.weight.scale"][:, 0]
        out += self._weights[f"{name}.bias"]
        return out

    def _norm(self, name: str, x: Floats) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        x /= np.sqrt((x * x).mean(axis=1, keepdims=True) + EPSILON)
        out: Floats = x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return out

    def _rows(self, ids: Integers) -> Floats:
        """The rows of pieces, shape (n, HIDDEN)."""
        blocks = ids[:, None] * (HIDDEN // 32) + np.arange(HIDDEN // 32)
        return unpacked(self._weights["rows.scale"][blocks], self._others["rows.nibbles"][blocks]).reshape(-1, HIDDEN)


@lru_cache(1)
def cross_encoder() -> CrossEncoder:
    """The packaged one, whatever table a library has."""
    return CrossEncoder(PACKAGED / FILE)


def beginning(asked: Sequence[int], above: Sequence[int]) -> tuple[list[int], list[int]]:
    """What stands before a paragraph, question and context, and which of the two each token is, 0 or 1."""
    ids = [START, *asked[:QUESTION], END]
    kinds = [0] * len(ids)
    if above:
        ids += [*above[:CONTEXT], END]
        kinds += [1] * (len(ids) - len(kinds))
    return ids, kinds


def unpacked(scale: Floats, nibbles: NDArray[np.uint8]) -> Floats:
    """Numbers in blocks of 32, ggml's format Q4_0: 4 bits less 8, times the block's scale; low halves of bytes first.

    `scale` has shape (...), `nibbles` (..., 16), the result (..., 32).
    """
    numbers = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    rows: Floats = numbers * scale[..., None]
    return rows


def tokenizer(pieces: Sequence[str], scores: Sequence[float]) -> Tokenizer:
    """The Unigram tokenizer over these pieces, the first four of which are START, PAD, END and UNKNOWN."""
    made = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), unk_id=UNKNOWN, byte_fallback=False))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    marked = [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces, normalizers.Strip(), *marked])
    return made


def _window(lengths: Sequence[int], likely: int, room: int) -> tuple[int, int]:
    """Range of sentences around the likely one that fit: before and after in turn, then where there are any left."""
    first, last, left = likely, likely + 1, room - lengths[likely]
    while True:
        before, after = first > 0 and lengths[first - 1] <= left, last < len(lengths) and lengths[last] <= left
        if after and (last - likely <= likely - first + 1 or not before):
            left -= lengths[last]
            last += 1
        elif before:
            first -= 1
            left -= lengths[first]
        else:
            return first, last


def _attention(sought: Floats) -> Floats:
    """Queries, keys and values of one sequence, shape (n, 3 HIDDEN), to what each token sees, (n, HIDDEN)."""
    q, k, v = sought.reshape(len(sought), 3, HEADS, _WIDTH).transpose(1, 2, 0, 3)
    shares = (q / math.sqrt(_WIDTH)) @ k.transpose(0, 2, 1)
    shares -= shares.max(axis=2, keepdims=True)
    np.exp(shares, out=shares)
    seen: Floats = (shares @ v) / shares.sum(axis=2, keepdims=True)
    return seen.transpose(1, 0, 2).reshape(len(sought), HIDDEN)


def _gelu(x: Floats) -> Floats:
    """By a hyperbolic tangent (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415), within .0005."""
    inner = x * x
    inner *= 0.044715
    inner += 1
    inner *= x
    inner *= math.sqrt(2 / math.pi)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= 0.5
    return inner
