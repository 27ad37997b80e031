"""A language model as a second opinion on answers: advisory, never gated.

For each required fact two differently worded questions, whose right answers are opposite, so that a model which agrees
with everything contradicts itself. Only when both say the same is there a verdict, else it is "unsure"; a call that
fails is "failed". Replies are kept in a file, keyed by the hash of model and messages.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, Literal, Protocol

from eval.anchors import shorten
from eval.cases import Case, Fact
from index.errors import EndpointError, InputError
from prompts.citations import strip_marks
from rag.llm.model import Reply

Verdict = Literal["yes", "no", "unsure", "failed"]
"""Whether the answer states the fact: both prompts say so · neither · they disagree · no usable reply."""

_PROMPTS = (("judge-states.txt", True), ("judge-misses.txt", False))
"""Templates, and whether "yes" means that the fact is stated."""
_YES_OR_NO = re.compile(r"\W*(yes|no|是的?|不是|否)\b\W*", re.IGNORECASE)


class Writer(Protocol):
    """Who is asked; `rag.llm.endpoint.EndpointModel` is one."""

    @property
    def description(self) -> dict[str, Any]:
        """With "name", the model's."""

    def write(self, messages: list[dict[str, str]]) -> Reply:
        """A whole reply. Raises EndpointError."""


@dataclass
class Cache:
    """Replies by the hash of what was asked, in a file of JSON lines that only grows."""

    path: Path | None = None
    """None keeps them in memory only."""
    replies: dict[str, str] = field(default_factory=dict)
    """Key to reply."""

    @classmethod
    def open(cls, path: Path) -> Cache:
        """Raises InputError that names the line which cannot be read."""
        replies: dict[str, str] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                replies[record["key"]] = str(record["reply"])
            except (ValueError, KeyError, TypeError):
                raise InputError(f"{path}:{number}: no reply of a judge; remove the line, or the file.") from None
        return cls(path, replies)

    def keep(self, key: str, model: str, reply: str) -> None:
        """Add one reply."""
        self.replies[key] = reply
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps({"key": key, "model": model, "reply": reply}, ensure_ascii=False) + "\n")


@dataclass
class Judge:
    """Asks a model about facts, each thing once."""

    writer: Writer
    """The model."""
    cache: Cache = field(default_factory=Cache)
    """What it said before."""
    failures: int = 0
    """Calls that gave no usable reply; these are not kept, so that they are tried again."""
    calls: int = 0
    """Calls made, those answered from the cache not counted."""
    why: str = ""
    """What went wrong first, one sentence."""

    def case(self, case: Case, answer: str) -> Verdict:
        """Whether the answer states every required fact: "no" outweighs "failed", and that outweighs "unsure"."""
        verdicts = {self.fact(case.question, fact, answer) for fact in case.facts if fact.required}
        order: tuple[Verdict, ...] = ("no", "failed", "unsure", "yes")
        return next((verdict for verdict in order if verdict in verdicts), "unsure")

    def fact(self, question: str, fact: Fact, answer: str) -> Verdict:
        """The verdict of both prompts on one fact."""
        values = {"question": question, "fact": " / ".join(fact.any_of), "answer": strip_marks(answer)}
        said = [self._ask(name, values) for name, _ in _PROMPTS]
        if None in said:
            return "failed"
        stated = {reply is meaning for reply, (_, meaning) in zip(said, _PROMPTS, strict=True)}
        if len(stated) > 1:
            return "unsure"
        return "yes" if stated.pop() else "no"

    def _ask(self, prompt: str, values: dict[str, str]) -> bool | None:
        """The reply to one prompt; None when it failed."""
        template = Template(files("prompts").joinpath(prompt).read_text(encoding="utf-8"))
        inside = {name: re.sub(r"<(/?)(question|fact|answer)", r"‹\1\2", value) for name, value in values.items()}
        messages = [{"role": "user", "content": template.substitute(inside)}]
        model = str(self.writer.description["name"])
        key = _key(model, messages)
        reply = self.cache.replies.get(key)
        if reply is None:
            self.calls += 1
            reply = self._write(messages)
            if reply is None:
                self.failures += 1
                return None
            self.cache.keep(key, model, reply)
        return read_reply(reply)

    def _write(self, messages: list[dict[str, str]]) -> str | None:
        try:
            text = self.writer.write(messages).text
        except EndpointError as error:
            self.why = self.why or str(error)
            return None
        if read_reply(text) is None:
            self.why = self.why or f"The judge said neither yes nor no but {shorten(' '.join(text.split()))!r}."
            return None
        return text


def read_reply(text: str) -> bool | None:
    """Yes or no when the first or else the last line is that and nothing more: "**Yes.**" -> True, "maybe" -> None."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    for line in (*lines[:1], *lines[-1:]):
        if match := _YES_OR_NO.fullmatch(line.strip()):
            return match[1].lower() in ("yes", "是", "是的")
    return None


def share(verdicts: Iterable[Verdict]) -> float | None:
    """Share of "yes" among the decided verdicts; None, never NaN, when none is decided."""
    decided: Sequence[Verdict] = [verdict for verdict in verdicts if verdict in ("yes", "no")]
    return decided.count("yes") / len(decided) if decided else None


def _key(model: str, messages: list[dict[str, str]]) -> str:
    asked = json.dumps({"model": model, "messages": messages}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
