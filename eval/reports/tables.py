"""Tables for other programs: one CSV line per case, and the ranked lists in the form of the TREC tools."""

from __future__ import annotations

import csv
import io

from eval.record import CaseRun, Run
from eval.reports.figures import expected
from eval.reports.words import Language, particulars, word
from eval.scoring import METRICS

_COLUMNS = ("id", "language", "type", "group", "status", "must_pass", "passed", "attribution", "refused", "error")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_table(run: Run, language: Language) -> str:
    """Every case with its texts and every metric; an empty cell where a metric is not defined."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*_COLUMNS, "why", "question", "expected", "answer", *METRICS])
    for case in run.cases:
        c = case.case
        known = (c.id, c.language, c.type, c.group, c.status, c.must_pass, case.passed, case.attribution, case.refused)
        right = expected(case, word("refuse", language))
        texts = (case.error, particulars(case, language), c.question, right, case.answer)
        scores = [case.scores.get(name) for name in METRICS]
        table.writerow([*map(_cell, (*known, *texts)), *("" if s is None else f"{s:.6g}" for s in scores)])
    return out.getvalue()


def trec_run(run: Run) -> str:
    """`question Q0 paragraph rank score tag`; scores fall strictly, because tools break ties each in their own way."""
    lines = [
        f"{case.id} Q0 {paragraph} {rank} {len(case.retrieved) - rank + 1} footnote"
        for case in _ranked(run)
        for rank, paragraph in enumerate(case.retrieved, start=1)
    ]
    return "".join(line + "\n" for line in lines)


def trec_qrels(run: Run) -> str:
    """`question 0 paragraph 1` for every paragraph that holds evidence; unanswerable questions have none."""
    lines = [
        f"{case.id} 0 {paragraph} 1" for case in _ranked(run) for paragraph in sorted({p for g in case.gold for p in g})
    ]
    return "".join(line + "\n" for line in lines)


def _ranked(run: Run) -> list[CaseRun]:
    """A question without relevant paragraphs would count as a failed search."""
    return [case for case in run.gated if any(case.gold) and case.error is None]


def _cell(value: object) -> str:
    """As text; what a spreadsheet would take for a formula is quoted."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + text if text.startswith(_FORMULA) else text
