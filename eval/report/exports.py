"""Files for other programs: CSV, the ranked lists in the form of the TREC tools, annotations for GitHub."""

from __future__ import annotations

import csv
import io

from eval.gate import GateResult
from eval.metrics.scoring import METRICS
from eval.record import CaseRun, Run
from eval.report.wording import Wording

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST = 50
"""Cases that annotations point at; GitHub shows no more."""


def csv_table(run: Run, w: Wording) -> str:
    """Every case with its texts and every metric; an empty cell where a metric is not defined."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    for number, one in enumerate(run.cases):
        known = one.case.model_dump(include={"id", "language", "type", "group", "status", "must_pass"})
        known |= {"passed": one.passed, **one.model_dump(include={"attribution", "refused", "error"})}
        known |= {"why": w.particulars(one), "question": one.case.question, "expected": w.expected(one)}
        known |= {"answer": one.answer}
        if not number:
            table.writerow([*known, *METRICS])
        scores = (one.scores.get(name) for name in METRICS)
        table.writerow([*map(_cell, known.values()), *("" if s is None else f"{s:.6g}" for s in scores)])
    return out.getvalue()


def trec_run(run: Run) -> str:
    """`question Q0 paragraph rank score tag`; scores fall strictly, because tools break ties each in their own way."""
    return "".join(
        f"{case.id} Q0 {paragraph} {rank} {len(case.retrieved) - rank + 1} footnote\n"
        for case in _ranked(run)
        for rank, paragraph in enumerate(case.retrieved, start=1)
    )


def trec_qrels(run: Run) -> str:
    """`question 0 paragraph 1` for every paragraph with evidence; unanswerable questions have none."""
    found = {case.id: sorted({p for group in case.gold for p in group}) for case in _ranked(run)}
    return "".join(f"{name} 0 {paragraph} 1\n" for name, gold in found.items() for paragraph in gold)


def github_annotations(run: Run, result: GateResult, w: Wording) -> str:
    """A workflow command a line, which GitHub's runner reads: each failing finding, then its cases at their lines."""
    failing = [finding for finding in result.findings if finding.exit_code]
    title = _escaped(f"{run.set_name}: {w.verdict(result)}", ":,")
    lines = [f"::error title={title}::{_escaped(w.sentence(finding))}" for finding in failing]
    named = {name for finding in failing for name in finding.cases}
    for case in [case for case in run.cases if case.id in named][:_MOST]:
        place = f"file={_escaped(run.set_path, ':,')},line={case.line}," if run.set_path and case.line else ""
        lines.append(f"::error {place}title={_escaped(case.id, ':,')}::{_escaped(w.why(case))}")
    return "".join(line + "\n" for line in lines)


def _ranked(run: Run) -> list[CaseRun]:
    """A question without relevant paragraphs would count as a failed search."""
    return [case for case in run.scored if any(case.gold)]


def _cell(value: object) -> str:
    """As text; what a spreadsheet would take for a formula is quoted."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def _escaped(text: str, more: str = "") -> str:
    """On one line, so that nothing in it begins another command."""
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in text)
