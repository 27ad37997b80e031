"""`python -m index.reading.isolated`: readers of complex formats, in a process of their own with bounds.

A file that makes a library use up memory or time, or crash, ends this process and is named; the next file gets a new
one. It is started at the first such file and kept, so that a folder of small files does not pay a start each.

On its standard input, again and again: one JSON line {"function", "size", "options"} and `size` bytes of data. On its
standard output: one JSON line {"record", "size"} or {"refused": sentence}, and `size` bytes.
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
MAX_CPU = 240
"""Processor seconds for one file."""
MAX_WAIT = 600
"""Seconds on the clock for one file."""
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


def call(function: str, data: bytes, **options: object) -> Reply:
    """A function of `index.reading`, "pages:picture", on the bytes. Raises InputError with the reason."""
    with _lock:
        return _Child.current().call(function, data, options)


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

    def call(self, function: str, data: bytes, options: dict[str, object]) -> Reply:
        late = threading.Event()

        def end() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(MAX_WAIT, end)
        timer.start()
        try:
            reply = self._exchange(function, data, options)
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

    def _exchange(self, function: str, data: bytes, options: dict[str, object]) -> Reply | str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        order = {"function": _PACKAGE + function, "size": len(data), "options": options}
        stdin.write(json.dumps(order).encode() + b"\n" + data)
        stdin.flush()
        answer = json.loads(stdout.readline())
        if "refused" in answer:
            return str(answer["refused"])
        payload = stdout.read(answer["size"])
        if len(payload) < answer["size"]:
            raise ValueError("cut off")
        return Reply(answer["record"], payload)


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
        _bound_time()
        _answer(stdout, order["function"], data, order["options"])


def _answer(stdout: IO[bytes], function: str, data: bytes, options: dict[str, Any]) -> None:
    reply = Reply({}, b"")
    try:
        module, name = function.split(":")
        made = getattr(import_module(module), name)(data, **options)
        reply = _packed(made) if isinstance(made, Parsed) else made
        answer: dict[str, Any] = {"record": reply.record, "size": len(reply.payload)}
    except InputError as error:
        answer = {"refused": str(error)}
    except ModuleNotFoundError as error:
        answer = {"refused": missing(error.name or "a package")}
    except MemoryError:
        answer = {"refused": "reading it takes too much memory; split it"}
    except Exception as error:
        answer = {"refused": f"it is damaged ({type(error).__name__}); save it again from the program that wrote it"}
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


def _bound_time() -> None:
    """Processor time counts from the start of the process, so the limit moves on with each file."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + MAX_CPU, hard))


if __name__ == "__main__":
    main()
