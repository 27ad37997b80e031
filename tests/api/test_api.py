"""The native API: asking, searching, verifying, documents, jobs, and how each of them says no."""

import asyncio
import re
import shutil
from inspect import isfunction
from pathlib import Path

import pytest
from filelock import FileLock
from pydantic import TypeAdapter

from api.http import inputs, outputs
from api.http.app import create_app
from api.http.errors import TYPES
from api.shared_library import SharedLibrary
from index.library import Library
from rag import Assistant, Settings
from tests.support.exported import export
from tests.support.serving import ANSWER, QUESTION, REPORT, UNKNOWN, events, job_done, library, talk


@pytest.fixture
def app(tmp_path):
    return create_app(library(tmp_path))


def fits(model, data):
    return TypeAdapter(model).validate_python(data)


def test_ask_gives_the_documented_answer(app):
    response = talk(app, lambda c: c.post("/v1/ask", json={"question": QUESTION}))
    answer = response.json()
    assert fits(outputs.AnswerOut, answer)
    assert (response.status_code, answer["answer"], answer["refused"]) == (200, ANSWER, None)
    [citation] = answer["citations"]
    assert REPORT[citation["quote"]["start"] : citation["quote"]["end"]] == citation["quote"]["text"]


def test_a_refusal_is_an_answer(app):
    response = talk(app, lambda c: c.post("/v1/ask", json={"question": UNKNOWN}))
    assert (response.status_code, response.json()["refused"]) == (200, "low_evidence")


def test_the_stream_ends_in_the_same_answer(app):
    async def both(client):
        whole = await client.post("/v1/ask", json={"question": QUESTION})
        return whole.json(), await client.post("/v1/ask", json={"question": QUESTION, "stream": True})

    answer, response = talk(app, both)
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    names = [name for name, _ in told]
    assert [name for name in names if name != "text"] == ["sources", "sentence", "done"]
    assert told[-1][1] | {"timings_ms": {}} == answer | {"timings_ms": {}}
    assert "".join(data["text"] for name, data in told if name == "text") == answer["answer"]
    assert "".join(data["stretch"] for name, data in told if name == "sentence") == ANSWER
    assert told[names.index("sentence")][1]["citations"] == answer["citations"]


def test_a_follow_up_is_understood_by_its_history(app):
    history = [{"question": QUESTION, "answer": ANSWER, "cited": []}]
    body = {"question": "那芦洲区建成了多少座候鸟监测站？", "history": history}
    assert "11座" in talk(app, lambda c: c.post("/v1/ask", json=body)).json()["answer"]


def test_search_and_its_limits(app):
    async def conversation(client):
        found = await client.post("/v1/search", json={"question": QUESTION, "k": 2})
        nothing = await client.post("/v1/search", json={"question": QUESTION, "source": "other/*"})
        either = await client.post("/v1/search", json={"question": QUESTION, "source": ["other/*", "report.txt"]})
        assert len(either.json()["hits"]) > 0
        return found.json(), nothing.json()

    found, nothing = talk(app, conversation)
    assert fits(outputs.HitsOut, found)
    assert len(found["hits"]) == 1  # its three short paragraphs are one passage
    assert len(found["hits"][0]["paragraph_ids"]) == 3
    assert found["hits"][0]["text"].count("\n") == 2
    assert nothing == {"hits": []}


def test_verify_checks_anybodys_answer(app):
    body = {"answer": "望江区建成中试车间32间。[1]", "sources": [{"text": "望江区建成中试车间23间。", "name": "a"}]}
    checked = talk(app, lambda c: c.post("/v1/verify", json=body)).json()
    assert fits(outputs.CheckedOut, checked)
    assert checked["sentences"][0]["verdict"] == "contradicted"


@pytest.mark.slow
def test_upload_list_read_and_delete(app):
    text = "石桥区\n\n石桥区新建充电桩4200个，覆盖全部社区。\n"

    async def conversation(client):
        response = await client.post("/v1/documents", files=[("files", ("更多.txt", text.encode("gb18030")))])
        assert response.status_code == 202
        job = await job_done(client, response.json()["job"]["id"])
        assert fits(outputs.JobOut, job)
        assert (job["state"], job["report"]["indexed"]) == ("done", ["uploads/更多.txt"])
        listed = (await client.get("/v1/documents")).json()
        assert fits(outputs.Documents, listed)
        assert [(d["source"], d["uploaded"]) for d in listed["documents"]] == [
            ("report.txt", False),
            ("uploads/更多.txt", True),
        ]
        shown = (await client.get("/v1/documents/uploads/更多.txt")).json()
        assert fits(outputs.DocumentParagraphs, shown)
        identity = shown["paragraphs"][0]["paragraph_id"]
        assert (await client.get(f"/v1/paragraphs/{identity}")).json()["text"] == text.split("\n\n")[1].strip()
        asked = await client.post("/v1/ask", json={"question": "石桥区新建了多少个充电桩？"})
        assert "4200个" in asked.json()["answer"]
        assert (await client.delete("/v1/documents/uploads/更多.txt")).status_code == 204
        assert (await client.delete("/v1/documents/uploads/更多.txt")).status_code == 404
        return (await client.post("/v1/ask", json={"question": "石桥区新建了多少个充电桩？"})).json()

    assert talk(app, conversation)["refused"]


