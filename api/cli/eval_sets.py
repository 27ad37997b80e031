"""`footnote eval validate` and `footnote eval import`: sets before anything is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption, LibraryOption, open_library


def validate(
    eval_set: Annotated[Path, typer.Argument(metavar="SET", help="Eval set, a JSONL file")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check an eval set and list its problems by line. Exit code 2 if there are any.

    With --library, each quote is also looked up in the library.
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
        typer.Argument(
            metavar="FILE", help="SQuAD-format .json, or a .csv or .xlsx with the columns question,answer,source"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="SET", help="Eval set to write")],
    library: LibraryOption = None,
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="CODE", help="Language of the questions: zh, zh-Hant, en, de, ..."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing set")] = False,
    as_json: JsonOption = False,
) -> None:
    """Turn questions with answers into an eval set, with the evidence found in the library.

    In a table, | separates ways to write an answer; an empty answer means that the documents do not give one.
    """
    from api.cli import console
    from eval.authoring.importing import import_file
    from index.errors import InputError

    if out.exists() and not force:
        raise InputError(f"{out} is there already; give another --out, or --force to replace it.")
    with open_library(library) as opened:
        cases, left_out = import_file(file, out, opened, language)
    record = {"set": str(out), "cases": len(cases), "left_out": left_out}
    shown = left_out if len(left_out) <= 10 else [*left_out[:10], "..."]
    summary = f"{len(cases)} cases in {out}, {len(left_out)} questions left out"
    console.say(record, "\n".join([*(f"left out: {why}" for why in shown), summary]), as_json=as_json)
