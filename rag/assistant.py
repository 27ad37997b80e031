"""A question becomes a checked answer: question -> hits -> prompt -> reply -> checked citations -> answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import EndpointError, InputError
from index.library import Library, Progress, Report
from index.records import Hit
from index.static import StaticEmbedder
from prompts.compose import Prompt, compose
from rag.abstain import about_the_named, evidence
from rag.answer import Answer, Refusal
from rag.checked import Checked, check_reply, without_unsupported
from rag.extractive import states
from rag.language import refusal_sentence
from rag.model import ChatModel, ExtractiveModel, Reply
from rag.settings import Settings
from rag.similarity import Similarity, StaticSimilarity

MAX_QUESTION = 2000
"""Longest question, in characters."""


class Assistant:
    """Answers questions about one library. `with Assistant.open("library") as assistant: assistant.ask("问题")`."""

    def __init__(self, library: Library, model: ChatModel, settings: Settings, near: Similarity) -> None:
        self.library, self.model, self.settings, self._near = library, model, settings, near
        self._extractive = ExtractiveModel(near)

    @classmethod
    def open(
        cls, library: Path | str | None = None, *, settings: Settings | None = None, create: bool = True
    ) -> Assistant:
        """Open a library, by default the settings' one; made when there is none unless `create` is False."""
        settings = settings or Settings.load()
        opened = Library.open(library or settings.library, settings.embedder, create=create)
        table = opened.embedder if isinstance(opened.embedder, StaticEmbedder) else StaticEmbedder()
        near = StaticSimilarity(table)
        return cls(opened, _model(settings, near), settings, near)

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
            hits = about_the_named(question, self.library.search(question, k or self.settings.k, source=source))
        confidence, refusal = self._refuse(question, hits, timings)
        if refusal:
            return self._refused(question, refusal, hits, timings, confidence)
        prompt = compose(question, hits)
        reply, checked, record = self._answer(prompt, timings)
        if not reply.text.strip():
            return self._refused(question, "model_declined", hits, timings, confidence, record)
        if not _supported(checked):
            return self._refused(question, "unsupported", hits, timings, confidence, record)
        return Answer(
            question=question,
            text=checked.text,
            refused=None,
            citations=checked.citations,
            sentences=checked.sentences,
            hits=tuple(hits),
            model=record,
            timings_ms=timings,
            confidence=confidence,
        )

    def _answer(self, prompt: Prompt, timings: dict[str, float]) -> tuple[Reply, Checked, dict[str, Any]]:
        """The model's checked reply; the extractive one in its place, and said, when the model or all it says fails."""
        record = dict(self.model.description)
        try:
            with _timed(timings, "answer"):
                reply = self.model.complete(prompt)
            checked = _check(reply, prompt, timings)
            record |= reply.record
            if not reply.text.strip() or _supported(checked):
                return reply, self._strictly(checked, prompt, record), record
            why = "No sentence of the model's reply is supported by the sources"
        except EndpointError as error:
            why = str(error).rstrip(".")
        if isinstance(self.model, ExtractiveModel):
            return reply, checked, record
        with _timed(timings, "fallback"):
            reply = self._extractive.complete(prompt)
        record["fallback"] = "extractive"
        record["notes"] = [*record.get("notes", []), f"{why}; these are the documents' own words instead."]
        return reply, _check(reply, prompt, timings), record

    def _strictly(self, checked: Checked, prompt: Prompt, record: dict[str, Any]) -> Checked:
        """Without the unsupported sentences when the settings say so; the record says how many there were."""
        if not self.settings.strict:
            return checked
        kept, dropped = without_unsupported(checked, prompt)
        if dropped:
            said = f"{dropped} sentence(s) that the cited paragraph does not support were left out."
            record["notes"] = [*record.get("notes", []), said]
        return kept

    def _refuse(
        self, question: str, hits: Sequence[Hit], timings: dict[str, float]
    ) -> tuple[float | None, Refusal | None]:
        """The confidence in the hits, and whether the library does not say, before any model is asked."""
        if not hits:
            return None, "no_evidence"
        with _timed(timings, "abstain"):
            terms = self.library.searcher.words
            confidence = evidence(question, hits, terms.document_frequency, len(terms), self._near)
            stated = confidence >= self.settings.threshold and states(
                question, [hit.paragraph.text for hit in hits[:1]]
            )
        return confidence, None if stated else "low_evidence"

    def _refused(
        self,
        question: str,
        why: Refusal,
        hits: Sequence[Hit],
        timings: dict[str, float],
        confidence: float | None,
        record: dict[str, Any] | None = None,
    ) -> Answer:
        return Answer(
            question=question,
            text=refusal_sentence(question),
            refused=why,
            hits=tuple(hits),
            model=record or dict(self.model.description),
            timings_ms=timings,
            confidence=confidence,
        )


def _model(settings: Settings, near: Similarity) -> ChatModel:
    """The endpoint when a model is named, else the sources' own words."""
    if not settings.model:
        return ExtractiveModel(near)
    from rag.endpoint import open_model

    return open_model(settings)


def _check(reply: Reply, prompt: Prompt, timings: dict[str, float]) -> Checked:
    with _timed(timings, "check"):
        return check_reply(reply.text, prompt)


def _supported(checked: Checked) -> bool:
    """Whether at least one sentence stands on its source."""
    return any(sentence.verdict in ("supported", "partly", "wrong_paragraph") for sentence in checked.sentences)


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
