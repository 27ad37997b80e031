"""What `footnote doctor` found out about an endpoint, kept beside the library: never the key, never a text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.files import replace_text
from rag.llm.connection import public_url
from rag.llm.reasoning import Style

FILE = "endpoint-profile.json"
"""In the library's folder; one entry per address and model."""
_SCHEMA = 1


@dataclass(frozen=True)
class Profile:
    """One endpoint and model. The defaults assume nothing."""

    refused: frozenset[str] = frozenset()
    """Parameters that it refuses, as `rag.llm.parameters.Parameters` names them."""
    usage_when_asked: bool = False
    """Whether a stream reports its token usage only when asked to."""
    reasoning: Style = "none"
    """How its reasoning comes."""
    context: int | None = None
    """Tokens that fit into a request and its reply, when the server reports it."""
    checked: str = ""
    """Day of the examination, ISO 8601."""


def load_profile(folder: Path, base_url: str, model: str) -> Profile | None:
    """The profile of this endpoint; None when there is none that can be used: the doctor makes a new one."""
    entry = _entries(folder).get(_key(base_url, model))
    try:
        return Profile(**entry | {"refused": frozenset(entry["refused"])}) if entry else None
    except (TypeError, KeyError):
        return None


def save_profile(folder: Path, base_url: str, model: str, profile: Profile) -> Path:
    """Keep it, beside those of other endpoints. Raises OSError."""
    entry = asdict(profile) | {"refused": sorted(profile.refused)}
    entries = dict(sorted((_entries(folder) | {_key(base_url, model): entry}).items()))
    file = folder / FILE
    text = json.dumps({"schema": _SCHEMA, "endpoints": entries}, ensure_ascii=False, indent=2)
    replace_text(file, text + "\n")
    return file


def _key(base_url: str, model: str) -> str:
    return f"{public_url(base_url)} {model}"


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return dict(found["endpoints"]) if found["schema"] == _SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
