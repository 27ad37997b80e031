"""What the server bears: alive and searching while it indexes, many askers at once, and the cost of the way there.

    python benchmarks/serving.py [--seconds 60] [--paragraphs 20000] [--askers 64]

Everything runs on this machine, the askers too, so they take processor time from the server.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from rag import Assistant, Settings

ROOT = Path(__file__).resolve().parent.parent
DISTRICTS = 400


def paragraphs(n: int, seed: int = 0) -> list[str]:
    """Invented paragraphs, all different."""
    pick = random.Random(seed)
    things = ["公园", "图书馆", "充电桩", "实验室", "监测站", "泵站", "车库", "剧场"]
    return [
        f"第{i}号记录：{pick.choice(things)}扩建{pick.randint(2, 999)}处，投资{pick.randint(2, 9999)}万元，"
        f"惠及居民{pick.randint(100, 99999)}人，由第{pick.randint(1, 300)}工程队承建，历时{pick.randint(2, 40)}个月。"
        for i in range(n)
    ]


def corpus(folder: Path) -> None:
    """A document with one figure per district, whose number is another district's figure of something else."""
    lines = [
        f"编号{i:03d}区\n\n编号{i:03d}区建成充电桩{1000 + 7 * i}个，新增停车位{3 * i + 11}个。"
        for i in range(DISTRICTS)
    ]
    (folder / "districts.txt").write_text("\n\n".join(lines), encoding="utf-8")
    settings = Settings(library=folder / "library")
    with Assistant.open(settings=settings) as assistant:
        assistant.add([folder / "districts.txt"])


def start(arguments: list[str]) -> tuple[subprocess.Popen[str], str]:
    """A server process; its address."""
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    address = process.stdout.readline().split("http://")[1].split()[0]
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://{address}/healthz").status_code == 200:
                return process, f"http://{address}"
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(60)


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


