"""How a question is understood: slips are put right, and rules or the model fill in a follow-up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from index.errors import CassetteError, EndpointError
from index.records import Paragraph
from prompts.citations import strip_marks
from prompts.injection import visible
from prompts.language import language_name
from prompts.templates import REWRITE_VERSION, fill
from rag.checking.quantities import quantities
from rag.conversation import Turn, standalone
from rag.llm.model import ChatModel

Way = Literal["rules", "model", "off"]

_LONGEST = 300
_REMEMBERED = 6
_ANSWER = 300
"""Characters of an earlier answer that the model is shown."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A question as it is searched and answered."""

    question: str
    """Understandable alone, as far as we can tell."""
    by: Literal["rules", "model", "spelling"] | None
    """Who filled in a follow-up; "spelling" where only slips were put right, None when it is as asked."""


def rewrite(
    question: str,
    history: Sequence[Turn],
    cited: Callable[[Turn], Sequence[Paragraph]],
    way: Way,
    model: ChatModel,
    corrected: Callable[[str], str],
) -> Rewrite:
    """The question with its slips `corrected`, filled in from the last turns.

    When the model fails, or writes no such question, by the rules.
    """
    if way == "off":
        return Rewrite(question, None)
    spelled, turns = corrected(question), history[-_REMEMBERED:]
    alone = Rewrite(spelled, "spelling" if spelled != question else None)
    if not turns:
        return alone
    if way == "model" and (written := _by_model(spelled, turns, model)):
        return Rewrite(written, "model") if written != spelled else alone
    filled = standalone(spelled, turns, cited)
    return Rewrite(filled, "rules") if filled != spelled else alone


def _by_model(question: str, turns: Sequence[Turn], model: ChatModel) -> str | None:
    said = "\n".join(f"Q: {visible(t.question)}\nA: {visible(strip_marks(t.answer))[:_ANSWER]}" for t in turns)
    content = fill("rewrite", history=said, question=visible(question), language=language_name(question))
    try:
        reply = model.write([{"role": "user", "content": content}], prompt=REWRITE_VERSION)
    except CassetteError:  # a reply that was not recorded must not pass for a model that failed
        raise
    except EndpointError:
        return None
    return _question(reply.text, f"{said}\n{question}") if reply else None


def _question(text: str, known: str) -> str | None:
    """The one line that is a question and brings in no figure of its own, or None."""
    written = re.sub(r"^(?:question|问题|改写后的问题)\s*[:：]\s*", "", text.strip(), flags=re.IGNORECASE).strip(
        '"“”「」'
    )
    if not 2 <= len(written) <= _LONGEST or "\n" in written:
        return None
    values = {quantity.value for quantity in quantities(known, loose=True)}
    return written if all(quantity.value in values for quantity in quantities(written)) else None
