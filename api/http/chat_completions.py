"""The OpenAI-compatible API: /v1/chat/completions and /v1/models, for clients that know nothing of Footnote.

Footnotes are readable in the text (marks, and a list of what they stand for at its end) and structured in the field
`footnote`, streamed too: there on the chunk that finishes. A stream says only what has been checked, sentence by
sentence. Parameters that mean nothing here are accepted and ignored; what a client would rely on is refused.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.http import errors, streaming
from api.http.chat_footnotes import LIST, footnotes, url_citations
from api.http.errors import ApiError
from api.http.schemas import Count, K, SourcePattern
from api.http.state import State
from api.service import AskRequest
from prompts.tokens import estimate_tokens
from rag.conversation import Turn
from rag.events import CheckedSentence, Done, Event, Withdrawn
from rag.types import Answer

router = APIRouter(prefix="/v1")
MODELS = ("footnote", "footnote-strict")
"""What a client may choose: sentences that their sources do not support are flagged, or left out."""
_REMEMBERED = 100
"""Messages before the question that are looked at."""


class ChatInput(BaseModel):
    """Known parameters have their types; unknown ones pass."""

    model_config = ConfigDict(extra="allow", strict=True)


One = Annotated[int, Field(ge=1, le=1)]


class Part(ChatInput):
    """A part of a message."""

    type: str
    text: str | None = None


class Cited(ChatInput):
    """What an answer of ours cites, as its message carries it."""

    cited: list[str] = []


class Message(ChatInput):
    """A turn; those of the system are not followed: the rules of citing are ours."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None
    footnote: Cited | None = None
    tool_calls: list[dict[str, Any]] | None = None
    """What an agent had its own model call; passed over, as the messages that answer it are."""

    @property
    def words(self) -> str:
        """Its text. Raises ApiError for a picture or a sound."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        if any(part.type not in ("text", "input_text", "refusal") for part in self.content):
            raise ApiError("invalid_request", "Only text can be asked.", param="messages")
        return "".join(part.text or "" for part in self.content)


class Kind(ChatInput):
    """What the reply is to be."""

    type: str


class StreamOptions(ChatInput):
    """What a stream tells beside the text."""

    include_usage: bool | None = None


class Choices(ChatInput):
    """Footnote's own parameters, in `extra_body={"footnote": {...}}`."""

    k: K = None
    source: SourcePattern = None
    strict: bool = False


class ChatIn(ChatInput):
    """A conversation whose last message is the question."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"model": "footnote", "messages": [{"role": "user", "content": "望江区建成了多少间中试车间？"}]}
            ]
        }
    )
    model: Annotated[str, Field(min_length=1, max_length=200, description="Any name; `footnote-strict` is strict")]
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: One | None = None
    temperature: Annotated[float | None, Field(ge=0, le=2, description="Ignored")] = None
    top_p: Annotated[float | None, Field(ge=0, le=1, description="Ignored")] = None
    max_tokens: Annotated[Count | None, Field(description="Ignored")] = None
    max_completion_tokens: Annotated[Count | None, Field(description="Ignored")] = None
    response_format: Annotated[Kind | None, Field(description="text only")] = None
    tool_choice: Annotated[str | dict[str, Any] | None, Field(description="none or auto: no tool is called")] = None
    footnote: Choices | None = None

    @property
    def ask_request(self) -> AskRequest:
        """The question with the turns before it. Raises ApiError when the last message is not the user's."""
        self._refuse_unknown()
        turns = [m for m in self.messages if m.role in ("user", "assistant") and not m.tool_calls]
        *before, last = turns or [self.messages[-1]]
        if last.role != "user":
            raise ApiError("invalid_request", "The last message must be the user's question.", param="messages")
        own = self.footnote or Choices()
        strict = own.strict or self.model == "footnote-strict"
        return AskRequest(last.words, own.k, own.source, _turns(before[-_REMEMBERED:]), strict)

    def _refuse_unknown(self) -> None:
        """Raises ApiError (400) for what a client relies on and would not get."""
        if self.response_format and self.response_format.type != "text":
            message = "Answers are text; leave response_format out, and read the field `footnote` for structure."
            raise ApiError("invalid_request", message, param="response_format")
        if self.tool_choice not in (None, "none", "auto"):
            raise ApiError("invalid_request", "No tool is called here; set tool_choice to none.", param="tool_choice")


