"""The model's second opinion on sentences that the check leaves in doubt, when the settings say so.

It only ever makes a verdict worse: a model agrees with what it wrote. `benchmarks/second_opinion.py` measures how often
it is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from index.errors import CassetteError, EndpointError
from prompts.injection import visible
from prompts.templates import OPINION_VERSION, fill_in_language
from rag.checking.reply import Checked, weakest
from rag.llm.model import ChatModel
from rag.readings import context
from rag.types import Citation, Sentence, VerdictName

DOUBTFUL: tuple[VerdictName, ...] = ("consistent", "partly", "not_checked")
"""The verdicts of the sentences that are asked about."""
MOST = 10
"""Sentences of an answer that are asked about, one request each."""

_YES_OR_NO = re.compile(r"\W*(yes|no|是的?|不是|否)\b\W*", re.IGNORECASE)
_DOUBTED = "Asked again, the model says that the cited paragraph does not say this."


def second_opinion(checked: Checked, model: ChatModel) -> tuple[Checked, dict[str, Any]]:
    """The reply with what the model doubts at best `partly`, and {"asked", "doubted"}, maybe "failed", for the record.

    A reply that is neither yes nor no doubts nothing. Where a request fails no further one is sent.
    """
    sources = {citation.mark: citation for citation in checked.citations}
    sentences, record = list(checked.sentences), {"asked": 0, "doubted": 0}
    doubtful = [i for i, one in enumerate(sentences) if one.verdict in DOUBTFUL and one.marks]
    failed = {}
    for i in doubtful[:MOST]:
        try:
            said = says_so(sentences[i].text, [sources[mark] for mark in sentences[i].marks], model)
        except CassetteError:  # a reply that was not recorded must not pass for a model that failed
            raise
        except EndpointError as error:
            failed = {"failed": str(error)}
            break
        record["asked"] += 1
        if said is False:
            record["doubted"] += 1
            sentences[i] = _doubted(sentences[i])
    citations = tuple(replace(one, verdict=_weakest_of(one, sentences)) for one in checked.citations)
    return replace(checked, sentences=tuple(sentences), citations=citations), record | failed


def says_so(sentence: str, cited: Sequence[Citation], model: ChatModel) -> bool | None:
    """Whether the model finds the sentence in the cited paragraphs; None for neither yes nor no.

    Raises EndpointError.
    """
    texts = [f"{context(one.paragraph)}\n{one.paragraph.text}".strip() for one in cited]
    values = {"source": visible("\n\n".join(texts)), "sentence": visible(sentence)}
    content = fill_in_language("opinion", sentence, **values)
    reply = model.write([{"role": "user", "content": content}], prompt=OPINION_VERSION)
    return yes_or_no(reply.text) if reply else None


def yes_or_no(text: str) -> bool | None:
    """Yes or no when the first or else the last line is that and nothing more: "**Yes.**" -> True, "maybe" -> None."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    for line in (*lines[:1], *lines[-1:]):
        if match := _YES_OR_NO.fullmatch(line.strip()):
            return match[1].lower() in ("yes", "是", "是的")
    return None


def _doubted(sentence: Sentence) -> Sentence:
    verdict: VerdictName = "partly" if sentence.verdict == "consistent" else sentence.verdict
    return replace(sentence, verdict=verdict, problems=(*sentence.problems, _DOUBTED))


def _weakest_of(citation: Citation, sentences: Sequence[Sentence]) -> VerdictName:
    return weakest([citation.verdict, *(one.verdict for one in sentences if citation.mark in one.marks)])
