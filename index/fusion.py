"""Words and vectors into one list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_LATE, _COSINE = 24.0, 12.0
"""What late interaction and the cosine of the means weigh beside BM25, a sum over matched words."""

_REACHED = (0.08, 0.25)
"""Share of the attainable BM25 up to which words count for nothing, and from which they count in full. Little is
reached by a question in another language, and that is noise: English words that strayed into a Chinese paragraph are
rare there, and so weigh much."""

_SPREADS = 4.0
"""What a cosine of another model weighs for each deviation of its spread (`index.embedders.spread`). Chosen with
`benchmarks/retrieval.py --embedder e5`."""

KNOWN = (0.45, 0.65)
"""Share of the question in pieces that the table knows (`StaticEmbedder.known`) up to which vectors count for nothing,
and words in full; and from which vectors count in full. All six numbers were chosen on the sets and language pairs of
`benchmarks/retrieval.py --cross`: between languages that the table half knows, such as Romanian, shared words count."""

_FEW, _FEW_TO_SPREAD = 2, 10
"""Paragraphs that it takes to trust half in what is usual among them, and in how far they lie apart. Chosen with
`benchmarks/mixed.py`."""

_FOREIGN = 1.5
"""What a paragraph in another script than the question's gains, for its own words count for little there. Chosen with
`benchmarks/mixed.py`."""

MATCHED = 10
"""The first of the list, which are looked at more closely; twice as many where some are in another script."""

_MATCH = 1.25
"""What the log-odds of a match weigh beside the fused score. Chosen on the sets of `benchmarks/retrieval.py`."""


class Fused(NamedTuple):
    """One paragraph of the fused list."""

    key: int
    """Its key in the store."""
    score: float
    """Higher is better; comparable within one list only."""
    lexical_rank: int | None
    """Place by words, from 1."""
    dense_rank: int | None
    """Place by vectors, from 1."""


def fuse(
    lexical: Sequence[tuple[int, float]],
    dense: Sequence[tuple[int, float]],
    late: Mapping[int, float],
    ceiling: float = 0.0,
    named: Sequence[tuple[int, float]] = (),
    translated: Sequence[tuple[int, float]] = (),
    known: float = 1.0,
    foreign: Collection[int] = (),
    spread: float | None = None,
) -> list[Fused]:
    """Every paragraph of any list, best first, ties by key.

    `lexical` is (key, BM25), `dense` is (key, cosine), both best first; `late` is the late-interaction score of every
    key, `ceiling` the BM25 that the question could reach (0 when not to be had), `known` the share of the question that
    the token table knows. `named` and `translated` are like `lexical`, for the spellings of names in another script,
    which count in full, and for what other words may be there.
    `foreign` are the keys of paragraphs in another script than the question's (Chinese, Japanese and Korean count as
    one): a question finds its words in any paragraph of its own language, so that each paragraph is measured by what is
    usual among those of its script.
    `spread` is that of the model's cosines (`index.embedders.spread`), which knows every language; None when they are
    those of the table.
    """
    words, vectors, names, others = dict(lexical), dict(dense), dict(named), dict(translated)
    keys = list({**words, **names, **others, **vectors})
    by_words = {key: rank for rank, (key, _) in enumerate(lexical, start=1)}
    by_vectors = {key: rank for rank, (key, _) in enumerate(dense, start=1)}
    heard = _ramp(known, KNOWN)
    cosine, understood = (heard * _COSINE, heard) if spread is None else (_SPREADS / spread, 1.0)
    trust = 1 - understood * (1 - _ramp(lexical[0][1] / ceiling, _REACHED)) if lexical and ceiling > 0 else 1.0
    # What vectors did not find is at most as near as the last that they found.
    lowest = min(vectors.values(), default=0.0)
    scores = trust * _of(keys, words) + _of(keys, names) + heard * _LATE * _of(keys, late)
    scores += cosine * _of(keys, vectors, lowest) + heard * _of(keys, others)
    elsewhere = np.array([key in foreign for key in keys], dtype=np.bool_)
    levelled = (_levelled(scores, elsewhere) + _FOREIGN * elsewhere).tolist()
    ranked = sorted(zip(keys, levelled, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return [Fused(key, score, by_words.get(key), by_vectors.get(key)) for key, score in ranked]


def to_match(fused: Sequence[Fused], foreign: Set[int]) -> Sequence[Fused]:
    """The first MATCHED, and as many more where some of these are in another script (`foreign` as for `fuse`)."""
    first = fused[:MATCHED]
    return first if foreign.isdisjoint(item.key for item in first) else fused[: 2 * MATCHED]


def matched(fused: Sequence[Fused], matches: Sequence[float], known: float = 1.0) -> list[Fused]:
    """The list with its first few put in order by how the question's tokens match them as well.

    `matches` are the log-odds (`index.matching`) of those `to_match`, `known` as for `fuse`. The rest stays behind.
    """
    weight, lowest = _MATCH * _ramp(known, KNOWN), min(matches, default=0.0)
    first = [
        # Nothing is taken off: the first stay above the rest, whose scores do not change.
        item._replace(score=item.score + weight * (match - lowest))
        for item, match in zip(fused, matches, strict=False)
    ]
    return [*sorted(first, key=lambda item: (-item.score, item.key)), *fused[len(first) :]]


def _of(keys: Sequence[int], scores: Mapping[int, float], otherwise: float = 0.0) -> NDArray[np.float64]:
    return np.array([scores.get(key, otherwise) for key in keys], dtype=np.float64)


def _levelled(scores: NDArray[np.float64], foreign: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each score above the runners-up of its script, in the wider of the two scripts' deviations.

    In the question's own language words and vectors tell paragraphs apart by more. What is usual of a script with few
    paragraphs is drawn towards what is usual of both.
    """
    overall, levelled = _runners_up(scores, 0.0), np.empty_like(scores)
    scripts = [script for script in (~foreign, foreign) if script.any()]
    widest = max((float(scores[script].var()) for script in scripts), default=0.0)
    for script in scripts:
        own = scores[script]
        usual = (len(own) * _runners_up(own, overall) + _FEW * overall) / (len(own) + _FEW)
        variance = (len(own) * float(own.var()) + _FEW_TO_SPREAD * widest) / (len(own) + _FEW_TO_SPREAD)
        levelled[script] = (sqrt(widest / variance) if variance else 1.0) * (own - usual)
    return levelled


def _runners_up(scores: NDArray[np.float64], otherwise: float) -> float:
    """Mean of the second to the sixth best."""
    best = np.sort(scores)[-6:-1]
    return float(best.mean()) if len(best) else otherwise


def _ramp(value: float, between: tuple[float, float]) -> float:
    """0 below the first bound, 1 above the second, straight in between."""
    low, high = between
    return min(1.0, max(0.0, (value - low) / (high - low)))
