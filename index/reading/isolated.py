"""`python -m index.reading.isolated`: readers of complex formats, in a process of their own with bounds.

A file that makes a library use up memory or time, or crash, ends this process and is named; the next file gets a new
one. It is started at the first such file and kept, so that a folder of small files does not pay a start each.

On its standard input, again and again: one JSON line {"function", "seconds", "options", "size"} and `size` bytes of
data. On its standard output: one JSON line {"made" or "refused": sentence, "last"}; with "last", the next file needs a
new process.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from index.errors import InputError
from index.records import Block, Metadata, Parsed, Recognised

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


_lock = threading.RLock()
_process: subprocess.Popen[bytes] | None = None
"""The process that reads the next file; None before the first."""


def read(module: str, data: bytes) -> Parsed:
    """The `read` of `index.reading.MODULE` on the bytes. Raises InputError with the reason."""
    made = call(f"{module}:read", data)
    blocks = tuple(Block(start, end, tuple(heading), *rest) for start, end, heading, *rest in made["blocks"])
    recognised = tuple(Recognised(*line) for line in made["recognised"])
    return Parsed(made["text"], blocks, Metadata(**made["metadata"]), "", tuple(made["notes"]), recognised)


def call(function: str, data: bytes, seconds: int | None = None, **options: object) -> Any:  # noqa: ANN401 - JSON
    """A function of `index.reading`, "pages:drawn", on the bytes. Raises InputError with the reason.

    `seconds` of processor time, by default as many as the bytes allow.
    """
    seconds = seconds or MAX_CPU + CPU_PER_MB * len(data) // 1_000_000
    order = {"function": _PACKAGE + function, "seconds": seconds, "options": options, "size": len(data)}
    with _lock:
        process = _started()
        begun = time.monotonic()
        timer = threading.Timer(PATIENCE * seconds, process.kill)
        timer.start()
        try:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(order).encode() + b"\n" + data)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (OSError, ValueError):  # the process is gone
            stop()
            late = time.monotonic() - begun >= PATIENCE * seconds
            why = "reading it takes too long" if late else "reading it takes too much memory or time"
            raise InputError(f"{why}; split it, or save it again from the program that wrote it") from None
        except BaseException:  # Ctrl-C between order and reply: the pipes are no longer in step
            stop()
            raise
        finally:
            timer.cancel()
        if answer["last"]:
            stop()
    if "refused" in answer:
        raise InputError(answer["refused"])
    return answer["made"]


def _started() -> subprocess.Popen[bytes]:
    global _process
    if _process is None:
        root = str(Path(__file__).parents[2])
        # Every thread's stack counts towards the limit of address space.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-P", "-m", "index.reading.isolated"]  # -P: never a folder `index` of the user's
        _process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        atexit.register(stop)
    return _process


def stop() -> None:
    """End the process; the next call starts another."""
    global _process
    with _lock:
        process, _process = _process, None
        if process is not None:
            atexit.unregister(stop)
            process.kill()
            with contextlib.suppress(OSError, ValueError):  # what was not yet written to it
                process.communicate()


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
    try:
        module, name = function.split(":")
        made = getattr(import_module(module), name)(data, **options)
        answer = {"made": _packed(made) if isinstance(made, Parsed) else made}
    except InputError as error:
        answer = {"refused": str(error)}
    except ModuleNotFoundError as error:
        answer = {
            "refused": f"it needs {error.name}, which is not installed; install it with: pip install {error.name}"
        }
    except Exception as error:  # libraries in C have names of their own for a lack of memory
        why = f"it is damaged ({type(error).__name__}); save it again from the program that wrote it"
        short = isinstance(error, MemoryError) or _most_memory() > LARGE
        answer = {"refused": "reading it takes too much memory; split it" if short else why}
    stdout.write(json.dumps(answer | {"last": _most_memory() > LARGE}).encode() + b"\n")
    stdout.flush()


def _packed(parsed: Parsed) -> dict[str, Any]:
    blocks = [(b.start, b.end, b.heading, b.page, b.kind, b.context) for b in parsed.blocks]
    made = {"text": parsed.text, "blocks": blocks, "metadata": asdict(parsed.metadata)}
    return made | {"notes": parsed.notes, "recognised": parsed.recognised}


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
