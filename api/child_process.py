"""Children of the server: this program's own modules in a process of their own, which can be ended at any time."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

_LINE = 1 << 26
"""Bytes of the longest line that is read from a child."""


@asynccontextmanager
async def child_process(module: str, order: dict[str, object]) -> AsyncGenerator[Process, None]:
    """`python -m module` with `order` as JSON on its standard input; ended on the way out when it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module),
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ | {"PYTHONPATH": _path()},
        limit=_LINE,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _path() -> str:
    """Where the packages lie, first: the child must be this program, whatever the working folder holds."""
    here = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH", "")]))
