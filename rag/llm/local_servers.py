"""Model servers on this machine, found on the ports that they listen on by default."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from rag.llm.connection import Connection, Endpoint
from rag.llm.probing import models

PORTS = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
"""Server to its default port."""
_CONNECT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that lists its models."""

    name: str
    """Who usually listens on its port."""
    base_url: str
    """Address for `--base-url`."""
    models: tuple[str, ...]
    """Names as it lists them, those for embeddings left out."""


def local_servers() -> Iterator[LocalServer]:
    """Every server on the usual ports that lists a model; Footnote's own is none. Nothing is loaded or written."""
    for name, port in PORTS.items():
        url = f"http://127.0.0.1:{port}/v1"
        if not _listens(port):
            continue
        listed = models(Connection(Endpoint(url, "", timeout=2.0, connect_timeout=1.0))) or []
        names = [str(entry["id"]) for entry in listed if entry.get("id") and entry.get("owned_by") != "footnote"]
        if chat := tuple(each for each in names if "embed" not in each.lower()):
            yield LocalServer(name, url, chat)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), _CONNECT_SECONDS):
            return True
    except OSError:
        return False
