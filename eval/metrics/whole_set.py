"""What only a whole set shows: agreement between wordings and languages, and what the confidence is worth."""

from __future__ import annotations

from eval import stats
from eval.record import CaseRun, Run

PRECISION = 0.95
"""The precision of coverage@95."""


def set_scores(run: Run) -> dict[str, float | None]:
    """Every measure of a whole set by name; None where the set has nothing to measure it on."""
    curve = risk_curve(run)
    precision, recall = run.mean("refusal_precision"), run.mean("refusal_recall")
    found, lacking = ([_confidence(one) for one in run.scored if one.case.answerable is yes] for yes in (True, False))
    return {
        "refusal_f1": None if precision is None or recall is None else stats.f1(precision, recall),
        "auroc": stats.auroc(found, lacking),
        "aurc": stats.aurc(curve),
        "coverage@95": max((share for share, risk in curve if risk <= 1 - PRECISION), default=0.0) if curve else None,
        "consistency": consistency(run),
        "cross_lingual_gap": cross_lingual_gap(run),
    }


def risk_curve(run: Run) -> list[tuple[float, float]]:
    """(share of the questions answered, share of those answers that is wrong), the most confident first."""
    correct = run.values("correct")
    answered = [one for one in run.scored if one.id in correct and one.scores.get("refusal_precision") is None]
    return stats.risk_coverage([_confidence(one) for one in answered], [correct[one.id] for one in answered])


def consistency(run: Run) -> float | None:
    """Share of the families of paraphrases and translations whose cases are all correct or all not.

    Families of one, and cases for which `correct` is not defined, do not count; None when no family is left.
    """
    head = {one.id: one.id for one in run.gated}

    def find(name: str) -> str:
        while head[name] != name:
            name = head[name]
        return name

    for one in run.gated:
        for other in (one.case.paraphrase_of, one.case.translation_of):
            if other in head:
                head[find(one.id)] = find(other)
    families: dict[str, list[float]] = {}
    for name, value in run.values("correct").items():
        families.setdefault(find(name), []).append(value)
    return stats.mean(len(set(values)) == 1 for values in families.values() if len(values) > 1)


def cross_lingual_gap(run: Run) -> float | None:
    """Mean loss in `correct` of a case against the one that it translates; None without translations."""
    correct, language = run.values("correct"), {one.id: one.case.language for one in run.gated}
    pairs = [(one.id, one.case.translation_of or "") for one in run.gated]
    losses = [
        correct[original] - correct[name]
        for name, original in pairs
        if name in correct and original in correct and language[name] != language[original]
    ]
    return stats.mean(losses)


def _confidence(case: CaseRun) -> float:
    """Where nothing was found there is no confidence: below any other."""
    return case.scores.get("confidence") or 0.0
