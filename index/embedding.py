"""Paragraphs become chunks, and chunks vectors: content that was seen before is never embedded again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index import chunking
from index.embedders import Embedder
from index.records import Chunk
from index.static_model import StaticEmbedder
from index.store import Store, digest, embedded_text

_AT_A_TIME = 256


def embed(store: Store, embedder: Embedder, paragraphs: Sequence[int]) -> int:
    """Chunks for these paragraphs, by key, and vectors for those whose text is new; returns how many were embedded."""
    embedded = 0
    for first in range(0, len(paragraphs), _AT_A_TIME):
        pieces: list[tuple[int, list[tuple[Chunk, bytes]]]] = []
        pending: dict[bytes, str] = {}
        for key, text, heading in store.texts(paragraphs[first : first + _AT_A_TIME]):
            named = [(chunk, embedded_text(heading, chunk.text)) for chunk in chunking.chunks(text)]
            pending.update({digest(full): full for _, full in named})
            pieces.append((key, [(chunk, digest(full)) for chunk, full in named]))
        for name in store.known_vectors(list(pending)):
            del pending[name]
        if pending:
            store.put_vectors(zip(pending, *_vectors(embedder, list(pending.values())), strict=True))
            embedded += len(pending)
        for key, chunks in pieces:
            store.put_chunks(key, chunks)
    return embedded


def _vectors(embedder: Embedder, texts: list[str]) -> tuple[list[bytes], list[bytes | None]]:
    """Vectors, and the token ids that late interaction looks up, as bytes."""
    if isinstance(embedder, StaticEmbedder):
        tokens = embedder.tokens(texts)
        vectors = embedder.embed_tokens(tokens)
        return [v.tobytes() for v in vectors], [t.astype(np.int32).tobytes() for t in tokens]
    vectors = embedder.embed_passages(texts).astype(np.float32)
    return [v.tobytes() for v in vectors], [None] * len(texts)
