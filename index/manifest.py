"""What a library was made with: its embedder and the versions of how words and chunks are cut."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from index import chunking, passages, words
from index.embedders import Embedder, table_of
from index.errors import LibraryMismatchError
from index.schema import SCHEMA


def entries(embedder: Embedder) -> dict[str, object]:
    """The manifest of a library that is written now."""
    return {
        "schema": SCHEMA,
        "embedder": embedder.name,
        "fingerprint": fingerprint(embedder),
        "dim": embedder.dim,
        "words": words.VERSION,
        "chunking": f"{chunking.VERSION}.{passages.VERSION}",
    }


def fingerprint(embedder: Embedder) -> str:
    """Of what made vectors and tokens."""
    return "+".join(dict.fromkeys((embedder.fingerprint, table_of(embedder).fingerprint)))


def check(meta: Mapping[str, str], embedder: Embedder, where: Path | str) -> None:
    """Raises LibraryMismatchError, with the command that helps, unless this embedder and version made the library."""
    if "fingerprint" not in meta:
        return  # nothing was ever written
    option = "--engine" if "://" in str(where) else "--library"
    again = f"bring it up to date with: footnote index --reembed --embedder {embedder.name} {option} {where}"
    if meta["fingerprint"] != fingerprint(embedder):
        raise LibraryMismatchError(
            f"The library in {where} was embedded by {meta['embedder']!r}, not by {embedder.name!r}; {again}"
        )
    if (meta.get("words"), meta.get("chunking")) != (str(words.VERSION), f"{chunking.VERSION}.{passages.VERSION}"):
        raise LibraryMismatchError(f"The library in {where} was indexed by another version; {again}")
