"""`footnote backup` and `footnote restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import LibraryOption, settings_for
from index.errors import InputError


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it", show_default=False)], library: LibraryOption = None
) -> None:
    """Write the library to one file; it may be asked and written meanwhile."""
    from index.backup import backup as write

    folder = _folder(library)
    write(folder, file)
    typer.echo(
        f"{folder} is in {file} ({file.stat().st_size / 1e6:.1f} MB); bring it back with: footnote restore {file}"
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What footnote backup wrote", show_default=False)],
    library: LibraryOption = None,
) -> None:
    """Bring a library back from a backup, where there is none."""
    from index.backup import restore as bring

    folder = _folder(library)
    bring(file, folder)
    typer.echo(f"The library of {file} is in {folder}.")


def _folder(library: Path | None) -> Path:
    settings = settings_for(library)
    if settings.engine:
        raise InputError(
            "The library lies in Milvus; back it up with Milvus' own tools, or name a folder: --library DIR"
        )
    return settings.library
