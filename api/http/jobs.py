"""Indexing jobs: queued, run one after the other in a process of their own, kept as files that every worker reads.

`jobs/ID.json` in the library's folder holds a job as the API shows it, with its files and its owner. An owner is a
server process; it holds the lock `jobs/OWNER.lock` for as long as it lives. A server that starts takes over the
unfinished jobs of owners that are gone: indexing again what is indexed already costs nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from api.child_process import child_process
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
_logger = logging.getLogger("footnote.jobs")

Job = dict[str, Any]


class Jobs:
    """The jobs of one server process, and a look at those of the others."""

    def __init__(self, library: Path, embedder: str | None, most: int, engine: str | None = None) -> None:
        """`most` is how many may wait."""
        self._library, self._embedder, self._most, self._engine = library, embedder, most, engine
        self._folder = library / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        self._owner = uuid.uuid4().hex
        self._alive = FileLock(self._folder / f"{self._owner}.lock")
        self._alive.acquire()
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        return self._queue.qsize()

    def start(self) -> None:
        """Begin to work, with what a former server left undone."""
        self._take_over()
        self._task = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """Stop the run; it goes on when a server starts again."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._alive.release()
        with suppress(OSError):
            Path(self._alive.lock_file).unlink()

    def add(self, files: Mapping[Path, str]) -> Job:
        """Queue the indexing of these files, each with its document's name; the job as the API shows it.

        Raises ApiError (429) when many wait.
        """
        self.check()
        job: Job = dict.fromkeys(_SHOWN) | {"id": uuid.uuid4().hex, "state": "queued", "done": 0, "document": ""}
        job |= {"total": len(files), "files": list(files.values()), "owner": self._owner}
        job["paths"] = [str(file.resolve()) for file in files]
        self._write(job)
        self._queue.put_nowait(job)
        return _shown(job)

    def check(self) -> None:
        """Raises ApiError (429) when too many jobs wait."""
        if self.waiting >= self._most:
            message = f"{self._most} indexing jobs wait already; try again when some are done."
            raise ApiError("rate_limited", message, headers={"Retry-After": "30"})

    def get(self, identity: str) -> Job:
        """A job, whichever worker runs it. Raises ApiError (404)."""
        job = self._read(self._folder / f"{identity}.json") if _ID.fullmatch(identity) else None
        if job is None:
            raise ApiError("not_found", f"There is no job {identity[:64]!r}.")
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

    def _take_over(self) -> None:
        """The unfinished jobs of servers that are gone, oldest first; one server at a time looks."""
        with FileLock(self._folder / "take-over.lock"):
            files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
            jobs = [(file, job) for file in files if (job := self._read(file))]
            for file, job in jobs[: -_KEPT or None]:
                if job["state"] in ("done", "failed"):
                    file.unlink(missing_ok=True)
            for _, job in jobs:
                if job["state"] in ("queued", "running") and self._gone(str(job["owner"])):
                    job |= {"owner": self._owner, "state": "queued"}
                    self._write(job)
                    self._queue.put_nowait(job)

    def _gone(self, owner: str) -> bool:
        if owner == self._owner or not _ID.fullmatch(owner):
            return False
        lock = FileLock(self._folder / f"{owner}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        return True

    # --- running ----------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                await self._run(job)
            except Exception as error:  # a job that fails must not stop the queue
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
        async with child_process("api.http.indexing", order) as process:
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


def _shown(job: Job) -> Job:
    return {name: job[name] for name in _SHOWN}
