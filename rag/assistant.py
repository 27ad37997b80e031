"""A question becomes a checked answer: question -> hits -> prompt -> reply -> checked citations -> answer."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from index.errors import InputError
from index.library import Library, Progress, Report
from index.question import Question
from index.records import Hit, Paragraph
from index.spelling import corrected
from prompts.compose import Prompt, compose, room
from prompts.templates import answer_template
from prompts.tokens import counter
from rag.answerability import evidence, greets
from rag.conversation import Turn
from rag.documents import documents_asked_for, spans
from rag.events import Asking, Done, Event, Sources
from rag.llm.model import ChatModel, ExtractiveModel
from rag.readings import Readings
from rag.refusals import invitation, invites, refusal_sentence
from rag.rewriting import rewrite
from rag.searches import proposed, with_searches
from rag.settings import Settings
from rag.types import Answer, Refusal
from rag.writing import Writer, answer_of, timed

MAX_QUESTION = 2000
"""Longest question, in characters."""

ABSENCE = 0.06
"""Evidence below which a model is not asked either: it can summarise, compare and count what no single paragraph
answers, so that only near-certain absence stops a question before it.
"""


class Assistant:
    """Answers questions about one library. `with Assistant.open("library") as assistant: assistant.ask("问题")`."""

    def __init__(self, library: Library, model: ChatModel, settings: Settings, readings: Readings) -> None:
        self.library, self.model, self.settings, self.readings = library, model, settings, readings
        self._extractive = model if isinstance(model, ExtractiveModel) else ExtractiveModel(readings)
        self.template, self._count = answer_template(settings.template), counter(settings.tokenizer)

    @classmethod
    def open(
        cls, library: Path | str | Library | None = None, *, settings: Settings | None = None, create: bool = True
    ) -> Assistant:
        """Open a library, by default the settings' one; made when there is none unless `create` is False.

        A library that is open already is taken as it is.
        """
        settings = settings or Settings.load()
        if isinstance(library, Library):
            opened = library
        else:
            engine = None if library else settings.engine
            opened = Library.open(library or settings.library, settings.embedder, create=create, engine=engine)
        readings = Readings.of(opened.embedder)
        return cls(opened, _model(settings, readings, opened.folder), settings, readings)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def strictly(self) -> Assistant:
        """The same assistant, leaving out what its sources do not support; it shares library and model."""
        return Assistant(self.library, self.model, self.settings.model_copy(update={"strict": True}), self.readings)

    def with_model(self, model: ChatModel) -> Assistant:
        """The same assistant with another writer; it shares the library."""
        return Assistant(self.library, model, self.settings, self.readings)

    def prompt(self, question: Question | str, hits: Sequence[Hit]) -> Prompt:
        """What a model is asked when these paragraphs were found."""
        return compose(question, hits, self._budget(question), count=self._count, template=self.template)

    def close(self) -> None:
        """Release the library."""
        self.library.close()

    def add(self, paths: Sequence[Path | str], *, prune: bool = False, progress: Progress | None = None) -> Report:
        """Index files and folders; see `Library.add`."""
        return self.library.add(paths, prune=prune, progress=progress)

    def search(self, question: str, k: int | None = None, *, source: str | Sequence[str] | None = None) -> list[Hit]:
        """The best paragraphs for a question, best first."""
        return self.library.search(_question(question), k or self.settings.k, source=source)

    def ask(
        self,
        question: str,
        k: int | None = None,
        *,
        source: str | Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Answer from the library, every sentence cited and checked; or refuse, and say why.

        With `history` the question may follow up on earlier turns. Raises InputError for an empty or overlong question;
        EndpointError when the model fails and the settings forbid a fallback. A refusal is an answer, not an error.
        """
        for event in self._events(question, k, source, history, live=False):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("every stream ends with Done")

    def stream(
        self,
        question: str,
        k: int | None = None,
        *,
        source: str | Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> Generator[Event, None, None]:
        """`ask` as a stream of events (`rag.events`), the last of them `Done`; closing it stops the model."""
        yield from self._events(question, k, source, history, live=True)

    def _events(
        self, question: str, k: int | None, source: str | Sequence[str] | None, history: Sequence[Turn], *, live: bool
    ) -> Generator[Event, None, None]:
        question = _question(question)
        history = [turn for turn in history if not invites(turn.answer, turn.question)]  # thanks end no thread
        timings: dict[str, float] = {}
        with timed(timings, "rewrite"):
            rewritten = rewrite(question, history, self._cited, self.settings.rewrite, self.model, self._corrected)
        asked = Question.of(rewritten.question, self.library.embedder)
        with timed(timings, "search"):
            found = self._find(asked, k or self.settings.k, source)
            # Not where the documents are limited: what was cited before may be of others.
            carried = self._cited(history[-1]) if rewritten.by in ("rules", "model") and not source else []
            alone = [*found, *_further(carried, found)]
        searches = self._proposed(asked, timings) if alone else []
        with timed(timings, "search"):
            hits = with_searches(alone, searches, lambda text, most: self.search(text, most, source=source))
        yield Sources(tuple(hits))
        confidence, refusal = self._refuse(asked, alone, timings)
        strong = confidence is not None and confidence >= self.settings.threshold
        writer = Writer(self.model, self._extractive, self.settings, quotable=strong)
        writer.understood(rewritten, searches)
        greeting = greets(asked, hits, self.readings.table)
        if greeting and self.model is self._extractive:  # a model may greet back; a quotation would be no reply
            refusal = refusal or "low_evidence"
        if refusal:
            refused = answer_of(question, refusal, hits, writer.record, timings, confidence)
            yield Done(replace(refused, text=invitation(question)) if greeting else refused)
            return
        prompt = self.prompt(asked, hits)
        if self.model is not self._extractive:
            messages = prompt.messages(refusal_sentence(asked.text))
            yield Asking(str(self.model.description["name"]), sum(self._count(m["content"]) for m in messages))
        checked = yield from writer.events(prompt, live=live)
        answer = answer_of(question, checked, hits, writer.record, timings | writer.timings, confidence)
        if answer.refused:
            yield from writer.withdraw("No sentence of what was shown is supported by the sources.")
        yield Done(answer)

    def _corrected(self, question: str) -> str:
        return corrected(question, self.library.held, self.readings.table)

    def _find(self, question: Question, k: int, source: str | Sequence[str] | None) -> list[Hit]:
        """The best k passages; where the question is about documents themselves, those that it fits."""
        asked = question.about_documents
        fitting = documents_asked_for(self.library, asked, self.readings.table, source) if asked else []
        return fitting or self.library.search(question, k, source=source)

    def _proposed(self, question: Question, timings: dict[str, float]) -> list[str]:
        """What the model searches for beside the question; nothing unless the settings say so."""
        if self.settings.searches != "model" or question.about_documents:
            return []
        with timed(timings, "propose"):
            return proposed(question.text, self.model)

    def _budget(self, question: Question | str) -> int:
        """Tokens for the sources: as set, and no more than the model's context leaves, when the doctor found it out."""
        context = self.model.context
        if context is None:
            return self.settings.budget
        left = room(context, question, self.settings.max_tokens, count=self._count, template=self.template)
        return min(self.settings.budget, left)

    def _cited(self, turn: Turn) -> list[Paragraph]:
        """The paragraphs that an earlier answer cites, as far as they are still in the library."""
        found = []
        for identity in turn.cited:
            with suppress(InputError):
                found.append(self.library.paragraph(identity))
        return found

    def _refuse(
        self, question: Question, hits: Sequence[Hit], timings: dict[str, float]
    ) -> tuple[float | None, Refusal | None]:
        """The confidence in the hits, and whether the library does not say, before any model is asked."""
        if not hits:
            return None, "no_evidence"
        with timed(timings, "abstain"):
            confidence = self._confidence(question, hits)
        bar = self.settings.threshold if self.model is self._extractive else min(self.settings.threshold, ABSENCE)
        return confidence, None if confidence >= bar else "low_evidence"

    def _confidence(self, question: Question, hits: Sequence[Hit]) -> float:
        if asked := question.about_documents:
            if spans(asked, [hit.paragraph for hit in hits], self.readings.table):
                return 1.0
            if asked.kind == "mention":  # in another language only a model can tell
                return ABSENCE
        return evidence(question, hits, self.library, self.readings)


def _model(settings: Settings, readings: Readings, library: Path) -> ChatModel:
    """The endpoint when a model is named, else the sources' own words."""
    if not settings.model:
        return ExtractiveModel(readings)
    from rag.llm.endpoint import open_model

    return open_model(settings, library)


def _further(paragraphs: Sequence[Paragraph], found: Sequence[Hit]) -> list[Hit]:
    """Paragraphs that were not found, as hits after those that were."""
    known = {identity for hit in found for identity in hit.paragraph_ids}
    new = [paragraph for paragraph in paragraphs if paragraph.id not in known]
    return [Hit(paragraph, 0.0, rank) for rank, paragraph in enumerate(new, start=len(found) + 1)]


def _question(question: str) -> str:
    question = question.strip()
    if not question:
        raise InputError('The question is empty; ask something, for example: footnote ask "..."')
    if len(question) > MAX_QUESTION:
        raise InputError(f"The question is longer than {MAX_QUESTION} characters; ask it in fewer words.")
    if broken := next((character for character in question if "\ud800" <= character <= "\udfff"), None):
        raise InputError(f"The question contains U+{ord(broken):04X}, which is no character; type it again, in UTF-8.")
    return question
