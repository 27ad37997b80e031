"""The collections that hold a library in Milvus, and the few ways to read and write them."""

from __future__ import annotations

import base64
import json
import logging
import os
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.embedders import Embedder
from index.errors import InputError, LibraryError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

Row = dict[str, Any]
_PIECE, _PIECES = 60_000, 4096
"""Bytes in one string of a packed field, and strings in one: Milvus allows 65 535 and 4 096."""
_AT_A_TIME = 1000
"""Rows of one request: it stays below the 64 MB that Milvus takes."""
_TIMEOUT = 60.0

_COLLECTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "meta": ("name", {"name": "string", "value": "packed"}),
    "documents": (
        "source",
        {
            **{"source": "string", "version": "number", "path": "string", "sha256": "string", "encoding": "string"},
            **{"characters": "number", "paragraphs": "number", "passages": "number", "about": "packed"},
            "text": "packed",
        },
    ),
    "paragraphs": (
        "key",
        {
            **{"key": "number", "id": "string", "base": "string", "content": "string", "version": "number"},
            **{"passage": "number", "position": "number", "inside": "number", "start": "number", "end": "number"},
            "page": "number",
        },
    ),
    "passages": (
        "key",
        {
            **{"key": "number", "version": "number", "cjk": "flag", "words": "sparse", "counts": "packed"},
            **{"tokens": "packed", "text": "packed"},
        },
    ),
    "chunks": (  # one a model: `chunks_of`
        "key",
        {"key": "number", "passage": "number", "version": "number", "cjk": "flag", "vector": "dense"},
    ),
    "terms": ("key", {"key": "number", "body": "number", "heading": "number", "head": "number"}),
}
"""Primary key and fields of each. Rows are never changed but in `meta`, `documents` and `terms`: a changed document
gets a new version, with rows of its own, and those of versions that `documents` does not name do not count."""
_LOOKED_UP = {"documents": ["version"], "paragraphs": ["id", "base", "version"], "passages": ["version"]}
_LOOKED_UP["chunks"] = ["version"]


class Address:
    """`milvus://[user:password@]host[:port]/library`; `milvus+tls://` for an encrypted connection."""

    def __init__(self, text: str) -> None:
        """Raises InputError when it is no such address."""
        parts = urlsplit(text)
        self.library = parts.path.strip("/")
        if parts.scheme not in ("milvus", "milvus+tls") or not parts.hostname or not self.library.isidentifier():
            raise InputError(
                f"{text!r} is no engine; write it as milvus://host:19530/library, the library's name in letters, "
                "digits and underscores."
            )
        self.server = f"{parts.hostname}:{parts.port or 19530}"
        self.uri = f"{'https' if parts.scheme.endswith('tls') else 'http'}://{self.server}"
        self.text = f"{parts.scheme}://{self.server}/{self.library}"
        """Without a password."""
        self.token = f"{parts.username}:{parts.password}" if parts.username else ""


