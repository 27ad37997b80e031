"""Chat completions as servers send them, whole or streamed, in the dialects that are about."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from rag.llm.reasoning import Style, Visible


class NotChatError(Exception):
    """JSON that is no chat completion."""


class ErrorPayloadError(Exception):
    """The server reports an error inside a response that began well."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(json.dumps(payload))
        error = payload["error"]
        code = error.get("code") if isinstance(error, dict) else None
        self.status = code if isinstance(code, int) else 0
        """The HTTP status that it would have had, 0 when the payload has none."""


class ReplyReader:
    """One reply while it arrives: `add` each payload, then `finish`."""

    def __init__(self, *, hold: bool = False) -> None:
        self.finish_reason: str | None = None
        """As the server writes it: stop, length, content_filter, ..."""
        self.usage: dict[str, Any] | None = None
        """Tokens as the server counts them."""
        self.model: str | None = None
        """The model's name in the response, maybe not the one asked for."""
        self.declined = ""
        """Content of the field `refusal`."""
        self.visible = Visible(hold=hold)
        """The text without the reasoning in it."""
        self.deltas = 0
        """Chunks with text of any kind: 0 or 1 for a reply that was not streamed."""
        self.written, self.thought = 0, 0
        """Characters of text, and of reasoning in a field of its own."""
        self._thoughts: list[str] = []
        self._contents: list[str] = []
        self._half = ""
        self._shape: Literal["nothing", "other", "chat"] = "nothing"

    @property
    def style(self) -> Style:
        """How the reasoning came, if any."""
        return "field" if any(self._thoughts) and self.visible.style == "none" else self.visible.style

    @property
    def content(self) -> str:
        """The text as it came, reasoning between tags included."""
        return "".join(self._contents)

    @property
    def reasoning(self) -> str:
        """What came in a field of its own."""
        return "".join(self._thoughts)

    def add(self, payload: object) -> str:
        """A payload of the response -> the visible text that it adds.

        Raises ErrorPayloadError, and NotChatError for JSON of another shape.
        """
        if not isinstance(payload, dict):
            raise NotChatError
        if payload.get("error"):
            raise ErrorPayloadError(payload)
        usage, model, choices = payload.get("usage"), payload.get("model"), payload.get("choices")
        self.usage = _counts(usage) if isinstance(usage, dict) else self.usage
        self.model = model if isinstance(model, str) else self.model
        # Pings and lists may come between chunks, and the counts of tokens in one without choices.
        self._shape = "chat" if "choices" in payload or self._shape == "chat" else "other"
        if not isinstance(choices, list | None):
            raise NotChatError
        return "".join(self._choice(choice) for choice in (choices or [])[:1])

    def finish(self) -> str:
        """The end of the response -> the last visible text. Raises NotChatError when no payload had choices."""
        if self._shape == "other":
            raise NotChatError
        return self.visible.finish()

    def _choice(self, choice: object) -> str:
        if not isinstance(choice, dict):
            raise NotChatError
        reason = choice.get("finish_reason")  # some send an object
        self.finish_reason = reason if reason and isinstance(reason, str) else self.finish_reason
        message = choice.get("delta") or ({} if self.deltas else choice.get("message"))  # some repeat it all at the end
        if not message:
            return ""
        if not isinstance(message, dict):
            raise NotChatError
        # The first name is DeepSeek's and vLLM's, the second Ollama's and OpenRouter's.
        thought = message.get("reasoning_content") or message.get("reasoning")
        text, refusal = self._joined(_text(message.get("content"))), message.get("refusal")
        self._thoughts += [str(thought)] if thought else []
        self._contents.append(text)
        self.written += len(text)
        self.thought += len(str(thought or ""))
        self.declined += refusal if isinstance(refusal, str) else ""
        self.deltas += bool(text or thought)
        return self.visible.feed(text)

    def _joined(self, text: str) -> str:
        """Characters whose halves (UTF-16 surrogates) came in two pieces put together; half a one becomes U+FFFD."""
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text


def context_limit(text: str) -> int | None:
    """Tokens of the model's context, from an error which says that a request is longer; 0 when it gives no number.

    vLLM and OpenAI write "maximum context length is 4096 tokens", llama.cpp a field n_ctx beside "context size".
    """
    if not re.search(r"context[_ ](?:length|size|window)|n_ctx", text, re.IGNORECASE):
        return None
    found = re.search(r"(?:context[_ ](?:length|size|window)(?: is| of)?|n_ctx\W*)[ :(]*(\d{3,8})", text, re.IGNORECASE)
    return int(found[1]) if found else 0


def _text(content: object) -> str:
    """The content of a message: text, null, or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


def _counts(usage: dict[str, Any]) -> dict[str, Any]:
    """The counts of tokens that are whole numbers, in objects too: a NaN is no JSON and would break every answer."""
    nested = {name: _counts(value) for name, value in usage.items() if isinstance(value, dict)}
    return {name: value for name, value in usage.items() if type(value) is int} | nested
