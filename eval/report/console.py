"""The report in a terminal: the verdict, what got worse, the metrics, why cases fail. Plain text when piped."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType, group
from rich.table import Table
from rich.text import Text

from eval.gate import GateResult
from eval.record import Run
from eval.report import figures
from eval.report.wording import Wording

_STYLES = {0: "bold green", 5: "bold yellow"}
_TONES = {"good": "green", "bad": "red", "": ""}
_MOST = 20
"""Flips that are listed; the reports in files list all."""


@group()
def console_report(run: Run, result: GateResult, w: Wording) -> Iterator[RenderableType]:
    """Everything worth a glance."""
    head = Text(f"{run.set_name}: ").append(w.verdict(result), style=_STYLES.get(result.exit_code, "bold red"))
    drafts = len(run.cases) - len(run.gated)
    head.append(f"  {len(run.gated)} {w('cases')}")
    yield head.append(f", {drafts} {w('drafts')}" if drafts else "", style="dim")
    for finding in result.findings:
        mark, colour = ("✗", "red") if finding.exit_code else ("·", "dim")
        yield Text(f"{mark} {w.sentence(finding)}", style=colour)
    heads, rows = figures.table(run, result, w)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head_ in heads:
        table.add_column(head_, justify="right" if table.columns else "left")
    for cells, tone in rows:
        table.add_row(*(Text(cell, style=_TONES[tone] if i == 3 else "") for i, cell in enumerate(cells)))
    yield table
    yield from _flips(result, w)
    if counted := w.counted(figures.reasons(run)):
        yield Text(counted)
    for line in filter(None, (w.whole(figures.of_the_set(run)), w.power(result))):
        yield Text(line, style="dim")
    if times := figures.latency(run):
        yield Text(f"p50 {times[0]:.0f} ms, p95 {times[1]:.0f} ms", style="dim")


def _flips(result: GateResult, w: Wording) -> Iterator[Text]:
    for flip in result.flips[:_MOST]:
        mark, style = ("-", "red") if flip.lost else ("+", "green")
        line = Text(f"{mark} {flip.after.id}  ", style=style).append(
            f"{w.reason(flip.before)} → {w.reason(flip.after)}"
        )
        yield line.append(f"  {w.particulars(flip.after)}" if flip.lost else "", style="dim")
    if len(result.flips) > _MOST:
        yield Text(f"  +{len(result.flips) - _MOST}", style="dim")
