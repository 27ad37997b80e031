"""`footnote.toml`, changed by a command: which model answers, and from which confidence on. A key is never written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import InputError
from index.files import replace_text

FILE = Path("footnote.toml")
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def choose_model(model: str | None, base_url: str | None, file: Path = FILE) -> None:
    """Have `file` name this model, and this address when there is one; everything else in it stays, comments too.

    Without a model both are taken out: the documents are quoted. Raises InputError for an address with a password, and
    as `change_settings` does.
    """
    if base_url and urlsplit(base_url).password:
        raise InputError("The address contains a password, which is not written down; use FOOTNOTE_API_KEY.")
    chosen = {name: value for name, value in (("model", model), ("base_url", base_url)) if value}
    change_settings(file, chosen, sorted(chosen if model else ("model", "base_url")))


def change_settings(file: Path, chosen: Mapping[str, str | float], replaced: Sequence[str]) -> None:
    """Have `file` give the chosen settings in place of those replaced; everything else in it stays, comments too.

    Raises InputError for a file that is no TOML or has these settings in a form that is not one line each, and when it
    cannot be written.
    """
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        known = tomllib.loads(before)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not valid TOML ({error}); mend it first.") from None
    after = _changed(before, chosen, replaced)
    # Changed as text, so that comments stay: what comes out is read again.
    kept = {name: value for name, value in known.items() if name not in replaced}
    if _read(after) != {**kept, **chosen}:
        raise InputError(f"{file} sets {' or '.join(replaced)} in an unusual form; write it there by hand.")
    try:
        replace_text(file, after)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}).") from None


def _read(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _changed(text: str, chosen: Mapping[str, str | float], replaced: Sequence[str]) -> str:
    """The text with these settings as its first lines, and without their former lines above the first table."""
    table = _TABLE.search(text)
    head, rest = (text[: table.start()], text[table.start() :]) if table else (text, "")
    kept = re.sub(rf"^[ \t]*(?:{'|'.join(replaced)})[ \t]*=.*(?:\n|\Z)", "", head, flags=re.MULTILINE)
    return "".join(f"{name} = {_written(value)}\n" for name, value in chosen.items()) + kept + rest


def _written(value: str | float) -> str:
    """A number as in JSON, or a basic TOML string (toml.io, 1.0), where only DEL needs an escape that JSON lacks."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
