"""An application over a small report, and clients for it."""

import asyncio
import atexit
import contextlib
import json
import shutil
import socket
import tempfile
import threading
import time
from functools import cache
from pathlib import Path

import httpx
import uvicorn

from api.http.limits import Limits
from rag import Assistant, Settings

REPORT = """3.2 各区进展

望江区

建成全市首个中试平台。望江区建成中试车间23间，为61家企业完成验证147项。

松岭区

新增光电子企业52家，产值达到268亿元。

芦洲区

芦洲区建成候鸟监测站11座，年节水约1200万立方米。
"""
QUESTION = "望江区建成了多少间中试车间？"
ANSWER = "望江区建成中试车间23间，为61家企业完成验证147项。[1]"
UNKNOWN = "松岭区引进了多少博士？"
HERE = "http://127.0.0.1"
SMALL = Limits(body=2000, upload=9000, file=3000, files=3, body_seconds=30, answer_seconds=30, answers=2, guesses=3)


def library(folder):
    """A library of the report in `folder`; its settings. It is made once and copied."""
    (folder / "report.txt").write_text(REPORT, encoding="utf-8")
    shutil.copytree(_made(), folder / "lib")
    return Settings(library=folder / "lib")


@cache
def _made():
    folder = Path(tempfile.mkdtemp(prefix="footnote-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "report.txt").write_text(REPORT, encoding="utf-8")
    with Assistant.open(folder / "lib", settings=Settings()) as assistant:
        assistant.add([folder / "report.txt"])
    return folder / "lib"


@contextlib.asynccontextmanager
async def client(app, **headers):
    """A client of an application that runs, without a network."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers, timeout=60) as opened,
    ):
        yield opened


def talk(app, conversation, **headers):
    """Run `await conversation(client)` against the application."""

    async def run():
        async with client(app, **headers) as opened:
            return await conversation(opened)

    return asyncio.run(run())


@contextlib.contextmanager
def server(app):
    """The application on a socket of its own; its address."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=20))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not running.started and time.monotonic() < until and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"{HERE}:{sock.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(60)


async def job_done(opened, identity):
    """The job once it is over."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        job = (await opened.get(f"/v1/jobs/{identity}")).json()["job"]
        if job["state"] in ("done", "failed"):
            return job
        await asyncio.sleep(0.05)
    raise AssertionError(job)


def events(text):
    """(name, data) of server-sent events."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields.get("event"), json.loads(fields["data"])))
    return found
