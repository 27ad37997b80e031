"""A second reader, slower and more exact: question and paragraph as one sequence, read by a small transformer.

The first six layers of multilingual-e5-small (Wang et al. 2024, https://arxiv.org/abs/2402.05672) as a cross-encoder
(Nogueira and Cho 2019, https://arxiv.org/abs/1901.04085), trained by `training/cross_encoder.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from index.network import Floats, Network
from index.static_model import PACKAGED

FILE = "cross_encoder.npz"
"""Its pieces and weights, in the folder of the packaged table."""

HIDDEN, HEADS, LAYERS, EPSILON = 384, 12, 6, 1e-12
START, PAD, END, UNKNOWN = range(4)
QUESTION, CONTEXT, WHOLE = 48, 56, 224
"""Tokens of a question, of its context, and of the sequence, at most."""

_WIDTH = HIDDEN // HEADS


class CrossEncoder(Network):
    """Reads paragraphs of any language that multilingual-e5-small knows; it was trained for a few."""

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer(str(self._others["pieces"]).split("\n"), self._weights["scores"].tolist())

    def __call__(self, question: str, context: str, sentences: Sequence[str], likely: int) -> tuple[int, Floats]:
        """Which sentence is the first that it read, and log-odds of each that it did, float32.

        They are against "the answer is not among these". As many sentences around the likely one are read as fit; of a
        longer one its beginning.
        """
        asked, above, *pieces = (one.ids for one in self._tokenizer.encode_batch([question, context, *sentences]))
        head, kinds = beginning(asked, above)
        room = WHOLE - len(head)
        pieces = [[*ids[: room - 1], END] for ids in pieces]
        first, last = _window([len(piece) for piece in pieces], likely, room)
        own = pieces[first:last]
        ids = np.array([*head, *(i for piece in own for i in piece)])
        told = self._told(ids, np.array(kinds + [2] * (len(ids) - len(head))))
        starts = len(head) + np.cumsum([0, *map(len, own[:-1])])
        scores: Floats = np.logaddexp.reduceat(told, starts)
        return first, scores

    def _told(self, ids: NDArray[np.int64], kinds: NDArray[np.int64]) -> Floats:
        """Log-odds of each token of one sequence, shape (n,)."""
        x = self._rows(ids) + self._weights["places"][: len(ids)] + self._weights["kinds"][kinds]
        x = self._norm("norm", x)
        for i in range(LAYERS):
            x = self._layer(f"layers.{i}", x)
        told: Floats = self.linear("told", x)[:, 0] + self.linear("whole", x[:1])[:, 0]
        return told

    def _layer(self, name: str, x: Floats) -> Floats:
        """Attention and a wider layer, each added and normalised after (Vaswani et al. 2017)."""
        q, k, v = self.linear(f"{name}.qkv", x).reshape(len(x), 3, HEADS, _WIDTH).transpose(1, 2, 0, 3)
        shares = (q / math.sqrt(_WIDTH)) @ k.transpose(0, 2, 1)
        shares -= shares.max(axis=2, keepdims=True)
        np.exp(shares, out=shares)
        seen = (shares @ v) / shares.sum(axis=2, keepdims=True)
        x = self._norm(f"{name}.norm1", x + self.linear(f"{name}.out", seen.transpose(1, 0, 2).reshape(x.shape)))
        return self._norm(f"{name}.norm2", x + self.linear(f"{name}.back", _gelu(self.linear(f"{name}.wide", x))))

    def _norm(self, name: str, x: Floats) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        x /= np.sqrt((x * x).mean(axis=1, keepdims=True) + EPSILON)
        out: Floats = x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return out

    def _rows(self, ids: NDArray[np.int64]) -> Floats:
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
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces, normalizers.Strip()])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
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
