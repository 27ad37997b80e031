"""The report as a comment on a pull request: the verdict, what got worse first, and no more than fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from eval.gate import Finding, Verdict
from eval.record import CaseRun, Run
from eval.reports.figures import SHOWN, expected, levels, of_the_set, reasons
from eval.reports.words import (
    Language,
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

_LONGEST = 60_000
"""Characters; GitHub takes 65 536."""
_ROWS = 25
"""Cases that a table lists."""
_CELL = 160
"""Characters of a text in a table."""
_SPECIAL = re.compile(r"[&<>|`*_\[\]\\#@~$!]")


def markdown(run: Run, verdict: Verdict, language: Language) -> str:
    """Begins with a mark by which a bot finds its own comment again."""
    icon = "✅" if verdict.exit_code == 0 else "⚠️" if verdict.exit_code == 5 else "❌"
    parts = [
        f"<!-- footnote-eval:{re.sub('[^0-9A-Za-z]', '-', run.set_name)} -->",
        f"## {icon} {escape(run.set_name)}: {verdict_word(verdict, language)}",
        _findings([finding for finding in verdict.findings if finding.exit_code], language),
        _flips(verdict, language, lost=True),
        _metrics(run, verdict, language),
        escape(whole_sentence(of_the_set(run), language)),
        escape(power_sentence(verdict, language)),
        _findings([finding for finding in verdict.findings if not finding.exit_code], language),
        _flips(verdict, language, lost=False),
        _failures(run, language),
    ]
    text = "\n\n".join(part for part in parts if part) + "\n"
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition("\n")[0] + "\n…\n"


def escape(text: str, size: int = 0) -> str:
    """As it stands, on one line: nothing in it is taken for Markdown, HTML, a mention or a reference."""
    flat = " ".join(text.split())
    flat = flat[: size - 1] + "…" if size and len(flat) > size else flat
    return _SPECIAL.sub(lambda found: f"&#{ord(found.group())};", flat)


def _findings(findings: Sequence[Finding], language: Language) -> str:
    return "\n".join(f"- {escape(sentence(finding, language), 1000)}" for finding in findings)


def _metrics(run: Run, verdict: Verdict, language: Language) -> str:
    moved = {item.name: item for item in verdict.movements}
    if not moved:
        rows = [
            [metric_word(f.name, language), share(f.mean), f"{share(f.low)} … {share(f.high)}", str(f.n)]
            for f in levels(run)
        ]
        return _table([word("metric", language), word("now", language), word("interval", language), "n"], rows)
    rows = []
    for item in (moved[name] for name in SHOWN if name in moved):
        ends = item.interval
        interval = f"{signed(ends[0])} … {signed(ends[1])}" if ends else "–"
        p = f"{item.p_adjusted:.3f}" if item.gated else ""
        figures = [share(item.before), share(item.after), signed(item.delta)]
        rows.append([metric_word(item.name, language), *figures, interval, p, str(item.n)])
    heads = [word(name, language) for name in ("metric", "baseline", "now", "change", "interval")]
    return _table([*heads, "p", "n"], rows)


def _flips(verdict: Verdict, language: Language, *, lost: bool) -> str:
    flips = [flip for flip in (verdict.alignment.flips if verdict.alignment else ()) if flip.lost == lost]
    rows = [
        [
            f.after.id + (f" ({word('must', language)})" if f.after.case.must_pass else ""),
            f.after.case.question,
            expected(f.after, word("refuse", language)),
            f.before.answer,
            f.after.answer,
            f"{reason(f.before.attribution, language)} → {reason(f.after.attribution, language)}",
        ]
        for f in flips
    ]
    names = ("cases", "question", "expected", "baseline", "now", "reason")
    title = f"{word('flips', language)}: {word('lost' if lost else 'gained', language)} {len(flips)}"
    return _section(title, _table([word(name, language) for name in names], rows), len(rows))


def _failures(run: Run, language: Language) -> str:
    failing = [case for case in run.gated if not case.passed]
    counted = ", ".join(f"{word(name, language)} {count}" for name, count in reasons(run).items())
    rows = [_failure(case, language) for case in failing]
    names = ("cases", "question", "expected", "answer", "reason")
    table = _table([word(name, language) for name in names], rows)
    body = f"<details><summary>{escape(counted)}</summary>\n\n{table}\n\n</details>"
    return _section(f"{word('failures', language)}: {len(failing)} / {len(run.gated)}", body, len(rows))


def _failure(case: CaseRun, language: Language) -> list[str]:
    why = ": ".join(filter(None, (reason(case.attribution, language), particulars(case, language))))
    return [case.id, case.case.question, expected(case, word("refuse", language)), case.answer, why]


def _section(title: str, body: str, rows: int) -> str:
    return f"### {title}\n\n{body}" if rows else ""


def _table(heads: Sequence[str], rows: Sequence[Iterable[str]]) -> str:
    """At most _ROWS lines, every cell escaped."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    lines += [f"| {' | '.join(escape(cell, _CELL) for cell in row)} |" for row in rows[:_ROWS]]
    more = f"\n\n+{len(rows) - _ROWS}" if len(rows) > _ROWS else ""
    return "\n".join(lines) + more
