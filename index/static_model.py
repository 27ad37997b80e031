"""Static embeddings: one row per token, a passage is the mean of its rows. No torch, no download.

The folder is either a sentence-transformers `StaticEmbedding` (float32 `embedding.weight`) or the packaged form
of one (`embedding.int8` and a `scale` per row: row = int8 * scale), beside its `tokenizer.json`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.text import is_cjk
from index.tokens import Pieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Tokens = NDArray[np.int32]
"""Token ids of one text, in order."""

PACKAGED = Path(__file__).parent / "model"

_SHORT = 20_000
"""Characters that are tokenised before the whole tokenizer is built: a question and the sentences of its answer."""

_TYPES = {"I8": np.int8, "F16": np.float16, "F32": np.float32}

_ROWS_AT_A_TIME = 512
"""Rows that are compared together: half a megabyte, which stays in the processor's cache."""

_UNKNOWN = ("[UNK]", "<unk>")
"""What tokenizers call a word that they have no piece of."""


class StaticEmbedder:
    """Mean of token rows, L2-normalised. Vectors are float32, shape (n, dim); an empty text gives zeros."""

    def __init__(self, folder: Path = PACKAGED, name: str | None = None) -> None:
        self.name = name or str(folder)
        self._tokenizer_file = folder / "tokenizer.json"
        weights = _weights_file(folder)
        if not self._tokenizer_file.is_file():
            self._tokenizer_file = weights.parent / "tokenizer.json"
        tensors = _tensors(weights)
        if "embedding.int8" in tensors:
            self._rows, self._scale = tensors["embedding.int8"], np.asarray(tensors["scale"]).reshape(-1)
        else:
            self._rows = tensors.get("embedding.weight", next(iter(tensors.values()))).astype(np.float32, copy=False)
            self._scale = np.ones(len(self._rows), dtype=np.float32)
        self._norms = np.zeros(len(self._rows), dtype=np.float32)  # lengths of rows, as far as they were needed
        self._weights_file = weights
        self.folder = weights.parent
        self._short = _SHORT
        self.dim = int(self._rows.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over weights and tokenizer: other files, other vectors."""
        digest = hashlib.sha256()
        for file in (self._weights_file, self._tokenizer_file):
            with file.open("rb") as opened:
                for block in iter(lambda: opened.read(1 << 20), b""):
                    digest.update(block)
        return digest.hexdigest()[:16]

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The folder's whole tokenizer, built when first used."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        # A tokenizer.json may ask for both.
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _pieces(self) -> Pieces | None:
        return Pieces.read(self._tokenizer_file)

    def _brief(self) -> Pieces | None:
        """What tokenises the first short texts; given up when they become many."""
        if self._short < 0:
            vars(self).pop("_pieces", None)
            return None
        return self._pieces

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Token ids of each text, in order, without special tokens."""
        self._short -= sum(map(len, texts))
        if brief := self._brief():
            return brief.tokens(texts)
        encoded = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.asarray(e.ids, dtype=np.int32) for e in encoded]

    def pieces(self, text: str) -> tuple[Tokens, list[tuple[int, int]]]:
        """Token ids of one text and where each stands in it, (first character, one past the last)."""
        self._short -= len(text)
        if brief := self._brief():
            return brief.pieces(text)
        encoded = self.tokenizer.encode(text, add_special_tokens=False)
        return np.asarray(encoded.ids, dtype=np.int32), encoded.offsets

    def piece(self, token: int) -> str:
        """What a token id stands for; empty for one that the tokenizer does not have."""
        brief = self._brief()
        return brief[token] if brief else self.tokenizer.id_to_token(token) or ""

    def has(self, piece: str) -> bool:
        """Whether the tokenizer has this as one piece."""
        brief = self._brief()
        return piece in brief if brief else self.tokenizer.token_to_id(piece) is not None

    def rows(self, ids: Tokens) -> NDArray[np.float32]:
        """The table's rows for these token ids, float32, shape (len(ids), dim)."""
        rows: NDArray[np.float32] = self._rows[ids] * self._scale[ids, None]
        return rows

    def cosines(self, ids: Tokens, unit: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each token's row with each vector of `unit` (length 1, shape (n, dim)), shape (len(ids), n)."""
        cosines = np.empty((len(ids), len(unit)), dtype=np.float32)
        for first in range(0, len(ids), _ROWS_AT_A_TIME):
            some = slice(first, first + _ROWS_AT_A_TIME)
            rows = self._rows.take(ids[some], axis=0).astype(np.float32)  # no scales: a cosine does not know them
            norms = self._norms.take(ids[some])
            if not norms.all():
                norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
                self._norms[ids[some]] = norms = np.where(norms > 0, norms, 1)
            np.divide(rows @ unit.T, norms[:, None], out=cosines[some])
        return cosines

    def known(self, ids: Tokens) -> float:
        """Share of the tokens' letters that stand in pieces the table has as such, in [0, 1]; 1 without letters.

        Pieces of one or two letters are the rubble of a language that the table was not trained on, except in Chinese,
        Japanese and Korean; a word of an unknown script is one piece.
        """
        whole = letters = 0
        for token in ids.tolist():
            piece = self.piece(token)
            size = 1 if piece in _UNKNOWN else sum(map(str.isalpha, piece))
            letters += size
            whole += size if piece not in _UNKNOWN and (size > 2 or is_cjk(piece)) else 0
        return whole / letters if letters else 1.0

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, float32, shape (len(texts), dim)."""
        return self.embed_tokens(self.tokens(texts))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a question, float32, shape (dim,); static rows know no difference between the two."""
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector

    def embed_tokens(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        """Normalised mean row of each token list, shape (len(tokens), dim)."""
        vectors = np.zeros((len(tokens), self.dim), dtype=np.float32)
        for i, ids in enumerate(tokens):
            if len(ids):
                vectors[i] = self._scale[ids] @ self._rows[ids]  # the sum points where the mean does
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


def _tensors(file: Path) -> dict[str, NDArray[Any]]:
    """The file's tensors, mapped and not read: a question touches a few rows of many.

    Format: 8 bytes of header length, a JSON header with `data_offsets`, the data (safetensors, format.md of its
    repository).
    """
    try:
        with file.open("rb") as opened:
            size = int.from_bytes(opened.read(8), "little")
            header = json.loads(opened.read(size))
        return {
            name: np.asarray(  # no memmap any more, whose indexing is slow; mapped all the same
                np.memmap(file, _TYPES[tensor["dtype"]], "r", 8 + size + tensor["data_offsets"][0], tensor["shape"])
            )
            for name, tensor in header.items()
            if name != "__metadata__"
        }
    except (ValueError, KeyError, OSError, OverflowError) as error:
        raise InputError(f"{file} cannot be read as safetensors ({error}); copy the model again.") from None


def _weights_file(folder: Path) -> Path:
    """The one safetensors file of the folder, at its top or in the module's own folder (`0_StaticEmbedding/`)."""
    found = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("0_*/*.safetensors"))
    if not found:
        raise InputError(
            f"{folder} holds no static embedding model: expected a .safetensors file beside tokenizer.json."
        )
    return found[0]
