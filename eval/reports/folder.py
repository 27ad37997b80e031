"""Every report of a run, in one folder."""

from __future__ import annotations

from pathlib import Path

from eval.gate import Verdict
from eval.record import Run, write_text
from eval.reports.annotations import workflow_commands
from eval.reports.junit import junit
from eval.reports.markdown import markdown
from eval.reports.page import html_page
from eval.reports.tables import csv_table, trec_qrels, trec_run
from eval.reports.words import Language


def write_reports(
    folder: Path, run: Run, verdict: Verdict, language: Language, before: Run | None = None
) -> list[Path]:
    """Write them and name them. The same run and baseline give the same bytes. Raises InputError when it cannot."""
    texts = {
        "run.json": run.canonical(),
        "report.html": html_page(run, verdict, language, before),
        "report.md": markdown(run, verdict, language),
        "annotations.txt": workflow_commands(run, verdict, language),
        "junit.xml": junit(run, verdict, language),
        "cases.csv": "\ufeff" + csv_table(run, language),  # the mark tells spreadsheets that it is UTF-8
        "run.trec": trec_run(run),
        "qrels.trec": trec_qrels(run),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]
