"""The assistant behind the server: one library that threads share, one queue of answers, one of short questions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from api.http import uploads
from api.http.errors import ApiError
from api.http.limits import Gate, Limits
from api.shared_library import SharedLibrary
from api.verification import verify_texts
from index.library import Library
from index.records import Hit
from rag.assistant import Assistant
from rag.checking.reply import Checked
from rag.conversation import Turn
from rag.events import Done, Event
from rag.llm.deadline import Stop
from rag.llm.model import ChatModel
from rag.settings import Settings
from rag.types import Answer, paragraph_dict

T = TypeVar("T")
Make = Callable[[], Generator[Event, None, None]]
"""Begins an answer."""
_QUOTING_THREADS = 4
"""Answers made at a time when no endpoint is waited for: more would only wait for each other."""
_MOST_CHECKED = 50_000_000
"""Characters of an answer times those of its sources: each sentence is held against each source."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, as every door of the server puts it."""

    question: str
    k: int | None = None
    """Paragraphs to look at; None: as set."""
    source: str | None = None
    """Pattern of the documents to look in."""
    history: Sequence[Turn] = ()
    """Earlier turns, oldest first."""
    strict: bool = False
    """Leave out what the sources do not support."""


class Service:
    """Answers, searches and tells about one library. Its methods may be called from any task of one event loop."""

    def __init__(
        self, settings: Settings, limits: Limits, model: ChatModel | None = None, *, create: bool = True
    ) -> None:
        """Opens the library, with `create` makes it when there is none; `model` instead of the settings' one."""
        self.settings, self.limits = settings, limits
        self.library = SharedLibrary.open(settings.library, settings.embedder, create=create)
        self._assistant = Assistant.open(self.library, settings=settings)
        if model is not None:
            self._assistant.model = model
        self._strict = self._assistant.strictly()
        quoting = self._assistant.model.description.get("kind") == "extractive"
        threads = min(_QUOTING_THREADS if quoting else limits.threads, limits.threads)
        self._answers = ThreadPoolExecutor(threads, thread_name_prefix="footnote-answer")
        self._quick = ThreadPoolExecutor(2, thread_name_prefix="footnote-quick")
        self.gate = Gate(limits.answers, "questions")
        self._writing = threading.Lock()
        self.answered: Callable[[Answer], None] = lambda answer: None
        """Told of every answer."""

    @property
    def model(self) -> dict[str, Any]:
        """Who answers: {"name", "kind"}."""
        description = self._assistant.model.description
        return {"name": description["name"], "kind": description["kind"]}

    def close(self) -> None:
        """Wait for what runs, then release the library."""
        self._answers.shutdown()
        self._quick.shutdown()
        self.library.close()

    async def quickly(self, work: Callable[[], T]) -> T:
        """Run something short in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    # --- asking -----------------------------------------------------------------------------------------------

    async def events(self, asked: Asked) -> AsyncGenerator[Event, None]:
        """What happens while a question is answered; closing the iterator stops the model.

        Raises ApiError (429) when too many ask, ApiError (503) when it takes too long, and what `Assistant.ask` raises.
        """
        with self.gate.entered():
            told = _told(self._answers, partial(self._stream, asked), self.limits.answer_seconds)
            async with aclosing(told):
                async for event in told:
                    if isinstance(event, Done):
                        self.answered(event.answer)
                    yield event

    async def ask(self, asked: Asked) -> Answer:
        """The whole answer."""
        async with aclosing(self.events(asked)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer
        raise AssertionError("every stream ends with Done")

    def _stream(self, asked: Asked) -> Generator[Event, None, None]:
        assistant = self._strict if asked.strict else self._assistant
        return assistant.stream(asked.question, asked.k, source=asked.source, history=asked.history)

    async def search(self, question: str, k: int | None = None, source: str | None = None) -> list[Hit]:
        """The best paragraphs for a question."""
        with self.gate.entered():
            return await self.quickly(partial(self._assistant.search, question, k, source=source))

    async def verify(self, answer: str, sources: Sequence[tuple[str, str]]) -> Checked:
        """Check anybody's answer against (name, text) sources. Raises ApiError (413) for more than seconds of work."""
        if len(answer) * sum(len(text) for _, text in sources) > _MOST_CHECKED:
            raise ApiError("too_large", "This is too much to check at once; send fewer sentences or shorter sources.")
        with self.gate.entered():
            work = partial(verify_texts, answer, sources)
            return await asyncio.get_running_loop().run_in_executor(self._answers, work)

    # --- what is in the library -------------------------------------------------------------------------------

    async def read(self, work: Callable[[Library], T]) -> T:
        """Something short about the library, in a thread, while nobody else uses it."""
        return await self.quickly(partial(self.library.alone, work))

    @property
    def uploads(self) -> Path:
        """Where uploaded files lie."""
        return self.settings.library / uploads.FOLDER

    def uploaded(self, path: str) -> bool:
        """Whether a file came through the server."""
        return Path(path).parent == self.uploads.resolve()

    async def remove(self, source: str, path: str) -> None:
        """Remove a document, and its file when it was uploaded.

        Raises InputError when there is none, LibraryLockedError while somebody writes.
        """
        await self.quickly(partial(self._remove, source))
        if self.uploaded(path):
            uploads.discard(Path(path), self.uploads)

    def _remove(self, source: str) -> None:
        with self._writing, Library.open(self.settings.library) as writer:
            writer.remove(source)

    async def paragraph(self, identity: str) -> dict[str, Any]:
        """A paragraph with those before and after it. Raises ApiError (404)."""
        found = await self.read(partial(_in_context, identity))
        if found is None:
            raise ApiError("not_found", f"The library holds no paragraph {identity[:100]!r}; see /v1/documents.")
        return found

    async def status(self) -> dict[str, Any]:
        """Counts, models and versions."""
        return await self.read(_status) | {"model": self.model, "version": running_version()}

    async def ready(self) -> None:
        """Raises FootnoteError or sqlite3.Error when the library cannot be used."""
        await self.quickly(self.library.check)


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
    return {
        "documents": library.store.count("documents"),
        "paragraphs": library.store.count("paragraphs"),
        "embedder": library.store.meta().get("embedder", library.embedder.name),
        "generation": library.store.generation(),
    }


def running_version() -> str:
    """Version of the distribution."""
    try:
        return version("footnote-qa")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


async def _told(pool: ThreadPoolExecutor, make: Make, seconds: float) -> AsyncGenerator[Event, None]:
    """The events of a generator that runs in a thread. Closing this stops it, and the request it waits for."""
    loop, stop = asyncio.get_running_loop(), Stop()
    queue: asyncio.Queue[Event | Exception | None] = asyncio.Queue()
    until = loop.time() + seconds
    future = loop.run_in_executor(pool, partial(_work, make, stop, partial(_tell, loop, queue)))
    try:
        while (item := await asyncio.wait_for(queue.get(), until - loop.time())) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    except TimeoutError:
        raise ApiError("unavailable", f"The answer was not ready within {seconds:g} s; try again later.") from None
    finally:
        stop.set()
        future.cancel()  # when it has not begun


def _work(make: Make, stop: Stop, tell: Callable[[Event | Exception | None], None]) -> None:
    """In the thread: tells every event, then None or what went wrong."""
    if stop.is_set:
        return
    try:
        with stop.active():
            events = make()
            for event in events:
                tell(event)
                if stop.is_set:
                    events.close()
                    return
    except Exception as error:
        tell(error)
    else:
        tell(None)


def _tell(loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[Any], item: Event | Exception | None) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody listens any more
        loop.call_soon_threadsafe(queue.put_nowait, item)
