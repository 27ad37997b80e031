"""Any OpenAI-compatible endpoint as the one who writes the answer, whole or streamed.

Little is sent, temperature 0 and a bound on the reply; a parameter that a server refuses is left out from then on.
Retries follow the usual reading of RFC 9110: 408, 409, 429, 5xx and broken connections, after `Retry-After` or a delay
that doubles, and never once text has been shown.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.errors import EndpointError, InputError
from index.http_faults import error_message
from prompts.compose import Prompt, reply_bound
from prompts.templates import VERSION
from prompts.tokens import estimate_tokens
from rag.llm.cassette import Cassette, Items, Request
from rag.llm.chat_completions import ReplyReader
from rag.llm.connection import Connection, Endpoint, is_near
from rag.llm.exchange import Trial, attempt
from rag.llm.fault import Fault
from rag.llm.model import ChatModel, Reply
from rag.llm.parameters import LIMITS, Parameters
from rag.llm.profile import Profile, load_profile
from rag.refusals import refusal_sentence
from rag.settings import Settings

_FIRST_DELAY = 0.5
_NEAR_SECONDS = 900.0
_NEAR_FIRST_TOKEN = 600.0
"""For a server of one's own: a small machine reads a long prompt for minutes, and nobody else waits for it."""
_LONGEST_WAIT = 30.0
"""Seconds that a server may ask us to wait; a reader would not wait longer."""
_NOTES = {
    "length": "The reply was cut off at the endpoint's limit of tokens.",
    "content_filter": "The reply was cut off by the endpoint's content filter.",
    None: "The endpoint did not say that the reply was finished; it may be incomplete.",
}
_logger = logging.getLogger("footnote.endpoint")