def probe(client: httpx.Client, times: dict[str, list[float]], until: Callable[[], bool]) -> None:
    """One request after the other, health and search in turn, with a pause as users make."""
    i = 0
    while not until():
        i += 1
        begin = time.perf_counter()
        client.get("/healthz").raise_for_status()
        times["healthz"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        client.post("/v1/search", json={"question": question(i)}).raise_for_status()
        times["search"].append(time.perf_counter() - begin)
        time.sleep(0.02)


def while_indexing(address: str, n: int, idle_seconds: float) -> None:
    """p95 idle, and while n paragraphs are being indexed."""
    idle: dict[str, list[float]] = {"healthz": [], "search": []}
    busy: dict[str, list[float]] = {"healthz": [], "search": []}
    with httpx.Client(base_url=address, timeout=120) as client:
        client.post("/v1/search", json={"question": "充电桩"})
        until = time.monotonic() + idle_seconds
        probe(client, idle, lambda: time.monotonic() > until)
        text = "\n\n".join(paragraphs(n)).encode()
        begin = time.monotonic()
        job = client.post("/v1/documents", files=[("files", ("many.txt", text))]).json()["job"]["id"]
        done = threading.Event()

        def watch() -> None:
            with httpx.Client(base_url=address, timeout=120) as other:
                while other.get(f"/v1/jobs/{job}").json()["job"]["state"] not in ("done", "failed"):
                    time.sleep(0.3)
            done.set()

        threading.Thread(target=watch, daemon=True).start()
        probe(client, busy, done.is_set)
        seconds = time.monotonic() - begin
        stored = client.get("/v1/status").json()["paragraphs"]
    print(f"indexed {stored - DISTRICTS} paragraphs in {seconds:.1f} s, {len(busy['search'])} searches meanwhile")
    for name in ("healthz", "search"):
        before, during = p95(idle[name]), p95(busy[name])
        print(f"{name} p95: idle {before:.1f} ms, while indexing {during:.1f} ms, {during / before:.2f} x")


def question(i: int) -> str:
    return f"编号{i % DISTRICTS:03d}区建成了多少个充电桩？"


def alone(address: str) -> list[str]:
    """The answer to each question when nobody else asks: what it must be among many askers too."""
    with httpx.Client(base_url=address, timeout=120) as client:
        return [client.post("/v1/ask", json={"question": question(i)}).json()["answer"] for i in range(DISTRICTS)]


async def ask_for(
    address: str, path: str, askers: int, seconds: float, check: Callable[[int, dict[str, Any]], bool]
) -> tuple[float, int, list[str]]:
    """Requests per second of so many askers; every answer is checked."""
    until, counts = time.monotonic() + seconds, [0]
    errors: list[str] = []
    limits = httpx.Limits(max_connections=askers, max_keepalive_connections=askers)

    async def asker(client: httpx.AsyncClient, pick: random.Random) -> None:
        while time.monotonic() < until:
            i = pick.randrange(DISTRICTS)
            try:
                response = await client.post(path, json={"question": question(i)})
            except httpx.HTTPError as error:
                errors.append(repr(error))
                continue
            if response.status_code != 200 or not check(i, response.json()):
                errors.append(response.text[:200])
            counts[0] += 1

    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        begin = time.monotonic()
        await asyncio.gather(*(asker(client, random.Random(n)) for n in range(askers)))
    return counts[0] / (time.monotonic() - begin), counts[0], errors


def right_hits(i: int, found: dict[str, Any]) -> bool:
    return any(f"编号{i:03d}区建成充电桩{1000 + 7 * i}个" in hit["text"] for hit in found["hits"])


def memory(process: subprocess.Popen[str]) -> float:
    """Megabytes of the server and its children."""
    every = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return sum(each.memory_info().rss for each in every) / 1e6


def many_askers(process: subprocess.Popen[str], address: str, askers: int, seconds: float) -> float:
    """Throughput, errors, and memory at the beginning and the end."""
    answers = alone(address)
    right = sum(f"编号{i:03d}区建成充电桩{1000 + 7 * i}个" in answer for i, answer in enumerate(answers))
    print(f"one asker: {right} of {DISTRICTS} answers right")

    def same(i: int, answer: dict[str, Any]) -> bool:
        return answer["answer"] == answers[i]

    asyncio.run(ask_for(address, "/v1/ask", askers, seconds / 6, same))
    before = memory(process)
    rate, n, errors = asyncio.run(ask_for(address, "/v1/ask", askers, seconds, same))
    print(f"{askers} askers for {seconds:g} s: {n} answers, {rate:.1f}/s, {len(errors)} errors or others {errors[:2]}")
    if process.poll() is not None:
        raise SystemExit(f"the server ended with {process.returncode}")
    print(f"memory: {before:.0f} MB after warming up, {memory(process):.0f} MB at the end")
    rate, _, errors = asyncio.run(ask_for(address, "/v1/search", askers, seconds / 3, right_hits))
    print(f"search: {rate:.1f}/s, {len(errors)} errors")
    return rate


BARE = """
import socket, sys, threading
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from rag.assistant import Assistant
from rag.types import hit_dict
from rag.settings import Settings
assistant, lock = Assistant.open(settings=Settings(library=sys.argv[1])), threading.Lock()
app = FastAPI()
class Body(BaseModel):
    question: str
@app.get("/healthz")
def healthz(): return {}
@app.post("/v1/search")
def search(body: Body):
    with lock:
        return {"hits": [hit_dict(hit) for hit in assistant.search(body.question)]}
sock = socket.socket(); sock.bind(("127.0.0.1", 0))
print(f"http://127.0.0.1:{sock.getsockname()[1]} ", flush=True)
uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning")).run(sockets=[sock])
"""
"""The same search behind nothing but FastAPI: no limits, keys, headers, metrics."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--paragraphs", type=int, default=20_000)
    parser.add_argument("--askers", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus(folder)
        command = "import sys; sys.path.insert(0, '.'); from api.cli.main import main; main()"
        serve = ["-u", "-c", command, "serve", "--port", "0", "--library", str(folder / "library")]
        process, address = start(serve)
        rate = many_askers(process, address, options.askers, options.seconds)
        stop(process)
        process, address = start(["-u", "-c", BARE, str(folder / "library")])
        bare, _, _ = asyncio.run(ask_for(address, "/v1/search", options.askers, options.seconds / 3, right_hits))
        stop(process)
        print(f"search: {rate / bare:.2f} x a bare FastAPI endpoint ({bare:.1f}/s)")
        process, address = start(serve)
        while_indexing(address, options.paragraphs, min(15, options.seconds))
        stop(process)


if __name__ == "__main__":
    main()
