"""One more request when sentences of a reply are unsupported: what is asked, and which of the two replies is kept."""

from __future__ import annotations

from prompts.compose import Prompt
from prompts.injection import visible
from prompts.templates import fill
from rag.checking.reply import Checked
from rag.refusals import refusal_sentence
from rag.types import HOLDING, Sentence

_LONGEST = 400
"""Characters of a sentence that are shown to the model again."""


def faults(checked: Checked) -> list[Sentence]:
    """The sentences that their sources do not support, those among them that were left out too."""
    return [s for s in checked.sentences if s.verdict in ("unsupported", "contradicted")] + list(checked.left_out)


def repair_messages(prompt: Prompt, reply: str, unsupported: list[Sentence]) -> list[dict[str, str]]:
    """The first conversation, its reply, and what is wrong with it."""
    refusal = refusal_sentence(prompt.question.text)
    listed = "\n".join(f"- {visible(s.text)[:_LONGEST]} ({' '.join(s.problems)})" for s in unsupported)
    return [
        *prompt.messages(refusal),
        {"role": "assistant", "content": reply},
        {"role": "user", "content": fill("repair", faults=listed, refusal=refusal)},
    ]


def better(second: Checked, first: Checked) -> bool:
    """Whether the second reply says more that is supported, less what is not; a tie goes to the first."""
    return _worth(second) > _worth(first)


def _worth(checked: Checked) -> int:
    supported = sum(sentence.verdict in (*HOLDING, "wrong_paragraph") for sentence in checked.sentences)
    return supported - len(faults(checked))