class EndpointModel(ChatModel):
    """A ChatModel over HTTP."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        profile: Profile | None = None,
        cassette: Cassette | None = None,
        bound: int | None = None,
        delay: float = _FIRST_DELAY,
    ) -> None:
        """`profile` is what is known of the endpoint; `cassette` records its replies or replaces it.

        `bound` is the limit of tokens to send when the endpoint has none; it is given up where a model thinks.
        """
        self.endpoint, self.cassette = endpoint, cassette
        self.profile = profile or Profile()
        self._connection = Connection(endpoint)
        self._parameters = Parameters(
            endpoint.model,
            endpoint.max_tokens or (bound if self.profile.reasoning == "none" else None),
            endpoint.temperature,
            refused=self.profile.refused,
            usage=self.profile.usage_when_asked,
        )
        self._hold = self.profile.reasoning == "unopened"
        self._delay = delay

    @property
    def description(self) -> dict[str, Any]:
        """Name, kind and the prompt's version."""
        return {"name": self.endpoint.model, "kind": "endpoint", "prompt": VERSION}

    def repeat(self, number: int) -> EndpointModel:
        """The same connection; with a cassette, another place in it."""
        other = copy(self)
        other.cassette = self.cassette and self.cassette.at(number)
        return other

    def hide(self, text: str) -> str:
        """The text without the key, headers' values and passwords."""
        return self._connection.hide(text)

    @property
    def context(self) -> int | None:
        """Tokens that fit into a request and its reply together; None when it is unknown."""
        return self.profile.context

    def complete(self, prompt: Prompt) -> Reply:
        """The model's reply, its reasoning removed. Raises EndpointError when no reply can be had."""
        return self.write(prompt.messages(refusal_sentence(prompt.question.text)), prompt=VERSION)

    def stream(self, prompt: Prompt) -> Generator[str | Reply, None, None]:
        """See ChatModel."""
        yield from self._run(prompt.messages(refusal_sentence(prompt.question.text)), VERSION, stream=True)

    def write(self, messages: list[dict[str, str]], *, prompt: str = "write") -> Reply:
        """One whole reply to these messages, its reasoning removed; `prompt` names their template and its version.

        Raises EndpointError when no reply can be had.
        """
        *_, reply = self._run(messages, prompt, stream=False)
        assert isinstance(reply, Reply)
        return reply

    def _run(self, messages: list[dict[str, str]], prompt: str, *, stream: bool) -> Items:
        """From the endpoint, or from the recording."""
        if self.exchanges is not None:
            exchange: dict[str, Any] = {"prompt": prompt, "messages": messages}
            self.exchanges.append(exchange)
            return _kept(self._items(messages, prompt, stream=stream), exchange)
        return self._items(messages, prompt, stream=stream)

    def _items(self, messages: list[dict[str, str]], prompt: str, *, stream: bool) -> Items:
        if self.cassette is None:
            return self._attempts(messages, stream=stream)
        endpoint = self.endpoint
        wanted = {"max_tokens": endpoint.max_tokens, "temperature": endpoint.temperature}
        request = Request(endpoint.model, messages, wanted, prompt)
        return self.cassette.through(request, lambda: self._attempts(messages, stream=stream))

    def _attempts(self, messages: list[dict[str, str]], *, stream: bool) -> Items:
        """Pieces, if `stream`, then the reply; after as many attempts as it takes and may take."""
        until = time.monotonic() + self.endpoint.timeout
        number = 1
        while True:
            sent = self._parameters.sent(stream=stream)
            trial = Trial(sent, ReplyReader(hold=self._hold))
            given = False
            with _with_record({"sent": sent, "attempts": number}):
                try:
                    for piece in attempt(self._connection, trial, messages, max(0.01, until - time.monotonic())):
                        given = stream  # of a whole reply nothing is shown before its end: it may be asked for again
                        if stream:
                            yield piece
                    if not self._unbound(trial):
                        yield self._reply(trial, number, messages)
                        return
                except Fault as fault:
                    _logger.info("%s: attempt %d failed with status %d", self._connection.name, number, fault.status)
                    if given:
                        raise EndpointError(str(fault)) from None
                    if not self._learn(fault, sent):
                        self._wait(fault, number, until)
                        number += 1

    def _unbound(self, trial: Trial) -> bool:
        """Whether the reply is worth asking for again: it was cut off while it was thinking, by a bound of ours."""
        self._parameters.understood()
        reading, ours = trial.reading, self.endpoint.max_tokens is None and any(map(trial.sent.get, LIMITS))
        if ours and reading.finish_reason == "length" and not reading.visible.text:
            self._parameters.unbounded()
            return True
        return False

    def _learn(self, fault: Fault, sent: dict[str, Any]) -> bool:
        """Whether another request without what was refused is worth sending."""
        if fault.context is not None:
            self.profile = replace(self.profile, context=fault.context or self.profile.context)
            return False
        if fault.status in (400, 422):
            return self._parameters.learn(fault.body, sent) or self._parameters.try_bare(sent)
        # Statuses of other faults, which some servers give where they cannot stream.
        return fault.status in (405, 500, 501) and self._parameters.learn(fault.body, sent, only_stream=True)

    def _wait(self, fault: Fault, number: int, until: float) -> None:
        """Before another attempt. Raises EndpointError when there is to be none."""
        seconds = fault.wait if fault.wait is not None else self._delay * 2 ** (number - 1)
        if not fault.again or number > self.endpoint.retries:
            raise EndpointError(str(fault))
        if seconds > min(_LONGEST_WAIT, until - time.monotonic()):
            raise EndpointError(f"{str(fault).rstrip('.')} (it asks for {seconds:.0f} s of patience).")
        time.sleep(seconds)

    def _reply(self, trial: Trial, attempts: int, messages: list[dict[str, str]]) -> Reply:
        """What was read, with its record. Raises EndpointError when there is no text in it."""
        reading, now, name = trial.reading, time.perf_counter(), self._connection.name
        self._hold = self._hold or reading.style == "unopened"
        if not reading.visible.text:
            raise EndpointError(f"The model at {name} {self._connection.hide(_nothing(reading))}.")
        first, total = ((at - trial.start) * 1000 for at in (trial.first or now, now))
        record: dict[str, Any] = {
            "sent": trial.sent,
            "finish_reason": reading.finish_reason,
            "usage": reading.usage,
            "reasoning": reading.style,
            "attempts": attempts,
            "ms": {"first_token": round(first, 1), "total": round(total, 1)},
        }
        if not reading.usage:
            record["estimated_usage"] = _estimate(messages, reading)
        if reading.finish_reason in _NOTES:
            record["notes"] = [_NOTES[reading.finish_reason]]
        _logger.info("%s: %s %s", name, record["ms"], record["usage"])
        return Reply(
            self._connection.hide(reading.visible.text),
            record,
            {"content": reading.content, "reasoning": reading.reasoning},
        )


