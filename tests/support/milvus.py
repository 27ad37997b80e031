"""A Milvus of its own for a test: `milvus-lite server`, which speaks Milvus's protocol."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def milvus(folder: Path) -> Iterator[str]:
    """Its address, `milvus://127.0.0.1:PORT`; skips the test where it is not installed."""
    for package in ("pymilvus", "milvus_lite"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install milvus-lite pymilvus")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("milvus-lite")), "server", "--data-dir", str(folder)]
    process = subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert process.poll() is None, "milvus-lite ended"
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"milvus://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
