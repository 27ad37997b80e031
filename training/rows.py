"""First rows of a new table: from an older table where its pieces say something, from translations where not."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from folding import folded
from numpy.typing import NDArray
from sources import Source
from tokenizers import Tokenizer

from index.static_model import StaticEmbedder

Rows = NDArray[np.float32]
_TRANSLATIONS = 6


def first_rows(tokenizer: Tokenizer, old: StaticEmbedder, found: list[Source], seed: int) -> Rows:
    """Rows for every piece of the new tokenizer, float32, shape (pieces, old.dim).

    A piece of the old table keeps its row (traditional and simplified forms: their mean). Other pieces take half the
    direction of their dictionary translations, half that of their old segmentation. Numbers and what is left get
    random directions. The length is that of old pieces as frequent.
    """
    pieces = _by_id(tokenizer)
    generator = np.random.default_rng(seed)
    rows = generator.standard_normal((len(pieces), old.dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    kept = _kept(pieces, old)
    for i, row in kept.items():
        rows[i] = row
    rest = [i for i, piece in enumerate(pieces) if i not in kept and not piece.isdigit()]
    meant = _translated(rest, pieces, old, found)
    own = old.embed_passages([pieces[i] for i in rest])
    for place, i in enumerate(rest):
        rows[i] = 0.3 * rows[i] + own[place] + meant.get(i, own[place])
    lengths = np.linalg.norm(np.stack(list(kept.values())), axis=1)
    others = np.setdiff1d(np.arange(len(pieces)), np.array(list(kept)))
    rows[others] *= np.median(lengths) / np.linalg.norm(rows[others], axis=1, keepdims=True)
    rows[:2] = 0
    return rows


def _by_id(tokenizer: Tokenizer) -> list[str]:
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def _kept(pieces: list[str], old: StaticEmbedder) -> dict[int, Rows]:
    """New id to the mean row of the old pieces that fold to it."""
    table = str.maketrans(folded())
    ids = {piece: i for i, piece in enumerate(pieces)}
    sources: dict[int, list[int]] = defaultdict(list)
    for piece, row in old.tokenizer.get_vocab().items():
        if (new := ids.get(piece.translate(table))) is not None:
            sources[new].append(row)
    return {new: old.rows(np.array(rows, dtype=np.int32)).mean(axis=0) for new, rows in sources.items()}


def _translated(wanted: list[int], pieces: list[str], old: StaticEmbedder, found: list[Source]) -> dict[int, Rows]:
    """New id to the direction of its first few dictionary translations."""
    table = str.maketrans(folded())
    names = {pieces[i]: i for i in wanted}
    meanings: dict[int, list[str]] = defaultdict(list)
    for source in found:
        if not names or source.kind != "dict" or source.name == "oewn-gloss":
            continue
        for pair in source.pairs():
            for word, other in (pair, pair[::-1]):
                i = names.get(word.lower().translate(table))
                if i is not None and len(meanings[i]) < _TRANSLATIONS:
                    meanings[i].append(other)
    texts = [text for every in meanings.values() for text in every]
    vectors = old.embed_passages(texts)
    result, place = {}, 0
    for i, every in meanings.items():
        total = vectors[place : place + len(every)].sum(axis=0)
        place += len(every)
        if norm := float(np.linalg.norm(total)):
            result[i] = total / norm
    return result
