"""A question becomes a checked answer: question -> hits -> prompt -> reply -> checked citations -> answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.errors import InputError
from index.library import Library, Progress, Report
from index.records import Hit
from index.static import StaticEmbedder
from prompts.compose import compose
from rag.abstain import THRESHOLD, evidence
from rag.answer import Answer, Refusal
from rag.checked import check_reply
from rag.extractive import states
from rag.language import refusal_sentence
from rag.model import ChatModel, ExtractiveModel
from rag.settings import Settings
from rag.similarity import Similarity, StaticSimilarity

MAX_QUESTION = 2000
"""Longest question, in characters."""


class Assistant:
    """Answers questions about one library. `with Assistant.open("library") as assistant: assistant.ask("问题")`."""

    def __init__(self, library: Library, model: ChatModel, settings: Settings, near: Similarity) -> None:
        self.library, self.model, self.settings, self._near = library, model, settings, near

    @classmethod
    def open(
        cls, library: Path | str | None = None, *, settings: Settings | None = None, create: bool = True
    ) -> Assistant:
        """Open a library, by default the settings' one; made when there is none unless `create` is False."""
        settings = settings or Settings.load()
        opened = Library.open(library or settings.library, settings.embedder, create=create)
        table = opened.embedder if isinstance(opened.embedder, StaticEmbedder) else StaticEmbedder()
        near = StaticSimilarity(table)
        return cls(opened, ExtractiveModel(near), settings, near)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the library."""
        self.library.close()

    def add(self, paths: Sequence[Path | str], *, prune: bool = False, progress: Progress | None = None) -> Report:
        """Index files and folders; see `Library.add`."""
        return self.library.add(paths, prune=prune, progress=progress)

    def search(self, question: str, k: int | None = None, *, source: str | None = None) -> list[Hit]:
        """The best paragraphs for a question, best first."""
        return self.library.search(_question(question), k or self.settings.k, source=source)

    def ask(self, question: str, k: int | None = None, *, source: str | None = None) -> Answer:
        """Answer from the library, every sentence cited and checked; or refuse, and say why.

        Raises InputError for an empty or overlong question. A refusal is an answer, not an error.
        """
        question = _question(question)
        timings: dict[str, float] = {}
        with _timed(timings, "search"):
            hits = self.library.search(question, k or self.settings.k, source=source)
        if refusal := self._refuse(question, hits, timings):
            return self._refused(question, refusal, hits, timings)
        prompt = compose(question, hits)
        with _timed(timings, "answer"):
            reply = self.model.complete(prompt)
        if not reply.text.strip():
            return self._refused(question, "model_declined", hits, timings)
        with _timed(timings, "check"):
            checked = check_reply(reply.text, prompt)
        if not any(sentence.verdict in ("supported", "partly") for sentence in checked.sentences):
            return self._refused(question, "unsupported", hits, timings)
        return Answer(
            question=question,
            text=checked.text,
            refused=None,
            citations=checked.citations,
            sentences=checked.sentences,
            hits=tuple(hits),
            model=dict(self.model.description),
            timings_ms=timings,
        )

    def _refuse(self, question: str, hits: Sequence[Hit], timings: dict[str, float]) -> Refusal | None:
        """Whether the library does not say, before any model is asked."""
        if not hits:
            return "no_evidence"
        with _timed(timings, "abstain"):
            terms = self.library.searcher.words
            if evidence(question, hits, terms.document_frequency, len(terms), self._near) < THRESHOLD:
                return "low_evidence"
            if not states(question, [hit.paragraph.text for hit in hits[:1]]):
                return "low_evidence"
        return None

    def _refused(self, question: str, why: Refusal, hits: Sequence[Hit], timings: dict[str, float]) -> Answer:
        return Answer(
            question=question,
            text=refusal_sentence(question),
            refused=why,
            hits=tuple(hits),
            model=dict(self.model.description),
            timings_ms=timings,
        )


def _question(question: str) -> str:
    question = question.strip()
    if not question:
        raise InputError('The question is empty; ask something, for example: footnote ask "..."')
    if len(question) > MAX_QUESTION:
        raise InputError(f"The question is longer than {MAX_QUESTION} characters; ask it in fewer words.")
    return question


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = round((time.perf_counter() - start) * 1000, 2)
