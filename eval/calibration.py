"""How far a measure can be believed, and from which confidence on an answer should be given.

Agreement: Cohen's kappa (1960), sensitivity and specificity of verdicts against a person's labels. Threshold: the one
that refuses most of the unanswerable questions while it refuses at most a given share of the answerable ones, and what
it does to questions that it was not fitted on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.cases import Case, EvalSet
from eval.judge import Judgement
from eval.metrics.answers import fact_recall, says_forbidden
from eval.record import write_text
from index.errors import InputError
from prompts.citations import strip_marks
from rag.assistant import Assistant

MOST_REFUSED = 0.05
"""Share of the answerable questions that a fitted threshold may refuse, if nothing else is asked for."""
ENOUGH_LABELS = 50
ENOUGH_KAPPA = 0.6
"""Below either a judge is only a hint."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says about one answer."""

    case: Case
    """The question."""
    answer: str
    """The answer that was judged."""
    correct: bool
    """Whether it is right."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Judgements against labels."""

    both_yes: int
    """The person and the measure say right."""
    only_measure: int
    """Only the measure does."""
    only_person: int
    """Only the person does."""
    both_no: int
    """Neither does."""
    unsure: int = 0
    """Without a verdict; not counted above."""
    failed: int = 0
    """Calls that failed; not counted above."""

    @property
    def n(self) -> int:
        """Labels with a verdict."""
        return self.both_yes + self.only_measure + self.only_person + self.both_no

    @property
    def kappa(self) -> float | None:
        """Agreement beyond chance, 1 is perfect; None without verdicts or when both always say the same one thing."""
        if not self.n:
            return None
        observed = (self.both_yes + self.both_no) / self.n
        yes = (self.both_yes + self.only_measure) * (self.both_yes + self.only_person)
        no = (self.both_no + self.only_person) * (self.both_no + self.only_measure)
        chance = (yes + no) / self.n**2
        return (observed - chance) / (1 - chance) if chance < 1 else None

    @property
    def sensitivity(self) -> float | None:
        """Share of the right answers that the measure calls right."""
        right = self.both_yes + self.only_person
        return self.both_yes / right if right else None

    @property
    def specificity(self) -> float | None:
        """Share of the wrong answers that the measure calls wrong."""
        wrong = self.both_no + self.only_measure
        return self.both_no / wrong if wrong else None


def load_labels(path: Path, eval_set: EvalSet) -> list[Label]:
    """From JSON lines {"id": ..., "answer": ..., "correct": true}. Raises InputError with file and line."""
    cases = {case.id: case for case in eval_set.cases}
    labels = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"The labels {path} cannot be read; name a JSONL file in UTF-8.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            case, answer, correct = cases[record["id"]], record["answer"], record["correct"]
        except (ValueError, KeyError, TypeError):
            said = 'give {"id": a case of the set, "answer": its answer, "correct": true or false}'
            raise InputError(f"{path}:{number}: no label; {said}.") from None
        if not isinstance(answer, str) or not isinstance(correct, bool):
            raise InputError(f'{path}:{number}: "answer" is a text and "correct" is true or false; correct it.')
        labels.append(Label(case, answer, correct))
    if not labels:
        raise InputError(f"{path} holds no label; label some answers by hand first.")
    return labels


def agreement(labels: Sequence[Label], verdict: Callable[[Case, str], Judgement]) -> Agreement:
    """The measure's verdicts against the labels."""
    counts = {(True, "yes"): 0, (False, "yes"): 0, (True, "no"): 0, (False, "no"): 0}
    undecided = {"unsure": 0, "failed": 0}
    for label in labels:
        said = verdict(label.case, label.answer)
        if said in undecided:
            undecided[said] += 1
        else:
            counts[label.correct, said] += 1
    return Agreement(
        both_yes=counts[True, "yes"],
        only_measure=counts[False, "yes"],
        only_person=counts[True, "no"],
        both_no=counts[False, "no"],
        **undecided,
    )


def lexical(case: Case, answer: str) -> Judgement:
    """The verdict without a model: all required facts are in the text, and nothing forbidden."""
    text = strip_marks(answer)
    recall = fact_recall(text, case.facts)
    if recall is None and not case.forbidden:
        return "unsure"
    return "yes" if recall in (None, 1.0) and not says_forbidden(text, case.forbidden) else "no"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the set as the product sees it before it writes."""

    answerable: bool
    """As the case says."""
    confidence: float
    """Evidence that the library answers, in [0, 1]."""
    refused: bool
    """Whether it is refused whatever the threshold."""
    group: str
    """Cases that stand or fall together."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a threshold does."""

    answerable: float | None
    """Share of the answerable questions that are refused; None without any."""
    unanswerable: float | None
    """Share of the others."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A threshold for one set and library."""

    threshold: float
    """The fitted one."""
    rates: Rates
    """On the questions that it was fitted on."""
    held_out: Rates
    """On each half of the questions (whole groups) with the threshold fitted on the other half."""


def ask_all(assistant: Assistant, eval_set: EvalSet) -> list[Asked]:
    """Every accepted case of the set, asked with the assistant's threshold at 0."""
    found = []
    for case in eval_set.accepted:
        answer = assistant.ask(case.question)
        refused = answer.refused is not None
        found.append(Asked(case.answerable, answer.confidence or 0.0, refused, case.group))
    return found


def rates(asked: Sequence[Asked], threshold: float) -> Rates:
    """What is refused at a threshold."""
    return _rates([(one, threshold) for one in asked])


def fit(asked: Sequence[Asked], most_refused: float = MOST_REFUSED) -> Fit:
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


def write_threshold(file: Path, threshold: float) -> None:
    """Set `threshold` in a footnote.toml; everything else in it stays."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    line = f"threshold = {threshold}"
    changed, found = re.subn(r"^threshold\s*=.*$", line, text, count=1, flags=re.MULTILINE)
    write_text(file, changed if found else f"{line}\n{text}")


def _best(asked: Sequence[Asked], most_refused: float) -> float:
    """Half-way between the lowest confidence that must be answered and the next one below it."""
    answerable = sorted(one.confidence for one in asked if one.answerable and not one.refused)
    lost = int(most_refused * len(answerable))
    limit = answerable[lost] if lost < len(answerable) else 1.0
    below = [one.confidence for one in asked if one.confidence < limit]
    return round((limit + max(below, default=0.0)) / 2, 4)


def _rates(decided: Sequence[tuple[Asked, float]]) -> Rates:
    def refused(answerable: bool) -> float | None:
        own = [one.refused or one.confidence < t for one, t in decided if one.answerable is answerable]
        return sum(own) / len(own) if own else None

    return Rates(refused(True), refused(False))


def _half(group: str) -> int:
    """0 or 1, the same in every process."""
    return hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest()[0] % 2
