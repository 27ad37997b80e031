"""The OpenAI-compatible API: /v1/chat/completions and /v1/models, for clients that know nothing of Footnote.

Footnotes are readable in the text (marks, and a list of what they stand for at its end) and structured in the field
`footnote`, streamed too: there on the chunk that finishes. A stream says only what has been checked, sentence by
sentence. Parameters that mean nothing here are accepted and ignored; what a client would rely on is refused.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.http import errors, streaming
from api.http.chat_cut import Cut
from api.http.chat_footnotes import footnotes, url_citations
from api.http.chat_input import ChatIn
from api.http.errors import ApiError
from api.http.state import State
from prompts.tokens import estimate_tokens
from rag.events import CheckedSentence, Done, Event, Withdrawn
from rag.types import Answer

router = APIRouter(prefix="/v1")
MODELS = ("footnote", "footnote-strict")
"""What a client may choose: sentences that their sources do not support are flagged, or left out."""


class ErrorDetail(BaseModel):
    """What went wrong, in OpenAI's words."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """OpenAI's shape of an error."""

    error: ErrorDetail


OPENAI_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": OpenAIError} for code in (400, 401, 403, 413, 415, 429, 502, 503)
}


@router.post(
    "/chat/completions", responses=OPENAI_ERRORS, summary="OpenAI: answer the last message", response_model=None
)
async def chat(
    body: ChatIn, request: Request, task: Annotated[str | None, Header(alias="X-OpenWebUI-Task")] = None
) -> Response:
    """Works with the official `openai` client, whole and streamed."""
    service, asked = State.of(request).service, body.ask_request(task)
    if body.stream:
        return streaming.event_stream(
            _frames(body, await streaming.started(service.events(asked)), str(request.base_url))
        )
    answer, written = await streaming.while_connected(request, service.ask(asked)), Content(body.cut)
    content = written.whole(answer)
    cited = [citation.paragraph.id for citation in answer.citations]
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None, "footnote": {"cited": cited}}
    message["annotations"] = url_citations(content, answer.citations, str(request.base_url))
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": written.cut.finish}
    head = _head(body, "chat.completion")
    return JSONResponse(
        head | {"choices": [choice], "usage": usage(body, answer, content), "footnote": extension(answer)}
    )


@router.get("/models", responses=OPENAI_ERRORS, summary="OpenAI: the models", response_model=None)
async def models() -> Response:
    """Two: `footnote`, and `footnote-strict`, which leaves out what the sources do not support."""
    return JSONResponse({"object": "list", "data": [_model(name) for name in MODELS]})


@router.get("/models/{name}", responses=OPENAI_ERRORS | {404: {"model": OpenAIError}}, response_model=None)
async def model(name: Annotated[str, Path(max_length=200)]) -> Response:
    """One of the models."""
    if name not in MODELS:
        raise ApiError(404, f"There is no model {name!r}; see /v1/models.", param="model")
    return JSONResponse(_model(name))


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_760_000_000, "owned_by": "footnote"}


# --- going out ------------------------------------------------------------------------------------------------


async def _frames(body: ChatIn, events: AsyncGenerator[Event, None], base: str) -> AsyncGenerator[bytes, None]:
    """Role, deltas, the finish with an empty delta, usage when asked for, the end; or an error, and the end."""
    head = _head(body, "chat.completion.chunk")
    if counted := bool(body.stream_options and body.stream_options.include_usage):
        head |= {"usage": None}
    content = Content(body.cut)
    try:
        yield _chunk(head, {"role": "assistant", "content": ""})
        async for text in content.pieces(events):
            yield _chunk(head, {"content": text})
        assert content.answer is not None
        if marks := url_citations(content.cut.given, content.answer.citations, base):
            yield _chunk(head, {"annotations": marks})
        yield _chunk(head, {}, content.cut.finish, footnote=extension(content.answer))
        if counted:
            yield streaming.frame(head | {"choices": [], "usage": usage(body, content.answer, content.cut.given)})
    except Exception as error:
        yield streaming.frame(errors.body_of(errors.of(error), "/v1/chat/"))
    yield streaming.frame("[DONE]")


class Content:
    """The text of an answer, ended where the client wants."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.answer: Answer | None = None
        """The answer, once `pieces` has ended."""
        self._standing = False

    def whole(self, answer: Answer) -> str:
        """The text with its footnotes."""
        return self.cut.feed(answer.text + footnotes(answer.citations)) + self.cut.finished()

    async def pieces(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[str, None]:
        """The same text as it comes."""
        async with aclosing(events):
            async for event in events:
                if text := self.cut.feed(self._added(event)):
                    yield text
        if text := self.cut.finished():
            yield text

    def _added(self, event: Event) -> str:
        """What an event adds. What does not stand cannot be taken back here: it is said that it does not."""
        added = ""
        match event:
            case CheckedSentence():
                added, self._standing = event.text, True
            case Withdrawn() if self._standing:
                added, self._standing = f"\n\n[{event.reason}]\n\n", False
            case Done():
                self.answer = event.answer
                added = ("" if self._standing else event.answer.text) + footnotes(event.answer.citations)
        return added


def _head(body: ChatIn, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": body.model}


def _chunk(head: dict[str, Any], delta: dict[str, Any], finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return streaming.frame(head | {"choices": [choice], **more})


def extension(answer: Answer) -> dict[str, Any]:
    """The answer as the native API gives it, without what was only found."""
    return {name: value for name, value in answer.to_dict().items() if name not in ("question", "hits")}


def usage(body: ChatIn, answer: Answer, content: str) -> dict[str, int]:
    """The endpoint's own count, else an estimate from the texts."""
    counted = answer.model.get("usage") or {}
    asked = counted.get("prompt_tokens") or sum(estimate_tokens(message.words) for message in body.messages)
    written = counted.get("completion_tokens") or estimate_tokens(content)
    return {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}
