"""The real application on a real socket, and Debian's chromium to look at it with."""

import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""Milliseconds that anything may take on a slow machine; nothing waits that long when all is well."""


@contextmanager
def chromium():
    """A browser; skips when there is none."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium fonts-noto-cjk")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def serving(app):
    """The application on a free port; gives its address."""
    import uvicorn

    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}/"
    server.should_exit = True
    thread.join(30)


@contextmanager
def opened(browser, address, *, quiet=True, **options):
    """A page of its own context, in Chinese on a desk unless told otherwise; no script of it may fail."""
    options = {"locale": "zh-CN", "viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **options}
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(address)
    yield page
    context.close()
    assert not quiet or not faults, faults


def ask(page, question):
    """Ask, and wait until the answer stands."""
    before = page.locator(".turn:not([aria-busy])").count()
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.locator(".turn:not([aria-busy])").nth(before).wait_for()
    return page.locator(".turn").last
