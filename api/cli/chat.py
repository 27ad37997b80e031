"""`footnote chat`: a session in the terminal. A question may follow up on the ones before it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from api.cli.ask import DebugOption, NoFallbackOption, NoStreamOption, StrictOption
from api.cli.options import (
    BaseUrlOption,
    EmbedderOption,
    EngineOption,
    JsonOption,
    KOption,
    LibraryOption,
    ModelOption,
    SourceOption,
    settings_for,
)
from index.errors import FootnoteError, InputError, LibraryError

if TYPE_CHECKING:
    from api.cli.answering import Asker
    from rag.assistant import Assistant
    from rag.conversation import Turn
    from rag.types import Answer

_HELP = """Ask; a question may follow up on earlier ones.
/sources  the paragraphs that the last answer cites, whole
/new      forget the conversation
/help     these lines
/quit     leave (also Ctrl-D); Ctrl-C stops an answer"""
_REMEMBERED = 20
"""Turns that are kept."""


def chat(
    library: LibraryOption = None,
    engine: EngineOption = None,
    embedder: EmbedderOption = None,
    k: KOption = None,
    source: SourceOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    strict: StrictOption = False,
    no_stream: NoStreamOption = False,
    no_fallback: NoFallbackOption = False,
    debug: DebugOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask questions in a row; each may follow up on the earlier ones."""
    from api.cli.answering import Asker
    from rag.assistant import Assistant

    if debug and debug.suffix == ".json":
        raise InputError(f"--debug {debug} is one file; a chat has several answers: name a folder.")
    more = {"strict": strict or None, "fallback": False if no_fallback else None}
    settings = settings_for(library, embedder, engine=engine, model=model, base_url=base_url, **more)
    with Assistant.open(settings=settings, create=False) as assistant:
        asker = Asker(assistant, stream=not no_stream, as_json=as_json, debug=debug, lines=True)
        session = Session(assistant, asker, k, source, as_json=as_json)
        code = session.run()
    if code:
        raise typer.Exit(code)


class Session:
    """One conversation."""

    def __init__(self, assistant: Assistant, asker: Asker, k: int | None, source: str | None, *, as_json: bool) -> None:
        self._assistant, self._asker, self._as_json = assistant, asker, as_json
        self._k, self._source = k, source
        self._history: list[Turn] = []
        self._last: Answer | None = None
        self._talks = sys.stdin.isatty() and not as_json

    def run(self) -> int:
        """Until the end; the exit code: that of the first question that failed, or 0 when a person saw it fail."""
        code = 0
        if self._talks:
            self._greet()
        for line in self._lines():
            if line in ("/quit", "/exit"):
                break
            if line.startswith("/"):
                self._command(line)
            elif line:
                failed = self._ask(line)
                code = code or failed
        return 0 if self._talks else code

    def _greet(self) -> None:
        from api.cli import console

        with suppress(ImportError):
            import readline  # noqa: F401 (its import gives `input` a line editor)
        store = self._assistant.library.store
        writer = self._assistant.settings.model or "the documents' own words"
        counts = f"{store.count('documents')} documents, {store.count('paragraphs')} paragraphs"
        console.show_aside(f"{counts}; answered by {writer}; /help")

    def _lines(self) -> Iterator[str]:
        """What is typed or piped, line by line, without the white space around it."""
        while True:
            try:
                yield input("? " if self._talks else "").strip()
            except EOFError:
                if self._talks:
                    sys.stdout.write("\n")
                return
            except UnicodeDecodeError:
                raise InputError("Standard input is not UTF-8; convert it, or set PYTHONIOENCODING.") from None
            except KeyboardInterrupt:
                if not self._talks:
                    raise
                sys.stdout.write("\n(/quit or Ctrl-D ends)\n")

    def _ask(self, question: str) -> int:
        """Asks, and says what went wrong; the exit code that this would have alone."""
        from api.cli import console
        from rag.conversation import Turn

        try:
            answer = self._asker.ask(question, self._k, source=self._source, history=self._history)
        except LibraryError:
            raise
        except FootnoteError as error:
            sys.stdout.flush()
            console.fail(f"footnote: {error}")
            return error.exit_code
        except KeyboardInterrupt:
            if not self._talks:
                raise
            console.show_aside("stopped")
            return 130
        self._last = answer
        self._history = [*self._history, Turn.of(answer)][-_REMEMBERED:]
        if not self._as_json:
            sys.stdout.write("\n")
        return 0

    def _command(self, line: str) -> None:
        from api.cli import console

        if line == "/new":
            self._history, self._last = [], None
            console.show_aside("forgotten")
        elif line == "/sources":
            self._sources()
        elif line == "/help":
            console.say(None, _HELP)
        else:
            console.show_aside(f"{line.split()[0]} is no command; /help")

    def _sources(self) -> None:
        from api.cli import console

        if self._last is None:
            console.show_aside("nothing was answered yet")
        elif self._last.citations:
            console.show_paragraphs([citation.paragraph for citation in self._last.citations])
        else:
            console.show_aside("the last answer cites nothing; these paragraphs were found")
            console.show_hits(self._last.hits)