class Tables:
    """One library's collections. Every method raises LibraryError when Milvus does not answer as it should."""

    def __init__(self, address: Address) -> None:
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it writes what it mends itself to standard error
        try:
            from pymilvus import MilvusClient
        except ImportError:
            raise InputError(
                "A library in Milvus needs pymilvus; install it with: pip install 'footnote-qa[milvus]'"
            ) from None
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what it raises, with a traceback
        self.address = address
        with self._speaking():
            self.client: MilvusClient = MilvusClient(uri=address.uri, token=address.token, timeout=10)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        from grpc import RpcError
        from pymilvus import MilvusException

        try:
            yield
        except (MilvusException, RpcError) as error:
            reason = str(getattr(error, "message", "") or error).splitlines()[0]
            raise LibraryError(
                f"Milvus at {self.address.server} does not do what was asked ({reason}); see that it runs, and that "
                "the engine's address is right."
            ) from None

    # --- collections ------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether there is a library; it is used from now on."""
        with self._speaking():
            if self.address.library not in self.client.list_databases():
                return False
            self.client.use_database(self.address.library)
            return bool(self.client.has_collection("meta"))

    def make(self) -> None:
        """Make an empty library and use it."""
        with self._speaking():
            if self.address.library not in self.client.list_databases():
                self.client.create_database(self.address.library)
            self.client.use_database(self.address.library)
            self._make("meta", 2)

    def make_collections(self, chunks: str, dim: int) -> None:
        """Make those that are missing; `chunks` is the one for vectors of this length."""
        with self._speaking():
            for name in (*_COLLECTIONS, chunks):
                if name != "chunks" and not self.client.has_collection(name):
                    self._make(name, dim)

    def lock(self, owner: str) -> bool:
        """Take the writers' lock; False when another has it.

        It is a collection: of several that make it at a time, each with fields of its own, one succeeds.
        """
        from pymilvus import DataType

        schema = self.client.create_schema(auto_id=False)
        schema.add_field("key", DataType.INT64, is_primary=True)
        schema.add_field(owner, DataType.FLOAT_VECTOR, dim=2)
        try:
            with self._speaking():
                self.client.create_collection("lock", schema=schema)
        except LibraryError:
            with self._speaking():
                if self.client.has_collection("lock"):
                    return False
            raise
        return True

    def unlock(self) -> None:
        """Give the writers' lock back."""
        with self._speaking():
            self.client.drop_collection("lock")

    def drop_other_chunks(self, chunks: str) -> None:
        """Drop the vectors of other models."""
        with self._speaking():
            for name in self.client.list_collections():
                if name.startswith("chunks_") and name != chunks:
                    self.client.drop_collection(name)

    def _make(self, name: str, dim: int) -> None:
        from pymilvus import DataType

        key, fields = _described(name)
        schema, indexes = self.client.create_schema(auto_id=False), self.client.prepare_index_params()
        for field, kind in fields.items():
            if kind == "string":
                schema.add_field(field, DataType.VARCHAR, is_primary=field == key, max_length=8192)
            elif kind == "number":
                schema.add_field(field, DataType.INT64, is_primary=field == key)
            elif kind == "flag":
                schema.add_field(field, DataType.BOOL)
            elif kind == "packed":
                texts = {"element_type": DataType.VARCHAR, "max_capacity": _PIECES, "max_length": 65535}
                schema.add_field(field, DataType.ARRAY, **texts)
            elif kind == "sparse":
                schema.add_field(field, DataType.SPARSE_FLOAT_VECTOR)
                indexes.add_index(field, index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
            else:
                schema.add_field(field, DataType.FLOAT_VECTOR, dim=dim)
                indexes.add_index(field, index_type="AUTOINDEX", metric_type="IP")
        if not {"sparse", "dense"} & set(fields.values()):  # Milvus has no collection without vectors
            schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)
            indexes.add_index("nothing", index_type="FLAT", metric_type="IP")
        for field in _LOOKED_UP.get(name.partition("_")[0], ()):
            indexes.add_index(field, index_type="INVERTED")
        # Strong: the generation that a reader sees is never ahead of the rows that belong to it.
        self.client.create_collection(name, schema=schema, index_params=indexes, consistency_level="Strong")

    # --- rows -------------------------------------------------------------------------------------------------

    def put(self, name: str, rows: Sequence[Row]) -> None:
        """Write rows, each in the place of the one with its primary key."""
        bare = not {"sparse", "dense"} & set(_described(name)[1].values())
        with self._speaking():
            for first in range(0, len(rows), _AT_A_TIME):
                some = rows[first : first + _AT_A_TIME]
                self.client.upsert(name, [{**row, "nothing": [0.0, 0.0]} for row in some] if bare else list(some))

    def rows(self, name: str, keys: Collection[Any], fields: Sequence[str]) -> dict[Any, Row]:
        """Rows by primary key."""
        key = _described(name)[0]
        return {row[key]: row for row in self.where(name, key, keys, [key, *fields])}

    def where(self, name: str, field: str, values: Iterable[Any], fields: Sequence[str]) -> list[Row]:
        """Rows whose `field` is one of the values."""
        found = list[Row]()
        with self._speaking():
            for some in _filters(field, values):
                found += self.client.query(name, filter=some, output_fields=list(fields))
        return found

    def every(self, name: str, fields: Sequence[str]) -> Iterator[Row]:
        """All rows."""
        with self._speaking():
            rows = self.client.query_iterator(name, batch_size=_AT_A_TIME, filter="", output_fields=list(fields))
            while some := rows.next():
                yield from some
            rows.close()

    def delete(self, name: str, field: str, values: Iterable[Any]) -> None:
        """Delete the rows whose `field` is one of the values."""
        with self._speaking():
            for some in _filters(field, values):
                self.client.delete(name, filter=some)

    def delete_above(self, name: str, version: int) -> None:
        """Delete the rows of versions above this one."""
        with self._speaking():
            self.client.delete(name, filter=f"version > {version}")

    def nearest(
        self, name: str, field: str, vectors: Sequence[Any], k: int, where: str, fields: Sequence[str]
    ) -> list[list[tuple[Row, float]]]:
        """For each of the vectors, the k rows of largest inner product, best first."""
        with self._speaking():
            found = self.client.search(
                name,
                data=list(vectors),
                anns_field=field,
                limit=k,
                filter=where,
                output_fields=list(fields),
                timeout=_TIMEOUT,
            )
        return [[(hit["entity"], float(hit["distance"])) for hit in hits] for hits in found]

    # --- the manifest -----------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """Every entry but the journal."""
        rows = self.every("meta", ["name", "value"])
        return {row["name"]: unpack(row["value"]).decode() for row in rows if row["name"] != "journal"}

    def set_meta(self, entries: Mapping[str, object]) -> None:
        """Set entries, in one request."""
        self.put("meta", [{"name": n, "value": pack(str(value).encode())} for n, value in entries.items()])


def _filters(field: str, values: Iterable[Any]) -> Iterator[str]:
    """Milvus's words for rows whose `field` is one of the values, a bounded number of them at a time."""
    wanted = list(values)
    for first in range(0, len(wanted), _AT_A_TIME):
        yield f"{field} in {json.dumps(wanted[first : first + _AT_A_TIME], ensure_ascii=False)}"


def _described(name: str) -> tuple[str, dict[str, str]]:
    return _COLLECTIONS[name.partition("_")[0]]


def chunks_of(embedder: Embedder) -> str:
    """Name of the collection that holds the vectors of a model."""
    return f"chunks_{blake2b(embedder.fingerprint.encode(), digest_size=8).hexdigest()}"


def pack(data: bytes) -> list[str]:
    """Bytes as strings that a field takes. Raises InputError when they are too many."""
    text = base64.b64encode(zlib.compress(data, 1)).decode()
    if len(text) > _PIECE * _PIECES:
        raise InputError("The document is too long for Milvus, with over 180 MB of compressed text.")
    return [text[first : first + _PIECE] for first in range(0, len(text), _PIECE)]


def unpack(texts: Iterable[str]) -> bytes:
    """What was packed."""
    return zlib.decompress(base64.b64decode("".join(texts)))
