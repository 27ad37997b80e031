"""Haystack with its store in memory: exact vectors."""

from pathlib import Path

from haystack import Document
from haystack.document_stores.in_memory import InMemoryDocumentStore
from peers.measure import Embed, Search

NAME, PACKAGE = "Haystack, in memory", "haystack-ai"


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    vectors = embed(texts).tolist()
    store = InMemoryDocumentStore()
    store.write_documents(
        [Document(id=str(row), content=texts[row], embedding=vectors[row]) for row in range(len(texts))]
    )
    store.save_to_disk(str(folder / "documents.json"))

    def search(question: str, k: int) -> list[int]:
        return [int(found.id) for found in store.embedding_retrieval(embed([question])[0].tolist(), top_k=k)]

    return search
