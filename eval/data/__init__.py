"""The packaged set: questions of our own over the example reports, and the run that later runs are held against."""

from __future__ import annotations

from pathlib import Path

from index.errors import InputError

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent.parent


def packaged_set() -> Path:
    """The cases, as JSON lines."""
    return _HERE / "reports.jsonl"


def packaged_corpus() -> Path:
    """The folder of the example reports. The cases call them `reports/NAME`: index a copy that lies beside the library.

    Raises InputError when the installation has lost them.
    """
    for folder in (_ROOT / "api" / "examples", _ROOT / "examples"):  # in a wheel, in a checkout
        if (folder / "reports").is_dir():
            return folder / "reports"
    raise InputError("The examples are missing from this installation; install footnote-qa again.")
