"""What an answer says against what it should say."""

from __future__ import annotations

from collections.abc import Sequence

from eval.cases import Case, Fact
from eval.text import contains


def states(text: str, fact: Fact) -> bool:
    """Whether the text says the fact in one of its writings; a number or date by value, wherever it stands."""
    anywhere = fact.kind in ("number", "date")
    return any(contains(text, wording, anywhere=anywhere) for wording in fact.any_of)


def fact_recall(text: str, facts: Sequence[Fact]) -> float | None:
    """Share of the required facts that the text says; None when none is required."""
    required = [fact for fact in facts if fact.required]
    return sum(states(text, fact) for fact in required) / len(required) if required else None


def says_forbidden(text: str, forbidden: Sequence[str]) -> float | None:
    """1 when the text says something that only a wrong answer says; None when nothing is forbidden."""
    return float(any(contains(text, wording) for wording in forbidden)) if forbidden else None


def gold_answers(case: Case) -> tuple[str, ...]:
    """What exact match and F1 are held against: the reference, or the writings of the only required fact."""
    required = [fact for fact in case.facts if fact.required]
    if len(required) == 1 and not case.reference:
        return required[0].any_of
    return (case.reference,) if case.reference else ()
