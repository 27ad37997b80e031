"""Connections that never ask anything."""

import socket
import threading
import time
from contextlib import suppress

import httpx
import pytest
import uvicorn

from api.http import connections
from api.http.connections import LimitedHTTPProtocol


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(LimitedHTTPProtocol, "most", 3)
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(hello, http=LimitedHTTPProtocol, lifespan="off", log_config=None)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield sock.getsockname()[1]
    running.should_exit = True
    thread.join(20)


def opened(port, first=b""):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(first)
    return client


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /"])
@pytest.mark.slow
def test_headers_that_do_not_come_end_the_connection(port, first):
    with opened(port, first) as client:
        received = b""
        while piece := client.recv(1000):
            received += piece
        assert received.endswith(b"hi" if b"GET /" in first[10:] else b"")


def test_connections_beyond_the_most_are_closed_and_said_once(port, caplog):
    silent = [opened(port) for _ in range(3)]
    for _ in range(4):
        with opened(port) as refused, suppress(ConnectionResetError):
            assert refused.recv(10) == b""
    assert sum("connections are open" in record.message for record in caplog.records) == 1
    for client in silent:
        client.close()
    time.sleep(0.2)
    assert httpx.get(f"http://127.0.0.1:{port}/").text == "hi"
