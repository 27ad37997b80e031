"""The assistant behind the server: one library that threads share, one queue of answers, one of short questions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from glob import escape
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.to_process

from api.http import uploads
from api.http.errors import ApiError
from api.http.limits import ConcurrencyLimit, Limits
from api.model_choice import ModelChoice
from api.rating import keep_rating
from api.shared_library import SharedLibrary
from api.suggestions import drafted, suggestions
from api.thread_stream import stream_from_thread
from api.verification import verify_texts
from eval.cases import Case
from index.library import Library
from index.records import Hit
from index.version import running_version
from rag.assistant import Assistant
from rag.conversation import Turn
from rag.events import Done, Event
from rag.llm.endpoint import endpoint_of
from rag.llm.model import ChatModel, Reply
from rag.refusals import invitation
from rag.settings import Settings
from rag.types import Answer, paragraph_dict

T = TypeVar("T")
_SMALL = 4_000
"""Characters, answer and sources together, that are checked in milliseconds whatever they are: no process for these."""
FEEDBACK = "feedback.jsonl"
_SUGGESTIONS = 4
_QUOTING_THREADS = 4
"""Answers made at a time when no endpoint is waited for: more would only wait for each other."""


@dataclass(frozen=True, slots=True)
class AskRequest:
    """One question, as the native API, chat completions and MCP all ask it."""

    question: str
    k: int | None = None
    """Paragraphs to look at; None: as set."""
    source: str | Sequence[str] | None = None
    """Patterns of the documents to look in."""
    history: Sequence[Turn] = ()
    """Earlier turns, oldest first."""
    strict: bool = False
    """Leave out what the sources do not support."""
    passed_on: Sequence[dict[str, str]] = ()
    """A client's own request to the model (a title for the conversation), answered without the documents."""


