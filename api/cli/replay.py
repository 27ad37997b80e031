"""`footnote replay`: an answer again from its record, without library and endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption


def replay(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="File written by --debug")],
    as_json: JsonOption = False,
) -> None:
    """Rebuild an answer from its record and compare the two. Exit code 1 if they differ."""
    from api.cli import console
    from rag.replay import load_record, replay

    replayed = replay(load_record(record))
    if as_json:
        told = {"same": not replayed.differences, "differences": list(replayed.differences)}
        console.say(told | {"answer": replayed.answer.to_dict()}, "", as_json=True)
    else:
        console.show_question(replayed.answer.question)
        console.show_answer(replayed.answer)
        console.say(None, "\n" + "\n".join(replayed.differences or ["The answer is the same as recorded."]))
    if replayed.differences:
        raise typer.Exit(1)
