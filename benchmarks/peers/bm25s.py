"""bm25s with its own tokeniser, which separates words at spaces and punctuation: a Chinese clause is one word."""

from pathlib import Path

import bm25s
from peers.measure import Embed, Search

NAME, PACKAGE = "bm25s", "bm25s"


def index(texts: list[str], folder: Path, embed: Embed, **words: str) -> Search:
    kept = bm25s.BM25()
    kept.index(bm25s.tokenize(texts, show_progress=False, **words), show_progress=False)
    kept.save(folder, corpus=texts)

    def search(question: str, k: int) -> list[int]:
        tokens = bm25s.tokenize(question, show_progress=False, **words)
        return kept.retrieve(tokens, k=k, show_progress=False).documents[0].tolist()

    return search
