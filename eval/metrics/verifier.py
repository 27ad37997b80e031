"""Does a cited text support a statement? The named, versioned judge behind the citation measures.

`lex-1` is the product's own check without a model (`rag.checking.claims`): every figure, date, title and name of the
statement must stand in the cited text, and most of its words. Scores by different verifiers cannot be compared, so
each is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.records import Paragraph
from rag.checking.claims import check
from rag.types import HOLDING

Supports = Callable[[str, Sequence[Paragraph]], bool]
"""(statement without marks, cited paragraphs) -> whether they, taken together, support it."""

VERIFIER = "lex-1"
"""Name and version of the verifier below."""


def lex_1(statement: str, cited: Sequence[Paragraph]) -> bool:
    """Whether the cited paragraphs support the statement; False without any."""
    return bool(cited) and check(statement, cited).verdict in HOLDING
