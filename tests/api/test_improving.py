"""Suggested questions, thumbs that become eval cases, the choice of the model; uploaded folders, reading again."""

import json

import pytest

from api.http.app import create_app
from api.http.keys import Keys
from eval.authoring.review import review
from eval.cases import load_set
from eval.validation import validate
from rag import Assistant, Settings
from tests.support.scripted import Server, whole
from tests.support.serving import ANSWER, QUESTION, REPORT, UNKNOWN, job_done, talk


def rating(answer, *, good):
    quotes = [
        {"source": c["source"], "text": c["quote"]["text"], "start": c["quote"]["start"]} for c in answer["citations"]
    ]
    words = answer["answer"].replace("[1]", "")
    return {
        "question": answer["question"],
        "answer": words,
        "good": good,
        "refused": bool(answer["refused"]),
        "quotes": quotes,
    }


def test_suggested_questions_are_answered(settings):
    async def conversation(client):
        questions = (await client.get("/v1/suggestions")).json()["questions"]
        return questions, [(await client.post("/v1/ask", json={"question": q})).json()["refused"] for q in questions]

    questions, refused = talk(create_app(settings), conversation)
    assert 0 < len(questions) <= 4
    assert refused == [None] * len(questions)


def test_an_empty_library_suggests_nothing(tmp_path):
    app = create_app(Settings(library=tmp_path / "new"))
    assert talk(app, lambda c: c.get("/v1/suggestions")).json() == {"questions": []}


def test_a_thumb_becomes_a_case_that_the_gate_can_hold(settings):
    async def conversation(client):
        for question in (QUESTION, UNKNOWN):
            answer = (await client.post("/v1/ask", json={"question": question})).json()
            assert (await client.post("/v1/feedback", json=rating(answer, good=True))).status_code == 204

    talk(create_app(settings), conversation)
    path = settings.library / "feedback.jsonl"
    drafts = load_set(path).cases
    assert [(case.question, case.answerable, case.status) for case in drafts] == [
        (QUESTION, True, "draft"),
        (UNKNOWN, False, "draft"),
    ]
    assert "147项" in [fact.any_of[0] for fact in drafts[0].facts]
    assert path.stat().st_mode & 0o077 == 0
    assert review(path, lambda _: "a", lambda _: None)["accepted"] == 2
    with Assistant.open(settings=settings) as assistant:
        assert validate(path, assistant.library)[1] == []


def test_a_thumb_is_changed_and_taken_back(settings):
    def feedback(good):
        body = {"question": QUESTION, "answer": ANSWER, "good": good}
        assert talk(create_app(settings), lambda c: c.post("/v1/feedback", json=body)).status_code == 204
        path = settings.library / "feedback.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    assert "note" not in feedback(True)[0]
    [bad] = feedback(False)
    assert ANSWER in bad["note"]
    assert feedback(None) == []


def test_a_key_that_may_only_ask_changes_nothing(settings):
    _, ask = Keys(settings.library).create("reader", ["ask"])
    _, write = Keys(settings.library).create("writer", ["ask", "write"])
    body = {"question": QUESTION, "answer": ANSWER, "good": True}

    async def conversation(client):
        tried = [
            await client.post("/v1/feedback", json=body),
            await client.put("/v1/model", json={"name": None}),
            await client.post("/v1/documents/reindex", json={}),
        ]
        return [response.status_code for response in tried], (await client.get("/v1/status")).json()["write"]

    app = create_app(settings)
    assert talk(app, conversation, Authorization=f"Bearer {ask}") == ([403, 403, 403], False)
    assert talk(create_app(settings), conversation, Authorization=f"Bearer {write}") == ([204, 200, 202], True)


@pytest.fixture
def endpoint():
    server = Server()
    server.listed = (200, {}, json.dumps({"data": [{"id": "small"}, {"id": "large"}]}))
    server.replies = [whole("望江区建成中试车间23间[1]。")]
    yield server
    server.close()


def test_the_model_is_chosen_among_those_of_the_endpoint(settings, endpoint):
    chosen = settings.model_copy(update={"model": "small", "base_url": endpoint.url})

    async def choose(client):
        assert (await client.get("/v1/model")).json() == {
            "name": "small",
            "kind": "endpoint",
            "choices": ["small", "large"],
        }
        assert (await client.put("/v1/model", json={"name": "elsewhere"})).status_code == 400
        assert (await client.put("/v1/model", json={"name": "large"})).json()["name"] == "large"
        await client.post("/v1/ask", json={"question": QUESTION})
        return endpoint.requests[-1]["model"]

    assert talk(create_app(chosen), choose) == "large"

    async def later(client):  # another server over the same library
        first = (await client.get("/v1/status")).json()["model"]
        quoted = (await client.put("/v1/model", json={"name": None})).json()
        return (
            first["name"],
            quoted["kind"],
            (await client.post("/v1/ask", json={"question": QUESTION})).json()["answer"],
        )

    assert talk(create_app(chosen), later) == ("large", "extractive", ANSWER)


def test_nobody_is_asked_for_models_when_the_settings_name_no_endpoint(settings):
    assert talk(create_app(settings), lambda c: c.get("/v1/model")).json()["choices"] == []


@pytest.mark.slow
def test_an_uploaded_folder_keeps_its_shape(settings):
    files = [
        ("files", ("a.txt", "石桥区新建充电桩4200个。".encode())),
        ("files", ("a.txt", "柳塘区修建公园7座。".encode())),
    ]
    paths = {"paths": ["报告/2023/a.txt", "报告/../..//2024/a.txt"]}

    async def conversation(client):
        response = await client.post("/v1/documents", files=files, data=paths)
        job = await job_done(client, response.json()["job"]["id"])
        names = [d["source"] for d in (await client.get("/v1/documents")).json()["documents"] if d["uploaded"]]
        assert job["files"] == ["uploads/报告/2023/a.txt", "uploads/报告/2024/a.txt"] == names
        for name in names:
            assert (await client.delete(f"/v1/documents/{name}")).status_code == 204
        wrong = await client.post("/v1/documents", files=files, data={"paths": ["a.txt"]})
        return wrong.status_code

    assert talk(create_app(settings), conversation) == 400
    assert list((settings.library / "uploads").iterdir()) == []


@pytest.mark.slow
def test_documents_are_read_again(tmp_path):
    settings = Settings(library=tmp_path / "lib")
    (tmp_path / "report.txt").write_text(REPORT, encoding="utf-8")
    with Assistant.open(settings=settings) as assistant:
        assistant.add([tmp_path / "report.txt"])

    async def conversation(client):
        (tmp_path / "report.txt").write_text("石桥区新建充电桩4200个。", encoding="utf-8")
        response = await client.post("/v1/documents/reindex", json={"sources": ["report.txt"]})
        changed = await job_done(client, response.json()["job"]["id"])
        (tmp_path / "report.txt").unlink()
        response = await client.post("/v1/documents/reindex", json={})
        gone = await job_done(client, response.json()["job"]["id"])
        unknown = await client.post("/v1/documents/reindex", json={"sources": ["no.txt"]})
        return changed["report"]["indexed"], gone["report"]["skipped"], unknown.status_code

    indexed, skipped, unknown = talk(create_app(settings), conversation)
    assert (indexed, unknown) == (["report.txt"], 404)
    assert skipped == [{"path": "report.txt", "reason": "there is no such file or folder", "fault": True}]
