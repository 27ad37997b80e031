"""The OpenAI-compatible /v1/embeddings: vectors of texts, by the embedder that searches the library."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Discriminator, Field, Tag

from api.http.chat_completions import OPENAI_ERRORS
from api.http.chat_input import ChatInput
from api.http.errors import ApiError
from api.http.inputs import Count
from api.http.state import State
from index.embedders import Embedder
from prompts.tokens import estimate_tokens

router = APIRouter(prefix="/v1")
_SECONDS, _BATCH = 60.0, 64
"""How long one request may take, seen to after so many texts."""
Text = Annotated[str, Field(min_length=1, max_length=50_000)]
Texts = Annotated[list[Text], Field(min_length=1, max_length=2048)]


def _kind(value: object) -> str:
    """Which of the two kinds of input it is to be, so that an error is about that one. Raises ApiError for tokens."""
    if isinstance(value, list) and value and isinstance(value[0], int | list):
        message = "Send texts, not another tokenizer's numbers (LangChain: check_embedding_ctx_length=False)."
        raise ApiError(400, message, param="input")
    return "text" if isinstance(value, str) else "texts"


class EmbeddingsIn(ChatInput):
    """Texts whose vectors are wanted."""

    model: Annotated[str, Field(min_length=1, max_length=200, description="Any name; the library's embedder answers")]
    input: Annotated[
        Annotated[Text, Tag("text")] | Annotated[Texts, Tag("texts")],
        Discriminator(_kind),
        Field(description="One text, or several"),
    ]
    encoding_format: Annotated[
        Literal["float", "base64"] | None, Field(description="base64: of the vector as little-endian float32")
    ] = None
    dimensions: Annotated[Count | None, Field(description="Only the embedder's own number")] = None


@router.post(
    "/embeddings", responses=OPENAI_ERRORS, summary="OpenAI: vectors of texts, of length 1", response_model=None
)
async def embeddings(body: EmbeddingsIn, request: Request) -> Response:
    """As passages are embedded; what a model cannot read of a long text is left out, as when a library is indexed."""
    service = State.of(request).service
    embedder = service.library.embedder
    if body.dimensions not in (None, embedder.dim):
        raise ApiError(400, f"The vectors have {embedder.dim} dimensions.", param="dimensions")
    texts = [body.input] if isinstance(body.input, str) else body.input
    encoded = body.encoding_format == "base64"
    content = await service.run_long(partial(_response, embedder, texts, body.model, base64_=encoded))
    return Response(content, media_type="application/json")


def _response(embedder: Embedder, texts: Sequence[str], model: str, *, base64_: bool) -> bytes:
    """The body, made in a thread: a thousand vectors are millions of digits. Raises ApiError (413) if it takes long."""
    until = time.monotonic() + _SECONDS
    data: list[dict[str, Any]] = []
    for start in range(0, len(texts), _BATCH):
        if time.monotonic() > until:
            raise ApiError(413, f"This takes longer than {_SECONDS:g} s to embed; send fewer texts at a time.")
        for vector in embedder.embed_passages(texts[start : start + _BATCH]):
            given = base64.b64encode(vector.astype("<f4").tobytes()).decode() if base64_ else vector.tolist()
            data.append({"object": "embedding", "index": len(data), "embedding": given})
    count = sum(map(estimate_tokens, texts))
    usage = {"prompt_tokens": count, "total_tokens": count}
    return json.dumps({"object": "list", "data": data, "model": model, "usage": usage}).encode()
