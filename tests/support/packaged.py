"""The packaged reports in a library of the test's own, and cases of the packaged set by name."""

import shutil

from eval.cases import EvalSet, load_set
from eval.data import packaged_corpus, packaged_set
from rag.assistant import Assistant
from rag.settings import Settings


def index_reports(folder):
    """A fresh library of the example reports in `folder`; its path."""
    shutil.copytree(packaged_corpus(), folder / "reports")
    with Assistant.open(settings=Settings(library=folder / "library")) as assistant:
        assistant.add([folder / "reports"])
    return folder / "library"


def some(every=1, *, only=lambda case: True):
    """Every so many-th case of the packaged set, of those that `only` lets through."""
    whole = load_set(packaged_set())
    cases = tuple(case for case in whole.cases if only(case))[::every]
    return EvalSet(whole.name, cases, whole.path, whole.lines)


def lines_of(eval_set):
    """The set as a file's text."""
    from eval.cases import dump_case

    return "".join(dump_case(case) + "\n" for case in eval_set.cases)
