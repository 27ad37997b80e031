"""Writing an answer: a prompt becomes a checked reply, as events; where a model fails, quotations replace it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from index.errors import CassetteError, EndpointError
from index.records import Hit
from prompts.citations import strip_marks
from prompts.compose import Prompt
from prompts.templates import REPAIR_VERSION
from rag.checking.claims import BARE, adds, size
from rag.checking.reply import Checked
from rag.checking.verbatim import letters
from rag.events import Event, Text, Withdrawn
from rag.llm.model import ChatModel, ExtractiveModel, Reply, at_once
from rag.refusals import declines, may_decline, refusal_sentence
from rag.repair import better, faults, repair_messages
from rag.rewriting import Rewrite
from rag.second_opinion import second_opinion
from rag.settings import Settings
from rag.streaming import ReplyStream, whole
from rag.types import HOLDING, Answer, Refusal

_WHOLLY = (*HOLDING, "not_checked")
_NOT_EVERY, _LITTLE = "Not every sentence of the model is supported", "The model says little beyond the question"
_SURE = ("quoted", "supported")


def holds(checked: Checked, verdicts: Sequence[str] = (*_WHOLLY, "partly", "wrong_paragraph")) -> bool:
    """Whether its sources support at least one sentence, wholly or in part."""
    return any(sentence.verdict in verdicts for sentence in checked.sentences)


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    """Adds the time spent inside to a stage's milliseconds."""
    start = time.perf_counter()
    try:
        yield
    finally:
        timings[stage] = round(timings.get(stage, 0) + (time.perf_counter() - start) * 1000, 2)


def answer_of(
    question: str,
    checked: Checked | Refusal | None,
    hits: Sequence[Hit],
    record: dict[str, Any],
    timings: dict[str, float],
    confidence: float | None,
) -> Answer:
    """The answer of a checked reply; a refusal for a reason, for None, and for a reply without a supported sentence."""
    made: dict[str, Any] = {"hits": tuple(hits), "model": record, "timings_ms": timings, "confidence": confidence}
    if isinstance(checked, Checked) and holds(checked):
        return Answer(question, checked.text, None, checked.citations, checked.sentences, **made)
    why = checked if isinstance(checked, str) else "unsupported" if checked else "model_declined"
    return Answer(question, refusal_sentence(question), why, **made)


