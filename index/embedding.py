"""Passages become chunks, and chunks vectors: content that was seen before is never embedded again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.embedders import Embedder
from index.static_model import StaticEmbedder
from index.store import Store, digest

_AT_A_TIME = 256


def embed(store: Store, embedder: Embedder, keys: Sequence[int]) -> int:
    """Chunks for these passages, by key, and vectors for those whose text is new; returns how many were embedded."""
    embedded = 0
    heads: dict[str, bytes | None] = {"": None}
    for first in range(0, len(keys), _AT_A_TIME):
        chunked = [(passage, passage.chunks()) for passage in store.passages(keys[first : first + _AT_A_TIME])]
        pending = {digest(text): text for _, texts in chunked for text in texts}
        for name in store.known_vectors(list(pending)):
            del pending[name]
        if pending:
            store.put_vectors(zip(pending, *_vectors(embedder, list(pending.values())), strict=True))
            embedded += len(pending)
        for passage, texts in chunked:
            if passage.head not in heads:
                heads[passage.head] = _tokens(embedder, passage.head)
            store.put_chunks(passage.key, [digest(text) for text in texts], heads[passage.head])
    return embedded


def _tokens(embedder: Embedder, text: str) -> bytes | None:
    """The token ids of a document's head; None when the embedder has none."""
    return embedder.tokens([text])[0].astype(np.int32).tobytes() if isinstance(embedder, StaticEmbedder) else None


def _vectors(embedder: Embedder, texts: list[str]) -> tuple[list[bytes], list[bytes | None]]:
    """Vectors, and the token ids that late interaction looks up, as bytes."""
    if isinstance(embedder, StaticEmbedder):
        tokens = embedder.tokens(texts)
        vectors = embedder.embed_tokens(tokens)
        return [v.tobytes() for v in vectors], [t.astype(np.int32).tobytes() for t in tokens]
    vectors = embedder.embed_passages(texts).astype(np.float32)
    return [v.tobytes() for v in vectors], [None] * len(texts)
