"""Words of another script that the words of a question are near to in the table: `surrender` is 投降, 赛季 is `season`.

Late interaction compares the same rows, but only within passages that something proposed, and knows no rarity. As
terms of the lexical index these words propose passages themselves, and rare ones count more: dictionary-based
retrieval across languages (Ballesteros and Croft 1997, https://doi.org/10.1145/258525.258540), the table being the
dictionary. `training/translations.py` makes the file.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.static_model import StaticEmbedder
from index.text import is_cjk
from index.words import query_words

FILE = "translations.npz"
"""The nearest tokens of each token, beside the table that they were looked up in."""

_COUNTS, _POWER = 0.1, 4
"""What a translation with the cosine 1 counts beside the word itself, and the power of a smaller cosine. Chosen with
`benchmarks/mixed.py`."""


MOST = 64
"""Words of a text that are looked up: each has several translations, and each of these is searched for."""


class Nearest(NamedTuple):
    """Tokens of the other script that are near to each token of a table."""

    starts: NDArray[np.int32]
    """Those of token t stand at starts[t]:starts[t + 1], the nearest first."""
    tokens: NDArray[np.int32]
    cosines: NDArray[np.float32]


@lru_cache(2)
def _nearest(table: StaticEmbedder) -> Nearest | None:
    """None for a table without the file: one that somebody else made."""
    file = table.folder / FILE
    if not file.is_file():
        return None
    with np.load(file) as arrays:
        return Nearest(arrays["starts"], arrays["tokens"], arrays["cosines"].astype(np.float32))


def translations(text: str, table: StaticEmbedder) -> dict[str, float]:
    """Terms of the lexical index that words of the text may be in the other script, and what each counts.

    "What did they surrender?" -> {"投降": .07, "交出": .04, ...}. A piece of a word that is written apart has none, nor
    have those behind the first MOST.
    """
    words = dict.fromkeys(
        token
        for token, (start, end) in zip(*table.pieces(text), strict=True)
        if is_cjk(text[start:end]) or not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
    )
    found: dict[str, float] = {}
    for token in islice(words, MOST):
        for term, count in _terms(table, token).items():
            found[term] = found.get(term, 0.0) + count
    return found


@lru_cache(10_000)
def _terms(table: StaticEmbedder, token: int) -> dict[str, float]:
    """Those of one token."""
    nearest, found = _nearest(table), dict[str, float]()
    if nearest is not None:
        near = slice(nearest.starts[token], nearest.starts[token + 1])
        for other, cosine in zip(nearest.tokens[near].tolist(), nearest.cosines[near].tolist(), strict=True):
            terms = query_words(table.piece(other))
            for term in terms:
                found[term] = max(found.get(term, 0.0), _COUNTS * cosine**_POWER / len(terms))
    return found
