"""The baseline: a run that somebody has blessed, with the reason, and the reasons of those before it."""

from __future__ import annotations

from pathlib import Path

from eval.record import Run
from index.errors import InputError, LibraryMismatchError


def load_baseline(path: Path) -> Run:
    """The run to hold others against. Raises LibraryMismatchError (exit code 4) when there is none that can be read."""
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