class Writer:
    """Writes one answer. `record` and `timings` fill while the events are read."""

    def __init__(
        self, model: ChatModel, extractive: ExtractiveModel, settings: Settings, *, quotable: bool = True
    ) -> None:
        """`quotable`: the evidence is strong enough for the documents' own words to replace the model's."""
        self._model, self._extractive, self._quotable = model, extractive, quotable
        self._strict, self._fallback = settings.strict, settings.fallback
        self._repairs, self._asks_again = settings.repair, settings.second_opinion
        self._shown, self._start = False, time.perf_counter()
        self._notes: list[str] = []
        self._reply = ""
        self._record: dict[str, Any] = dict(model.description)
        self.timings: dict[str, float] = {}
        """Milliseconds per stage."""

    @property
    def record(self) -> dict[str, Any]:
        """How the answer was made, for its `model` field."""
        return self._record | ({"notes": self._notes} if self._notes else {})

    def events(self, prompt: Prompt, *, live: bool) -> Generator[Event, None, Checked | Refusal | None]:
        """Text and checked sentences; returns the checked reply, why not, or None when the model declined.

        With `live` a model that can is read while it writes. Raises EndpointError when the model fails and nothing
        may stand in for it; CassetteError always.
        """
        self._describe(prompt)
        stream, why = None, "No sentence of the model's reply is supported by the sources"
        try:
            stream = yield from self._hear(prompt, live=live)
        except CassetteError:
            raise
        except EndpointError as error:
            if not self._fallback:
                raise
            why = str(error).rstrip(".")
            self._record |= error.record | {"failed": str(error)}
        else:
            if stream is None and self._model is self._extractive:
                return None
            if stream is not None:
                stream = yield from self._repaired(prompt, stream)
                # Where the evidence is weak, half a truth is most often an invention: a mayor's name.
                stands = holds(stream.checked) if self._quotable else holds(stream.checked, _WHOLLY)
                if stands or self._model is self._extractive or not self._fallback:
                    yield from self._supplemented(prompt, stream)
                    return self._asked_again((yield from self._accepted(stream)))
            why = why if stream else "The model found no answer, though the sources seem to hold one"
        if not (self._fallback and self._quotable):
            return "unsupported" if stream else None
        return (yield from self._stand_in(prompt, why))

    def understood(self, rewrite: Rewrite, searches: Sequence[str]) -> None:
        """Record how a follow-up was understood, and what was searched for beside the question."""
        if rewrite.by:
            self._record["rewrite"] = {"question": rewrite.question, "by": rewrite.by}
        if searches:
            self._record["searches"] = list(searches)

    def _describe(self, prompt: Prompt) -> None:
        if self._model is not self._extractive:
            self._record["prompt"] = prompt.version
        if prompt.dropped:
            self._record["dropped"] = list(prompt.dropped)
        if flags := prompt.flags:
            self._record["flags"] = flags

    def withdraw(self, reason: str) -> Iterator[Event]:
        """Withdrawn, when anything was shown that is now wrong."""
        if self._shown:
            self._shown = False
            yield Withdrawn(reason)

    def _hear(self, prompt: Prompt, *, live: bool) -> Generator[Event, None, ReplyStream | None]:
        """The model's reply; events come while it is written when it is read live."""
        stream, heard, waiting = ReplyStream(prompt, strict=self._strict), "", list[Event]()
        pieces = self._model.stream(prompt) if live else at_once(self._model, prompt)
        try:
            while not isinstance(piece := self._next(pieces), Reply):
                heard += piece
                waiting += self._checked(stream, piece)
                if live and not may_decline(heard, prompt.question.text):
                    yield from self._show(waiting)
                    waiting = []
        finally:
            pieces.close()  # whoever leaves early ends the request
        self._take_up(piece)
        self._reply = piece.text
        if self._declined(prompt, piece):
            yield from self.withdraw("The model found no answer in the sources.")
            return None
        if heard.strip() == piece.text.strip():
            waiting += self._checked(stream, None)
            yield from self._show(waiting if live else [])
            return stream
        yield from self.withdraw("What the model wrote first was not its answer.")
        return self._whole(prompt, piece)

    def _declined(self, prompt: Prompt, reply: Reply) -> bool:
        """Whether the reply is a refusal; what a model quotes from the sources never is."""
        if self._model is self._extractive:
            return not reply.text.strip()
        return declines(reply.text, prompt.question.text, self._extractive.readings.table)

    def _repaired(self, prompt: Prompt, stream: ReplyStream) -> Generator[Event, None, ReplyStream]:
        """The better one of this reply and of a second one, when some of this one's sentences are unsupported."""
        unsupported = faults(stream.checked)
        if not (self._repairs and unsupported):
            return stream
        repair = self._record["repair"] = {"prompt": REPAIR_VERSION, "unsupported": len(unsupported), "kept": "first"}
        try:
            with timed(self.timings, "repair"):
                messages = repair_messages(prompt, self._reply, unsupported)
                reply = self._model.write(messages, prompt=REPAIR_VERSION)
        except CassetteError:
            raise
        except EndpointError as error:
            repair["failed"] = str(error)
            return stream
        if reply is None:  # a model that only quotes
            return stream
        repair |= {name: reply.record[name] for name in ("sent", "usage", "ms") if name in reply.record}
        second = self._whole(prompt, reply)
        if not better(second.checked, stream.checked):
            self._notes.append("The model was asked to repair its answer; the first one is the better one.")
            return stream
        repair["kept"] = "second"
        note = "The model's first answer held unsupported sentences; this is its second one."
        self._notes.append(note)
        yield from self.withdraw(note)
        return second

    def _supplemented(self, prompt: Prompt, stream: ReplyStream) -> Iterator[Event]:
        """The documents' words behind a reply that does not do alone.

        From paragraphs that no good sentence cites behind one that fails, is nowhere more than partly supported or says
        little beyond the question; what it did not copy behind one that only copies; all behind one that draws on other
        sentences and is nowhere surely right, or throughout: a small model copies whatever it read last.
        """
        if self._model is self._extractive or not (self._fallback and self._quotable):
            return
        asked = prompt.question.text
        full = [one for one in stream.checked.sentences if size(one.text) > BARE and adds(one.text, asked)]
        copies, sure = all(one.verdict == "quoted" for one in full), [one.verdict in _SURE for one in full]
        failed = all(one.verdict == "partly" for one in full) or bool(faults(stream.checked))
        if not failed and any(sure) and not all(sure):
            return
        with timed(self.timings, "fallback"):
            quotations = [(n, text, letters(strip_marks(text))) for n, text in self._extractive.quotations(prompt)]
        if failed:
            why = _NOT_EVERY if full else _LITTLE
            marks = {mark for one in full if one.verdict in HOLDING for mark in one.marks}
            cited = {citation.paragraph.id for citation in stream.checked.citations if citation.mark in marks}
            missing = [text for n, text, _ in quotations if prompt.sources[n - 1].paragraph.id not in cited]
        elif copies:
            why, said = "The model copied a part", [letters(one.text) for one in full]
            missing = [text for _, text, bare in quotations if not any(bare in one or one in bare for one in said)]
        else:
            why, carried = "The model draws on other sentences", [letters(one.quote.text) for one in full if one.quote]
            apart = not any(bare in one or one in bare for *_, bare in quotations for one in carried)
            missing = [text for _, text, _ in quotations if apart]
        if missing:
            self._notes.append(f"{why}; the documents' own words follow it.")
            events = self._checked(stream, "\n\n" + " ".join(missing)) + self._checked(stream, None)
            yield from self._show(events if self._shown else [])

    def _stand_in(self, prompt: Prompt, why: str) -> Generator[Event, None, Checked | None]:
        """The documents' own words instead of the model's."""
        with timed(self.timings, "fallback"):
            reply = self._extractive.complete(prompt)
        note = f"{why}. The documents are quoted instead."
        self._notes.append(note)
        self._record["fallback"] = "extractive"
        yield from self.withdraw(note)
        return (yield from self._accepted(self._whole(prompt, reply))) if reply.text else None

    def _whole(self, prompt: Prompt, reply: Reply) -> ReplyStream:
        stream = ReplyStream(prompt, strict=self._strict)
        self._checked(stream, reply.text)
        self._checked(stream, None)
        return stream

    def _accepted(self, stream: ReplyStream) -> Generator[Event, None, Checked]:
        """The end of an accepted reply; sentences that were held back are shown now."""
        checked = stream.checked
        if checked.left_out:
            said = f"{len(checked.left_out)} sentence(s) that the cited paragraph does not support were left out."
            self._notes.append(said)
        if checked.attributed:
            said = f"{checked.attributed} sentence(s) without a footnote were given that of the paragraph that says so."
            self._notes.append(said)
        if holds(checked) and not self._shown:
            yield from self._show(list(whole(stream.sentences)))
        return checked

    def _asked_again(self, checked: Checked) -> Checked:
        """With the model's second opinion on what is in doubt, when it is set."""
        if not self._asks_again or self._model is self._extractive:
            return checked
        with timed(self.timings, "second_opinion"):
            checked, self._record["second_opinion"] = second_opinion(checked, self._model)
        return checked

    def _checked(self, stream: ReplyStream, piece: str | None) -> list[Event]:
        with timed(self.timings, "check"):
            return stream.finish() if piece is None else stream.feed(piece)

    def _show(self, events: list[Event]) -> Iterator[Event]:
        for event in events:
            if not self._shown and isinstance(event, Text):
                self.timings.setdefault("first_text", round((time.perf_counter() - self._start) * 1000, 2))
            self._shown = True
            yield event

    def _next(self, pieces: Generator[str | Reply, None, None]) -> str | Reply:
        with timed(self.timings, "answer"):
            return next(pieces)

    def _take_up(self, reply: Reply) -> None:
        """Add the reply's record to the answer's."""
        record = dict(reply.record)
        self._notes += record.pop("notes", [])
        self._record |= record
