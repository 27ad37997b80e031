"""Is everything there that an answer needs? Library, embedder and endpoint, each with a verdict and what to do."""

from __future__ import annotations

import datetime
import difflib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from index.embedders import Embedder, open_embedder
from index.errors import FootnoteError
from index.library import Library
from index.local import unusable
from prompts.compose import room
from prompts.tokens import estimate_tokens
from rag.llm.connection import Connection, Endpoint, public_url
from rag.llm.endpoint import endpoint_of
from rag.llm.exchange import Trial
from rag.llm.fault import Fault
from rag.llm.local_servers import local_servers
from rag.llm.probing import SECONDS, Probed, models, probe
from rag.llm.profile import Profile, save_profile
from rag.settings import Settings

_SHOWN_MODELS = 8
_REASONING = {
    "field": "it thinks in a field of its own, which is not shown",
    "tags": "it thinks between tags, which are not shown",
    "unopened": "it thinks before a closing tag; nothing is shown before that tag",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    """library, embedder, or a part of the endpoint."""
    verdict: Literal["ok", "note", "fault"]
    """`fault`: no answer as things are; `note`: worth knowing."""
    said: str
    """What was found."""
    fix: str = ""
    """What to do about it; empty when nothing needs to be done."""


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings, each as soon as it is known. What is learnt of the endpoint is kept beside the library."""
    there = False
    for finding in _library(settings):
        there = there or (finding.subject, finding.verdict) == ("library", "ok")
        yield finding
    if not settings.model:
        yield Finding("endpoint", "note", "no model is set; answers are quoted from the documents")
        yield from _servers()
        return
    endpoint = endpoint_of(settings)
    probed = probe(endpoint)
    if probed.fault:
        yield _slow(endpoint) if probed.late else _broken(endpoint, probed, probed.fault)
        yield from _servers(endpoint.base_url)
        return
    yield from _endpoint(endpoint, probed)
    yield _context(endpoint, probed, settings, there)
    yield _kept(settings.library if there else None, endpoint, probed)


def _library(settings: Settings) -> Iterator[Finding]:
    """Opens the library, looks something up, and embeds a question."""
    embedder: Embedder | None = None
    try:
        with Library.open(settings.library, settings.embedder, engine=settings.engine) as library:
            library.search("library", 1)
            documents, paragraphs = library.store.count("documents"), library.store.count("paragraphs")
            empty = Finding("library", "fault", f"{settings.library} is empty", "footnote index PATH")
            text = f"{settings.library}: {documents} documents, {paragraphs} paragraphs, made by this version"
            yield Finding("library", "ok", text) if paragraphs else empty
            embedder = library.embedder
    except sqlite3.Error as error:
        yield _fault("library", unusable(settings.library, error))
    except FootnoteError as error:
        yield _fault("library", error)
    try:
        yield _embedder(embedder or open_embedder(settings.embedder))
    except FootnoteError as error:
        yield _fault("embedder", error)


def _embedder(embedder: Embedder) -> Finding:
    start = time.perf_counter()
    length = len(embedder.embed_query("How many joint laboratories were built?"))
    spent = (time.perf_counter() - start) * 1000
    return Finding("embedder", "ok", f"{embedder.name}: vectors of {length} numbers, {spent:.1f} ms for a question")


def _fault(subject: str, error: FootnoteError) -> Finding:
    """Our messages name the next step after a semicolon."""
    said, _, fix = str(error).partition("; ")
    return Finding(subject, "fault", said, fix)


def _broken(endpoint: Endpoint, probed: Probed, fault: Fault) -> Finding:
    """Why the simplest request failed, as closely as can be found out."""
    said, _, fix = str(fault).rpartition("; ")
    listed = _names(probed)
    if fault.status in (401, 403):
        return Finding("key", "fault", said or str(fault), fix if endpoint.api_key else "set FOOTNOTE_API_KEY")
    if "No connected db" in said:  # a LiteLLM proxy without a database knows no other key than its own
        return Finding("key", "fault", said, "check FOOTNOTE_API_KEY: this proxy does not know the key")
    if fault.status in (400, 404) and listed and endpoint.model not in listed:
        near = difflib.get_close_matches(endpoint.model, listed, 1, 0.5)
        did_you_mean = f"did you mean --model {near[0]}? " if near else ""
        return Finding("model", "fault", said, f"{did_you_mean}The server lists {_list(listed)}")
    if other := _better_address(endpoint, fault):
        return Finding("address", "fault", said or str(fault), f"use --base-url {other}")
    return Finding("endpoint", "fault", said or str(fault), fix.rstrip(".?") or "see the server's log")


def _slow(endpoint: Endpoint) -> Finding:
    said = f"nothing came within {SECONDS:g} s; it is slow, or loads its model (an answer is waited for longer)"
    return Finding("endpoint", "note", said, "run footnote doctor again when it replies")


def _servers(other_than: str = "") -> Iterator[Finding]:
    """Model servers on this machine, each with the command that lets it write the answers."""
    for server in local_servers():
        if public_url(other_than) != server.base_url:
            said = f"{server.name} on {server.base_url} has {_list(list(server.models))}"
            yield Finding("server", "note", said, f"footnote use {server.models[0]} --base-url {server.base_url}")


def _better_address(endpoint: Endpoint, fault: Fault) -> str | None:
    """Another address near the one given that lists models, when the one given is no chat endpoint."""
    if fault.status not in (0, 404, 405) or fault.again:
        return None
    shown = public_url(endpoint.base_url)
    for other in (shown.removesuffix("/chat/completions"), shown + "/v1", shown.removesuffix("/v1")):
        if other != shown and models(Connection(replace(endpoint, base_url=other))) is not None:
            return other
    return None


def _endpoint(endpoint: Endpoint, probed: Probed) -> Iterator[Finding]:
    """An endpoint that replies: what it can do, and what Footnote does about what it cannot."""
    hide = Connection(endpoint).hide
    yield Finding("address", "ok", f"{public_url(endpoint.base_url)} replies")
    yield Finding("key", "ok", "accepted" if endpoint.api_key else "none is needed")
    listed, trial = _names(probed), probed.whole or probed.streamed
    named = trial.reading.model if trial else None
    if listed and endpoint.model not in listed:
        yield Finding("model", "note", f"{endpoint.model} replies, but is not in the list: {_list(listed)}")
    else:
        also = f", which calls itself {hide(named)}" if named and named != endpoint.model else ""
        yield Finding("model", "ok", endpoint.model + also + ("" if listed else " (the server lists no models)"))
    yield _whole(probed)
    yield _streams(probed)
    yield _parameters(probed)
    if probed.reasoning != "none":
        yield Finding("reasoning", "note", _REASONING[probed.reasoning])


def _context(endpoint: Endpoint, probed: Probed, settings: Settings, there: bool) -> Finding:
    """The length of the model's context, and which of the library's paragraphs are longer than what is left of it."""
    context = probed.context(endpoint.model)
    if not context:
        return Finding("context", "note", "the server does not tell its length")
    left = min(settings.budget, room(context, "", settings.max_tokens))
    said = f"{context} tokens, {left} of them for sources"
    long = _longer(settings, left) if there else []
    if not long:
        return Finding("context", "ok", said)
    which = f"{len(long)} paragraphs are longer: {_list(list(dict.fromkeys(long)))}"
    return Finding("context", "note", f"{said}; {which}", "start the server with a longer context")


def _longer(settings: Settings, tokens: int) -> list[str]:
    """The document of each paragraph with more tokens, among the first hundred documents that may have one."""
    with Library.open(settings.library, settings.embedder) as library:
        store = library.store
        # By our estimate a text has at most as many tokens as characters.
        long = [str(d["source"]) for d in store.documents() if int(str(d["characters"])) > tokens][:100]
        found = [one for source in long for one in store.paragraphs(store.document_paragraphs(source)).values()]
    return [paragraph.source for paragraph in found if estimate_tokens(paragraph.text) > tokens]


def _whole(probed: Probed) -> Finding:
    if probed.whole is None:
        return Finding("reply", "note", "only streams; a whole reply is read from a stream")
    reading, streamed = probed.whole.reading, probed.streamed
    texts = (reading.visible.text, streamed and streamed.reading.visible.text)
    if reading.finish_reason != "length" and not any(texts):
        return Finding("reply", "fault", "it replies without any text", "use another model")
    return Finding("reply", "ok", f"whole, in {_milliseconds(probed.whole)}")


def _milliseconds(trial: Trial) -> str:
    """From a request to its first text."""
    return f"{(trial.first - trial.start) * 1000:.0f} ms" if trial.first else "an unknown time"


def _streams(probed: Probed) -> Finding:
    if probed.stream_fault or probed.streamed is None:
        return Finding("streaming", "note", "does not work here; whole replies are asked for")
    pieces = probed.streamed.reading.deltas
    if not pieces:
        return Finding("streaming", "note", "not seen: the server is slow")
    if pieces < 2:
        return Finding("streaming", "note", "comes in one piece")
    return Finding("streaming", "ok", f"first text after {_milliseconds(probed.streamed)}, {pieces} pieces")


def _parameters(probed: Probed) -> Finding:
    words = {"ok": "accepted", "refused": "refused and left out", "ignored": "without effect"}
    said = [
        f"{', '.join(name for name, outcome in probed.parameters.items() if outcome == this)} {word}"
        for this, word in words.items()
        if this in probed.parameters.values()
    ]
    return Finding("parameters", "ok" if set(probed.parameters.values()) == {"ok"} else "note", "; ".join(said))


def _kept(library: Path | None, endpoint: Endpoint, probed: Probed) -> Finding:
    """Keeps the profile beside the library."""
    if library is None:
        return Finding("profile", "note", "not kept: there is no library to keep it beside")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    context = probed.context(endpoint.model)
    profile = Profile(probed.refused, probed.usage_when_asked, probed.reasoning, context, today)
    try:
        return Finding("profile", "ok", f"kept in {save_profile(library, endpoint.base_url, endpoint.model, profile)}")
    except OSError as error:
        return Finding("profile", "note", f"cannot be kept in {library} ({error.strerror})")


def _names(probed: Probed) -> list[str]:
    return [str(entry["id"]) for entry in probed.listed or [] if entry.get("id")]


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN_MODELS} more" if len(names) > _SHOWN_MODELS else ""
    return ", ".join(names[:_SHOWN_MODELS]) + more
