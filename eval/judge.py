"""A language model as a second opinion on answers: advisory, never gated.

For each required fact two differently worded questions, whose right answers are opposite, so that a model which agrees
with everything contradicts itself. Only when both say the same is there a judgement, else it is "unsure"; a call that
fails or gives no usable reply is "failed".
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Literal

from eval.anchors import shorten
from eval.cases import Case, Fact
from index.errors import EndpointError
from prompts.citations import strip_marks
from prompts.templates import fill, text_of
from rag.llm.model import ChatModel
from rag.second_opinion import yes_or_no

Judgement = Literal["yes", "no", "unsure", "failed"]
"""Whether the answer states the fact: both prompts say so · neither · they disagree · no usable reply."""

_WORST_FIRST: tuple[Judgement, ...] = ("no", "failed", "unsure", "yes")
_PROMPTS = (("judge-states", True), ("judge-misses", False))
"""Templates, and whether "yes" means that the fact is stated."""


class Judge:
    """Asks a model about facts."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.why = ""
        """What went wrong first, one sentence."""

    def case(self, case: Case, answer: str) -> Judgement:
        """Whether the answer states every required fact: "no" outweighs "failed", and that outweighs "unsure"."""
        found = {self.fact(case.question, fact, answer) for fact in case.facts if fact.required}
        return next((judgement for judgement in _WORST_FIRST if judgement in found), "unsure")

    def fact(self, question: str, fact: Fact, answer: str) -> Judgement:
        """The judgement of both prompts on one fact."""
        values = {"question": question, "fact": " / ".join(fact.any_of), "answer": strip_marks(answer)}
        stated = {None if (said := self._ask(name, values)) is None else said is yes for name, yes in _PROMPTS}
        if None in stated:
            return "failed"
        return "unsure" if len(stated) > 1 else "yes" if stated.pop() else "no"

    def _ask(self, prompt: str, values: dict[str, str]) -> bool | None:
        """The reply to one prompt; None when it failed."""
        inside = {name: re.sub(r"<(/?)(question|fact|answer)", r"‹\1\2", value) for name, value in values.items()}
        messages = [{"role": "user", "content": fill(prompt, **inside)}]
        version = f"{prompt}-{sha256(text_of(prompt).encode()).hexdigest()[:8]}"
        try:
            reply = self._model.write(messages, prompt=version)
        except EndpointError as error:
            self.why = self.why or str(error)
            return None
        text = reply.text if reply else ""
        said = yes_or_no(text)
        if said is None:
            self.why = self.why or f"The judge said neither yes nor no but {shorten(' '.join(text.split()))!r}."
        return said
