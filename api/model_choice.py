"""Which model answers, as chosen on the page: kept beside the library, so that every worker follows and a restart too.

Only the endpoint that the settings name is asked for its models, and only when they name one: a page may choose
between models, never send the documents elsewhere.
"""

from __future__ import annotations

import json
from typing import Any

from index.files import replace_text
from rag.settings import Settings

FILE = "model.json"
_LONGEST = 200
"""Models of an endpoint that are offered."""


class ModelChoice:
    """The settings with the model that was chosen last."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._file = settings, settings.library / FILE
        self._seen: tuple[int, int] | None = None

    def changed(self) -> Settings | None:
        """The settings as they are now, when the choice is another than at the last call."""
        try:
            status = self._file.stat()
            seen = status.st_mtime_ns, status.st_ino
        except OSError:
            seen = None
        if seen == self._seen:
            return None
        self._seen = seen
        return self._settings.model_copy(update={"model": self._read()})

    def choose(self, name: str | None) -> None:
        """Let this model answer from now on; None: the documents are quoted."""
        replace_text(self._file, json.dumps({"model": name}, ensure_ascii=False), private=True)

    def offered(self) -> list[str]:
        """Names of the endpoint's models, the settings' one first; empty when the settings name no endpoint."""
        own = self._settings
        if not own.model and own.base_url == Settings.model_fields["base_url"].default:
            return []
        from rag.llm.connection import Connection
        from rag.llm.endpoint import endpoint_of
        from rag.llm.probing import models

        endpoint = endpoint_of(own.model_copy(update={"model": own.model or "any"}))
        listed = [str(entry.get("id") or entry.get("name") or "") for entry in models(Connection(endpoint)) or []]
        return list(dict.fromkeys(name for name in (own.model, *listed) if name))[:_LONGEST]

    def _read(self) -> str | None:
        try:
            chosen: Any = json.loads(self._file.read_text(encoding="utf-8"))
            name = chosen["model"]
        except (OSError, ValueError, KeyError, TypeError):
            return self._settings.model
        return str(name) if name else None
