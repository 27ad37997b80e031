"""Hook of the site: the pages' `<!-- commands -->` and `<!-- settings -->` become what the code itself has to say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import typer
import typer.core

ROOT = Path(__file__).resolve().parent.parent


def on_page_markdown(markdown: str, **_: object) -> str:
    """Called by MkDocs for every page."""
    for marker, generated in (("<!-- commands -->", commands), ("<!-- settings -->", settings)):
        if marker in markdown:
            markdown = markdown.replace(marker, generated())
    return markdown


def commands() -> str:
    """Every command with its help, in the order of `footnote --help`."""
    from api.cli.main import app

    return "\n\n".join(
        f"### {path}\n\n```text\n{context.get_help()}\n```" for path, context in _contexts(typer.main.get_command(app))
    )


def _contexts(
    command: typer.core.TyperCommand | typer.core.TyperGroup, parent: typer.Context | None = None
) -> Iterator[tuple[str, typer.Context]]:
    """("footnote eval run", its context) for this command and those below it."""
    settings = {"max_content_width": 100, **command.context_settings}
    context = command.context_class(command, info_name=command.name, parent=parent, **settings)
    yield context.command_path, context
    for below in getattr(command, "commands", {}).values():
        yield from _contexts(below, context)


def settings() -> str:
    """A table of the settings: name, variables, default, meaning (the docstring below each field)."""
    from rag.settings import Settings, variables

    rows = ["| setting | variable | default | |", "|---|---|---|---|"]
    for name, meaning in _docstrings(ROOT / "rag" / "settings.py", "Settings"):
        keys = ", ".join(f"`{variable}`" for variable in variables(name))
        default = Settings.model_fields[name].get_default(call_default_factory=True)
        shown = "" if default in (None, {}) else f"`{default}`"
        rows.append(f"| `{name}` | {keys} | {shown} | {meaning} |")
    return "\n".join(rows)


def _docstrings(file: Path, name: str) -> list[tuple[str, str]]:
    """The fields of a class with the string below each, on one line."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    [body] = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    return [
        (field.target.id, " ".join(text.value.value.split()).replace("|", "\\|"))
        for field, text in zip(body, body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    ]
