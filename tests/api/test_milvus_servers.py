"""Several servers over one library in Milvus: any of them indexes and answers, and one may be killed."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.support.milvus import milvus
from tests.support.serving import QUESTION, REPORT

ROOT = Path(__file__).resolve().parents[2]


def start(folder, address):
    """A server with a folder of its own; its process and its address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FOOTNOTE_ENGINE": address, "FOOTNOTE_LIBRARY": str(folder)}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0"]
    log = (folder.parent / f"{folder.name}.log").open("w+")
    process = subprocess.Popen(command, cwd=folder.parent, env=environment, stdout=log, stderr=log, text=True)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        log.seek(0)
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read()):
            return process, found.group()
        time.sleep(0.2)
    raise AssertionError("the server did not start")


@pytest.mark.slow
def test_one_is_killed_while_the_other_answers(tmp_path):
    (tmp_path / "report.txt").write_text(REPORT, encoding="utf-8")
    with milvus(tmp_path / "milvus") as server, httpx.Client(timeout=240) as client:
        address = f"{server}/shared"
        (first, one), (second, two) = (start(tmp_path / name, address) for name in ("one", "two"))
        try:
            files = {"files": ("report.txt", REPORT.encode())}
            job = client.post(f"{one}/v1/documents", files=files).json()["job"]["id"]
            while client.get(f"{one}/v1/jobs/{job}").json()["job"]["state"] in ("queued", "running"):
                time.sleep(0.2)
            answers = [client.post(f"{at}/v1/ask", json={"question": QUESTION}).json() for at in (one, two)]
            assert "23间" in answers[0]["answer"]
            assert [answers[0][name] for name in ("answer", "citations")] == [
                answers[1][name] for name in ("answer", "citations")
            ]
            first.kill()
            first.wait()
            assert client.post(f"{two}/v1/ask", json={"question": QUESTION}).json()["answer"] == answers[0]["answer"]
            job = client.post(f"{two}/v1/documents", files={"files": ("b.txt", "北泉区建成候鸟站。".encode())})
            assert job.status_code in (200, 202)
        finally:
            for process in (first, second):
                process.kill()
                process.wait()
