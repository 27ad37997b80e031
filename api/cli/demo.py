"""`footnote demo`: the whole job in a temporary folder, on two of the example reports."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

REPORTS = ("云川市科技创新年报.txt", "library-services.md")
"""Two of the example reports, so that the output stays short."""

QUESTIONS = (
    "望江区建成了多少间中试车间？",
    "How many companies settled in the northern digital port?",
    "云川市有多少条地铁线路？",
)
"""One in Chinese, one in English over a Chinese paragraph, one that the reports do not answer."""


def demo() -> None:
    """Index the example reports and ask three questions about them."""
    from api.cli import console
    from eval.data import packaged_corpus
    from rag.assistant import Assistant
    from rag.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder) / "reports"
        reports.mkdir()
        for name in REPORTS:
            shutil.copy(packaged_corpus() / name, reports)
        settings = Settings(library=Path(folder) / "library")
        with Assistant.open(settings=settings) as assistant:
            with console.progress() as progress:
                report = assistant.add([reports], progress=progress)
            console.show_report(report, assistant.library)
            for question in QUESTIONS:
                console.show_question(question)
                console.show_answer(assistant.ask(question))
