"""`footnote.toml`, changed by a command: which model answers. A key is never written."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import InputError
from index.files import replace_text

FILE = Path("footnote.toml")
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def choose_model(model: str | None, base_url: str | None, file: Path = FILE) -> None:
    """Have `file` name this model, and this address when there is one; everything else in it stays, comments too.

    Without a model both are taken out: the documents are quoted. Raises InputError for an address with a password, for
    a file that is no TOML or has these settings in a form that is not one line each, and when it cannot be written.
    """
    if base_url and urlsplit(base_url).password:
        raise InputError("The address contains a password, which is not written down; use FOOTNOTE_API_KEY.")
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        known = tomllib.loads(before)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not valid TOML ({error}); mend it first.") from None
    chosen = {name: value for name, value in (("model", model), ("base_url", base_url)) if value}
    replaced = sorted(chosen if model else ("model", "base_url"))
    after = _changed(before, chosen, replaced)
    # Changed as text, so that comments stay: what comes out is read again.
    if _read(after) != {name: value for name, value in known.items() if name not in replaced} | chosen:
        raise InputError(f"{file} sets the model in an unusual form; write model and base_url there by hand.")
    try:
        replace_text(file, after)
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}).") from None


def _read(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _changed(text: str, chosen: dict[str, str], replaced: list[str]) -> str:
    """The text with these settings as its first lines, and without their former lines above the first table."""
    table = _TABLE.search(text)
    head, rest = (text[: table.start()], text[table.start() :]) if table else (text, "")
    kept = re.sub(rf"^[ \t]*(?:{'|'.join(replaced)})[ \t]*=.*(?:\n|\Z)", "", head, flags=re.MULTILINE)
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in chosen.items()) + kept + rest


def _quoted(value: str) -> str:
    """A basic TOML string (toml.io, 1.0): the escapes of JSON are among its own; DEL needs one only in TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
