"""The answer of a record again (`rag.debug_record`), without library and endpoint: does it still come out the same?

The recorded replies go through the prompt, the reading and the checks of today. What was refused before anybody wrote
is shown as it was: that decision needs the library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from index.errors import EndpointError, InputError
from index.records import Hit, Paragraph
from prompts.compose import Prompt, compose
from prompts.templates import AnswerTemplate
from rag.checking.reply import Checked
from rag.debug_record import SCHEMA
from rag.llm.model import ChatModel, ExtractiveModel, Reply
from rag.llm.reasoning import without_reasoning
from rag.readings import Readings
from rag.refusals import refusal_sentence
from rag.settings import Settings
from rag.types import Answer
from rag.writing import Writer, answer_of

_ALL = 10**9
"""Tokens: what had no room then is left out already."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a record gives today."""

    answer: Answer
    """As it comes out now."""
    differences: tuple[str, ...]
    """What is not as recorded, one plain sentence each."""


def load_record(file: Path) -> dict[str, Any]:
    """The record in a file. Raises InputError for one that cannot be used."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The record {file} cannot be read ({error.strerror}); name a file of --debug.") from None
    except (ValueError, RecursionError):
        raise InputError(f"{file} is no record; name a file that --debug wrote.") from None
    if not isinstance(record, dict) or "exchanges" not in record:
        raise InputError(f"{file} is no record; name a file that --debug wrote.")
    if record.get("schema") != SCHEMA:
        raise InputError(f"{file} is of version {record.get('footnote')} of Footnote; replay it with that one.")
    if record.get("answer") is None:
        raise InputError(f"{file} contains no answer but a failure, and what was sent before it: {record.get('error')}")
    return record


def replay(record: Mapping[str, Any]) -> Replayed:
    """Raises InputError for a record that lacks something."""
    try:
        return _replay(record)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"The record is damaged ({type(error).__name__}: {error}); write it anew.") from None


class _Recorded(ChatModel):
    """A ChatModel that replays the recorded replies, and collects what differs."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._name, self._kind = record["answer"]["model"]["name"], record["answer"]["model"]["kind"]
        self.differences: list[str] = []
        # A follow-up is asked as it was understood then, over what was found then.
        self._exchanges = [e for e in record["exchanges"] if not e["prompt"].startswith(("rewrite", "searches"))]

    @property
    def description(self) -> dict[str, Any]:
        """As recorded."""
        return {"name": self._name, "kind": self._kind}

    def complete(self, prompt: Prompt) -> Reply:
        """The first reply. Raises EndpointError where the endpoint had failed."""
        refusal = refusal_sentence(prompt.question.text)
        return self.write(prompt.messages(refusal), prompt=prompt.version)

    def write(self, messages: list[dict[str, str]], *, prompt: str) -> Reply:
        """The next reply. Raises EndpointError where there is none."""
        if not self._exchanges:
            self.differences.append(f"The prompt {prompt} was not sent then.")
            raise EndpointError("The record has no further reply.")
        exchange = self._exchanges.pop(0)
        if exchange["messages"] != messages:
            self.differences.append(f"The prompt is another one now: {exchange['prompt']} then, {prompt} now.")
        if "error" in exchange:
            raise EndpointError(exchange["error"])
        content = exchange["received"].get("content", exchange["reply"])
        text = without_reasoning(content)
        if text != exchange["reply"]:
            self.differences.append("The reply is read differently now.")
        return Reply(text, exchange["record"])


def _replay(record: Mapping[str, Any]) -> Replayed:
    then = record["answer"]
    hits = [_hit(list(passage), rank) for rank, passage in groupby(record["paragraphs"], lambda one: int(one["rank"]))]
    extractive = ExtractiveModel(Readings())
    recorded = _Recorded(record)
    model: ChatModel = extractive if then["model"]["kind"] == "extractive" else recorded
    if then["refused"] in ("no_evidence", "low_evidence"):
        return Replayed(answer_of(record["question"], then["refused"], hits, then["model"], {}, then["confidence"]), ())
    asked = then["model"].get("rewrite", {}).get("question", record["question"])
    dropped = set(then["model"].get("dropped", ()))
    template = AnswerTemplate(record["template"]["text"], record["template"]["version"])
    kept = [hit for hit in hits if not dropped.issuperset(hit.paragraph_ids)]
    names = ("strict", "fallback", "repair", "second_opinion")
    settings = {name: record["settings"][name] for name in names if name in record["settings"]}
    writer = Writer(model, extractive, Settings.model_validate(settings))
    checked = _drained(writer, compose(asked, kept, _ALL, template=template))
    now = answer_of(record["question"], checked, hits, writer.record, writer.timings, then["confidence"])
    return Replayed(now, (*recorded.differences, *_differences(then, now.to_dict())))


def _drained(writer: Writer, prompt: Prompt) -> Checked | None:
    """The checked reply, nobody listening."""
    events = writer.events(prompt, live=False)
    while True:
        try:
            next(events)
        except StopIteration as end:
            checked: Checked | None = end.value
            return checked


def _hit(passage: Sequence[Mapping[str, Any]], rank: int) -> Hit:
    paragraphs = [_paragraph(one) for one in passage]
    # Recorded with the one that fits best first.
    return Hit(paragraphs[0], 0.0, rank, passage=tuple(sorted(paragraphs, key=lambda one: one.start)))


def _paragraph(paragraph: Mapping[str, Any]) -> Paragraph:
    place = (paragraph["start"], paragraph["end"], paragraph["page"])
    heading = tuple(paragraph["heading"])
    structure = {name: paragraph[name] for name in ("kind", "context", "title", "superseded") if name in paragraph}
    own = (paragraph["paragraph_id"], paragraph["text"], heading, paragraph["source"])
    return Paragraph(*own, *place, **structure)


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What a reader would see differ."""
    found = []
    if then["refused"] != now["refused"]:
        found.append(f"It was {then['refused'] or 'answered'}; it is {now['refused'] or 'answered'} now.")
    if then["answer"] != now["answer"]:
        found.append(f"The answer was: {then['answer']}")
    for before, after in zip(then["sentences"], now["sentences"], strict=False):
        if before["verdict"] != after["verdict"]:
            found.append(f"{before['text']} was {before['verdict']}; it is {after['verdict']} now.")
    cited = [[c["paragraph_id"] for c in answer["citations"]] for answer in (then, now)]
    if cited[0] != cited[1]:
        found.append("Other paragraphs are cited now.")
    return found
