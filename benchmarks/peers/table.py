"""The peers' figures as a table."""

from __future__ import annotations

from collections.abc import Mapping

from peers.drawing import LANGUAGES, Asked
from peers.measure import Measured

OURS, FLOOR = "footnote", "floor"
"""Names of the peers that the others are divided by."""


def hits(places: list[int | None]) -> str:
    """Share of the places (from 1; None: not found) that are first, and that are among the first five."""
    shares = (sum(place is not None and place <= k for place in places) / len(places) for k in (1, 5))
    return " / ".join(f"{share:.3f}".removeprefix("0") for share in shares)


def table(results: Mapping[str, Measured], asked: Asked) -> list[str]:
    """Rows of Markdown, one for each peer; a ratio is empty where what it refers to was not measured."""
    n, written = len(asked.texts), sum(len(text.encode()) for text in asked.texts)
    heads = ["", "paragraphs/CPU-s", "of the floor", "search CPU ms", "of Footnote's", "bytes beside its text"]
    lines = ["| " + " | ".join([*heads, "hit@1 / hit@5", *LANGUAGES]) + " |", "|---" * (len(heads) + 5) + "|"]
    for one in results.values():
        places = [rows.index(row) + 1 if row in rows else None for rows, row in zip(one.found, asked.gold, strict=True)]
        cells = [
            one.name,
            f"{n / one.indexed:.0f}",
            f"{results[FLOOR].indexed / one.indexed:.2f}" if FLOOR in results else "",
            f"{one.searched * 1000:.1f}",
            f"{one.searched / results[OURS].searched:.2f}" if OURS in results else "",
            f"{(one.held - written) / n:.0f}",
            hits(places),
            *(
                hits([place for place, of in zip(places, asked.languages, strict=True) if of == language])
                for language in LANGUAGES
            ),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
