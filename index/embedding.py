"""Passages become a segment: their words, and vectors of their chunks; content seen before is never embedded again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from index import postings
from index.embedders import Embedder, table_of
from index.passages import Passage
from index.segment import Segment, build
from index.static_model import StaticEmbedder, Tokens
from index.words import words

_AT_A_TIME = 256
Embedded = tuple[NDArray[np.float16], Tokens]
"""Vector of a chunk, shape (dim,), and its token ids."""


def segment_of(passages: Sequence[Passage], embedder: Embedder, known: Sequence[Segment]) -> tuple[Segment, int]:
    """The segment of these passages, and how many texts were embedded: those that no `known` segment holds."""
    ordered = sorted(passages, key=lambda passage: passage.key)
    chunks = [passage.chunks() for passage in ordered]
    names = postings.hashes(text for texts in chunks for text in texts).tolist()
    pending = dict(zip(names, (text for texts in chunks for text in texts), strict=True))
    held = _known(set(pending), known)
    new = {name: text for name, text in pending.items() if name not in held}
    held |= zip(new, _embedded(embedder, list(new.values())), strict=True)
    vectors = np.array([held[name][0] for name in names], dtype=np.float16).reshape(len(names), embedder.dim)
    each = iter(names)
    heads = {head: words(head) for head in {passage.head for passage in ordered}}  # one for many passages
    made = build(
        [(p.key, p.cjk, (words(p.text), words(p.context), heads[p.head])) for p in ordered],
        [[next(each) for _ in texts] for texts in chunks],
        vectors,
        [held[name][1] for name in names],
        _heads(table_of(embedder), [passage.head for passage in ordered]),
    )
    return made, len(new)


def _known(names: set[int], segments: Sequence[Segment]) -> dict[int, Embedded]:
    """What segments hold of these texts."""
    wanted = np.array(list(names), dtype=np.uint64)
    found: dict[int, Embedded] = {}
    for segment in segments:
        for chunk in np.flatnonzero(np.isin(segment.hashes, wanted)):
            found[int(segment.hashes[chunk])] = segment.vectors[chunk], segment.chunk_tokens(int(chunk))
    return found


def _embedded(embedder: Embedder, texts: list[str]) -> Iterator[Embedded]:
    table = table_of(embedder)
    for first in range(0, len(texts), _AT_A_TIME):
        some = texts[first : first + _AT_A_TIME]
        tokens = table.tokens(some)
        vectors = table.embed_tokens(tokens) if table is embedder else embedder.embed_passages(some)
        yield from zip(vectors.astype(np.float16), tokens, strict=True)


def _heads(table: StaticEmbedder, heads: Sequence[str]) -> list[Tokens]:
    """Token ids of the head of each passage's document."""
    distinct = list(dict.fromkeys(heads))
    tokens = dict(zip(distinct, table.tokens(distinct), strict=True))
    return [tokens[head] for head in heads]
