"""Chroma: vectors in an HNSW graph."""

from pathlib import Path

import chromadb
from peers.measure import Embed, Search

NAME, PACKAGE = "Chroma", "chromadb"
A_BATCH = 5000


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    client = chromadb.PersistentClient(str(folder), chromadb.Settings(anonymized_telemetry=False))
    kept = client.create_collection("paragraphs", embedding_function=None)
    for first in range(0, len(texts), A_BATCH):
        some = texts[first : first + A_BATCH]
        kept.add([str(first + i) for i in range(len(some))], documents=some, embeddings=embed(some))

    def search(question: str, k: int) -> list[int]:
        return [int(row) for row in kept.query(query_embeddings=embed([question]), n_results=k)["ids"][0]]

    return search
