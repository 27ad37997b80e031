"""`footnote serve`: one process (or several workers) with four doors to the same assistant."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import BaseUrlOption, EmbedderOption, EngineOption, LibraryOption, ModelOption, settings_for
from index.errors import InputError

if TYPE_CHECKING:
    import uvicorn

_GRACE = 330
"""Seconds that running answers have to finish after the server was told to stop."""
_IDLE = 75
"""Seconds that an idle connection is kept: longer than clients and proxies keep theirs, so that these close first."""
_LOADING = 120
"""Seconds that a worker may take to load before it is replaced; uvicorn's 5 replace it for ever on a busy machine."""
_BACKLOG = 2048
"""Connections that may wait for a worker, as many as uvicorn lets wait."""
_HERE = ("127.0.0.1", "localhost", "::1")


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 picks a free one")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Worker processes")] = 1,
    insecure: Annotated[bool, typer.Option("--insecure", help="Let other machines use it without a key")] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Host name that a proxy in front uses; then a key is needed"),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", metavar="URL", help="Site whose pages may call it from a browser (CORS)"),
    ] = None,
    library: LibraryOption = None,
    engine: EngineOption = None,
    embedder: EmbedderOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Serve the library: web page, HTTP API, OpenAI-compatible API and MCP."""
    import uvicorn

    from api.http.app import application
    from api.http.connections import LimitedHTTPProtocol
    from api.http.keys import Keys
    from api.http.middleware import LOOPBACK

    settings = settings_for(library, embedder, engine=engine, model=model, base_url=base_url)
    names, local = allow_host or [], host in _HERE and not allow_host
    closed = not (local or insecure)
    if closed and not any(not key.revoked for key in Keys(settings.library).all):
        advice = "make one with: footnote keys create NAME (or say --insecure)"
        raise InputError(f"Others could reach {host}:{port} and there is no key; {advice}")
    hosts = (*LOOPBACK, *names) if names or local else None
    config = uvicorn.Config(
        partial(application, settings, hosts, allow_origin or [], closed),
        workers=workers,
        factory=True,
        http=LimitedHTTPProtocol,
        timeout_worker_healthcheck=_LOADING,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=_IDLE,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_level="warning",
    )
    os.umask(0o077)  # uploads, jobs and indexes are the owner's
    sock = _bind(host, port)
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Footnote listens on http://{shown}:{sock.getsockname()[1]} (library: {settings.library})")
    if workers == 1:
        uvicorn.Server(config).run(sockets=[sock])
    else:
        _several(config, sock)


def _several(config: uvicorn.Config, sock: socket.socket) -> None:
    from uvicorn.supervisors import Multiprocess

    from api.http.metrics import SHARED

    with tempfile.TemporaryDirectory(prefix="footnote-metrics-") as folder:
        os.environ[SHARED] = folder
        vars(sys.modules["__main__"]).pop("__file__", None)  # workers are not to run the command's script again
        Multiprocess(config, sockets=[sock]).run()


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)  # who comes while models load waits instead of being refused
    except OSError as error:
        raise InputError(f"{host}:{port} cannot be listened on ({error.strerror}); choose --host and --port.") from None
    sock.set_inheritable(True)
    return sock