class Service:
    """Answers, searches and describes one library. Its methods may be called from any task of one event loop."""

    def __init__(
        self, settings: Settings, limits: Limits, model: ChatModel | None = None, *, create: bool = True
    ) -> None:
        """Opens the library, with `create` makes it when there is none; `model` instead of the settings' one."""
        self.settings, self.limits = settings, limits
        self.library = SharedLibrary.open(settings.library, settings.embedder, create=create, engine=settings.engine)
        self.choice = None if model else ModelChoice(settings)
        changed = self.choice.changed() if self.choice else None
        self._answer_with(Assistant.open(self.library, settings=changed or settings), model)
        self._quick = ThreadPoolExecutor(2, thread_name_prefix="footnote-quick")
        self.questions = ConcurrencyLimit(limits.answers, "questions")
        self._writing = threading.Lock()
        self._suggested: tuple[int, list[str]] | None = None
        self.on_answer: Callable[[Answer], None] = lambda answer: None
        """Called with every answer."""

    def _answer_with(self, assistant: Assistant, model: ChatModel | None = None) -> None:
        """Let this assistant answer from the next question on; answers that are being made go on."""
        if model is not None:
            assistant.model = model
        self._assistant, self._strict = assistant, assistant.strictly()
        quoting = assistant.model.description.get("kind") == "extractive"
        threads = min(_QUOTING_THREADS if quoting else self.limits.threads, self.limits.threads)
        self._answers = ThreadPoolExecutor(threads, thread_name_prefix="footnote-answer")

    def follow_choice(self) -> None:
        """Take up a model that was chosen here or in another worker."""
        if self.choice and (changed := self.choice.changed()):
            former = self._answers
            self._answer_with(Assistant.open(self.library, settings=changed))
            former.shutdown(wait=False)

    @property
    def model(self) -> dict[str, Any]:
        """Who answers: {"name", "kind"}."""
        self.follow_choice()
        description = self._assistant.model.description
        return {"name": description["name"], "kind": description["kind"]}

    def close(self) -> None:
        """Wait for what runs, then release the library."""
        self._answers.shutdown()
        self._quick.shutdown()
        self.library.close()

    @property
    def _answer_seconds(self) -> float:
        """For one answer, waiting included: a little more than the endpoint may take."""
        settings = self._assistant.settings  # with the model that was chosen
        if not settings.model:
            return self.limits.answer_seconds
        return max(self.limits.answer_seconds, endpoint_of(settings).timeout + 30)

    async def run_short(self, work: Callable[[], T]) -> T:
        """Run something short in one of the two threads that no answer occupies."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    async def run_long(self, work: Callable[[], T]) -> T:
        """Run something where answers are made, counted as one. Raises ApiError (429) when too many are."""
        with self.questions.entered():
            return await asyncio.get_running_loop().run_in_executor(self._answers, work)

    # --- asking -----------------------------------------------------------------------------------------------

    async def events(self, request: AskRequest) -> AsyncGenerator[Event, None]:
        """What happens while a question is answered; closing the iterator stops the model.

        Raises ApiError (429) when too many ask, ApiError (503) when it takes too long, and what `Assistant.ask` raises.
        """
        self.follow_choice()
        with self.questions.entered():
            events = stream_from_thread(self._answers, partial(self._stream, request), self._answer_seconds)
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Done):
                        self.on_answer(event.answer)
                        if event.answer.refused:
                            event = Done(await self._inviting(event.answer))
                    yield event

    async def ask(self, request: AskRequest, told: Callable[[Event], Awaitable[None]] | None = None) -> Answer:
        """The whole answer; `told` is awaited with each event on the way."""
        async with aclosing(self.events(request)) as events:
            async for event in events:
                if told:
                    await told(event)
                if isinstance(event, Done):
                    return event.answer
        raise AssertionError("every stream ends with Done")

    def _stream(self, request: AskRequest) -> Generator[Event, None, None]:
        assistant = self._strict if request.strict else self._assistant
        if request.passed_on:
            return _passed_on(assistant.model, request.passed_on)
        return assistant.stream(request.question, request.k, source=request.source, history=request.history)

    async def _inviting(self, answer: Answer) -> Answer:
        """A refusal as it is; where somebody greets, with a question that can be asked."""
        if answer.text != invitation(answer.question):
            return answer
        return replace(answer, text=invitation(answer.question, await self.suggestions()))

    async def search(self, question: str, k: int | None = None, source: str | Sequence[str] | None = None) -> list[Hit]:
        """The best paragraphs for a question."""
        with self.questions.entered():
            return await self.run_short(partial(self._assistant.search, question, k, source=source))

    async def verify(self, answer: str, sources: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Check anybody's answer against (name, text) sources; the record of `Checked.to_dict`.

        In a process of its own when it is large: a regular expression at work cannot be interrupted, and Python runs
        one thread at a time. Raises ApiError (413) when that takes longer than `limits.verify_seconds`.
        """
        seconds = self.limits.verify_seconds
        with self.questions.entered():
            if len(answer) + sum(len(text) for _, text in sources) <= _SMALL:
                return (await asyncio.to_thread(verify_texts, answer, sources)).to_dict()
            try:
                with anyio.fail_after(seconds):
                    return (await anyio.to_process.run_sync(verify_texts, answer, sources, cancellable=True)).to_dict()
            except (TimeoutError, anyio.BrokenWorkerProcess):
                message = f"This takes longer than {seconds:g} s to check; send fewer sentences or shorter sources."
                raise ApiError(413, message) from None

    # --- what is in the library -------------------------------------------------------------------------------

    async def read(self, work: Callable[[Library], T]) -> T:
        """Something short about the library, in a thread, while nobody else uses it."""
        return await self.run_short(partial(self.library.alone, work))

    @property
    def uploads(self) -> Path:
        """Where uploaded files lie."""
        return self.settings.library / uploads.FOLDER

    def uploaded(self, path: str) -> bool:
        """Whether a file came through the server."""
        return Path(path).is_relative_to(self.uploads.resolve())

    async def remove(self, source: str, path: str) -> None:
        """Remove a document, and its file when it was uploaded.

        Raises InputError when there is none, LibraryLockedError while somebody writes.
        """
        await self.run_short(partial(self._remove, source))
        if self.uploaded(path):
            uploads.discard(Path(path), self.uploads)

    def _remove(self, source: str) -> None:
        with self._writing, Library.open(self.settings.library, engine=self.settings.engine) as writer:
            writer.remove(source)

    async def suggestions(self) -> list[str]:
        """A few questions that the library answers, made anew when it has changed."""
        generation = await self.read(lambda library: library.store.generation())
        if self._suggested is None or self._suggested[0] != generation:
            questions = await self.read(lambda library: drafted(library.store))
            found = await self.run_short(partial(suggestions, self._assistant.search, questions, _SUGGESTIONS))
            self._suggested = generation, found
        return self._suggested[1]

    async def rate(self, identity: str, case: Case | None) -> None:
        """Keep a thumb on an answer as a draft of `feedback.jsonl` in the library's folder; None takes it back."""
        await self.run_short(partial(keep_rating, self.settings.library / FEEDBACK, identity, case))

    async def paragraph(self, identity: str) -> dict[str, Any]:
        """A paragraph with those before and after it. Raises ApiError (404)."""
        found = await self.read(partial(_in_context, identity))
        if found is None:
            raise ApiError(404, f"The library holds no paragraph {identity[:100]!r}; see /v1/documents.")
        return found

    async def document(self, source: str, offset: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """How many paragraphs a document has, none when there is no such document; and some of them, in order."""

        def some(library: Library) -> tuple[int, list[dict[str, Any]]]:
            keys = library.store.document_paragraphs(source)
            page = keys[offset : offset + limit]
            found = library.store.paragraphs(page, escape(source))
            return len(keys), [paragraph_dict(found[key]) for key in page if key in found]

        return await self.read(some)

    async def status(self) -> dict[str, Any]:
        """Counts, models and versions."""
        return await self.read(_status) | {"model": self.model, "version": running_version()}

    async def ready(self) -> None:
        """Raises FootnoteError or sqlite3.Error when the library cannot be used."""
        await self.run_short(self.library.verify)


def _passed_on(model: ChatModel, messages: Sequence[dict[str, str]]) -> Generator[Event, None, None]:
    """The model's own words, without sources and verdicts. Without a model `{}`: such a client asks for JSON, and goes
    on with what it has where that is empty.
    """
    reply = model.write(list(messages), prompt="passed on") or Reply("{}")
    yield Done(Answer(messages[-1]["content"], reply.text, None, model={**model.description, **reply.record}))


def _in_context(identity: str, library: Library) -> dict[str, Any] | None:
    key = library.store.key_of(identity)
    if key is None:
        return None
    before, after = library.store.neighbours(key)
    keys = [k for k in (key, before, after) if k is not None]
    shown = {k: paragraph_dict(p) for k, p in library.store.paragraphs(keys).items()}
    around = {name: shown.get(k) if k is not None else None for name, k in (("before", before), ("after", after))}
    return {**shown[key], **around} if key in shown else None


def _status(library: Library) -> dict[str, Any]:
    embedder = Path(library.store.meta().get("embedder", library.embedder.name))
    return {
        "documents": library.store.count("documents"),
        "paragraphs": library.store.count("paragraphs"),
        "embedder": embedder.name if embedder.is_dir() else str(embedder),  # no path of this machine
        "generation": library.store.generation(),
    }
