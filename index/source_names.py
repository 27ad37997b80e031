"""What a document is called in its library: never by a path that only its own machine has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class SourceNames:
    """Names of files, each its own. A file that is in the library keeps its name."""

    def __init__(self, folder: Path, known: Mapping[str, str]) -> None:
        """`folder` is the library's, `known` the name of each resolved path that is in it."""
        self._home = folder.resolve()
        self._known, self._taken = dict(known), set(known.values())

    def name(self, file: Path) -> str:
        """A file's name: relative to the library's folder or the one that holds it, else as short as is unique.

        lib/uploads/a.txt -> "uploads/a.txt"; beside the library reports/a.txt -> "reports/a.txt"; elsewhere
        /data/2024/a.txt -> "a.txt", or "2024/a.txt" where another "a.txt" is in the library.
        """
        resolved = file.resolve()
        known = self._known.get(str(resolved))
        name = known or self._beside(resolved) or self._shortest(resolved)
        self._known[str(resolved)] = name
        self._taken.add(name)
        return name

    def _beside(self, resolved: Path) -> str | None:
        for home in (self._home, self._home.parent):
            if resolved.is_relative_to(home):
                return resolved.relative_to(home).as_posix()
        return None

    def _shortest(self, resolved: Path) -> str:
        parts = resolved.parts[1:]
        names = ("/".join(parts[-n:]) for n in range(1, len(parts) + 1))
        return next((name for name in names if name not in self._taken), resolved.as_posix())
