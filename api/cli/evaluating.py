"""`footnote eval run`: which set over which library."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli import console
from api.cli.options import settings_for
from eval.cases import EvalSet, load_set
from eval.data import packaged_corpus, packaged_set
from eval.runner import run_set
from rag.assistant import Assistant

if TYPE_CHECKING:
    from eval.record import Run
    from rag.settings import Settings


def run_set_file(
    file: Path | None,
    library: Path | None,
    embedder: str | None,
    *,
    model: str | None,
    base_url: str | None,
    repeats: int,
    quiet: bool,
) -> Run:
    """Run a set over a library; without a set the packaged one, without both over the examples, in a temporary folder.

    Raises InputError for a set that cannot be read.
    """
    settings = settings_for(library, embedder, model=model, base_url=base_url)
    eval_set = load_set(file or packaged_set())
    if file is not None or library is not None:
        with Assistant.open(settings=settings, create=False) as assistant:
            return _run(assistant, eval_set, repeats, quiet=quiet)
    return _over_examples(settings, eval_set, repeats, quiet=quiet)


def _over_examples(settings: Settings, eval_set: EvalSet, repeats: int, *, quiet: bool) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(shutil.copytree(packaged_corpus(), Path(folder) / "reports"))
        settings = settings.model_copy(update={"library": Path(folder) / "library"})
        with Assistant.open(settings=settings) as assistant:
            assistant.add([reports])
            return _run(assistant, eval_set, repeats, quiet=quiet)


def _run(assistant: Assistant, eval_set: EvalSet, repeats: int, *, quiet: bool) -> Run:
    with console.progress("asking", quiet=quiet) as progress:
        return run_set(assistant, eval_set, repeats=repeats, progress=progress)
