"""Replies of an endpoint, recorded and played back, so that an evaluation or a test needs no endpoint.

One JSON line per reply, sorted by key, one file per prompt version: they merge in git. The key is the hash of what
was asked and of whom; the address, the time and the server's own words are beside it. Errors, and replies that were
cut off, are not kept.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from index.errors import CassetteError, CassetteMissError
from index.files import replace_text
from rag.llm.model import Reply

Mode = Literal["record", "replay", "cache"]
"""Ask and keep · never ask · ask only what is not there, and keep it."""
Items = Generator[str | Reply, None, None]
"""Pieces of a reply, then the reply."""

_SCHEMA = 1
_CUT = {"length", "content_filter"}


@dataclass(frozen=True)
class Request:
    """What decides a reply."""

    model: str
    """As the server calls it."""
    messages: list[dict[str, str]]
    """All of them, as sent."""
    parameters: dict[str, Any]
    """As the user set them; how a server wants them named is no part of the question."""
    prompt: str
    """Name and version of the template."""
    repeat: int = 0
    """Which of several replies to the same question, from 0."""

    @property
    def key(self) -> str:
        """SHA-256 of the canonical JSON of all fields."""
        fields = asdict(self) | {"schema": _SCHEMA, "api": "chat.completions"}
        canonical = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


class Cassette:
    """A folder of recordings."""

    def __init__(self, folder: Path, mode: Mode, lines: dict[str, dict[str, Any]], repeat: int = 0) -> None:
        """`repeat`: which time this is, for evaluations that ask the same several times."""
        self.folder, self.mode, self._lines, self._repeat = folder, mode, lines, repeat

    @classmethod
    def open(cls, folder: Path, mode: Mode) -> Cassette:
        """Raises CassetteError for a folder or a line that cannot be used."""
        if mode == "replay" and not folder.is_dir():
            raise CassetteError(f"There are no recordings in {folder}; make them with FOOTNOTE_CASSETTE=record.")
        lines: dict[str, dict[str, Any]] = {}
        for file in sorted(folder.glob("*.jsonl")):
            lines |= _read(file)
        return cls(folder, mode, lines)

    def at(self, repeat: int) -> Cassette:
        """The same recordings, of another time that the same is asked."""
        return Cassette(self.folder, self.mode, self._lines, repeat)

    def through(self, request: Request, live: Callable[[], Items]) -> Items:
        """The recorded reply, as one piece and the whole; or the live one, which is kept.

        Raises CassetteMissError while replaying when it was not recorded: nothing is ever asked then.
        """
        request = replace(request, repeat=self._repeat)
        if self.mode == "replay" or (self.mode == "cache" and request.key in self._lines):
            reply = self._play(request)
            yield from (reply.text, reply)
            return
        for item in live():
            if isinstance(item, Reply) and item.record.get("finish_reason") not in _CUT:
                self._keep(request, item)
            yield item

    def _play(self, request: Request) -> Reply:
        line = self._lines.get(request.key)
        if line is None:
            raise CassetteMissError(
                f"{self.folder} contains no reply of {request.model} to this request ({request.prompt}, "
                f"{request.key[:12]}); record it with FOOTNOTE_CASSETTE=record."
            )
        return Reply(line["reply"]["text"], line["reply"]["record"])

    def _keep(self, request: Request, reply: Reply) -> None:
        """Into the file of its prompt, sorted; what others recorded meanwhile stays."""
        from filelock import FileLock

        value = {"text": reply.text, "record": reply.record}
        line = {
            "key": request.key,
            "model": request.model,
            "parameters": request.parameters,
            "prompt": request.prompt,
            "repeat": request.repeat,
            "recorded": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "reply": value,
            "sha256": _digest(value),
        }
        self._lines[request.key] = line
        file = self.folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', request.prompt)}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{file}.lock"):
                lines = (_read(file) if file.exists() else {}) | {request.key: line}
                replace_text(file, "".join(json.dumps(lines[key], ensure_ascii=False) + "\n" for key in sorted(lines)))
        except OSError as error:
            raise CassetteError(f"The recording {file} cannot be written ({error.strerror}).") from None


def _read(file: Path) -> dict[str, dict[str, Any]]:
    """Lines by key. Raises CassetteError that names the line which is not as it was written."""
    lines: dict[str, dict[str, Any]] = {}
    number = 1
    try:
        # Not splitlines, which also cuts at U+2028: JSON strings may have it as it is.
        for text in file.read_text(encoding="utf-8").split("\n"):
            if text:
                line = json.loads(text)
                if _digest(line["reply"]) != line["sha256"]:
                    raise ValueError
                lines[line["key"]] = line
            number += 1
    except OSError as error:
        raise CassetteError(f"The recording {file} cannot be read ({error.strerror}).") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CassetteError(f"{file}, line {number}, is damaged; restore it, or record it again.") from None
    return lines


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
