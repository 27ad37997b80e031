"""A sentence that carries no mark is given one when one paragraph clearly says it.

Bar and margin are fixed: a threshold that slides until something fits finds a source for any sentence.
`benchmarks/attribution.py` measures what they do.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.checking.claims import LONGEST, Source, support

BAR = 0.8
"""Least support (`rag.checking.claims.support`) from the paragraph that is cited."""
MARGIN = 0.3
"""How much more it must be than that of any other paragraph."""


def attribute(sentence: str, sources: Sequence[Source], bar: float = BAR, margin: float = MARGIN) -> int | None:
    """Position of the one source that clearly says the sentence, or None.

    "甲区有16家院所。" with paragraphs about 甲区 and 乙区 -> 0; None when both say it, or neither.
    """
    if not sources or len(sentence) > LONGEST:
        return None
    found = [support(sentence, source) for source in sources]
    best = max(range(len(found)), key=lambda i: (found[i], -i))
    others = (value for i, value in enumerate(found) if i != best)
    return best if found[best] >= bar and found[best] - max(others, default=0.0) >= margin else None
