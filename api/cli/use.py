"""`footnote use`: which model writes the answers, kept in `footnote.toml`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from api.cli.options import JsonOption
from index.errors import InputError


def use(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Name of the model at its server")] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url", metavar="URL", help="OpenAI-compatible endpoint [default: a local server that has MODEL]"
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Use no model; quote the documents")] = False,
    as_json: JsonOption = False,
) -> None:
    """Choose the model that writes the answers, or show it. Saved in footnote.toml, without any key."""
    from api.cli import console
    from rag.settings import Settings
    from rag.settings_file import FILE, choose_model

    if none and (model or base_url):
        raise InputError("Give a model or --none, not both.")
    if base_url and not model:
        raise InputError("An endpoint needs the name of a model; footnote use MODEL --base-url URL")
    if model or none:
        choose_model(model, base_url or (_here(model) if model else None), FILE)
        for name in ("FOOTNOTE_MODEL", "FOOTNOTE_BASE_URL", "OPENAI_BASE_URL"):
            if os.environ.get(name, "").strip():
                console.fail(f"{name} is set in the environment and overrides {FILE}")
    settings = Settings.load()
    record = {"model": settings.model, "base_url": settings.base_url if settings.model else None}
    said = "No model is set; the documents are quoted. Choose one with: footnote use MODEL [--base-url URL]"
    if settings.model:
        said = f"{settings.model} at {settings.base_url} writes the answers. Check it with: footnote doctor"
    console.say(record, said, as_json=as_json)


def _here(model: str) -> str | None:
    """The address of a server on this machine that has the model."""
    from rag.llm.local_servers import local_servers

    return next((server.base_url for server in local_servers() if model in server.models), None)
