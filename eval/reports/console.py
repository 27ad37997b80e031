"""The report in a terminal: the verdict, what got worse, the metrics, why cases fail. Plain text when piped."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from eval.gate import Verdict
from eval.record import Run
from eval.reports.figures import SHOWN, latency, levels, of_the_set, reasons
from eval.reports.words import (
    Language,
    listed,
    metric_word,
    particulars,
    power_sentence,
    reason,
    sentence,
    share,
    signed,
    verdict_word,
    whole_sentence,
    word,
)

_STYLES = {0: "bold green", 1: "bold red", 5: "bold yellow"}
_MOST = 20
"""Flips that are listed; the reports in files list all."""


def console_report(run: Run, verdict: Verdict, language: Language) -> Group:
    """Everything worth a glance."""
    return Group(*_parts(run, verdict, language))


def _parts(run: Run, verdict: Verdict, language: Language) -> Iterator[RenderableType]:
    style = _STYLES.get(verdict.exit_code, "bold red")
    head = Text(f"{run.set_name}: ").append(verdict_word(verdict, language), style=style)
    drafts = len(run.cases) - len(run.gated)
    head.append(f"  {len(run.gated)} {word('cases', language)}")
    yield head.append(f", {drafts} {word('drafts', language)}" if drafts else "", style="dim")
    for finding in verdict.findings:
        mark, colour = ("✗", "red") if finding.exit_code else ("·", "dim")
        yield Text(f"{mark} {sentence(finding, language)}", style=colour)
    yield _table(run, verdict, language)
    yield from _flips(verdict, language)
    if counted := reasons(run):
        yield Text(listed("reasons", (f"{word(name, language)} {n}" for name, n in counted.items()), language))
    if said := whole_sentence(of_the_set(run), language):
        yield Text(said, style="dim")
    if said := power_sentence(verdict, language):
        yield Text(said, style="dim")
    if times := latency(run):
        yield Text(f"p50 {times[0]:.0f} ms, p95 {times[1]:.0f} ms", style="dim")


def _table(run: Run, verdict: Verdict, language: Language) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    moved = {item.name: item for item in verdict.movements}
    names = ["metric", "baseline", "now", "change", "interval"] if moved else ["metric", "now", "interval"]
    for name in names:
        table.add_column(word(name, language), justify="left" if name == "metric" else "right")
    if moved:
        table.add_column("p", justify="right")
    for item in (moved[name] for name in SHOWN if name in moved):
        ends = item.interval
        style = "red" if item.gain < -1e-9 else "green" if item.gain > 1e-9 else ""
        change, p = Text(signed(item.delta), style=style), f"{item.p_adjusted:.3f}" if item.gated else ""
        interval = f"{signed(ends[0])} … {signed(ends[1])}" if ends else "–"
        table.add_row(metric_word(item.name, language), share(item.before), share(item.after), change, interval, p)
    for found in levels(run) if not moved else ():
        table.add_row(metric_word(found.name, language), share(found.mean), f"{share(found.low)} … {share(found.high)}")
    return table


def _flips(verdict: Verdict, language: Language) -> Iterator[Text]:
    flips = verdict.alignment.flips if verdict.alignment else ()
    for flip in flips[:_MOST]:
        mark, style = ("-", "red") if flip.lost else ("+", "green")
        why = f"{reason(flip.before.attribution, language)} → {reason(flip.after.attribution, language)}"
        line = Text(f"{mark} {flip.after.id}  ", style=style).append(why)
        yield line.append(f"  {particulars(flip.after, language)}" if flip.lost else "", style="dim")
    if len(flips) > _MOST:
        yield Text(f"  +{len(flips) - _MOST}", style="dim")
