"""LangChain's FAISS store: exact vectors."""

from pathlib import Path

from langchain_community.vectorstores import FAISS
from langchain_core.embeddings import Embeddings
from peers.measure import Embed, Search

NAME, PACKAGE = "LangChain, FAISS", "langchain-community"


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    class Table(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embed(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return embed([text])[0].tolist()

    store = FAISS.from_texts(texts, Table(), metadatas=[{"row": row} for row in range(len(texts))])
    store.save_local(str(folder))
    return lambda question, k: [found.metadata["row"] for found in store.similarity_search(question, k)]
