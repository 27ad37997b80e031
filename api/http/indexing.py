"""`python -m api.http.indexing`: one indexing run in a process of its own, so that the server goes on answering.

Standard input: one JSON object {"library", "embedder", "engine", "files"}. Standard output, one JSON object a line:
{"done", "total", "document"} while it runs, then {"report": {...}}, {"locked": sentence} or {"error": sentence}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.errors import FootnoteError, LibraryLockedError
from index.library import Library, Report

_NICENESS = 10
"""Answers go first."""


def run(folder: str, embedder: str | None, files: Mapping[str, str], engine: str | None = None) -> None:
    """Index the files, paths with their documents' names; progress, then the outcome, to standard output."""

    def progress(done: int, total: int, document: str) -> None:
        _send({"done": done, "total": total, "document": document})

    try:
        with Library.open(folder, embedder, create=True, engine=engine) as library:
            _send({"report": _report(library.add([Path(file) for file in files], progress=progress), files)})
    except LibraryLockedError as error:
        _send({"locked": str(error)})
    except FootnoteError as error:
        _send({"error": str(error)})
    except Exception as error:
        _send({"error": f"Indexing failed ({type(error).__name__}: {error})."})


def _report(report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    """Without a path of this machine."""
    return {
        "indexed": report.indexed,
        "unchanged": report.unchanged,
        "skipped": [
            {"path": names.get(s.path, Path(s.path).name), "reason": s.reason, "fault": s.fault} for s in report.skipped
        ],
        "notes": report.notes,
        "new_paragraphs": report.paragraphs,
    }


def _send(record: dict[str, Any]) -> None:
    try:
        sys.stdout.write(json.dumps(record) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the server is gone; what was committed is kept, and the next server goes on
        os._exit(0)


def main() -> None:
    """Read the order, do it."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.nice(_NICENESS)
    order = json.load(sys.stdin)
    run(order["library"], order["embedder"], order["files"], order["engine"])


if __name__ == "__main__":
    main()
