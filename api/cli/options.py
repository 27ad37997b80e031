"""Options that several commands share, and the settings that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import InputError

if TYPE_CHECKING:
    from index.library import Library
    from rag.settings import Settings

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", metavar="DIR", help="Library folder [default: .footnote or FOOTNOTE_LIBRARY]"),
]
EngineOption = Annotated[
    str | None,
    typer.Option("--engine", metavar="ADDRESS", help="Library in Milvus: milvus://host:19530/name"),
]
EmbedderOption = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="NAME",
        help="e5, a sentence-transformers model or folder, or http://HOST/v1#MODEL, instead of the packaged embedder",
    ),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Language model that writes the answer")
]
BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="OpenAI-compatible endpoint of --model")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON")]
KOption = Annotated[int | None, typer.Option("-k", min=1, max=50, help="Number of passages to retrieve [default: 5]")]
SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="GLOB", help="Search only documents whose names match")
]


def settings_for(library: Path | None = None, embedder: str | None = None, **more: str | bool | None) -> Settings:
    """The settings of the environment and the file, with what the command line gives.

    Raises InputError for an endpoint without a model.
    """
    from rag.settings import Settings

    options: dict[str, Path | str | bool | None] = {"library": library, "embedder": embedder, **more}
    given = {name: value for name, value in options.items() if value is not None}
    settings = Settings.load().model_copy(update=given)
    if given.get("base_url") and not settings.model:
        raise InputError("An endpoint needs the name of a model; add --model NAME or set FOOTNOTE_MODEL.")
    return settings


def open_library(folder: Path | None = None, engine: str | None = None) -> Library:
    """The library that the settings and the command line name. Raises LibraryError when it cannot be used."""
    from index.library import Library

    settings = settings_for(folder, engine=engine)
    return Library.open(settings.library, engine=settings.engine)
