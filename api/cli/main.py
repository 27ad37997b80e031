"""The command line: `footnote index`, `ask`, `chat`, `search`, `list`, `show`, `remove`, `status`, `verify`, `doctor`,
`use`, `demo`, `serve`, `mcp`, `keys`, `eval`, `replay`, `backup`, `restore`.

Exit codes: 0 done (a refusal too) · 1 the doctor found a fault, or a replayed answer differs · 2 usage or input error
· 3 endpoint or recordings that cannot be used · 4 library missing, locked or not comparable.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import sys
from collections.abc import Sequence
from glob import escape
from pathlib import Path
from typing import Annotated

import typer

from api.cli import eval as cli_eval
from api.cli import keys as cli_keys
from api.cli.ask import ask
from api.cli.backup import backup, restore
from api.cli.chat import chat
from api.cli.demo import demo
from api.cli.doctor import doctor
from api.cli.mcp import mcp
from api.cli.options import (
    EmbedderOption,
    EngineOption,
    JsonOption,
    KOption,
    LibraryOption,
    SourceOption,
    open_library,
    settings_for,
)
from api.cli.replay import replay
from api.cli.serve import serve
from api.cli.use import use
from index.errors import FootnoteError, InputError

_INTERRUPTED = "interrupted; what was committed is kept."

app = typer.Typer(
    name="footnote",
    help="Answer questions about your own documents, with a checked footnote for every sentence.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(cli_eval.app)
app.add_typer(cli_keys.app)


def _version(wanted: bool) -> None:
    if wanted:
        from index.version import running_version

        typer.echo(f"footnote {running_version()}")
        raise typer.Exit


@app.callback()
def footnote(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit")
    ] = False,
) -> None:
    """Answer questions about your own documents, with a checked footnote for every sentence."""


@app.command()
def index(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders", show_default=False)] = None,
    library: LibraryOption = None,
    engine: EngineOption = None,
    embedder: EmbedderOption = None,
    prune: Annotated[bool, typer.Option("--prune", help="Remove documents whose files are gone")] = False,
    reembed: Annotated[
        bool, typer.Option("--reembed", help="Recompute all embeddings, with --embedder if given")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Index files or folders; unchanged files are skipped. Exit code 2 if a file could not be read."""
    from api.cli import console
    from index.library import Library
    from index.migration import migrate

    settings = settings_for(library, embedder, engine=engine)
    paths = paths or []
    if not paths and not reembed:
        raise InputError("Nothing to index; name files or folders: footnote index PATH")
    if paths and not any(path.exists() for path in paths):
        raise InputError(f"There is no such file or folder: {', '.join(map(str, paths))}")
    if reembed and not settings.engine:
        migrate(settings.library, settings.embedder)
    with Library.open(settings.library, settings.embedder, create=bool(paths), engine=settings.engine) as opened:
        again = opened.reembed() if reembed else 0
        with console.progress(quiet=as_json) as progress:
            report = opened.add(paths, prune=prune, progress=progress)
        report.embedded += again
        console.show_report(report, opened, as_json=as_json)
    nothing = paths and not (report.indexed or report.unchanged or report.removed)
    if nothing or any(item.fault for item in report.skipped):
        raise typer.Exit(2)


app.command()(ask)
app.command()(chat)


@app.command()
def search(
    question: str,
    library: LibraryOption = None,
    engine: EngineOption = None,
    embedder: EmbedderOption = None,
    k: KOption = None,
    source: SourceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the passages found for a question, best first."""
    from api.cli import console
    from rag.assistant import Assistant

    with Assistant.open(settings=settings_for(library, embedder, engine=engine), create=False) as assistant:
        console.show_hits(assistant.search(question, k, source=source), as_json=as_json)


@app.command(name="list")
def list_(library: LibraryOption = None, engine: EngineOption = None, as_json: JsonOption = False) -> None:
    """List the documents in the library."""
    from api.cli import console

    with open_library(library, engine) as opened:
        console.show_documents(opened.store.documents(), as_json=as_json)


@app.command()
def show(name: str, library: LibraryOption = None, engine: EngineOption = None, as_json: JsonOption = False) -> None:
    """Show the paragraphs of a document, or one paragraph by its id."""
    from api.cli import console

    with open_library(library, engine) as opened:
        keys = opened.store.document_paragraphs(name)
        paragraphs = opened.store.paragraphs(keys, escape(name))
        found = [paragraphs[key] for key in keys] if keys else [opened.paragraph(name)]
        console.show_paragraphs(found, as_json=as_json)


@app.command()
def remove(
    source: str, library: LibraryOption = None, engine: EngineOption = None, as_json: JsonOption = False
) -> None:
    """Remove a document from the library; its file stays."""
    from api.cli import console

    with open_library(library, engine) as opened:
        opened.remove(source)
        console.say({"removed": [source]}, f"removed {source}", as_json=as_json)


@app.command()
def status(library: LibraryOption = None, engine: EngineOption = None, as_json: JsonOption = False) -> None:
    """Show the size of the library, its embedder and its kind of search."""
    from api.cli import console

    with open_library(library, engine) as opened:
        console.show_status(opened, as_json=as_json)


@app.command()
def verify(
    answer: Annotated[
        str, typer.Argument(metavar="ANSWER", help="Text with marks [1], [2], ..., or a file that contains it")
    ],
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="Files that the answer cites")],
    as_json: JsonOption = False,
) -> None:
    """Check an answer against source files. With one file, [n] is its n-th paragraph; with several, the n-th file."""
    from api.cli import console
    from api.verification import verify_answer

    console.show_checked(verify_answer(answer, sources), as_json=as_json)


for _command in (demo, replay, doctor, backup, restore, use, serve, mcp):
    app.command()(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Every error is one line on standard error, with a documented exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads that one question never uses
    gc.set_threshold(100_000)  # what a start makes stays to the end: no use in looking it over
    try:
        app(args=list(arguments) if arguments is not None else None)
    except FootnoteError as error:
        _fail(str(error), error.exit_code)
    except sqlite3.Error as error:
        _fail(f"The library cannot be used at the moment ({error}); see its state with: footnote doctor", 4)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'A file'}: {error.strerror}.", 2)
    except KeyboardInterrupt:  # while a command's modules are loaded
        _fail(_INTERRUPTED, 130)
    except SystemExit as end:
        if end.code == 130:  # typer's silent end after Ctrl-C
            _fail(_INTERRUPTED, 130)
        raise
    except Exception as error:
        if os.environ.get("FOOTNOTE_DEBUG"):
            raise
        _unforeseen(error, sys.argv[1:] if arguments is None else arguments)


def _unforeseen(error: Exception, arguments: Sequence[str]) -> None:
    # Python hands on bytes of a command line that are not UTF-8 as halves of UTF-16 pairs: who stumbles over them, and
    # with what error, depends on the command.
    if any("\udc80" <= character <= "\udcff" for character in "".join(arguments)):
        _fail("An argument is not in UTF-8; type it again, in a terminal that is set to UTF-8.", 2)
    _fail(f"internal error ({type(error).__name__}: {error}); set FOOTNOTE_DEBUG=1 to see where.", 1)


def _fail(message: str, code: int) -> None:
    from api.cli.console import fail

    fail(f"footnote: {message}")
    sys.exit(code)
