"""`footnote mcp`: the library for an agent that starts this command and talks to it on standard input and output."""

from __future__ import annotations

from api.cli.options import BaseUrlOption, EmbedderOption, EngineOption, LibraryOption, ModelOption, settings_for


def mcp(
    library: LibraryOption = None,
    engine: EngineOption = None,
    embedder: EmbedderOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Serve the library to an agent over MCP, on standard input and output."""
    settings = settings_for(library, embedder, engine=engine, model=model, base_url=base_url)
    from api.http.limits import Limits
    from api.mcp import run_stdio
    from api.service import Service

    run_stdio(Service(settings, Limits(), create=False))
