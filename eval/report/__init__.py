"""Every report of a run, in one folder."""

from __future__ import annotations

from pathlib import Path

from eval.gate import GateResult
from eval.record import Run, write_text
from eval.report import exports, pages
from eval.report.wording import Language, Wording


def write_reports(
    folder: Path, run: Run, result: GateResult, language: Language, before: Run | None = None
) -> list[Path]:
    """Write them and name them. The same run and baseline give the same bytes. Raises InputError when it cannot."""
    w = Wording(language)
    texts = {
        "run.json": run.canonical(),
        "report.html": pages.html(run, result, w, before),
        "report.md": pages.markdown(run, result, w),
        "annotations.txt": exports.github_annotations(run, result, w),
        "junit.xml": pages.junit(run, result, w),
        "cases.csv": "\ufeff" + exports.csv_table(run, w),  # without the mark, spreadsheets guess another encoding
        "run.trec": exports.trec_run(run),
        "qrels.trec": exports.trec_qrels(run),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]
