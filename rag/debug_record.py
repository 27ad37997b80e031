"""A record of one answer that another machine can go through again: question, paragraphs, messages, replies, answer.

No key, no header and no address with a password in it. The record contains the paragraphs that were found: it is as
confidential as the documents.
"""

from __future__ import annotations

import datetime
import json
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.errors import EndpointError, InputError
from index.files import replace_text
from index.version import running_version
from rag.assistant import Assistant
from rag.conversation import Turn
from rag.llm.connection import public_url
from rag.types import Answer, paragraph_dict

SCHEMA = 1
_SETTINGS = (
    *("k", "threshold", "model", "max_tokens", "temperature"),
    *("strict", "fallback", "repair", "rewrite", "budget"),
)


class Recorder:
    """Keeps a record of each answer: in one file, or in files of their own in a folder."""

    def __init__(self, assistant: Assistant, place: Path) -> None:
        """`place` ends in .json for a file that is written anew each time; anything else is a folder."""
        self._assistant, self._place = assistant, place
        self.begin()

    def begin(self) -> None:
        """Forget the exchanges so far; what follows belongs to the next answer."""
        self._assistant.model.exchanges = []

    def keep(self, answer: Answer, history: Sequence[Turn] = ()) -> Path:
        """Write the record. Raises InputError when the place cannot be written."""
        found = [
            paragraph_dict(one) | {"title": one.title, "rank": hit.rank}
            for hit in answer.hits
            for one in hit.paragraphs
        ]
        parts = {"paragraphs": found, "answer": answer.to_dict()}
        return self._write(answer.question, history, parts)

    def keep_failure(self, question: str, error: EndpointError, history: Sequence[Turn] = ()) -> Path:
        """Write what there is when no answer came. Raises InputError when the place cannot be written."""
        return self._write(question, history, {"paragraphs": [], "answer": None, "error": str(error)})

    def _write(self, question: str, history: Sequence[Turn], parts: dict[str, Any]) -> Path:
        text = json.dumps(self._record(question, history) | parts, ensure_ascii=False, indent=2)
        file = self._file(question)
        try:
            replace_text(file, self._assistant.model.hide(text) + "\n", private=True)
        except OSError as error:
            raise InputError(f"The record {file} cannot be written ({error.strerror}); name another place.") from None
        return file

    def _record(self, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """What `rag.replay.replay` reads, beside paragraphs and answer."""
        assistant, settings = self._assistant, self._assistant.settings
        meta = assistant.library.store.meta()
        return {
            "footnote": running_version(),
            "schema": SCHEMA,
            "python": platform.python_version(),
            "recorded": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "question": question,
            "history": [asdict(turn) for turn in history],
            "settings": {name: getattr(settings, name) for name in _SETTINGS},
            "base_url": public_url(settings.base_url) if settings.model else None,
            "template": {"text": assistant.template.text, "version": assistant.template.version},
            "library": {"embedder": meta.get("embedder"), "generation": assistant.library.store.generation()},
            "exchanges": assistant.model.exchanges or [],
        }

    def _file(self, question: str) -> Path:
        if self._place.suffix == ".json":
            return self._place
        now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
        words = re.sub(r"[^\w]+", "-", question)[:20].strip("-")
        return self._place / f"{now}-{words}.json"