def test_deleting_leaves_files_that_were_not_uploaded(app, tmp_path):
    assert talk(app, lambda c: c.delete("/v1/documents/report.txt")).status_code == 204
    assert (tmp_path / "report.txt").exists()


def test_a_paragraph_is_shown_with_those_around_it(app):
    async def conversation(client):
        listed = (await client.get("/v1/documents/report.txt")).json()["paragraphs"]
        return listed, (await client.get(f"/v1/paragraphs/{listed[1]['paragraph_id']}")).json()

    listed, shown = talk(app, conversation)
    assert fits(outputs.InContext, shown)
    assert [shown["before"], shown["after"]] == [listed[0], listed[2]]


def test_a_document_is_read_in_pages(app):
    shown = talk(app, lambda c: c.get("/v1/documents/report.txt?offset=1&limit=1")).json()
    assert (shown["total"], len(shown["paragraphs"])) == (3, 1)


def test_an_embedder_in_a_folder_is_shown_without_its_path(tmp_path):
    export(tmp_path / "my-model")
    app = create_app(Settings(library=tmp_path / "lib", embedder=str(tmp_path / "my-model")))
    assert talk(app, lambda client: client.get("/v1/status")).json()["embedder"] == "my-model"


def test_status_probes_and_page_headers(app):
    async def conversation(client):
        return [await client.get(path) for path in ("/v1/status", "/healthz", "/readyz")]

    status, alive, ready = talk(app, conversation)
    assert fits(outputs.Status, status.json())
    assert (status.json()["paragraphs"], status.json()["auth"]) == (3, False)
    assert ".docx" in status.json()["types"]
    assert not {".doc", ".xls", ".ppt"} & set(status.json()["types"])
    assert alive.json() == ready.json() == {"status": "ok"}
    assert "default-src 'none'" in alive.headers["content-security-policy"]


def test_the_api_is_described_on_a_page_of_its_own(app):
    page = talk(app, lambda client: client.get("/docs"))
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<code>POST /v1/ask</code>" in page.text
    linked = set(re.findall(r'href="#(\w+)"', page.text))
    assert {"AskIn", "AnswerOut", "CitationOut"} <= linked
    assert linked <= set(re.findall(r'id="(\w+)"', page.text))
    assert "<script" not in page.text


def test_a_reader_takes_up_what_another_process_indexes(app, tmp_path):
    async def conversation(client):
        before = await client.post("/v1/ask", json={"question": "石桥区新建了多少个充电桩？"})
        (tmp_path / "new.txt").write_text("石桥区新建充电桩4200个。", encoding="utf-8")
        with Assistant.open(tmp_path / "lib") as writer:
            writer.add([tmp_path / "new.txt"])
        return before.json(), (await client.post("/v1/ask", json={"question": "石桥区新建了多少个充电桩？"})).json()

    before, after = talk(app, conversation)
    assert before["refused"]
    assert "4200个" in after["answer"]


