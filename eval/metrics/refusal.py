"""Refusing: is it right when it happens, and does the confidence tell answerable questions from others?"""

from __future__ import annotations


def refusal_recall(*, refused: bool, answerable: bool) -> float | None:
    """1 when an unanswerable question is refused; None for answerable ones. Its mean is the rejection rate of RGB."""
    return None if answerable else float(refused)


def refusal_precision(*, refused: bool, answerable: bool) -> float | None:
    """1 when what was refused is unanswerable; None when nothing was refused. Its mean is the precision of refusals."""
    return float(not answerable) if refused else None


def over_refusal(*, refused: bool, answerable: bool) -> float | None:
    """1 when an answerable question is refused; None for unanswerable ones."""
    return float(refused) if answerable else None
