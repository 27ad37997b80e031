"""What an answer says against what it should say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eval.cases import Case, Fact
from eval.equivalence import contains, normalise


def states(text: str, fact: Fact) -> bool:
    """Whether the text says the fact in one of its writings; a number or date by value, wherever it is."""
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


def exact_match(answer: str, golds: Sequence[str]) -> float | None:
    """1 when the answer is a gold one: width, case, script, punctuation and the writing of figures aside."""
    return float(any(normalise(answer) == normalise(gold) for gold in golds)) if golds else None


def token_f1(answer: str, golds: Sequence[str]) -> float | None:
    """Best F1 over bags of tokens in which a figure is one token; two answers without tokens agree (SQuAD 2.0).

    Public sets count otherwise (they delete "." and "%", so that 12.3 is 123): `benchmarks/em_f1_conventions.py`.
    """
    said = Counter(normalise(answer))
    bags = [Counter(normalise(gold)) for gold in golds]
    return max(
        (2 * (said & bag).total() / (said.total() + bag.total()) if said or bag else 1.0 for bag in bags), default=None
    )