class ErrorDetail(BaseModel):
    """What went wrong, in OpenAI's words."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """OpenAI's shape of an error."""

    error: ErrorDetail


_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": OpenAIError} for code in (400, 401, 403, 413, 415, 429, 502, 503)
}


@router.post("/chat/completions", responses=_ERRORS, summary="OpenAI: answer the last message", response_model=None)
async def chat(body: ChatIn, request: Request) -> Response:
    """Works with the official `openai` client, whole and streamed."""
    service = State.of(request).service
    if body.stream:
        return streaming.event_stream(
            _frames(body, await streaming.started(service.events(body.ask_request)), str(request.base_url))
        )
    answer = await streaming.while_connected(request, service.ask(body.ask_request))
    content = answer.text + footnotes(answer.citations)
    cited = [citation.paragraph.id for citation in answer.citations]
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None, "footnote": {"cited": cited}}
    message["annotations"] = url_citations(content, answer.citations, str(request.base_url))
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    head = _head(body, "chat.completion")
    return JSONResponse(
        head | {"choices": [choice], "usage": _usage(body, answer, content), "footnote": _extension(answer)}
    )


@router.get("/models", responses=_ERRORS, summary="OpenAI: the models", response_model=None)
async def models() -> Response:
    """Two: `footnote`, and `footnote-strict`, which leaves out what the sources do not support."""
    return JSONResponse({"object": "list", "data": [_model(name) for name in MODELS]})


@router.get("/models/{name}", responses=_ERRORS | {404: {"model": OpenAIError}}, response_model=None)
async def model(name: Annotated[str, Path(max_length=200)]) -> Response:
    """One of the models."""
    if name not in MODELS:
        raise ApiError("not_found", f"There is no model {name!r}; see /v1/models.", param="model")
    return JSONResponse(_model(name))


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_760_000_000, "owned_by": "footnote"}


def _turns(messages: Sequence[Message]) -> list[Turn]:
    """Question and answer in turn; a question without an answer counts, an answer without a question does not."""
    turns: list[Turn] = []
    for message in messages:
        words = message.words.strip()
        if message.role == "user" and words:
            turns.append(Turn(words))
        elif message.role == "assistant" and turns and not turns[-1].answer:
            cited = tuple(message.footnote.cited) if message.footnote else ()
            turns[-1] = Turn(turns[-1].question, words.partition(LIST)[0], cited)
    return turns


# --- going out ------------------------------------------------------------------------------------------------


async def _frames(body: ChatIn, events: AsyncGenerator[Event, None], base: str) -> AsyncGenerator[bytes, None]:
    """Role, deltas, the finish with an empty delta, usage when asked for, the end; or an error, and the end."""
    head = _head(body, "chat.completion.chunk")
    if usage := bool(body.stream_options and body.stream_options.include_usage):
        head |= {"usage": None}
    sent = StreamedText()
    try:
        yield _chunk(head, {"role": "assistant", "content": ""})
        async with aclosing(events):
            async for event in events:
                if text := sent.of(event):
                    yield _chunk(head, {"content": text})
        assert sent.answer is not None
        if marks := url_citations(sent.text, sent.answer.citations, base):
            yield _chunk(head, {"annotations": marks})
        yield _chunk(head, {}, "stop", footnote=_extension(sent.answer))
        if usage:
            yield streaming.frame(head | {"choices": [], "usage": _usage(body, sent.answer, sent.text)})
    except Exception as error:
        yield streaming.frame(errors.body_of(errors.of(error), "/v1/chat/"))
    yield streaming.frame("[DONE]")


class StreamedText:
    """The text of a stream so far."""

    def __init__(self) -> None:
        self.text = ""
        """What was said."""
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
        self.text += added
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
