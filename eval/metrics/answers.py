"""What an answer contains, compared with what it should contain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from eval.cases import Case, Fact
from eval.equivalence import contains, normalise
from eval.stats import mean


def states(text: str, fact: Fact) -> bool:
    """Whether the text contains the fact in one of its wordings; a number or date by value, wherever it is."""
    anywhere = fact.kind in ("number", "date")
    return any(contains(text, wording, anywhere=anywhere) for wording in fact.any_of)


def answer_scores(case: Case, text: str) -> dict[str, float | None]:
    """fact_recall of the required facts, contradiction (1: it contains something forbidden), em and f1.

    None where the case has nothing to compare with. em and f1 are held against the reference, or the writings of the
    only required fact; a figure is one token, compared by value, and two answers without tokens agree (SQuAD 2.0).
    Public sets count otherwise (they delete "." and "%", so that 12.3 is 123): `benchmarks/em_f1_conventions.py`.
    """
    required = [fact for fact in case.facts if fact.required]
    golds = (case.reference,) if case.reference else required[0].any_of if len(required) == 1 else ()
    return {
        "fact_recall": mean(states(text, fact) for fact in required),
        "contradiction": float(any(contains(text, said) for said in case.forbidden)) if case.forbidden else None,
        "em": float(any(normalise(text) == normalise(gold) for gold in golds)) if golds else None,
        "f1": token_f1(text, golds),
    }


def correct(scores: Mapping[str, float | None]) -> bool | None:
    """Whether all required facts are there and nothing forbidden; None when neither is defined."""
    facts, contradiction = scores["fact_recall"], scores["contradiction"]
    return None if facts is None and contradiction is None else facts in (None, 1.0) and not contradiction


def token_f1(answer: str, golds: Sequence[str]) -> float | None:
    """Best F1 over bags of tokens; None without golds."""
    said = Counter(normalise(answer))
    bags = [Counter(normalise(gold)) for gold in golds]
    return max(
        (2 * (said & bag).total() / (said.total() + bag.total()) if said or bag else 1.0 for bag in bags), default=None
    )
