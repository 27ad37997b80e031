"""One peer, measured in a process of its own: `python -m peers.measure NAME FOLDER`.

A peer is a module with `NAME`, `PACKAGE` (whose version counts; may be empty) and `index(texts, folder, embed)`, which
indexes the texts, saves the index in the empty folder, and returns `Search`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module, metadata
from pathlib import Path

from numpy import float32
from numpy.typing import NDArray

from index.static_model import StaticEmbedder

ASKED = "asked.json"
K = 5

Embed = Callable[[Sequence[str]], NDArray[float32]]
"""Vectors of length 1 for texts, shape (n, dim)."""

Search = Callable[[str, int], list[int]]
"""Rows of the k texts that answer a question best, best first."""


@dataclass(frozen=True)
class Measured:
    """One peer's figures."""

    name: str
    version: str
    """Of the package it measures, with its name."""
    indexed: float
    """CPU seconds of indexing all texts."""
    searched: float
    """CPU seconds of a search, mean."""
    found: list[list[int]]
    """Rows found for each question, best first."""
    held: int = 0
    """Bytes of the saved index."""


def measure(name: str, folder: Path) -> Measured:
    """Index and search a few, so that imports and first uses are not measured, then all."""
    peer = import_module(f"peers.{name}")
    asked = json.loads((folder / ASKED).read_text(encoding="utf-8"))
    texts, questions, embed = asked["texts"], asked["questions"], StaticEmbedder().embed_passages
    for some, place in ((texts[:100], folder / f"{name} warm"), (texts, folder / name)):
        place.mkdir()
        began = time.process_time()
        search = peer.index(some, place, embed)
        indexed = time.process_time() - began
        for question in questions[:20]:
            search(question, K)
    began = time.process_time()
    found = [search(question, K) for question in questions]
    searched = (time.process_time() - began) / len(questions)
    version = f"{peer.PACKAGE} {metadata.version(peer.PACKAGE)}" if peer.PACKAGE else ""
    return Measured(peer.NAME, version, indexed, searched, found)


if __name__ == "__main__":
    try:
        print(json.dumps(asdict(measure(sys.argv[1], Path(sys.argv[2])))))
    except ImportError as error:
        sys.exit(str(error))
