"""What an endpoint can do, found out by asking it: small requests without a word of the user's."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rag.llm.chat_completions import ReplyReader
from rag.llm.connection import Connection, Endpoint, is_near, public_url
from rag.llm.deadline import Deadline
from rag.llm.exchange import Trial, attempt
from rag.llm.fault import Fault
from rag.llm.parameters import LIMITS
from rag.llm.reasoning import Style
from rag.llm.sse import NotJsonError, payloads

SECONDS = 15.0
"""For the whole examination: what a slow server did not show by then stays unknown."""
_LIST_SECONDS = 5.0
_HELLO = [{"role": "user", "content": "What is 2 + 3? Reply with the number only."}]
_FEW_TOKENS = 16
_SOME_TOKENS = 256
"""Enough for most models to think the question over: only then does one that opens no tag show it."""
_LONGEST_WAIT = 5.0
_LEAST = 0.5
"""Seconds below which nothing more is asked."""
_CONTEXT = ("max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens", "n_ctx")
"""Where servers write the length of the context in their list of models: vLLM, OpenRouter, Groq, LM Studio, LiteLLM,
llama.cpp."""
_PLACES = (
    ("/props", "default_generation_settings", "n_ctx"),
    ("/api/ps", "models", "context_length"),
    ("/api/v0/models", "data", "loaded_context_length"),
)
"""Where llama.cpp, Ollama and LM Studio report, beside the OpenAI API, the context that a model was loaded with."""


@dataclass
class Probed:
    """What the requests gave."""

    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    """When to stop, by the monotonic clock."""
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
    """Whether a stream reports its token usage when asked to."""
    loaded: int | None = None
    """Tokens of the context that the model was loaded with, from a server with an address for that."""

    @property
    def left(self) -> float:
        """Seconds that the examination may still take."""
        return max(0.0, self.until - time.monotonic())

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return self.left < _LEAST

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
        """The model's length of context, when the server reports it."""
        if self.loaded:
            return self.loaded
        for entry in self.listed or []:
            if entry.get("id") == model:
                places = [entry, *(part for part in entry.values() if isinstance(part, dict))]
                found = [place[name] for place in places for name in _CONTEXT if isinstance(place.get(name), int)]
                return found[0] if found else None
        return None


def probe(endpoint: Endpoint, seconds: float = SECONDS) -> Probed:
    """Ask for the list of models, a whole reply, and a stream; for each parameter alone when they are refused together.

    Replies are kept short as soon as it is known how the server wants that said. It takes `seconds` at most.
    """
    import httpx  # noqa: F401 (a busy machine takes seconds for it, which are not the server's)

    probed = Probed(time.monotonic() + seconds)
    limits = {name: min(getattr(endpoint, name), seconds) for name in ("timeout", "first_token_timeout")}
    connection = Connection(replace(endpoint, connect_timeout=min(endpoint.connect_timeout, _LIST_SECONDS), **limits))
    probed.listed = models(connection)
    probed.fault = _first(connection, probed)
    if not probed.fault and not probed.late:
        _stream(connection, probed)
        probed.loaded = _loaded(connection) if is_near(endpoint.base_url) and not probed.late else None
    return probed


def _first(connection: Connection, probed: Probed) -> Fault | None:
    """A whole reply, with the limit of tokens that the server takes; as a stream where only streams are served."""
    fault = None
    for limit, temperature in ((limit, known) for limit in (*LIMITS, "") for known in (True, False)):
        sent = _sent(connection, probed, _FEW_TOKENS, try_limit=limit) | ({"temperature": 0.0} if temperature else {})
        probed.whole = Trial(sent, ReplyReader())
        fault = _ask(connection, probed, probed.whole)
        if not fault:
            probed.parameters |= {limit: _limited(probed.whole)} if limit else {}
            probed.parameters["temperature"] = "ok" if temperature else "refused"
            return None
        if fault.status not in (400, 422):
            return fault
        probed.parameters |= {limit: "refused"} if limit and not temperature else {}
    probed.whole, probed.parameters = None, {"stream=false": "refused"}
    return fault if _ask(connection, probed, Trial(_sent(connection, probed, 0, stream=True), ReplyReader())) else None


def _limited(trial: Trial) -> Literal["ok", "ignored"]:
    written = (trial.reading.usage or {}).get("completion_tokens")
    return "ignored" if isinstance(written, int) and written > _FEW_TOKENS else "ok"


def _stream(connection: Connection, probed: Probed) -> None:
    """The same as a stream, with its count of tokens, long enough to see how the model thinks."""
    sent = _sent(connection, probed, _SOME_TOKENS, stream=True)
    if probed.parameters.get("temperature") == "ok":
        sent["temperature"] = 0.0
    for more in ({"stream_options": {"include_usage": True}}, {}):
        probed.streamed = trial = Trial(sent | more, ReplyReader())
        probed.stream_fault = _ask(connection, probed, trial)
        if not probed.stream_fault:
            probed.parameters["stream_options"] = "ok" if more else "refused"
            probed.usage_when_asked = bool(more and trial.reading.usage)
        if not probed.stream_fault or probed.stream_fault.status not in (400, 422):
            return


def _sent(
    connection: Connection, probed: Probed, tokens: int, *, stream: bool = False, try_limit: str | None = None
) -> dict[str, Any]:
    """The least, and a limit of tokens when one is known (or to be tried)."""
    known = next((name for name in LIMITS if probed.parameters.get(name) == "ok"), "")
    limit = known if try_limit is None else try_limit
    return {"model": connection.endpoint.model, "stream": stream} | ({limit: tokens} if limit and tokens else {})


def models(connection: Connection) -> list[dict[str, Any]] | None:
    """The entries of `/models`; None when there is no such list."""
    found = _got(connection, "/models")
    entries = found.get("data", found.get("models")) if isinstance(found, dict) else found
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else None


def _got(connection: Connection, path: str) -> object:
    """The JSON at a path; None when there is none."""
    deadline = Deadline(min(connection.endpoint.connect_timeout, _LIST_SECONDS))
    try:
        with connection.request("GET", path, deadline) as chunks:
            return next(payloads(chunks), None)
    except (Fault, NotJsonError):
        return None


def _loaded(connection: Connection) -> int | None:
    """The context that the model was loaded with, where a server reports it beside its OpenAI API."""
    endpoint = connection.endpoint
    root = Connection(replace(endpoint, base_url=public_url(endpoint.base_url).removesuffix("/v1")))
    for path, place, name in _PLACES:
        found = _got(root, path)
        entries = found.get(place) if isinstance(found, dict) else None
        for entry in entries if isinstance(entries, list) else [entries]:
            if not isinstance(entry, dict):
                continue
            names = {entry[key] for key in ("id", "model", "name") if key in entry}
            if isinstance(entry.get(name), int) and (not names or endpoint.model in names):
                return int(entry[name])
    return None


def _ask(connection: Connection, probed: Probed, trial: Trial) -> Fault | None:
    """Send it; once more when the server is only busy. A stream that the time cuts off has been seen."""
    for last in (False, True):
        trial.reading, trial.first, trial.start = ReplyReader(), None, time.perf_counter()
        try:
            with closing(attempt(connection, trial, _HELLO, max(0.1, probed.left))) as pieces:
                for _ in pieces:
                    if probed.late:
                        break
        except Fault as fault:
            if trial.reading.deltas and probed.late:
                return None
            if last or not fault.again or (fault.wait or 0) > min(_LONGEST_WAIT, probed.left):
                return fault
            time.sleep(fault.wait or 1.0)
        else:
            return None
    return None
