"""`python -m index.reading.isolated`: readers of complex formats, in a process of their own with bounds.

A file that makes a library use up memory or time, or crash, ends this process and is named; the next file gets a new
one. It is started at the first such file and kept, so that a folder of small files does not pay a start each.

On its standard input, again and again: one JSON line {"function", "seconds", "options", "size"} and `size` bytes of
data. On its standard output: one JSON line {"record" or "refused": sentence, "size", "last"} and `size` bytes; with
"last", the next file needs a new process.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from index.errors import InputError
from index.records import Block, Metadata, Parsed

MAX_MEMORY = 3_000_000_000
"""Bytes of address space; libraries and a thread's stack take some 500 MB of it before any file."""
LARGE = 1_000_000_000
"""Bytes that the process may have needed for a file and still be kept for the next one."""
MAX_CPU = 60
"""Processor seconds for one file, and CPU_PER_MB more for each million bytes of it."""
CPU_PER_MB = 30
"""Of a scan, a million bytes are up to twenty pages, and a page takes a second."""
PATIENCE = 3
"""Seconds on the clock for each of them, on a machine that does other work too."""
_PACKAGE = "index.reading."
"""Where functions are looked up."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a function made of a file."""

    record: dict[str, Any]
    """As JSON."""
    payload: bytes
    """What is not text: a picture."""


def read(module: str, data: bytes) -> Parsed:
    """The `read` of `index.reading.MODULE` on the bytes. Raises InputError with the reason."""
    record = call(f"{module}:read", data).record
    blocks = tuple(Block(s, e, tuple(heading), *rest) for s, e, heading, *rest in record["blocks"])
    return Parsed(record["text"], blocks, Metadata(**record["metadata"]), notes=tuple(record["notes"]))


def call(function: str, data: bytes, seconds: int | None = None, **options: object) -> Reply:
    """A function of `index.reading`, "pages:drawn", on the bytes. Raises InputError with the reason.

    `seconds` of processor time, by default as many as the bytes allow.
    """
    with _lock:
        seconds = seconds or MAX_CPU + CPU_PER_MB * len(data) // 1_000_000
        return _Child.current().call({"function": _PACKAGE + function, "seconds": seconds, "options": options}, data)


class _Child:
    """The process, and the pipes to it."""

    _current: _Child | None = None

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-P", "-m", "index.reading.isolated"]  # -P: never a folder `index` of the user's
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )

    @classmethod
    def current(cls) -> _Child:
        if cls._current is None:
            cls._current = cls()
            atexit.register(stop)
        return cls._current

    def end(self) -> None:
        self._process.kill()
        with contextlib.suppress(OSError, ValueError):  # what was not yet written to it
            self._process.communicate()

    def call(self, order: dict[str, Any], data: bytes) -> Reply:
        late = threading.Event()

        def end() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(PATIENCE * order["seconds"], end)
        timer.start()
        try:
            reply = self._exchange(order, data)
        except (OSError, ValueError):  # the process is gone
            stop()
            why = "reading it takes too long" if late.is_set() else "reading it takes too much memory or time"
            raise InputError(f"{why}; split it, or save it again from the program that wrote it") from None
        except BaseException:  # Ctrl-C between order and reply: the pipes are no longer in step
            stop()
            raise
        finally:
            timer.cancel()
        if isinstance(reply, str):
            raise InputError(reply)
        return reply

    def _exchange(self, order: dict[str, Any], data: bytes) -> Reply | str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.write(json.dumps(order | {"size": len(data)}).encode() + b"\n" + data)
        stdin.flush()
        answer = json.loads(stdout.readline())
        payload = stdout.read(answer["size"])
        if len(payload) < answer["size"]:
            raise ValueError("cut off")
        if answer["last"]:
            stop()
        return answer.get("refused") or Reply(answer["record"], payload)


_lock = threading.RLock()


def stop() -> None:
    """End the process; the next call starts another."""
    with _lock:
        child, _Child._current = _Child._current, None
        if child is not None:
            atexit.unregister(stop)
            child.end()


def main() -> None:
    """Serve orders until standard input ends."""
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the replies
    _bound_memory()
    while line := stdin.readline():
        order = json.loads(line)
        data = stdin.read(order["size"])
        _bound_time(order["seconds"])
        _answer(stdout, order["function"], data, order["options"])


def _answer(stdout: IO[bytes], function: str, data: bytes, options: dict[str, Any]) -> None:
    reply = Reply({}, b"")
    answer: dict[str, Any]
    try:
        module, name = function.split(":")
        made = getattr(import_module(module), name)(data, **options)
        reply = _packed(made) if isinstance(made, Parsed) else made
        answer = {"record": reply.record}
    except InputError as error:
        answer = {"refused": str(error)}
    except ModuleNotFoundError as error:
        answer = {"refused": missing(error.name or "a package")}
    except Exception as error:  # libraries in C have names of their own for a lack of memory
        why = f"it is damaged ({type(error).__name__}); save it again from the program that wrote it"
        short = isinstance(error, MemoryError) or _most_memory() > LARGE
        answer = {"refused": "reading it takes too much memory; split it" if short else why}
    answer |= {"last": _most_memory() > LARGE, "size": len(reply.payload)}
    stdout.write(json.dumps(answer).encode() + b"\n" + reply.payload)
    stdout.flush()


def missing(package: str) -> str:
    """What is said where a package is not installed."""
    return f"it needs {package}, which is not installed; install it with: pip install {package}"


def _packed(parsed: Parsed) -> Reply:
    blocks = [(b.start, b.end, b.heading, b.page, b.kind, b.context) for b in parsed.blocks]
    record = {"text": parsed.text, "blocks": blocks, "metadata": asdict(parsed.metadata), "notes": parsed.notes}
    return Reply(record, b"")


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limits; macOS ignores this one
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _most_memory() -> int:
    """Bytes that this process has needed at most; 0 where the system does not count them."""
    with contextlib.suppress(ImportError):
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    return 0


def _bound_time(seconds: int) -> None:
    """Processor time counts from the start of the process, so the limit moves on with each file."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, hard))


if __name__ == "__main__":
    main()
