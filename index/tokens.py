"""A few short texts into tokens, without building the tokenizer of a whole vocabulary.

That one is slow and large to build: a trie over every piece. A question holds a few dozen of them, and a tokenizer of
those alone cuts it the same way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class Pieces:
    """The vocabulary of a Unigram `tokenizer.json`, and its segmentation of short texts."""

    def __init__(self, spec: dict[str, Any]) -> None:
        from tokenizers import Tokenizer

        model = spec["model"]
        self._scored: list[list[Any]] = model["vocab"]
        self._ids = {piece: i for i, (piece, _) in enumerate(self._scored)}
        self._longest = max(map(len, self._ids))
        self._unknown: int = model["unk_id"]
        lowest = min(range(len(self._scored)), key=lambda i: self._scored[i][1])
        self._always = {self._unknown, lowest}  # an unknown character costs by the lowest score of all
        empty = {**model, "vocab": [self._scored[self._unknown]], "unk_id": 0}
        self._empty = Tokenizer.from_str(json.dumps({**spec, "model": empty}))

    @classmethod
    def read(cls, file: Path) -> Pieces | None:
        """None unless the file's recipe is one where a piece of a text stands in the normalised text as it is."""
        try:
            spec = json.loads(file.read_text(encoding="utf-8"))
            model = spec["model"]
            plain = model["type"] == "Unigram" and model["unk_id"] is not None and not model.get("byte_fallback")
            return cls(spec) if plain and not spec["added_tokens"] and _only_splits(spec["pre_tokenizer"]) else None
        except (ValueError, KeyError, TypeError):  # the tokenizer's own reader says what is wrong
            return None

    def __contains__(self, piece: str) -> bool:
        return piece in self._ids

    def __getitem__(self, token: int) -> str:
        """The piece with this id."""
        piece: str = self._scored[token][0]
        return piece

    def tokens(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Token ids of each text: those of the whole tokenizer, without special tokens."""
        ids = self._held(texts)
        encoded = self._tokenizer(ids.tolist()).encode_batch_fast(list(texts), add_special_tokens=False)
        return [ids[e.ids] for e in encoded]

    def pieces(self, text: str) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        """Token ids of one text, and where each stands in it."""
        ids = self._held([text])
        encoded = self._tokenizer(ids.tolist()).encode(text, add_special_tokens=False)
        return ids[encoded.ids], encoded.offsets

    def _held(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """The ids of all pieces that the texts hold, in order."""
        normalizer = self._empty.normalizer
        held = set(self._always)
        for text in texts:
            plain = normalizer.normalize_str(text) if normalizer else text
            for start in range(len(plain)):
                ends = range(start + 1, min(start + self._longest, len(plain)) + 1)
                held.update(i for end in ends if (i := self._ids.get(plain[start:end])) is not None)
        return np.array(sorted(held), dtype=np.int32)

    def _tokenizer(self, ids: list[int]) -> Tokenizer:
        """The tokenizer with these pieces only, numbered anew in this order."""
        from tokenizers import Tokenizer, models

        scored = [tuple(self._scored[i]) for i in ids]
        tokenizer = Tokenizer(models.Unigram(scored, ids.index(self._unknown), False))
        if self._empty.normalizer:
            tokenizer.normalizer = self._empty.normalizer
        if self._empty.pre_tokenizer:
            tokenizer.pre_tokenizer = self._empty.pre_tokenizer
        return tokenizer


def _only_splits(step: dict[str, Any] | None) -> bool:
    """Whether this pre-tokenizer cuts the text and changes nothing in it."""
    if step is None:
        return True
    if step["type"] == "Sequence":
        return all(map(_only_splits, step["pretokenizers"]))
    return step["type"] in ("Whitespace", "WhitespaceSplit", "Digits")
