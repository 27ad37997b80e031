"""`footnote eval ...`: is it any good, did it get worse.

Exit codes: 0 pass · 1 regression or broken invariant · 2 usage error or invalid set · 3 run incomplete
· 4 baseline missing or not comparable · 5 inconclusive under --strict.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.eval_authoring import calibrate, coverage, draft, judge, review
from api.cli.eval_sets import import_, validate
from api.cli.options import BaseUrlOption, EmbedderOption, JsonOption, LibraryOption
from index.errors import InputError

if TYPE_CHECKING:
    from eval.gate import GateResult
    from eval.record import Run

app = typer.Typer(
    name="eval",
    help="Measure answers to questions with known answers, and catch regressions.",
    no_args_is_help=True,
)

BaselineOption = Annotated[Path | None, typer.Option("--baseline", metavar="FILE", help="Compare with this baseline")]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Write HTML, Markdown, JUnit, CSV and TREC reports here")
]
LanguageOption = Annotated[
    Literal["zh", "en"] | None, typer.Option("--language", help="Language of the reports [default: the set's]")
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with code 5 unless a live model is shown not to lose")
]
AcrossOption = Annotated[
    bool, typer.Option("--allow-fingerprint-change", help="Compare even if the documents or the set differ")
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Run saved with --save")]


@app.command()
def run(
    eval_set: Annotated[
        Path | None, typer.Argument(metavar="SET", help="JSONL file [default: the packaged set over the examples]")
    ] = None,
    library: LibraryOption = None,
    embedder: EmbedderOption = None,
    baseline: BaselineOption = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Save the run to this file")] = None,
    report: ReportOption = None,
    repeats: Annotated[int, typer.Option("--repeats", min=1, max=100, help="Answers per case")] = 1,
    strict: StrictOption = False,
    across: AcrossOption = False,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Language model that writes the answers")
    ] = None,
    base_url: BaseUrlOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of a set. With --baseline, exit code 1 if the answers got worse."""
    from api.cli.evaluating import run_set_file
    from eval.gate import run_gate
    from eval.record import load_baseline

    _check_places(save, report)
    before = load_baseline(baseline) if baseline else None
    after = run_set_file(eval_set, library, embedder, model=model, base_url=base_url, repeats=repeats, quiet=as_json)
    if save:
        after.save(save)
    result = run_gate(after, before, strict=strict, across=across)
    _finish(after, result, before, report, language, as_json=as_json)


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="Earlier run, or a baseline")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Later run")],
    report: ReportOption = None,
    strict: StrictOption = False,
    across: AcrossOption = False,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two saved runs, with the rules and exit codes of `run`."""
    from eval.gate import run_gate
    from eval.record import Run, load_baseline

    old, new = load_baseline(before), Run.load(after)
    result = run_gate(new, old, strict=strict, across=across)
    _finish(new, result, old, report, language, as_json=as_json)


@app.command()
def bless(
    run_file: RunArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why these answers are right")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Baseline to write")] = Path("baseline.json"),
    as_json: JsonOption = False,
) -> None:
    """Make a saved run the baseline."""
    from api.cli import console
    from eval.record import bless as make_baseline

    blessed = make_baseline(run_file, out, reason)
    record = {"baseline": str(out), "cases": len(blessed.gated), "reasons": list(blessed.reasons)}
    console.say(record, f"{out}: {len(blessed.gated)} cases, blessed: {blessed.reasons[-1]}", as_json=as_json)


@app.command(name="report")
def report_(
    run_file: RunArgument,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the reports")],
    baseline: BaselineOption = None,
    across: AcrossOption = False,
    language: LanguageOption = None,
) -> None:
    """Write the reports of a saved run. Exit code 0 even if it got worse."""
    from eval.gate import run_gate
    from eval.record import Run, load_baseline

    before = load_baseline(baseline) if baseline else None
    after = Run.load(run_file)
    _write(after, run_gate(after, before, across=across), before, out, language)


def _finish(
    after: Run,
    result: GateResult,
    before: Run | None,
    report: Path | None,
    language: Literal["zh", "en"] | None,
    *,
    as_json: bool,
) -> None:
    """Show the result, write the reports, and leave with the exit code."""
    from api.cli import console
    from eval.report.console import console_report
    from eval.report.figures import summary
    from eval.report.wording import Wording

    if as_json:
        console.say(summary(after, result), "", as_json=True)
    else:
        console.show(console_report(after, result, Wording(language or after.language)))
    if report:
        _write(after, result, before, report, language)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _check_places(save: Path | None, report: Path | None) -> None:
    """Before minutes are spent on a run that could not be kept."""
    if save and save.is_dir():
        raise InputError(f"{save} is a folder; name a file for the run.")
    if report and report.is_file():
        raise InputError(f"{report} is a file; name a folder for the reports.")


def _write(
    after: Run, result: GateResult, before: Run | None, folder: Path, language: Literal["zh", "en"] | None
) -> None:
    import sys

    from eval.report import write_reports

    _check_places(None, folder)
    written = write_reports(folder, after, result, language or after.language, before)
    sys.stderr.write(f"wrote {', '.join(path.name for path in written)} to {folder}\n")


app.command()(validate)
app.command(name="import")(import_)
for _command in (draft, review, coverage, judge, calibrate):
    app.command()(_command)