def test_a_library_that_is_gone_is_unavailable_and_one_made_anew_is_taken_up(app, tmp_path):
    async def conversation(client):
        (tmp_path / "lib" / "library.sqlite").rename(tmp_path / "aside.sqlite")
        gone = await client.get("/readyz"), await client.post("/v1/ask", json={"question": QUESTION})
        shutil.rmtree(tmp_path / "lib")
        library(tmp_path)
        return gone, await client.post("/v1/ask", json={"question": QUESTION})

    (ready, asked), again = talk(app, conversation)
    assert ready.status_code == asked.status_code == 503
    assert asked.json()["error"]["type"] == "unavailable"
    assert again.json()["answer"] == ANSWER


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "/v1/ask", b"{", 400, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "\\ud800"}', 400, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "\xff"}', 400, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "  "}', 400, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": 3}', 422, "unprocessable"),
        ("POST", "/v1/ask", b'{"question": "a", "K": 3}', 422, "unprocessable"),
        ("POST", "/v1/ask", b'{"question": "a", "source": "*a*a*a*a*a*"}', 422, "unprocessable"),
        ("POST", "/v1/ask", b"[" * 100_000, 400, "invalid_request"),
        ("POST", "/v1/search", b'{"question": "a", "k": 51}', 422, "unprocessable"),
        ("POST", "/v1/verify", b'{"answer": " ", "sources": [{"text": "a"}]}', 400, "invalid_request"),
        ("GET", "/v1/jobs/nothing", None, 404, "not_found"),
        ("GET", "/v1/paragraphs/nothing", None, 404, "not_found"),
        ("GET", "/v1/documents/nothing", None, 404, "not_found"),
        ("DELETE", "/v1/documents/nothing", None, 404, "not_found"),
        ("GET", "/v1/nothing", None, 404, "not_found"),
        ("GET", "/v1/ask", None, 405, "invalid_request"),
    ],
)
def test_what_cannot_be_served_is_one_sentence_and_a_documented_status(app, method, path, body, status, kind):
    headers = {"content-type": "application/json"} if body else {}
    response = talk(app, lambda c: c.request(method, path, content=body, headers=headers))
    assert (response.status_code, response.json()["error"]["type"]) == (status, kind)
    message = response.json()["error"]["message"]
    assert message.endswith((".", '"', "json."))
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body: Input should be a JSON object."),
        (b"[]", "the body: Input should be a JSON object."),
        (b'{"question": "\xff"}', "The body is not valid JSON in UTF-8."),
        (b'{"question": "a", "source": []}', "source: List should have at least 1 item after validation, not 0."),
        (b'{"question": "a", "source": ["a", 3]}', "source.1: Input should be a valid string."),
        (b'{"question": "a", "history": ["b"]}', "history.0: Input should be a JSON object."),
        (b'{"question": "a", "my-k": 3}', "my-k: Extra inputs are not permitted."),
    ],
)
def test_what_is_wrong_with_a_body_is_named_in_the_words_of_its_sender(app, body, message):
    response = talk(app, lambda c: c.post("/v1/ask", content=body, headers={"content-type": "application/json"}))
    assert response.json()["error"]["message"] == message


def test_the_documented_statuses_are_those_that_there_are():
    page = (Path(__file__).parents[2] / "docs/service.md").read_text()
    assert {int(status): kind for status, kind in re.findall(r"\| (\d{3}) \| (\w+) \|", page)} == TYPES


def test_an_error_is_told_before_a_stream_begins(app):
    response = talk(app, lambda c: c.post("/v1/ask", json={"question": " ", "stream": True}))
    assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request")


def test_many_at_once_get_their_own_answers(app):
    questions = [QUESTION, "芦洲区建成了多少座候鸟监测站？", "松岭区新增了多少家光电子企业？"] * 8

    async def conversation(client):
        return await asyncio.gather(*(client.post("/v1/ask", json={"question": q}) for q in questions))

    expected = ["23间", "11座", "52家"] * 8
    for response, words in zip(talk(app, conversation), expected, strict=True):
        assert words in response.json()["answer"]


def test_every_way_to_read_a_library_waits_for_its_turn():
    public = {name for name, one in vars(Library).items() if isfunction(one) and not name.startswith("_")}
    assert public - {"add", "close", "reembed", "remove"} <= set(vars(SharedLibrary))


def test_a_server_over_nothing_makes_an_empty_library(tmp_path):
    app = create_app(Settings(library=tmp_path / "new"))
    assert talk(app, lambda c: c.post("/v1/ask", json={"question": QUESTION})).json()["refused"] == "no_evidence"


def test_the_document_of_the_api_has_examples_that_fit_and_names_the_key(app):
    document = talk(app, lambda c: c.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    shapes = document["components"]["schemas"]
    for model in (inputs.AskIn, inputs.SearchIn, inputs.VerifyIn):
        assert shapes[model.__name__]["examples"]  # FastAPI leaves nulls out of them
        for example in model.model_config["json_schema_extra"]["examples"]:
            fits(model, example)
    assert shapes["ChatIn"]["examples"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path


def test_deleting_while_somebody_writes_is_a_conflict_that_passes(app, tmp_path):
    async def conversation(client):
        with FileLock(tmp_path / "lib" / "write.lock"):
            locked = await client.delete("/v1/documents/report.txt")
        return locked, await client.delete("/v1/documents/report.txt")

    locked, free = talk(app, conversation)
    assert (locked.status_code, locked.json()["error"]["type"]) == (409, "conflict")
    assert locked.headers["retry-after"]
    assert free.status_code == 204
