"""Embeddings from any OpenAI-compatible server: `http://127.0.0.1:8000/v1#MODEL`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from index.embedders import prompts_of
from index.errors import EndpointError, InputError
from index.http_faults import error_message, may_pass, retry_after

if TYPE_CHECKING:
    import httpx

_AT_A_TIME = 32
_ATTEMPTS, _DELAY, _LONGEST_WAIT = 3, 1.0, 60.0
_CONNECT_SECONDS, _SECONDS = 10.0, 300.0
_ADVICE = {
    401: "check the key in FOOTNOTE_EMBEDDER_KEY",
    403: "check the key in FOOTNOTE_EMBEDDER_KEY",
    404: "check the address (it usually ends in /v1) and the model after #",
}


class EndpointEmbedder:
    """One model of a server, or two: `URL#PASSAGES,QUESTIONS` where a server tells the two apart by the model's name.

    A library is tied to the models' names, not to the address. `key` is sent as a bearer token.
    """

    def __init__(self, name: str, key: str | None = None, *, delay: float = _DELAY) -> None:
        address, _, models = name.partition("#")
        self._passage_model, comma, self._query_model = models.partition(",")
        try:
            parts = urlsplit(address)
            usable = bool(parts.hostname and self._passage_model and (self._query_model or not comma))
        except ValueError:
            usable = False
        if not usable:
            raise InputError(f"{name!r} names no embedder; use an address and a model like http://127.0.0.1:8000/v1#e5")
        if "@" in parts.netloc:  # the name is kept in the library
            raise InputError("An embedder's address may hold no password; put a key into FOOTNOTE_EMBEDDER_KEY.")
        self.name, self._url, self._key, self._delay = name, address.rstrip("/") + "/embeddings", key, delay
        self._prompts = ("", "") if comma else prompts_of(models)
        self._query_model = self._query_model or models

    @cached_property
    def dim(self) -> int:
        """Length of a vector, as the server sends it."""
        return len(self.embed_query(self._query_model))

    @cached_property
    def fingerprint(self) -> str:
        """Models, prompts and length: a server's numbers are not the same to the last digit from run to run."""
        made = "\0".join((self._passage_model, self._query_model, *self._prompts, str(self.dim)))
        return hashlib.sha256(made.encode()).hexdigest()[:16]

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages. Raises EndpointError when the server sends none."""
        prompted = [self._prompts[1] + text for text in texts]
        parts = [prompted[first : first + _AT_A_TIME] for first in range(0, len(prompted), _AT_A_TIME)]
        vectors = [self._vectors(self._passage_model, part) for part in parts]
        return np.concatenate(vectors) if vectors else np.zeros((0, self.dim), dtype=np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector of a question. Raises EndpointError when the server sends none."""
        vector: NDArray[np.float32] = self._vectors(self._query_model, [self._prompts[0] + text])[0]
        return vector

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return httpx.Client(headers=headers, timeout=httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS))

    def _vectors(self, model: str, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of a few texts, shape (len(texts), dim)."""
        reply = self._reply({"model": model, "input": texts, "encoding_format": "float"})
        try:
            # Servers may send the rows in any order, each with its index.
            rows = sorted(reply.json()["data"], key=lambda row: row.get("index", 0))
            vectors: NDArray[np.float32] = np.array([row["embedding"] for row in rows], dtype=np.float32)
            if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise EndpointError(f"{self.name} sent no embeddings; check that it is an embedding model.") from None
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def _reply(self, request: dict[str, Any]) -> httpx.Response:
        """A good response, tried again where another attempt may do better."""
        import httpx

        for attempt in range(1, _ATTEMPTS + 1):
            wait: float | None = None
            try:
                response = self._client.post(self._url, json=request)
                if response.is_success:
                    return response
                again, wait = may_pass(response.status_code), retry_after(response.headers.get("retry-after"))
                # Some servers repeat the key that they refuse.
                said = error_message(response.text.replace(self._key or "\0", "***"))
                advice = _ADVICE.get(response.status_code, "try again later" if again else "check the model")
                problem = f"answered {response.status_code}: {said}; {advice}"
            except httpx.TimeoutException:
                again, problem = False, "did not answer in time; start it anew, or check the address"
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
                again, problem = True, f"cannot be reached ({_reason(error)}); start it, or check the address"
            wait = self._delay * 2 ** (attempt - 1) if wait is None else wait
            if not again or attempt == _ATTEMPTS or wait > _LONGEST_WAIT:
                break
            time.sleep(wait)
        raise EndpointError(f"The embedder {self.name} {problem}.")


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
