"""Why a case failed: the first stage on the way from document to answer that lost it. Without a model, always the same.

The question asked of each stage is RAGChecker's (Ru et al. 2024, arXiv:2408.08067), answered from ranks and texts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from eval.anchors import Gold
from eval.cases import Case
from eval.equivalence import contains
from eval.metrics.answers import states
from rag.checking.quantities import quantities
from rag.types import Answer

Reason = Literal[
    "not indexed",
    "not retrieved",
    "ranked low",
    "dropped from the prompt",
    "refused wrongly",
    "wrong figure",
    "not answered",
    "wrong citation",
    "unsupported",
    "answered wrongly",
    "not run",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""In the order of the stages."""

Cause = tuple[Reason, dict[str, str | int]]
"""A reason with its particulars, which eval/report/words.toml puts into a sentence."""


@dataclass(frozen=True, slots=True)
class Trail:
    """What became of the paragraphs on the way to the answer."""

    retrieved: Sequence[str]
    """Ids of the paragraphs found, best first, deeper than the answer looks."""
    k: int
    """How many of them the answer looks at."""
    prompted: Collection[str]
    """Ids of those that the answer could be written from."""


def diagnose(case: Case, gold: Gold, answer: Answer, scores: Mapping[str, float | None], trail: Trail) -> Cause | None:
    """The reason; None when the answer can be trusted.

    The evidence is asked for before the answer: an answer that misses a fact whose paragraph was never found is not
    the writer's fault. Of an answer that contains every fact only the citations are examined.
    """
    if (scores.get("trusted") or 0.0) > 0.5:
        return None
    if not case.answerable:
        return "answered wrongly", {}
    missing = [fact for fact in case.facts if fact.required and not states(answer.text, fact)]
    said = [words for words in case.forbidden if contains(answer.text, words)]
    lost = _lost(gold, trail)
    if answer.refused or missing:
        if lost:
            return lost
        if answer.refused:
            return "refused wrongly", {"refused": answer.refused}
    if said:
        return "wrong figure", {"said": said[0]}
    if missing:
        wanted = missing[0]
        other = wanted.kind in ("number", "date") and quantities(answer.text)  # a figure, but not the one asked for
        return "wrong figure" if other else "not answered", {"wanted": wanted.any_of[0]}
    if not frozenset[str]().union(*gold) & {citation.paragraph.id for citation in answer.citations}:
        return lost or ("wrong citation", {})
    weak = [sentence for sentence in answer.sentences if sentence.verdict in ("unsupported", "contradicted", "partly")]
    if not weak and any(sentence.verdict == "wrong_paragraph" for sentence in answer.sentences):
        return "wrong citation", {"corrected": 1}
    return "unsupported", {"statement": weak[0].text} if weak else {}


def _lost(gold: Gold, trail: Trail) -> Cause | None:
    """The earliest stage that lost a piece of the evidence; None when all of it reached the writer."""
    stages = [_stage(group, trail) for group in gold]
    found = [stage for stage in stages if stage is not None]
    return min(found, key=lambda stage: REASONS.index(stage[0]), default=None)


def _stage(group: Collection[str], trail: Trail) -> Cause | None:
    if not group:
        return "not indexed", {}
    if any(paragraph in trail.prompted for paragraph in group):
        return None
    rank = next((rank for rank, found in enumerate(trail.retrieved, start=1) if found in group), None)
    if rank is None:
        return "not retrieved", {"depth": len(trail.retrieved)}
    if rank > trail.k:
        return "ranked low", {"rank": rank, "k": trail.k}
    return "dropped from the prompt", {"rank": rank}
