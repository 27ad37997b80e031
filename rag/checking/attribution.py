"""Which of the sources carries a sentence: the one it cites, another one, or one for a sentence without a mark.

Bar and margin are fixed: a threshold that slides until something fits finds a source for any sentence.
`benchmarks/attribution.py` measures what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prompts.compose import Prompt
from prompts.injection import instructions
from rag.checking.alignment import Alignment
from rag.checking.claims import BARE, LONGEST, SPEAKS_OF_IT, Evidence, Source, Verdict, check, size, support
from rag.types import HOLDING, VerdictName

Spans = dict[int, tuple[int, int] | None]
"""Source number to the span of its paragraph's text that carries a sentence."""

BAR = 0.8
"""Least support (`rag.checking.claims.support`) from the paragraph that is cited."""
MARGIN = 0.3
"""How much more it must be than that of any other paragraph."""


def attribute(sentence: str, sources: Sequence[Source]) -> int | None:
    """Position of the one source that clearly supports the sentence, or None.

    "甲区有16家院所。" with paragraphs about 甲区 and 乙区 -> 0; None when both say it, or neither.
    """
    if not sources or len(sentence) > LONGEST:
        return None
    found = [support(sentence, source) for source in sources]
    best = max(range(len(found)), key=lambda i: (found[i], -i))
    others = (value for i, value in enumerate(found) if i != best)
    return best if found[best] >= BAR and found[best] - max(others, default=0.0) >= MARGIN else None


def against(sentence: str, cited: list[int], prompt: Prompt) -> tuple[Verdict, Spans]:
    """The verdict, and the sources the sentence is to cite, each with the supporting span in its paragraph.

    A sentence that cites the wrong source is given the right one, and the verdict says so. A source that gives
    orders to the model supports in part only, and not at all a word or two that it may have ordered.
    """
    every = [source.number for source in prompt.sources]
    # The cited ones first, where `check` expects them; of the others, first those without orders.
    numbers = sorted(every, key=lambda n: (n not in cited, bool(_orders(prompt, n))))
    sources = [_evidence(prompt, number) for number in numbers]
    verdict = check(sentence, sources[: len(cited)], sources[len(cited) :], prompt.question.text)
    spans: Spans = dict.fromkeys(cited)
    if verdict.supported_by is not None:
        at = numbers[verdict.supported_by]
        if verdict.verdict == "wrong_paragraph":
            spans = {}
        spans[at] = verdict.quote
        if verdict.also is not None:
            spans[numbers[verdict.also]] = None
        if verdict.verdict in (*HOLDING, "wrong_paragraph") and (orders := _orders(prompt, at)):
            obeys = size(sentence) <= _ORDERED and any(_overlap(order, verdict.quote) for order in orders)
            named: VerdictName = "unsupported" if obeys else "partly"
            verdict = replace(verdict, verdict=named, problems=(*verdict.problems, _ORDERS))
    return verdict, spans


def attributed(sentence: str, prompt: Prompt, *, first: bool = False) -> tuple[Verdict, Spans] | None:
    """A sentence without marks as if it cited the one source that clearly says it; never one that gives orders.

    The `first` sentence of a reply may be as bare as "23": then its source is the one that speaks of the question.
    """
    numbers = [source.number for source in prompt.sources if not _orders(prompt, source.number)]
    sources = [_evidence(prompt, number) for number in numbers]
    if first and size(prompt.question.text) and 0 < size(sentence) <= BARE:
        position = _answers(prompt.question.text, sources)
    else:
        position = attribute(sentence, sources)
    if position is None:
        return None
    verdict, cited = against(sentence, [numbers[position]], prompt)
    if verdict.verdict not in HOLDING:
        return None
    return replace(verdict, problems=(*verdict.problems, _ATTRIBUTED)), cited


def _answers(question: str, sources: Sequence[Source]) -> int | None:
    """Position of the source that a bare answer ("23", 芦洲区) must be of: the one that says most of the question."""
    asked = [Alignment(question[:LONGEST], "\n".join((*source.heading, source.text))) for source in sources]
    shares = [one.share_of(one.best) for one in asked]
    best = max(range(len(shares)), key=lambda i: (shares[i], -i), default=None)
    return best if best is not None and shares[best] >= SPEAKS_OF_IT else None


_ATTRIBUTED = "It came without a footnote and was given that of the one paragraph that clearly says it."
_ORDERED = 2
"""Words and figures of a sentence that a model may have been told to write."""
_ORDERS = "The cited paragraph also gives orders to language models; read it with care."


def _evidence(prompt: Prompt, number: int) -> Evidence:
    """A source's paragraph, with title, context and headings around it; offsets are the paragraph's."""
    paragraph = prompt.sources[number - 1].paragraph
    around = (paragraph.title or "", paragraph.context, *paragraph.heading)
    return Evidence(paragraph.text, tuple(filter(None, around)))


def _orders(prompt: Prompt, number: int) -> tuple[tuple[int, int], ...]:
    return instructions(prompt.sources[number - 1].paragraph.text)


def _overlap(first: tuple[int, int], second: tuple[int, int] | None) -> bool:
    return second is not None and first[0] < second[1] and second[0] < first[1]
