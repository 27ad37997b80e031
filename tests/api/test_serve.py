"""The process: answers that run are finished, clients that leave stop their answer, several workers share a library."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.http.app import create_app
from index.errors import EndpointError
from rag.llm.connection import Endpoint
from rag.llm.deadline import Stop
from rag.llm.endpoint import EndpointModel
from tests.support.scripted import HANG, Server, data, stream
from tests.support.scripted import events as said
from tests.support.serving import ANSWER, QUESTION, events, library, server

ROOT = Path(__file__).resolve().parents[2]

BODIES = {
    "/v1/ask": {"question": QUESTION},
    "/v1/chat/completions": {"model": "m", "messages": [{"role": "user", "content": QUESTION}]},
}


@pytest.fixture
def endpoint():
    playing = Server()
    yield playing
    playing.close()


@pytest.fixture
def settings(tmp_path, endpoint):
    return library(tmp_path).model_copy(update={"model": "m", "base_url": endpoint.url, "timeout": 60})


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("door", BODIES)
@pytest.mark.slow
def test_a_client_that_leaves_stops_its_generation(settings, endpoint, door, streamed):
    endpoint.replies = [stream(*said("望江区")[:2], HANG)]
    body = BODIES[door]
    with server(create_app(settings)) as address:
        place = urlsplit(address)
        sent = json.dumps(body | {"stream": streamed}).encode()
        head = f"POST {door} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json"
        with socket.create_connection((place.hostname, place.port)) as client:
            client.sendall(f"{head}\r\nContent-Length: {len(sent)}\r\n\r\n".encode() + sent)
            _wait(lambda: endpoint.requests)
        assert endpoint.left.wait(20)


def test_a_stop_before_the_request_sends_none(endpoint):
    model = EndpointModel(Endpoint(endpoint.url, "m"))
    stop = Stop()
    stop.set()
    with stop.active(), pytest.raises(EndpointError, match="nobody waits"):
        model.write([{"role": "user", "content": "a"}])


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.slow
def test_an_answer_that_runs_is_finished_when_the_server_stops(settings, endpoint, streamed):
    asked = threading.Event()
    text = ANSWER

    def slowly(_):
        asked.set()
        whole = [data({"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]})[6:]]
        return stream(*said(text[:5], 1.5, text[5:])) if streamed else (200, {}, [1.5, *whole])

    endpoint.replies = [slowly]
    found = []

    def ask(address):
        with httpx.Client(base_url=address, timeout=60) as client:
            found.append(client.post("/v1/ask", json={"question": QUESTION, "stream": streamed}))

    with server(create_app(settings)) as address:
        thread = threading.Thread(target=ask, args=(address,))
        thread.start()
        assert asked.wait(30)
    thread.join(60)
    [response] = found
    answer = events(response.text)[-1][1] if streamed else response.json()
    assert answer["answer"] == ANSWER


@pytest.mark.slow
def test_two_workers_over_one_library_and_a_quiet_end(tmp_path):
    settings = library(tmp_path)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from api.cli.main import main; main()"
    command = [sys.executable, "-c", code, "serve", "--port", "0", "--workers", "2", "--library", str(settings.library)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        address = re.search(r"http://\S+", process.stdout.readline()).group()
        with httpx.Client(base_url=address, timeout=120) as client:
            assert client.get("/readyz").status_code == 200  # it waits for the models, and is not refused
            job = client.post("/v1/documents", files=[("files", ("a.txt", "石桥区新建充电桩4200个。".encode()))])
            identity = job.json()["job"]["id"]
            until = time.monotonic() + 120
            states = set()
            while "done" not in states and time.monotonic() < until:
                states.add(httpx.get(f"{address}/v1/jobs/{identity}", timeout=60).json()["job"]["state"])
            for _ in range(8):  # new connections, so that both workers answer
                answer = httpx.post(
                    f"{address}/v1/ask", json={"question": "石桥区新建了多少个充电桩？"}, timeout=60
                ).json()
                assert "4200个" in answer["answer"]
            assert 'route="/v1/ask"' in client.get("/metrics").text
    finally:
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in out


def _wait(happened):
    until = time.monotonic() + 30
    while not happened() and time.monotonic() < until:
        time.sleep(0.01)
