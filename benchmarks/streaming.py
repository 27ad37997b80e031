"""What Footnote adds to a stream: the time from the first chunk to the first text shown, and CPU for a long reply.

    python benchmarks/streaming.py [--replies N] [--tokens N]

A scripted server in a process of its own sends over a real socket. First text: from the moment when the first bytes
with text are read from the socket until the command line has written its first text; median and 95th percentile over N
replies. Long reply: CPU seconds (user and system) of this process from the question to the answer, checks and output
included, less those of the same question with a reply of one sentence. Every second sentence of it is a new one that
no paragraph supports, which takes longest to check.
"""

from __future__ import annotations

import argparse
import io
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import httpx

from api.cli.answering import show_stream
from rag import Assistant, Settings

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
QUESTION = "望江区建成了多少间中试车间？"
SAID = "望江区建成中试车间23间。[1]"
SERVE = """
import sys, time
from tests.support.scripted import Server, events, stream
said, length = sys.argv[1], int(sys.argv[2])
text = said + "".join(f"望江区第{i}号车间建成。[1]{said}" for i in range(length // 20))
pieces = text[: max(length, len(said))]
server = Server()
server.replies = [stream(*events(*pieces))]
print(server.url, flush=True)
time.sleep(3600)
"""
_read: list[float] = []
"""When each chunk of a response was read."""


class Serving:
    """The scripted server in a process of its own."""

    def __init__(self, tokens: int) -> None:
        command = [sys.executable, "-c", SERVE, SAID, str(tokens)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def watched() -> None:
    """Notes when httpx gives out each chunk."""
    original = httpx.Response.iter_bytes

    def iter_bytes(self: httpx.Response, *arguments: int) -> itertools.chain:
        for chunk in original(self, *arguments):
            if b'"content": "' in chunk and b'"content": ""' not in chunk:
                _read.append(time.perf_counter())
            yield chunk

    httpx.Response.iter_bytes = iter_bytes


class Screen(io.StringIO):
    """Standard output that notes when something was first written to it."""

    first: float | None = None

    def write(self, text: str) -> int:
        if text and self.first is None:
            self.first = time.perf_counter()
        return super().write(text)


def first_texts(assistant: Assistant, replies: int) -> list[float]:
    """Milliseconds from the first chunk with text to the first text written, for each reply."""
    found = []
    for _ in range(replies):
        _read.clear()
        screen = Screen()
        with redirect_stdout(screen):
            show_stream(assistant.stream(QUESTION))
        assert screen.first
        found.append((screen.first - _read[0]) * 1000)
    return found


def cpu(assistant: Assistant) -> tuple[float, int]:
    """CPU seconds of one streamed and shown answer, and its sentences."""
    start = time.process_time()
    with redirect_stdout(Screen()):
        answer = show_stream(assistant.stream(QUESTION))
    assert answer.model["kind"] == "endpoint"
    assert "fallback" not in answer.model
    return time.process_time() - start, len(answer.sentences)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=10_000, help="chunks of the long reply, one character each")
    arguments = parser.parse_args()
    watched()
    with tempfile.TemporaryDirectory() as folder, Serving(1) as short, Serving(arguments.tokens) as long:
        library = Path(folder) / "library"
        for name, serving in (("short", short), ("long", long)):
            settings = Settings(library=library, model="m", base_url=serving.url)
            with Assistant.open(settings=settings) as assistant:
                assistant.add([EXAMPLES])
                cpu(assistant)
                if name == "short":
                    found = sorted(first_texts(assistant, arguments.replies))
                    print(f"first text after the first chunk, {len(found)} replies:")
                    print(f"  median {statistics.median(found):.2f} ms, 95 % {found[int(len(found) * 0.95)]:.2f} ms")
                    base = min(cpu(assistant)[0] for _ in range(5))
                else:
                    spent, sentences = min(cpu(assistant) for _ in range(3))
                    print(f"{arguments.tokens} chunks, {sentences} sentences: {spent - base:.2f} s of CPU", end="")
                    print(f" beside the {base:.2f} s of a reply of one sentence")


if __name__ == "__main__":
    main()
