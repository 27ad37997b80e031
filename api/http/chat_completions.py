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
    answer = await streaming.while_connected(request, service.ask(asked))
    cut = body.cut
    content = cut.feed(answer.text + footnotes(answer.citations)) + cut.finished()
    cited = [citation.paragraph.id for citation in answer.citations]
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None, "footnote": {"cited": cited}}
    message["annotations"] = url_citations(content, answer.citations, str(request.base_url))
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": cut.finish}
    head = _head(body, "chat.completion")
    return JSONResponse(
        head | {"choices": [choice], "usage": _usage(body, answer, content), "footnote": _extension(answer)}
    )


@router.get("/models", responses=OPENAI_ERRORS, summary="OpenAI: the models", response_model=None)
async def models() -> Response:
    """Two: `footnote`, and `footnote-strict`, which leaves out what the sources do not support."""
    return JSONResponse({"object": "list", "data": [_model(name) for name in MODELS]})


@router.get("/models/{name}", responses=OPENAI_ERRORS | {404: {"model": OpenAIError}}, response_model=None)
async def model(name: Annotated[str, Path(max_length=200)]) -> Response:
    """One of the models."""
    if name not in MODELS:
        raise ApiError("not_found", f"There is no model {name!r}; see /v1/models.", param="model")
    return JSONResponse(_model(name))


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_760_000_000, "owned_by": "footnote"}


# --- going out ------------------------------------------------------------------------------------------------


async def _frames(body: ChatIn, events: AsyncGenerator[Event, None], base: str) -> AsyncGenerator[bytes, None]:
    """Role, deltas, the finish with an empty delta, usage when asked for, the end; or an error, and the end."""
    head = _head(body, "chat.completion.chunk")
    if usage := bool(body.stream_options and body.stream_options.include_usage):
        head |= {"usage": None}
    sent, cut = StreamedText(), body.cut
    try:
        yield _chunk(head, {"role": "assistant", "content": ""})
        async with aclosing(events):
            async for event in events:
                if text := cut.feed(sent.of(event)):
                    yield _chunk(head, {"content": text})
        if text := cut.finished():
            yield _chunk(head, {"content": text})
        assert sent.answer is not None
        if marks := url_citations(cut.given, sent.answer.citations, base):
            yield _chunk(head, {"annotations": marks})
        yield _chunk(head, {}, cut.finish, footnote=_extension(sent.answer))
        if usage:
            yield streaming.frame(head | {"choices": [], "usage": _usage(body, sent.answer, cut.given)})
    except Exception as error:
        yield streaming.frame(errors.body_of(errors.of(error), "/v1/chat/"))
    yield streaming.frame("[DONE]")


class StreamedText:
    """What the events of a stream add to its text."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        """The answer, at the end."""
        self._standing = False

    def of(self, event: Event) -> str:
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


def _extension(answer: Answer) -> dict[str, Any]:
    """The answer as the native API gives it, without what was only found."""
    return {name: value for name, value in answer.to_dict().items() if name not in ("question", "hits")}


def _usage(body: ChatIn, answer: Answer, content: str) -> dict[str, int]:
    """The endpoint's own count, else an estimate from the texts."""
    counted = answer.model.get("usage") or {}
    asked = counted.get("prompt_tokens") or sum(estimate_tokens(message.words) for message in body.messages)
    written = counted.get("completion_tokens") or estimate_tokens(content)
    return {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}
