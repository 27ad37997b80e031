"""Indexing jobs: one after the other, each in a process of its own, kept as files that every worker reads.

`jobs/ID.json` in the library's folder holds a job as the API shows it, with its files. Whichever server process holds
`jobs/running.lock` runs what is unfinished, oldest first: also what a server left undone that is gone. Indexing again
what is indexed already costs nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
import time
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import AsyncFileLock

from api.http.errors import ApiError
from index.files import replace_text

FOLDER = "jobs"
_ID = re.compile(r"[0-9a-f]{32}")
_KEPT = 200
"""Finished jobs whose files are kept."""
_SHOWN = ("id", "files", "state", "done", "total", "document", "report", "error")
_AGAIN = 1.0
"""Seconds until a library that somebody else writes to is tried again."""
_PATIENCE = 3600.0
"""Seconds after which that is given up."""
_EVERY = 0.2
"""Seconds between two writes of a job's progress."""
_LINE = 1 << 26
"""Bytes of the longest line that the indexing process writes: a report names every file."""
_logger = logging.getLogger("footnote.jobs")

Job = dict[str, Any]


class Jobs:
    """The jobs of one server process, and a look at those of the others."""

    def __init__(self, library: Path, embedder: str | None, most: int, engine: str | None = None) -> None:
        """`most` is how many may wait."""
        self._library, self._embedder, self._most, self._engine = library, embedder, most, engine
        self._folder = library / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        self._turn = AsyncFileLock(self._folder / "running.lock", mode=0o600)
        self._added = asyncio.Event()
        self._waiting: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Jobs of this process that have not begun."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to work, with what a former server left undone."""
        if self._unfinished():
            self._added.set()
        self._task = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """Stop the run; it goes on when a server starts again."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def add(self, files: Mapping[Path, str]) -> Job:
        """Queue the indexing of these files, each with its document's name; the job as the API shows it.

        Raises ApiError (429) when many wait.
        """
        self.check()
        job: Job = dict.fromkeys(_SHOWN) | {"id": uuid.uuid4().hex, "state": "queued", "done": 0, "document": ""}
        job |= {"total": len(files), "files": list(files.values())}
        job["paths"] = [str(file.resolve()) for file in files]
        self._write(job)
        self._waiting.add(job["id"])
        self._added.set()
        return _shown(job)

    def check(self) -> None:
        """Raises ApiError (429) when too many jobs wait."""
        if self.waiting >= self._most:
            message = f"{self._most} indexing jobs wait already; try again when some are done."
            raise ApiError(429, message, headers={"Retry-After": "30"})

    def get(self, identity: str) -> Job:
        """A job, whichever worker runs it. Raises ApiError (404)."""
        job = self._read(self._folder / f"{identity}.json") if _ID.fullmatch(identity) else None
        if job is None:
            raise ApiError(404, f"There is no job {identity[:64]!r}.")
        return _shown(job)

    # --- files ------------------------------------------------------------------------------------------------

    def _write(self, job: Job) -> None:
        replace_text(self._folder / f"{job['id']}.json", json.dumps(job, ensure_ascii=False), private=True)

    def _read(self, file: Path) -> Job | None:
        try:
            job: Job = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return job

    def _unfinished(self) -> list[Job]:
        """Oldest first. Of the finished ones the oldest are forgotten."""
        files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
        jobs = [(file, job) for file in files if (job := self._read(file))]
        finished = [file for file, job in jobs if job["state"] in ("done", "failed")]
        for file in finished[: -_KEPT or None]:
            file.unlink(missing_ok=True)
        return [job for _, job in jobs if job["state"] in ("queued", "running")]

    # --- running ----------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            await self._added.wait()
            self._added.clear()
            async with self._turn:
                while jobs := await asyncio.to_thread(self._unfinished):
                    self._waiting &= {job["id"] for job in jobs[1:]}
                    await self._finish(jobs[0])
                self._waiting.clear()

    async def _finish(self, job: Job) -> None:
        """One job to its end, whatever that is: the next one must have its turn."""
        try:
            await self._run(job)
        except Exception as error:
            _logger.exception("job %s", job["id"])
            job |= {"state": "failed", "error": f"Indexing failed ({type(error).__name__}: {error})."}
            self._write(job)

    async def _run(self, job: Job) -> None:
        """One job to its end; while somebody else writes it is tried again."""
        until = time.monotonic() + _PATIENCE
        while locked := await self._attempt(job):
            if time.monotonic() > until:
                job |= {"state": "failed", "error": locked}
                break
            job["state"] = "queued"
            self._write(job)
            await asyncio.sleep(_AGAIN)
        self._write(job)
        _logger.info("job %s: %s", job["id"], job["state"])

    async def _attempt(self, job: Job) -> str | None:
        """One run of the indexing process; why the library is locked, or None when the job is over."""
        where = {"library": str(self._library.resolve()), "embedder": self._embedder, "engine": self._engine}
        names = dict(zip(job["paths"], job["files"], strict=True))
        order: dict[str, object] = {**where, "files": names}
        async with _indexing(order) as process:
            last = await self._listen(job, process)
            await process.wait()
        if "locked" in last:
            return str(last["locked"])
        error = last.get("error") or (None if "report" in last else "Indexing ended without a report; upload again.")
        job |= {"state": "failed" if error else "done", "error": error, "report": last.get("report")}
        return None

    async def _listen(self, job: Job, process: asyncio.subprocess.Process) -> Job:
        """The last line that the process wrote; its progress goes into the job."""
        assert process.stdout is not None
        last: Job = {}
        written = 0.0
        async for line in process.stdout:
            try:
                last = json.loads(line)
            except ValueError:  # a library that prints
                continue
            if "total" in last:
                job |= {"state": "running", **last}
                if time.monotonic() - written >= _EVERY:
                    self._write(job)
                    written = time.monotonic()
        return last


@asynccontextmanager
async def _indexing(order: dict[str, object]) -> AsyncGenerator[Process, None]:
    """`api.http.indexing` with this on its standard input; ended on the way out when it still runs."""
    here = str(Path(__file__).resolve().parents[2])  # first: it must be this program, whatever the working folder holds
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH", "")]))
    command = (sys.executable, "-P", "-m", "api.http.indexing")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=os.environ | {"PYTHONPATH": path}, limit=_LINE
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


def _shown(job: Job) -> Job:
    return {name: job[name] for name in _SHOWN}
