"""LanceDB's hybrid search: exact vectors and its full-text index, joined by reciprocal rank."""

from pathlib import Path

import lancedb
from peers.measure import Embed, Search

NAME, PACKAGE = "LanceDB, hybrid", "lancedb"


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    rows = [
        {"row": row, "text": text, "vector": vector}
        for row, (text, vector) in enumerate(zip(texts, embed(texts), strict=True))
    ]
    kept = lancedb.connect(folder).create_table("paragraphs", rows)
    kept.create_fts_index("text")

    def search(question: str, k: int) -> list[int]:
        query = kept.search(query_type="hybrid").vector(embed([question])[0]).text(question)
        return [found["row"] for found in query.limit(k).to_list()]

    return search
