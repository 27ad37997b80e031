"""What an endpoint can do, found out by asking it: small requests without a word of the user's."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from rag.llm.chat_completions import Reading
from rag.llm.connection import Connection, Endpoint, Fault
from rag.llm.deadline import Deadline
from rag.llm.exchange import Trial, attempt
from rag.llm.reasoning import Style
from rag.llm.sse import NotJsonError, payloads

_HELLO = [{"role": "user", "content": "What is 2 + 3? Reply with the number only."}]
_FEW_TOKENS = 16
_SOME_TOKENS = 256
"""Enough for most models to think the question over: only then does one that opens no tag show it."""
_LONGEST_WAIT = 5.0
_CONTEXT = ("max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens", "n_ctx")
"""Where servers write the length of the context in their list of models: vLLM, OpenRouter, Groq, LM Studio, LiteLLM,
llama.cpp."""


@dataclass
class Probed:
    """What the requests gave."""

    listed: list[dict[str, Any]] | None = None
    """The server's list of models; None when it gave none."""
    fault: Fault | None = None
    """Why the simplest request failed; then nothing else was asked."""
    whole: Trial | None = None
    """The simplest request."""
    streamed: Trial | None = None
    """The same as a stream, unless that failed."""
    stream_fault: Fault | None = None
    """Why it failed."""
    parameters: dict[str, Literal["ok", "refused", "ignored"]] = field(default_factory=dict)
    """What became of each parameter that Footnote may send."""
    usage_when_asked: bool = False
    """Whether a stream tells its count of tokens only when asked to."""

    @property
    def refused(self) -> frozenset[str]:
        """Names as `Parameters` keeps them."""
        names = {name for name, outcome in self.parameters.items() if outcome == "refused"}
        return frozenset(names | ({"stream=true"} if self.stream_fault else set()))

    @property
    def reasoning(self) -> Style:
        """How reasoning came in either reply."""
        styles = [trial.reading.style for trial in (self.streamed, self.whole) if trial]
        return next((style for style in styles if style != "none"), "none")

    def context(self, model: str) -> int | None:
        """The model's length of context, when the list tells it."""
        for entry in self.listed or []:
            if entry.get("id") == model:
                places = [entry, *(part for part in entry.values() if isinstance(part, dict))]
                found = [place[name] for place in places for name in _CONTEXT if isinstance(place.get(name), int)]
                return found[0] if found else None
        return None


def probe(endpoint: Endpoint) -> Probed:
    """Ask for the list of models, a whole reply, a stream, and each parameter alone.

    Replies are kept short as soon as it is known how the server wants that said.
    """
    connection, probed = Connection(endpoint), Probed()
    probed.listed = models(connection)
    probed.fault = _first(connection, probed)
    if not probed.fault:
        _stream(connection, probed)
        _parameters(connection, probed)
    return probed


def _first(connection: Connection, probed: Probed) -> Fault | None:
    """A whole reply, with the limit of tokens that the server takes; as a stream where only streams are served."""
    fault = None
    for name in ("max_tokens", "max_completion_tokens", ""):
        probed.whole = Trial(_sent(connection, probed, _FEW_TOKENS, try_limit=name), Reading())
        fault = _ask(connection, probed.whole)
        if not fault:
            written = (probed.whole.reading.usage or {}).get("completion_tokens")
            if name:
                over = isinstance(written, int) and written > _FEW_TOKENS
                probed.parameters[name] = "ignored" if over else "ok"
            return None
        if fault.status not in (400, 422):
            return fault
        if name:
            probed.parameters[name] = "refused"
    probed.whole, probed.parameters = None, {"stream=false": "refused"}
    return fault if _ask(connection, Trial(_sent(connection, probed, 0, stream=True), Reading())) else None


def _stream(connection: Connection, probed: Probed) -> None:
    """The same as a stream, long enough to see how the model thinks; and its count of tokens, when asked for."""
    sent = _sent(connection, probed, _SOME_TOKENS, stream=True)
    probed.streamed = Trial(sent, Reading())
    probed.stream_fault = _ask(connection, probed.streamed)
    if not probed.stream_fault and not probed.streamed.reading.usage:
        short = _sent(connection, probed, _FEW_TOKENS, stream=True)
        asked = Trial(short | {"stream_options": {"include_usage": True}}, Reading())
        probed.parameters["stream_options"] = _outcome(_ask(connection, asked))
        probed.usage_when_asked = bool(asked.reading.usage)


def _parameters(connection: Connection, probed: Probed) -> None:
    sent = _sent(connection, probed, _FEW_TOKENS, stream=not probed.whole)
    probed.parameters["temperature"] = _outcome(_ask(connection, Trial(sent | {"temperature": 0.0}, Reading())))


def _sent(
    connection: Connection, probed: Probed, tokens: int, *, stream: bool = False, try_limit: str | None = None
) -> dict[str, Any]:
    """The least, and a limit of tokens when one is known (or to be tried)."""
    known = next((name for name in ("max_tokens", "max_completion_tokens") if probed.parameters.get(name) == "ok"), "")
    limit = known if try_limit is None else try_limit
    return {"model": connection.endpoint.model, "stream": stream} | ({limit: tokens} if limit and tokens else {})


def models(connection: Connection) -> list[dict[str, Any]] | None:
    """The entries of `/models`; None when there is no such list."""
    with Deadline(connection.endpoint.connect_timeout) as deadline:
        try:
            with connection.request("GET", "/models", deadline) as chunks:
                found = next(payloads(chunks), None)
        except (Fault, NotJsonError):
            return None
    entries = found.get("data", found.get("models")) if isinstance(found, dict) else found
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else None


def _outcome(fault: Fault | None) -> Literal["ok", "refused"]:
    """A request that works without a parameter and not with it: the parameter is refused, whatever the words."""
    return "refused" if fault and fault.status in (400, 422) else "ok"


def _ask(connection: Connection, trial: Trial) -> Fault | None:
    """Send it; once more when the server is only busy."""
    for last in (False, True):
        trial.reading, trial.first, trial.start = Reading(), None, time.perf_counter()
        try:
            for _ in attempt(connection, trial, _HELLO, connection.endpoint.timeout):
                pass
        except Fault as fault:
            if last or not fault.again or (fault.wait or 0) > _LONGEST_WAIT:
                return fault
            time.sleep(fault.wait or 1.0)
        else:
            return None
    return None
