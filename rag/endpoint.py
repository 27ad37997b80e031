"""Any OpenAI-compatible endpoint as the one who writes the answer.

The least that every server understands is sent: model, messages, stream. A parameter that a server refuses is left
out from then on. Retries follow the usual reading of RFC 9110: 408, 409, 429 and 5xx, after `Retry-After` or a delay
that doubles.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.errors import EndpointError, InputError
from prompts.citations import find_marks
from prompts.compose import VERSION, Prompt
from rag.language import refusal_sentence
from rag.model import Reply
from rag.reasoning import without_reasoning
from rag.settings import Settings

if TYPE_CHECKING:
    import httpx

_RETRIED = {408, 409, 429, 500, 502, 503, 504, 529}
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 20.0
_LARGEST_BODY = 4_000_000
"""Bytes of a response; an answer of a few pages has a hundredth of it."""
_ADVICE = {
    401: "check the key in FOOTNOTE_API_KEY or OPENAI_API_KEY",
    403: "the key may not use this model",
    404: "check --base-url (it is taken literally, usually ends in /v1) and --model",
    413: "ask with a smaller -k",
    429: "wait, or use another key or model",
}


@dataclass(frozen=True)
class Endpoint:
    """Where to ask. The key shows in no repr, no error and no record."""

    base_url: str
    """Taken literally; only `/chat/completions` is added."""
    model: str
    """As the server calls it."""
    api_key: str | None = field(default=None, repr=False)
    """Sent as a bearer token when there is one."""
    max_tokens: int | None = None
    """Longest reply in tokens; None lets the server decide."""
    temperature: float | None = None
    """None lets the server decide; some models accept only their own."""
    timeout: float = 120.0
    """Seconds for one attempt, from the request to the last byte."""
    connect_timeout: float = 10.0
    """Seconds until the connection stands."""
    retries: int = 2
    """Further attempts after one that may be tried again."""


class EndpointModel:
    """A ChatModel over HTTP. It reads the proxy and certificate variables that httpx reads."""

    def __init__(self, endpoint: Endpoint, *, delay: float = _FIRST_DELAY) -> None:
        self.endpoint = endpoint
        self._delay = delay
        self._refused: set[str] = set()
        self._limit = "max_tokens"

    @property
    def description(self) -> dict[str, Any]:
        """Name, kind and the prompt's version."""
        return {"name": self.endpoint.model, "kind": "endpoint", "prompt": VERSION}

    def complete(self, prompt: Prompt) -> Reply:
        """The model's reply, its reasoning removed. The prompt's refusal sentence, uncited, is an empty one.

        Raises EndpointError when no reply can be had.
        """
        refusal = refusal_sentence(prompt.question)
        reply = self.write(prompt.messages(refusal))
        declined = refusal.rstrip("。.") in reply.text and not find_marks(reply.text)
        return Reply("" if declined else reply.text, reply.record)

    def write(self, messages: list[dict[str, str]]) -> Reply:
        """One whole reply to these messages, its reasoning removed. Raises EndpointError when no reply can be had."""
        text, finish, usage = self._read(self._post(messages))
        answer = without_reasoning(text)
        record: dict[str, Any] = {"sent": self._parameters(), "finish_reason": finish, "usage": usage}
        if not answer:
            cut = "was cut off while it was thinking; raise max_tokens" if finish == "length" else "wrote nothing"
            raise EndpointError(f"The model at {self._name} {cut}.")
        if finish == "length":
            record["notes"] = ["The reply was cut off at the endpoint's limit of tokens."]
        return Reply(answer, record)

    @property
    def _name(self) -> str:
        return f"{self.endpoint.base_url.rstrip('/')} ({self.endpoint.model})"

    def _parameters(self) -> dict[str, Any]:
        """What is sent beside the messages: nothing that this endpoint refused before."""
        wanted = {
            "model": self.endpoint.model,
            "stream": False,
            self._limit: self.endpoint.max_tokens,
            "temperature": self.endpoint.temperature,
        }
        return {name: value for name, value in wanted.items() if value is not None and name not in self._refused}

    def _post(self, messages: list[dict[str, str]]) -> bytes:
        """The body of the first good response."""
        import httpx

        timeout = httpx.Timeout(self.endpoint.timeout, connect=self.endpoint.connect_timeout)
        try:
            with httpx.Client(timeout=timeout, headers=self._headers()) as client:
                for delay in self._delays():
                    status, content, wait = self._attempt(client, messages, last=delay is None)
                    while status in (400, 422) and self._adapt(content):
                        status, content, wait = self._attempt(client, messages, last=delay is None)
                    if status == 200:
                        return content
                    if delay is None or status not in _RETRIED:
                        break
                    time.sleep(min(wait if wait is not None else delay, _LONGEST_DELAY))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise EndpointError(
                f"{self.endpoint.base_url!r} is not an address; use one like http://127.0.0.1:11434/v1"
            ) from None
        advice = _ADVICE.get(status, "try again later" if status >= 500 else "check --base-url and --model")
        raise EndpointError(f"{self._name} answered {status}: {self._said(content)}; {advice}.")

    def _headers(self) -> dict[str, str]:
        key = self.endpoint.api_key
        if key and not (key.isascii() and key.isprintable()):
            raise EndpointError("The API key holds characters that no key has; copy it again into FOOTNOTE_API_KEY.")
        return {"Authorization": f"Bearer {key}"} if key else {}

    def _delays(self) -> Iterator[float | None]:
        """Seconds to wait after each attempt; None after the last."""
        for attempt in range(self.endpoint.retries):
            yield self._delay * 2**attempt
        yield None

    def _attempt(
        self, client: httpx.Client, messages: list[dict[str, str]], *, last: bool
    ) -> tuple[int, bytes, float | None]:
        """Status, body and the seconds that the server asks us to wait. A failed connection has status 503."""
        import httpx

        url = self.endpoint.base_url.rstrip("/") + "/chat/completions"
        deadline = time.monotonic() + self.endpoint.timeout
        try:
            with client.stream("POST", url, json={"messages": messages} | self._parameters()) as response:
                content = b""
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > _LARGEST_BODY:
                        raise EndpointError(
                            f"{self._name} sent more than {_LARGEST_BODY} bytes; is it a chat endpoint?"
                        )
                    if time.monotonic() > deadline:
                        raise httpx.ReadTimeout("total")
                return response.status_code, content, _seconds(response.headers.get("retry-after"))
        except httpx.TimeoutException:
            raise EndpointError(
                f"{self._name} did not answer within {self.endpoint.timeout:g} s; is it running, or still loading?"
            ) from None
        except httpx.UnsupportedProtocol:
            raise
        except httpx.RequestError as error:
            if not last:
                return 503, b"", None
            reason = self._hidden(str(error).splitlines()[0] if str(error) else type(error).__name__)
            raise EndpointError(f"{self._name} cannot be reached ({reason}); is it running?") from None

    def _adapt(self, content: bytes) -> bool:
        """After a 400: rename or leave out the parameter that the server names. False when it names none of ours."""
        said = content.decode("utf-8", "replace").lower()
        named = [name for name in self._parameters() if name != "model" and name in said]
        if named and named[0] == "max_tokens":
            self._limit = "max_completion_tokens"
        elif named:
            self._refused.add(named[0])
        return bool(named)

    def _said(self, content: bytes) -> str:
        """The server's own words, one line, at most 200 characters, never the key."""
        text = content.decode("utf-8", "replace")
        try:
            found: Any = json.loads(text)
            for name in ("error", "message", "detail"):
                found = found.get(name, found) if isinstance(found, dict) else found
            text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        except (ValueError, RecursionError):
            text = "an HTML page" if "<html" in text.lower() else text
        return " ".join(self._hidden(text).split())[:200].rstrip(".") or "nothing"

    def _read(self, body: bytes) -> tuple[str, str | None, dict[str, Any] | None]:
        """Text, finish reason and usage of a whole reply, or of a stream that was sent although none was asked for."""
        text = body.decode("utf-8", "replace").lstrip("\ufeff").strip()
        try:
            pieces = _events(text) if text.startswith(("data:", ":", "event:")) else [json.loads(text)]
        except (ValueError, RecursionError):
            raise EndpointError(f"{self._name} did not send JSON; check --base-url (usually it ends in /v1).") from None
        written, finish, usage = "", None, None
        try:
            for piece in pieces:
                if piece.get("error"):
                    said = self._said(json.dumps(piece).encode())
                    raise EndpointError(f"{self._name} failed: {said}; try again later.")
                usage = piece.get("usage") or usage
                for choice in (piece.get("choices") or [])[:1]:
                    message = choice.get("message") or choice.get("delta") or {}
                    written += _text(message.get("content"))
                    finish = choice.get("finish_reason") or finish
        except (AttributeError, KeyError, TypeError):
            raise EndpointError(f"{self._name} sent JSON that is no chat completion; check --base-url.") from None
        return written, finish, usage

    def _hidden(self, text: str) -> str:
        key = self.endpoint.api_key
        return text.replace(key, "***") if key else text


def open_model(settings: Settings) -> EndpointModel:
    """The model that the settings name. Raises InputError when they name none."""
    if not settings.model:
        raise InputError("No model is named; add --model NAME or set FOOTNOTE_MODEL.")
    return EndpointModel(
        Endpoint(
            settings.base_url,
            settings.model,
            settings.api_key.get_secret_value() if settings.api_key else None,
            settings.max_tokens,
            settings.temperature,
            settings.timeout,
        )
    )


def _events(text: str) -> list[Any]:
    """The JSON of each `data:` line of an event stream (WHATWG HTML, server-sent events)."""
    lines = (line[5:].strip() for line in text.splitlines() if line.startswith("data:"))
    return [json.loads(line) for line in lines if line and line != "[DONE]"]


def _text(content: object) -> str:
    """The content of a message: text, null, or a list of parts."""
    if isinstance(content, str):
        return content
    parts: Sequence[object] = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


def _seconds(value: str | None) -> float | None:
    """`Retry-After` in seconds; its date form is left alone, the usual delay serves as well."""
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None
