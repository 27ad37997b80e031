"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from index.errors import InputError


def replace_text(path: Path, text: str) -> None:
    """Write a UTF-8 file beside its place, then move it there: a reader sees the old or the new one.

    Raises InputError when the place cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written ({error.strerror}); name another place.") from None
