"""Text files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def replace_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write UTF-8 with Unix line ends in one step: a reader finds the old file or the new one, also after a crash.

    The folder is made when it is missing. A private file is readable by its owner only. Half of a UTF-16 pair becomes
    its escape, which JSON reads back. Raises OSError; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.parent / f".{path.name[:100]}.{secrets.token_hex(4)}.partial"  # no other writer has this name
    try:
        # Private from the first byte on: a chmod would come after the text.
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
