"""`footnote backup` and `footnote restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import LibraryOption, settings_for
from index.errors import InputError


def backup(
    file: Annotated[Path, typer.Argument(help="File to write", show_default=False)], library: LibraryOption = None
) -> None:
    """Write the library to one file, even while it is in use."""
    from index.backup import backup as write

    folder = _folder(library)
    write(folder, file)
    typer.echo(
        f"Wrote {folder} to {file} ({file.stat().st_size / 1e6:.1f} MB). Restore it with: footnote restore {file}"
    )


def restore(
    file: Annotated[Path, typer.Argument(help="File written by `footnote backup`", show_default=False)],
    library: LibraryOption = None,
) -> None:
    """Restore a library from a backup, in a folder without one."""
    from index.backup import restore as bring

    folder = _folder(library)
    bring(file, folder)
    typer.echo(f"Restored {file} to {folder}.")


def _folder(library: Path | None) -> Path:
    settings = settings_for(library)
    if settings.engine:
        raise InputError("The library is in Milvus; back it up with Milvus' own tools, or name a folder: --library DIR")
    return settings.library
