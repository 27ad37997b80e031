"""LlamaIndex with its default store: exact vectors in memory."""

from pathlib import Path

from llama_index.core import MockEmbedding, QueryBundle, VectorStoreIndex
from llama_index.core.schema import TextNode
from peers.measure import Embed, Search

NAME, PACKAGE = "LlamaIndex, default store", "llama-index-core"


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    vectors = embed(texts).tolist()
    nodes = [TextNode(text=texts[row], id_=str(row), embedding=vectors[row]) for row in range(len(texts))]
    kept = VectorStoreIndex(nodes, embed_model=MockEmbedding(len(vectors[0])))  # never asked: vectors are given
    kept.storage_context.persist(str(folder))

    def search(question: str, k: int) -> list[int]:
        bundle = QueryBundle(question, embedding=embed([question])[0].tolist())
        return [int(found.node.node_id) for found in kept.as_retriever(similarity_top_k=k).retrieve(bundle)]

    return search
