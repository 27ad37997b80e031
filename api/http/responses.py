"""The OpenAI-compatible /v1/responses, the default of openai-agents: a chat in other words.

Nothing is kept: a client sends the conversation with each question.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from itertools import count
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api.http import errors, streaming
from api.http.chat_completions import OPENAI_ERRORS, Content, extension, usage
from api.http.chat_footnotes import url_citations
from api.http.chat_input import ChatIn, ChatInput, Choices, Kind, Message, ModelName, Part
from api.http.errors import ApiError
from api.http.inputs import Count
from api.http.state import State
from rag.events import Event
from rag.types import Answer

router = APIRouter(prefix="/v1")


class Item(ChatInput):
    """A message; or, without a role, what an agent's own tools did, which is passed over."""

    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: str | list[Part] | None = None


class TextOptions(ChatInput):
    """What the reply is to be."""

    format: Kind | None = None


class ResponsesIn(ChatInput):
    """A question, or a conversation that ends with one."""

    model: ModelName
    input: str | Annotated[list[Item], Field(min_length=1)]
    stream: bool | None = None
    max_output_tokens: Annotated[Count | None, Field(description="Longest text, by our count of tokens")] = None
    text: Annotated[TextOptions | None, Field(description="Format: text only")] = None
    tool_choice: Annotated[str | dict[str, Any] | None, Field(description="none or auto: no tool is called")] = None
    previous_response_id: Annotated[None, Field(description="Nothing is kept; send the conversation")] = None
    footnote: Choices | None = None

    def as_chat(self) -> ChatIn:
        """The same as a chat. Raises ApiError when there is no message in it."""
        items = [Item(role="user", content=self.input)] if isinstance(self.input, str) else self.input
        messages = [Message(role=item.role, content=item.content) for item in items if item.role]
        if not messages:
            raise ApiError(400, "The input must end with the user's question.", param="input")
        return ChatIn(
            model=self.model,
            messages=messages,
            max_tokens=self.max_output_tokens,
            response_format=self.text.format if self.text else None,
            tool_choice=self.tool_choice,
            footnote=self.footnote,
        )


@router.post("/responses", responses=OPENAI_ERRORS, summary="OpenAI: answer the last message", response_model=None)
async def respond(body: ResponsesIn, request: Request) -> Response:
    """Works with the official `openai` client, whole and streamed."""
    service, chat, base = State.of(request).service, body.as_chat(), str(request.base_url)
    asked = chat.ask_request()
    if body.stream:
        return streaming.event_stream(_frames(chat, await streaming.started(service.events(asked)), base))
    answer, content = await streaming.while_connected(request, service.ask(asked)), Content(chat.cut)
    return JSONResponse(_finished(_Ids(), chat, answer, content.whole(answer), content.cut.finish, base))


class _Ids:
    """Of one response and of the one message in it."""

    def __init__(self) -> None:
        self.response, self.message = f"resp_{uuid.uuid4().hex}", f"msg_{uuid.uuid4().hex}"


def _response(ids: _Ids, chat: ChatIn, status: str, **more: object) -> dict[str, Any]:
    return {
        **{"id": ids.response, "object": "response", "created_at": int(time.time()), "model": chat.model},
        **{"status": status, "error": None, "incomplete_details": None, "output": [], "usage": None},
        **{"instructions": None, "metadata": {}, "parallel_tool_calls": False, "tool_choice": "none", "tools": []},
        **more,
    }


def _message(ids: _Ids, status: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": ids.message, "type": "message", "role": "assistant", "status": status, "content": parts}


def _part(content: str, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "text": content, "annotations": annotations, "logprobs": []}


def _annotations(content: str, answer: Answer, base: str) -> list[dict[str, Any]]:
    """As this API has them: flat."""
    found = url_citations(content, answer.citations, base)
    return [{"type": one["type"], **one["url_citation"]} for one in found]


def _finished(ids: _Ids, chat: ChatIn, answer: Answer, content: str, finish: str, base: str) -> dict[str, Any]:
    counted = usage(chat, answer, content)
    tokens = {"input_tokens": counted["prompt_tokens"], "output_tokens": counted["completion_tokens"]}
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    status = "completed" if finish == "stop" else "incomplete"
    return _response(
        ids,
        chat,
        status,
        output=[_message(ids, status, [_part(content, _annotations(content, answer, base))])],
        incomplete_details=None if finish == "stop" else {"reason": "max_output_tokens"},
        usage={**tokens, **details, "total_tokens": counted["total_tokens"]},
        footnote=extension(answer),
    )


async def _frames(chat: ChatIn, events: AsyncGenerator[Event, None], base: str) -> AsyncGenerator[bytes, None]:
    """The response as it comes into being, each of its events numbered."""
    ids, content, numbers = _Ids(), Content(chat.cut), count()

    def frame(kind: str, **data: object) -> bytes:
        return streaming.frame({"type": kind, "sequence_number": next(numbers), **data}, kind)

    item: dict[str, Any] = {"output_index": 0}
    place = {**item, "item_id": ids.message, "content_index": 0}
    try:
        yield frame("response.created", response=_response(ids, chat, "in_progress"))
        yield frame("response.output_item.added", **item, item=_message(ids, "in_progress", []))
        yield frame("response.content_part.added", **place, part=_part("", []))
        async for text in content.pieces(events):
            yield frame("response.output_text.delta", **place, delta=text, logprobs=[])
        assert content.answer is not None
        whole = _finished(ids, chat, content.answer, content.cut.given, content.cut.finish, base)
        [message] = whole["output"]
        [part] = message["content"]
        for n, annotation in enumerate(part["annotations"]):
            yield frame("response.output_text.annotation.added", **place, annotation_index=n, annotation=annotation)
        yield frame("response.output_text.done", **place, text=part["text"], logprobs=[])
        yield frame("response.content_part.done", **place, part=part)
        yield frame("response.output_item.done", **item, item=message)
        yield frame(f"response.{whole['status']}", response=whole)
    except Exception as error:
        told = errors.body_of(errors.of(error), "/v1/responses")["error"]
        yield frame("error", code=told["code"], message=told["message"], param=told["param"], error=told)
