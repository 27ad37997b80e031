"""How far a measure can be believed, and from which confidence on an answer should be given.

Agreement: Cohen's kappa (1960), sensitivity and specificity of judgements against a person's labels. Threshold: the one
that refuses most of the unanswerable questions while it refuses at most a given share of the answerable ones, and what
it does to questions that it was not fitted on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.cases import Case, EvalSet, read_lines
from eval.judge import Judgement
from eval.metrics.answers import answer_scores, correct
from eval.stats import mean
from index.errors import InputError
from prompts.citations import strip_marks
from rag.assistant import Assistant

ENOUGH_LABELS = 50
ENOUGH_KAPPA = 0.6
"""Below either a measure is only a hint."""


class Label(BaseModel):
    """A person's verdict on one answer."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    id: str
    """Of a case of the set."""
    answer: str
    """The answer that was judged."""
    correct: bool
    """The verdict."""


def load_labels(path: Path, eval_set: EvalSet) -> list[tuple[Case, Label]]:
    """From JSON lines {"id": ..., "answer": ..., "correct": true}. Raises InputError with file and line."""
    cases = {case.id: case for case in eval_set.cases}
    labels = []
    for number, line in read_lines(path, "file of labels"):
        try:
            label = Label.model_validate_json(line)
            labels.append((cases[label.id], label))
        except (ValidationError, KeyError):
            said = 'give {"id": a case of the set, "answer": its answer, "correct": true or false}'
            raise InputError(f"{path}:{number}: no label; {said}.") from None
    if not labels:
        raise InputError(f"{path} contains no label; label some answers by hand first.")
    return labels


def agreement(
    labels: Sequence[tuple[Case, Label]], judge: Callable[[Case, str], Judgement]
) -> dict[str, float | int | bool | None]:
    """How far a measure agrees with a person, over the answers that it decides: n, kappa, sensitivity, specificity.

    kappa is the agreement beyond chance, None if there is nothing to agree on. Sensitivity is the share of the right
    answers that the measure calls right, specificity that of the wrong ones that it calls wrong. Undecided answers are
    counted as unsure or failed. `enough` is whether so many labels and such a kappa are more than a hint.
    """
    counts = Counter((label.correct, judge(case, label.answer)) for case, label in labels)
    right, missed, passed, caught = (counts[label, said] for label in (True, False) for said in ("yes", "no"))
    n = right + missed + passed + caught
    chance = ((right + passed) * (right + missed) + (caught + missed) * (caught + passed)) / n**2 if n else 1.0
    kappa = ((right + caught) / n - chance) / (1 - chance) if chance < 1 else None
    return {
        "n": n,
        "kappa": kappa,
        "sensitivity": right / (right + missed) if right + missed else None,
        "specificity": caught / (caught + passed) if caught + passed else None,
        "unsure": counts[True, "unsure"] + counts[False, "unsure"],
        "failed": counts[True, "failed"] + counts[False, "failed"],
        "enough": n >= ENOUGH_LABELS and kappa is not None and kappa >= ENOUGH_KAPPA,
    }


def lexical(case: Case, answer: str) -> Judgement:
    """The judgement without a model: all required facts are in the text, and nothing forbidden."""
    right = correct(answer_scores(case, strip_marks(answer)))
    return "unsure" if right is None else "yes" if right else "no"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the set as the product sees it before it writes."""

    answerable: bool
    """As the case has it."""
    confidence: float
    """Evidence that the library answers, in [0, 1]."""
    refused: bool
    """Whether it is refused whatever the threshold."""
    group: str
    """Cases that pass or fail together."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of the questions that a threshold refuses; None without any."""

    answerable: float | None
    unanswerable: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A threshold for one set and library."""

    threshold: float
    rates: Rates
    """On the questions that it was fitted on."""
    held_out: Rates
    """On each half of the questions (whole groups) with the threshold fitted on the other half."""


def ask_all(assistant: Assistant, eval_set: EvalSet) -> list[Asked]:
    """Every accepted case of the set, asked with the assistant's threshold at 0."""
    answers = [(case, assistant.ask(case.question)) for case in eval_set.accepted]
    return [Asked(c.answerable, a.confidence or 0.0, a.refused is not None, c.group) for c, a in answers]


def rates(asked: Sequence[Asked], threshold: float) -> Rates:
    """What is refused at a threshold."""
    return _rates([(one, threshold) for one in asked])


def fit(asked: Sequence[Asked], most_refused: float = 0.05) -> Fit:
    """The threshold that refuses most unanswerable questions and at most that share of the answerable ones.

    Questions that are refused at every threshold do not count against the share. Raises InputError when the set lacks
    one of the two kinds.
    """
    if len({one.answerable for one in asked}) < 2:
        raise InputError(
            "A threshold is fitted on answerable and unanswerable questions, and the set has only one kind; "
            "add the other (footnote eval draft --leave-out DIR makes unanswerable ones)."
        )
    halves = [[one for one in asked if _half(one.group) == half] for half in (0, 1)]
    outside = [(one, _best(halves[1 - half], most_refused)) for half in (0, 1) for one in halves[half]]
    threshold = _best(asked, most_refused)
    return Fit(threshold, rates(asked, threshold), _rates(outside))


def _best(asked: Sequence[Asked], most_refused: float) -> float:
    """Half-way between the lowest confidence that must be answered and the next one below it."""
    answerable = sorted(one.confidence for one in asked if one.answerable and not one.refused)
    lost = int(most_refused * len(answerable))
    limit = answerable[lost] if lost < len(answerable) else 1.0
    below = [one.confidence for one in asked if one.confidence < limit]
    return round((limit + max(below, default=0.0)) / 2, 4)


def _rates(decided: Sequence[tuple[Asked, float]]) -> Rates:
    refused = [(one.answerable, one.refused or one.confidence < threshold) for one, threshold in decided]
    return Rates(*(mean(gone for kind, gone in refused if kind is answerable) for answerable in (True, False)))


def _half(group: str) -> int:
    """0 or 1, the same in every process."""
    return hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest()[0] % 2
