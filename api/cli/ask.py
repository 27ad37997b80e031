"""`footnote ask`, and the options that it shares with `footnote chat`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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

StrictOption = Annotated[bool, typer.Option("--strict", help="Leave out sentences that their sources do not support")]
NoStreamOption = Annotated[bool, typer.Option("--no-stream", help="Print the answer when it is complete")]
NoFallbackOption = Annotated[
    bool, typer.Option("--no-fallback", help="If the endpoint fails, exit with code 3 instead of quoting the documents")
]
DebugOption = Annotated[
    Path | None,
    typer.Option("--debug", metavar="FILE|DIR", help="Save a record for `footnote replay`; it contains document text"),
]


def ask(
    question: str,
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
    """Answer a question from the library, with checked footnotes."""
    from api.cli.answering import Asker
    from rag.assistant import Assistant

    more = {"strict": strict or None, "fallback": False if no_fallback else None}
    settings = settings_for(library, embedder, engine=engine, model=model, base_url=base_url, **more)
    with Assistant.open(settings=settings, create=False) as assistant:
        asker = Asker(assistant, stream=not no_stream, as_json=as_json, debug=debug)
        asker.ask(question, k, source=source)
