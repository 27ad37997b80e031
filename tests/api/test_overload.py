"""More at a time than the server can take, and answers that take too long: a clear refusal, and the rest goes on."""

import asyncio
import threading

import pytest

from api.http.app import create_app
from api.http.limits import Limits
from rag.llm.model import ChatModel, Reply
from tests.support.serving import ANSWER, QUESTION, events, talk


class Slow(ChatModel):
    """A model that waits to be told."""

    description = {"name": "slow", "kind": "endpoint"}  # noqa: RUF012

    def __init__(self):
        self.go, self.asked = threading.Event(), threading.Semaphore(0)

    def complete(self, prompt):
        self.asked.release()
        self.go.wait(30)
        return Reply(ANSWER)


def test_more_at_a_time_than_it_can_take(settings):
    model = Slow()

    async def conversation(client):
        running = [asyncio.create_task(client.post("/v1/ask", json={"question": QUESTION})) for _ in range(2)]
        for _ in running:
            await asyncio.to_thread(model.asked.acquire, timeout=30)
        refused = await client.post("/v1/ask", json={"question": QUESTION})
        alive = await client.get("/healthz")
        model.go.set()
        return refused, alive, await asyncio.gather(*running)

    refused, alive, done = talk(create_app(settings, limits=Limits(answers=2), model=model), conversation)
    assert (refused.status_code, refused.json()["error"]["type"]) == (429, "rate_limited")
    assert refused.headers["retry-after"]
    assert alive.status_code == 200
    assert [response.json()["answer"] for response in done] == [ANSWER, ANSWER]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.slow
def test_an_answer_that_takes_too_long(settings, stream):
    model = Slow()
    limits = Limits(answer_seconds=3 if stream else 0.3)
    body = {"question": QUESTION, "stream": stream}
    response = talk(
        create_app(settings, limits=limits, model=model), lambda c: _then(model, c.post("/v1/ask", json=body))
    )
    if stream:
        assert events(response.text)[-1][0] == "error"
    else:
        assert (response.status_code, response.json()["error"]["type"]) == (503, "unavailable")


async def _then(model, response):
    try:
        return await response
    finally:
        model.go.set()


def test_more_uploads_at_a_time_than_it_can_take(settings):
    app = create_app(settings, limits=Limits(uploads=1))
    begun, go = asyncio.Event(), asyncio.Event()

    async def slowly():
        yield b"--x\r\n"
        begun.set()
        await go.wait()
        yield b'Content-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nwords\r\n--x--\r\n'

    async def conversation(client):
        headers = {"content-type": "multipart/form-data; boundary=x"}
        first = asyncio.create_task(client.post("/v1/documents", content=slowly(), headers=headers))
        await begun.wait()
        second = await client.post("/v1/documents", files=[("files", ("b.txt", b"words"))])
        go.set()
        return (await first).status_code, second.status_code

    assert talk(app, conversation) == (202, 429)
