"""An eval set as a test of your own project; pytest finds the fixture when Footnote is installed.

def test_answers(footnote_eval):
    footnote_eval("questions.jsonl", library=".footnote", baseline="baseline.json")
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from eval.record import Run


@pytest.fixture(scope="session")
def footnote_eval() -> Callable[..., Run]:
    """`check_answers`, below."""
    return check_answers


def check_answers(
    eval_set: Path | str,
    *,
    library: Path | str,
    baseline: Path | str | None = None,
    repeats: int = 1,
    strict: bool = False,
) -> Run:
    """Run the set and judge it as `footnote eval run` does; the test fails with the sentences of what got worse.

    Endpoint and threshold come from FOOTNOTE_ variables and footnote.toml. Raises FootnoteError when the set, the
    library or the baseline cannot be used.
    """
    from eval.cases import load_set
    from eval.gate import run_gate
    from eval.record import load_baseline
    from eval.report.wording import Wording
    from eval.runner import run_set
    from rag.assistant import Assistant
    from rag.settings import Settings

    before = load_baseline(Path(baseline)) if baseline else None
    settings = Settings.load().model_copy(update={"library": Path(library)})
    with Assistant.open(settings=settings, create=False) as assistant:
        run = run_set(assistant, load_set(eval_set), repeats=repeats)
    result = run_gate(run, before, strict=strict)
    if result.exit_code:
        said = [Wording("en").sentence(finding) for finding in result.findings if finding.exit_code]
        pytest.fail("\n".join(said), pytrace=False)
    return run