@contextmanager
def _with_record(record: dict[str, Any]) -> Iterator[None]:
    """Gives an EndpointError what the answer's record is to say."""
    try:
        yield
    except EndpointError as error:
        error.record = record
        raise


def _kept(items: Items, exchange: dict[str, Any]) -> Items:
    """The items, and their end in the exchange."""
    with closing(items):
        try:
            for item in items:
                if isinstance(item, Reply):
                    exchange |= {"reply": item.text, "received": item.received, "record": item.record}
                yield item
        except EndpointError as error:
            exchange["error"] = str(error)
            raise


def _estimate(messages: list[dict[str, str]], reading: ReplyReader) -> dict[str, int]:
    """Tokens by our own estimate, for a server that does not count them."""
    prompt = sum(estimate_tokens(message["content"]) for message in messages)
    written = estimate_tokens(reading.content) + estimate_tokens(reading.reasoning)
    return {"prompt_tokens": prompt, "completion_tokens": written}


def open_model(settings: Settings, library: Path | None = None) -> EndpointModel:
    """The endpoint that the settings name, with what `footnote doctor` found out about it for this library.

    Raises InputError when no model is set, EndpointError for recordings that cannot be used.
    """
    endpoint = endpoint_of(settings)
    profile = load_profile(library, endpoint.base_url, endpoint.model) if library else None
    cassette = Cassette.open(settings.cassette_dir, settings.cassette) if settings.cassette else None
    bound = reply_bound(profile.context if profile else None)
    return EndpointModel(endpoint, profile=profile, cassette=cassette, bound=bound)


def endpoint_of(settings: Settings) -> Endpoint:
    """Where the settings say to ask. Raises InputError when they name no model."""
    if not settings.model:
        raise InputError("An endpoint needs the name of a model; add --model NAME or set FOOTNOTE_MODEL.")
    near = is_near(settings.base_url)
    return Endpoint(
        settings.base_url,
        settings.model,
        settings.api_key.get_secret_value() if settings.api_key else None,
        settings.max_tokens,
        settings.temperature,
        settings.timeout or (_NEAR_SECONDS if near else Endpoint.timeout),
        settings.connect_timeout,
        settings.first_token_timeout or (_NEAR_FIRST_TOKEN if near else Endpoint.first_token_timeout),
        settings.token_timeout,
        settings.retries,
        tuple((name, value.get_secret_value()) for name, value in settings.headers.items()),
        settings.ca_bundle,
        settings.proxy.get_secret_value() if settings.proxy else None,
    )


def _nothing(reading: ReplyReader) -> str:
    """Why there is no text in a reply."""
    if reading.declined:
        return f"declined: {error_message(reading.declined)}"
    if reading.finish_reason == "content_filter":
        return "was stopped by the endpoint's content filter; ask in other words, or ask another model"
    if reading.finish_reason == "length":
        when = "it was thinking" if reading.style != "none" else "it had written anything"
        return f"was cut off {'while' if reading.style != 'none' else 'before'} {when}; raise max_tokens"
    return "wrote nothing; if its context is short, ask with a smaller -k"
