"""What one run of a set leaves behind: everything that the gate and the reports need, in one canonical file.

The same system over the same set gives the same bytes: keys sorted, floats rounded, no clock. A run file becomes the
baseline when somebody blesses it; only the reasons in it tell the two apart.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from eval import stats
from eval.cases import Case, Record
from index.errors import InputError, LibraryMismatchError
from index.files import replace_text

DIGITS = 6
"""Decimal places that are kept: far above what the arithmetic of another machine would change."""


class CaseRun(Record):
    """One case and what came of it."""

    case: Case
    """As it was in the set, whole: a report needs no other file, and a changed case is seen."""
    line: int = 0
    """Its line in the set's file, from 1."""
    scores: dict[str, float | None] = Field(default_factory=dict)
    """Every metric by name, the mean over the repeats; None where it is not defined for this case."""
    attribution: str | None = None
    """Why the answer is not to be trusted, one of `eval.diagnosis.REASONS`; None when it is."""
    particulars: dict[str, str | int] = Field(default_factory=dict)
    """Of the attribution: the rank of the evidence, the figure that is missing, ..."""
    refused: str | None = None
    """As in the answer of the first repeat."""
    confidence: float | None = None
    """How sure the system was that the library answers, in [0, 1]."""
    answer: str = ""
    """The text of the first repeat, with its marks."""
    cited: tuple[str, ...] = ()
    """Ids of the paragraphs cited, by mark."""
    quotes: tuple[str, ...] = ()
    """The stretch quoted from each of them; empty where none stands out."""
    retrieved: tuple[str, ...] = ()
    """Ids of the paragraphs found, best first, deeper than the answer looks."""
    gold: tuple[tuple[str, ...], ...] = ()
    """For each piece of evidence the ids of the paragraphs that contain it; one is enough."""
    flaky: bool = False
    """Whether the repeats disagree on `trusted`."""
    error: str | None = None
    """What kept the case from being run; then there are no scores."""

    @field_validator("scores", "confidence")
    @classmethod
    def _rounded(cls, value: Any) -> Any:  # noqa: ANN401 (a number or a table of them)
        """As in the file, or a run would differ from itself once it was written."""
        return rounded(value)

    @property
    def id(self) -> str:
        """The case's id."""
        return self.case.id

    @property
    def gated(self) -> bool:
        """Whether the case counts: drafts do not, until somebody accepts them."""
        return self.case.status == "accepted"

    @property
    def passed(self) -> bool:
        """Whether the answer can be trusted, in most of the repeats."""
        return (self.scores.get("trusted") or 0.0) > 0.5


class Run(Record):
    """One pass of a system over a set."""

    format: Literal["footnote-run/1"] = "footnote-run/1"
    """Of this file."""
    set_name: str
    """Of the set."""
    set_path: str = ""
    """Where the set was read, as it was named; errors point there."""
    language: Literal["zh", "en"] = "en"
    """What most questions are written in; reports follow it."""
    live: bool = False
    """Whether a second run may differ: a model at an endpoint that is not replayed."""
    repeats: int = 1
    """Answers per case."""
    k: int = 5
    """Paragraphs that an answer looks at."""
    fingerprints: dict[str, str] = Field(default_factory=dict)
    """Short hashes of corpus, set, prompt, model, config and embedder: what differs between two runs."""
    configuration: dict[str, Any] = Field(default_factory=dict)
    """The settings behind the config fingerprint, to be read."""
    versions: dict[str, str] = Field(default_factory=dict)
    """Of Footnote, Python and the libraries that rank."""
    reasons: tuple[str, ...] = ()
    """Why this run and those before it became the baseline, latest last; empty when it is none."""
    cases: tuple[CaseRun, ...] = ()
    """In the order of the set."""
    latency_ms: dict[str, float] = Field(default_factory=dict, exclude=True)
    """Milliseconds per case, of this process only: never written, or no two files would be the same."""

    @property
    def gated(self) -> tuple[CaseRun, ...]:
        """The cases that count."""
        return tuple(case for case in self.cases if case.gated)

    @property
    def scored(self) -> tuple[CaseRun, ...]:
        """The cases that count and ran."""
        return tuple(case for case in self.gated if case.error is None)

    @property
    def errors(self) -> tuple[CaseRun, ...]:
        """The cases that could not be run."""
        return tuple(case for case in self.cases if case.error is not None)

    def values(self, metric: str) -> dict[str, float]:
        """A metric's value by case id, over the cases that count and for which it is defined."""
        found = {case.id: case.scores.get(metric) for case in self.gated}
        return {name: value for name, value in found.items() if value is not None}

    def mean(self, metric: str) -> float | None:
        """A metric's mean over those cases; None when there is none."""
        return stats.mean(self.values(metric).values())

    def canonical(self) -> str:
        """The run as JSON, one case a line, so that a changed baseline reads well in a diff."""
        record = rounded(self.model_dump(mode="json", exclude_defaults=True))
        cases = [_line(case) for case in record.pop("cases", [])]
        head = _line({"format": self.format, **record})
        return '{"cases": [\n' + ",\n".join(cases) + '\n],\n"run": ' + head + "}\n"

    def save(self, path: Path) -> None:
        """Write the canonical form. Raises InputError when the file cannot be written."""
        write_text(path, self.canonical())

    @classmethod
    def load(cls, path: Path) -> Run:
        """Read a run file. Raises InputError when it cannot be read or is not one."""
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            return cls.model_validate({**record["run"], "cases": record["cases"]})
        except OSError as error:
            raise InputError(f"The run {path} cannot be read ({error.strerror}).") from None
        except (ValueError, KeyError, TypeError) as error:
            why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
            raise InputError(
                f"{path} is not a run of this version ({why}); make one with: footnote eval run SET --save FILE"
            ) from None


def load_baseline(path: Path) -> Run:
    """The run to compare others with. Raises LibraryMismatchError (exit code 4) when there is none that can be read."""
    if not path.is_file():
        raise LibraryMismatchError(f"There is no baseline {path}; make one with: footnote eval bless RUN --out {path}")
    try:
        return Run.load(path)
    except InputError as error:
        raise LibraryMismatchError(str(error)) from None


def bless(run_file: Path, baseline: Path, reason: str) -> Run:
    """Make a run the baseline. Never without a reason, and never a run that did not run through.

    Raises InputError when the run cannot serve.
    """
    if not reason.strip():
        raise InputError("A baseline needs a reason; say why these answers are right: --reason TEXT")
    run = Run.load(run_file)
    if not run.gated or run.errors:
        raise InputError(f"{run_file} cannot be a baseline: {len(run.errors)} of {len(run.cases)} cases did not run.")
    before = Run.load(baseline).reasons if baseline.is_file() else ()
    blessed = run.model_copy(update={"reasons": (*before, " ".join(reason.split()))})
    blessed.save(baseline)
    return blessed


def rounded(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """The same JSON value with every float rounded to DIGITS; minus zero is zero."""
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list | tuple) else value


def write_text(path: Path, text: str) -> None:
    """Write a file of an evaluation whole, the same bytes on every system. Raises InputError when it cannot."""
    try:
        replace_text(path, text)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); name another place.") from None


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
