"""`footnote eval validate` and `footnote eval import`: sets before anything is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption, LibraryOption, open_library


def register(app: typer.Typer) -> None:
    """Add the commands to `footnote eval`."""
    app.command()(validate)
    app.command(name="import")(import_)


def validate(
    eval_set: Annotated[Path, typer.Argument(metavar="SET", help="The eval set, a JSONL file")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with an eval set, with file and line; exit code 2 when anything is.

    With --library also whether the library says each quote.
    """
    from api.cli import console
    from eval import validation

    if library is None:
        loaded, problems = validation.validate(eval_set)
    else:
        with open_library(library) as opened:
            loaded, problems = validation.validate(eval_set, opened)
    record = {
        "name": loaded.name,
        "cases": len(loaded.cases),
        "problems": [{"file": str(p.path), "line": p.line, "message": p.message} for p in problems],
    }
    drafts = len(loaded.cases) - len(loaded.accepted)
    checked = "" if library else "; give --library DIR to check the quotes too"
    summary = f"{len(loaded.cases)} cases ({drafts} drafts), {len(problems)} problems{checked}"
    console.say(record, "\n".join([*map(str, problems), summary]), as_json=as_json)
    if problems:
        raise typer.Exit(2)


def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="SQuAD-format .json, or a table with question,answer,source: .csv, .xlsx"),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="SET", help="The eval set to write")],
    library: LibraryOption = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Of the questions: zh, zh-Hant, en, de, ...")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the set if it is there")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an eval set of questions with answers; each answer's sentence is found in the library.

    In a table | separates several writings of one answer; an empty one means that the library does not say.
    """
    from api.cli import console
    from eval.authoring.importing import import_file
    from index.errors import InputError

    if out.exists() and not force:
        raise InputError(f"{out} is there already; give another --out, or --force to replace it.")
    with open_library(library) as opened:
        imported = import_file(file, out, opened, language)
    record = {"set": str(out), "cases": len(imported.cases), "left_out": imported.left_out}
    shown = imported.left_out if len(imported.left_out) <= 10 else [*imported.left_out[:10], "..."]
    summary = f"{len(imported.cases)} cases in {out}, {len(imported.left_out)} questions left out"
    console.say(record, "\n".join([*(f"left out: {why}" for why in shown), summary]), as_json=as_json)
