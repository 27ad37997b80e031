"""`footnote keys`: who may use the server."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import JsonOption, LibraryOption, settings_for
from index.errors import InputError

if TYPE_CHECKING:
    from api.http.keys import Key, Keys

app = typer.Typer(
    name="keys",
    help="Manage the keys of `footnote serve`. Changes apply at once, without a restart.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what the key is for")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="ask, write or keep; may be repeated [default: ask]", metavar="SCOPE"),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a key and show it once; only its hash is stored."""
    from api.cli import console
    from api.http.keys import SCOPES

    wanted = [known for known in SCOPES if known in (scope or ["ask"])]
    if unknown := set(scope or ()) - set(SCOPES):
        raise InputError(f"There is no scope {sorted(unknown)[0]!r}; use ask, write or keep.")
    key, whole = _keys(library).create(name, wanted)
    text = f"{whole}\n\nkey {key.id} for {key.name}, may {' and '.join(key.scopes)}; it is not shown again"
    console.say(_shown(key) | {"key": whole}, text, as_json=as_json)


@app.command(name="list")
def list_(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the keys, without their secrets."""
    from api.cli import console

    keys = _keys(library).all
    console.say([_shown(key) for key in keys], "\n".join(map(_line, keys)) or "There are no keys.", as_json=as_json)


@app.command()
def revoke(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Id shown by `footnote keys list`")],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key and delete the conversations kept for it; answers in progress are finished."""
    from api.cli import console
    from api.http.conversations import Shelf

    keys = _keys(library)
    key = keys.revoke(identity)
    Shelf(keys.folder, key.id).remove()
    console.say(_shown(key), f"revoked {key.id} ({key.name})", as_json=as_json)


def _keys(library: Path | None) -> Keys:
    from api.http.keys import Keys
    from index.library import Library

    settings = settings_for(library)
    with Library.open(settings.library, settings.embedder, create=True, engine=settings.engine) as opened:
        return Keys(opened.folder)


def _line(key: Key) -> str:
    fields = [key.id, key.name, "+".join(key.scopes), key.created]
    return "  ".join([*fields, f"revoked {key.revoked}"] if key.revoked else fields)


def _shown(key: Key) -> dict[str, Any]:
    return {name: value for name, value in asdict(key).items() if name != "hash"}
