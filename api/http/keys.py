"""API keys: 256 random bits each, kept as hashes in `keys.json` of the library's folder, with what they may do.

A key reads `fn-ID-SECRET`. Its hash is plain SHA-256: there is nothing to guess in 256 random bits, so a slow hash
would only slow down every request. A key that was revoked stays in the file: a server whose last key is revoked lets
nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from index.errors import InputError, LibraryError
from index.files import replace_text

FILE = "keys.json"
Scope = Literal["ask", "write", "keep"]
SCOPES: tuple[Scope, ...] = ("ask", "write", "keep")
"""ask: questions, and reading what is in the library · write: uploading and deleting documents · keep: conversations on
the server, those of this key."""
_LONGEST = 200
_PATIENCE = 10
"""Seconds to wait for another writer."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: nobody can use it from here."""

    id: str
    """Names it, in lists and logs."""
    name: str
    """Whom or what it is for."""
    scopes: tuple[str, ...]
    """What it may do."""
    created: str
    """When, UTC."""
    hash: str = field(repr=False)
    """SHA-256 of the whole key, in hexadecimal digits."""
    revoked: str | None = None
    """When it was revoked, UTC; None while it holds."""


class Keys:
    """The keys of one library. What another process changes counts from the next question on."""

    def __init__(self, library: Path) -> None:
        self.folder, self._file = library, library / FILE
        self._seen: tuple[int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    @property
    def all(self) -> tuple[Key, ...]:
        """Every key that was ever made. Raises LibraryError for a file that cannot be read: then nobody comes in."""
        try:
            status = self._file.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        seen = status.st_mtime_ns, status.st_ino
        if seen != self._seen:
            self._keys, self._seen = self._read(), seen
        return self._keys

    def find(self, presented: str) -> Key | None:
        """The key that this is, unless it was revoked. Every key is compared, each in constant time."""
        given = _hash(presented)
        found = None
        for key in self.all:
            if hmac.compare_digest(key.hash, given):
                found = key
        return found if found and not found.revoked else None

    def create(self, name: str, scopes: Sequence[Scope]) -> tuple[Key, str]:
        """A new key, and the only copy of it. Raises InputError for a name or a place that cannot be used."""
        name = name.strip()
        if not name or len(name) > _LONGEST or not name.isprintable():
            raise InputError("A key needs a name of printable characters: footnote keys create NAME")
        identity = secrets.token_hex(4)
        whole = f"fn-{identity}-{secrets.token_urlsafe(32)}"
        key = Key(identity, name, tuple(sorted(set(scopes))), _now(), _hash(whole))
        with self._writing():
            self._write((*self._read(), key))
        return key, whole

    def revoke(self, identity: str) -> Key:
        """Let a key hold no longer. Raises InputError when there is none with this id."""
        with self._writing():
            keys = self._read()
            found = next((key for key in keys if key.id == identity), None)
            if found is None:
                raise InputError(f"There is no key {identity!r}; see: footnote keys list")
            revoked = replace(found, revoked=found.revoked or _now())
            self._write([revoked if key.id == identity else key for key in keys])
        return revoked

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time: a key made while another is revoked must not bring that one back."""
        try:
            with FileLock(self._file.with_suffix(".lock"), mode=0o600, timeout=_PATIENCE):
                yield
        except (OSError, Timeout) as error:
            raise InputError(f"{self._file} cannot be written ({error}).") from None

    def _read(self) -> tuple[Key, ...]:
        try:
            if not self._file.exists():
                return ()
            rows = json.loads(self._file.read_text(encoding="utf-8"))
            return tuple(Key(**{**row, "scopes": tuple(row["scopes"])}) for row in rows)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LibraryError(f"The keys in {self._file} cannot be read ({error}); mend or delete the file.") from None

    def _write(self, keys: Sequence[Key]) -> None:
        """The file whole or not at all, for its owner's eyes."""
        text = json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=1)
        replace_text(self._file, text, private=True)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
