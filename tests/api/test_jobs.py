"""Indexing jobs: one after the other, kept as files, taken over when their server is gone, patient with a lock."""

import asyncio
import json
import sys

import pytest
from filelock import FileLock

from api.http import jobs
from api.http.app import create_app
from api.http.errors import ApiError
from api.http.jobs import Jobs
from index.library import Library
from tests.support.serving import job_done, talk


def text(folder, name, words):
    file = folder / name
    file.write_text(words, encoding="utf-8")
    return file


async def over(queue, identity):
    for _ in range(2400):
        if (job := queue.get(identity))["state"] in ("done", "failed"):
            return job
        await asyncio.sleep(0.05)
    raise AssertionError(job)


def running(queue, conversation):
    async def run():
        queue.start()
        try:
            return await conversation()
        finally:
            await queue.stop()

    return asyncio.run(run())


def test_a_job_tells_what_became_of_each_file(settings, tmp_path):
    queue = Jobs(settings.library, None, 5)
    files = [text(tmp_path, "a.txt", "石桥区新建充电桩4200个。"), tmp_path / "gone.txt"]
    queued = queue.add({file: file.name for file in files})
    assert queued["files"] == ["a.txt", "gone.txt"]
    assert (queued["state"], queued["total"]) == ("queued", 2)
    job = running(queue, lambda: over(queue, queued["id"]))
    assert (job["state"], job["error"]) == ("done", None)
    assert job["report"]["indexed"] == ["a.txt"]
    assert job["report"]["skipped"] == [
        {"path": "gone.txt", "reason": "there is no such file or folder", "fault": True}
    ]
    assert (job["done"], job["total"]) == (1, 1)


@pytest.mark.slow
def test_a_job_waits_until_another_writer_is_done(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "_AGAIN", 0.05)
    queue = Jobs(settings.library, None, 5)
    queued = queue.add({text(tmp_path, "a.txt", "石桥区新建充电桩4200个。"): "a.txt"})
    lock = FileLock(settings.library / "write.lock")
    attempts = []
    attempt = queue._attempt

    async def counted(job):
        said = await attempt(job)
        attempts.append(said)
        lock.release()
        return said

    monkeypatch.setattr(queue, "_attempt", counted)
    lock.acquire()
    job = running(queue, lambda: over(queue, queued["id"]))
    assert job["state"] == "done"
    assert [said is None for said in attempts] == [False, True]


@pytest.mark.slow
def test_what_a_server_left_undone_is_done_by_the_next_and_each_job_once(settings, tmp_path, monkeypatch):
    gone = Jobs(settings.library, None, 5)
    left = gone.add({text(tmp_path, "a.txt", "石桥区新建充电桩4200个。"): "a.txt"})
    servers = [Jobs(settings.library, None, 5) for _ in range(2)]
    added = servers[0].add({text(tmp_path, "b.txt", "石桥区新建公园3座。"): "b.txt"})
    ran = []
    finish = Jobs._finish

    async def counted(queue, job):
        ran.append(job["id"])
        await finish(queue, job)

    monkeypatch.setattr(Jobs, "_finish", counted)

    async def conversation():
        servers[1].start()
        done = [await over(servers[0], one["id"]) for one in (left, added)]
        await servers[1].stop()
        return done

    assert [job["state"] for job in running(servers[0], conversation)] == ["done", "done"]
    assert ran == [left["id"], added["id"]]


def test_a_process_that_dies_is_a_job_that_failed(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/true")
    queue = Jobs(settings.library, None, 5)
    queued = queue.add({text(tmp_path, "a.txt", "words"): "a.txt"})
    job = running(queue, lambda: over(queue, queued["id"]))
    assert job["state"] == "failed"
    assert "upload again" in job["error"]


@pytest.mark.slow
def test_a_job_that_cannot_start_leaves_the_next_its_turn(settings, tmp_path, monkeypatch):
    queue = Jobs(settings.library, None, 5)
    first = queue.add({text(tmp_path, "a.txt", "words"): "a.txt"})
    second = queue.add({text(tmp_path, "b.txt", "石桥区新建公园3座。"): "b.txt"})
    executable = sys.executable
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))

    async def conversation():
        return await over(queue, first["id"]), await over(queue, second["id"])

    attempt, calls = queue._attempt, []

    async def patient(job):
        if calls:
            monkeypatch.setattr(sys, "executable", executable)
        calls.append(job)
        return await attempt(job)

    monkeypatch.setattr(queue, "_attempt", patient)
    failed, done = running(queue, conversation)
    assert failed["state"] == "failed"
    assert "FileNotFoundError" in failed["error"]
    assert done["state"] == "done"


def test_an_embedder_that_does_not_fit_fails_with_its_sentence(settings, tmp_path):
    with Library.open(settings.library) as opened:
        opened.store.set_meta(fingerprint="other")
    queue = Jobs(settings.library, None, 5)
    queued = queue.add({text(tmp_path, "a.txt", "words"): "a.txt"})
    job = running(queue, lambda: over(queue, queued["id"]))
    assert job["state"] == "failed"
    assert "--reembed" in job["error"]


def test_too_many_wait(settings, tmp_path):
    queue = Jobs(settings.library, None, 1)
    file = text(tmp_path, "a.txt", "words")
    queue.add({file: "a.txt"})
    with pytest.raises(ApiError, match="wait already"):
        queue.add({file: "a.txt"})


@pytest.mark.parametrize("identity", ["x", "../keys", "0" * 31, "0" * 32])
def test_there_is_no_such_job(settings, identity):
    with pytest.raises(ApiError) as caught:
        Jobs(settings.library, None, 1).get(identity)
    assert caught.value.status_code == 404


def test_finished_jobs_are_forgotten_after_many(settings, monkeypatch):
    monkeypatch.setattr(jobs, "_KEPT", 2)
    queue = Jobs(settings.library, None, 5)
    folder = settings.library / "jobs"
    for n in range(5):
        job = {"id": f"{n:032x}", "state": "done", "files": []}
        (folder / f"{n:032x}.json").write_text(json.dumps(job))
    assert queue._unfinished() == []
    assert len(list(folder.glob("*.json"))) == 2


@pytest.mark.slow
def test_two_uploads_at_once_are_both_indexed(settings):
    app = create_app(settings)

    async def conversation(client):
        posts = (
            client.post("/v1/documents", files=[("files", (f"{n}.txt", f"第{n}区新建公园{n}座。".encode()))])
            for n in range(1, 4)
        )
        queued = [response.json()["job"]["id"] for response in await asyncio.gather(*posts)]
        done = [await job_done(client, identity) for identity in queued]
        return [job["state"] for job in done], (await client.get("/v1/status")).json()["documents"]

    assert talk(app, conversation) == (["done"] * 3, 4)
