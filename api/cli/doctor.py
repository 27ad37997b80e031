"""`footnote doctor`: library, embedder and endpoint, each with a verdict and the fix."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.options import EmbedderOption, EngineOption, JsonOption, LibraryOption, settings_for

_STYLES = {"ok": "green", "note": "yellow", "fault": "bold red"}


def doctor(
    library: LibraryOption = None,
    engine: EngineOption = None,
    embedder: EmbedderOption = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="Model to check")] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", metavar="URL", help="OpenAI-compatible endpoint, with --model")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check library, embedder and endpoint, and suggest fixes. Exit code 1 if something is broken."""
    from rich.text import Text

    from api.cli import console
    from rag.diagnostics import examine

    settings = settings_for(library, embedder, engine=engine, model=model, base_url=base_url)
    findings = []
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            line = Text(f"{finding.verdict:6}", style=_STYLES[finding.verdict]).append(f"{finding.subject:11}", "bold")
            console.say(None, line.append(finding.said, "default"))
            if finding.fix:
                console.say(None, Text(f"{'':17}-> {finding.fix}", style="cyan"))
    healthy = not any(finding.verdict == "fault" for finding in findings)
    if as_json:
        console.say({"healthy": healthy, "findings": [asdict(finding) for finding in findings]}, "", as_json=True)
    if not healthy:
        raise typer.Exit(1)
