"""txtai's hybrid index: vectors (approximate above 5 000 of them) and BM25."""

from pathlib import Path

from peers.measure import Embed, Search
from txtai.embeddings import Embeddings

NAME, PACKAGE = "txtai, hybrid", "txtai"


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    kept = Embeddings(method="external", transform=lambda some: embed(list(some)), hybrid=True, content=True)
    kept.index(texts)
    kept.save(str(folder))
    return lambda question, k: [int(found["id"]) for found in kept.search(question, k)]
