"""The doctor: a verdict and a fix for library, embedder and endpoint, and a profile that the client then uses."""

import json

import pytest

from api.cli.main import main
from rag import Assistant, Settings
from rag.diagnostics import examine
from rag.llm.endpoint import open_model
from rag.llm.profile import load_profile
from tests.support.scripted import Server, chunk, data, events, refused, stream, whole

pytestmark = pytest.mark.slow  # servers and whole answers, many times over

KEY = "sk-secret-4711"


@pytest.fixture
def server():
    made = Server()
    made.listed = (200, {}, json.dumps({"object": "list", "data": [{"id": "m", "max_model_len": 4096}]}))
    made.replies = [obliging]
    yield made
    made.close()


def obliging(body):
    return stream(*events("5", ".")) if body.get("stream") else whole("5")


@pytest.fixture
def library(tmp_path):
    (tmp_path / "r.txt").write_text("望江区建成中试车间23间。", encoding="utf-8")
    with Assistant.open(settings=Settings(library=tmp_path / "lib")) as assistant:
        assistant.add([tmp_path / "r.txt"])
    return tmp_path / "lib"


def doctor(server, library="nowhere", **more):
    settings = {"library": library, "model": "m", "base_url": server.url, "api_key": KEY, "timeout": 3, "retries": 0}
    findings = list(examine(Settings(**(settings | more))))
    assert KEY not in str(findings)
    return {finding.subject: finding for finding in findings}


def test_a_healthy_installation(server, library):
    found = doctor(server, library)
    assert [finding for finding in found.values() if finding.verdict != "ok"] == []
    assert "1 documents, 1 paragraphs" in found["library"].said
    assert "4096" in found["context"].said
    assert "2 pieces" in found["streaming"].said
    assert found["parameters"].said == "max_tokens, temperature, stream_options accepted"
    profile = load_profile(library, server.url, "m")
    assert (profile.refused, profile.context, profile.reasoning) == (frozenset(), 4096, "none")
    assert all("23" not in json.dumps(body) for body in server.requests)  # nothing of the library is sent


def test_what_an_endpoint_refuses_is_found_kept_and_then_left_out(server, library):
    def picky(body):
        for name in ("max_tokens", "temperature", "stream_options"):
            if name in body:
                return refused("Bad request")  # names nothing
        return refused("no") if body["stream"] else whole("5")

    server.replies = [picky]
    found = doctor(server, library)
    assert found["streaming"].verdict == "note"
    assert found["parameters"].said == "max_completion_tokens accepted; max_tokens, temperature refused and left out"
    profile = load_profile(library, server.url, "m")
    assert profile.refused == {"max_tokens", "temperature", "stream=true"}
    server.requests.clear()
    settings = Settings(model="m", base_url=server.url, temperature=0.5, max_tokens=9)
    open_model(settings, library).write([{"role": "user", "content": "?"}])
    assert [sorted(body) for body in server.requests] == [["max_completion_tokens", "messages", "model", "stream"]]


def test_a_server_that_only_streams(server, library):
    server.replies = [lambda body: obliging(body) if body["stream"] else refused("only stream mode is supported")]
    assert doctor(server, library)["reply"].verdict == "note"
    assert load_profile(library, server.url, "m").refused == {"stream=false"}


def test_usage_is_asked_for_when_that_helps(server, library):
    usage = data({"choices": [], "usage": {"completion_tokens": 2}})

    def counts(body):
        return stream(*events("5", done=usage if "stream_options" in body else "")) if body["stream"] else whole("5")

    server.replies = [counts]
    doctor(server, library)
    assert load_profile(library, server.url, "m").usage_when_asked


@pytest.mark.parametrize(
    ("reply", "style"),
    [
        (stream(*events(chunk(reasoning_content="2+3"), "5")), "field"),
        (stream(*events("<think>2+3</think>", "5")), "tags"),
        (stream(*events("2+3", "</think>5")), "unopened"),
    ],
)
def test_the_style_of_reasoning_is_found(server, library, reply, style):
    server.replies = [lambda body: reply if body["stream"] else whole("5")]
    assert doctor(server, library)["reasoning"].verdict == "note"
    assert load_profile(library, server.url, "m").reasoning == style


def test_a_limit_that_has_no_effect_is_said(server):
    body = json.loads(whole("5")[2]) | {"usage": {"completion_tokens": 900}}
    server.replies = [lambda asked: obliging(asked) if asked["stream"] else (200, {}, json.dumps(body))]
    assert "max_tokens without effect" in doctor(server)["parameters"].said


@pytest.mark.parametrize("listed", [(404, {}, ""), (200, {}, '{"data": []}'), (200, {}, "<html>"), (0, {}, "")])
def test_no_list_of_models_is_no_fault(server, listed):
    server.listed = listed
    found = doctor(server)
    assert found["model"].verdict == "ok"
    assert "lists no models" in found["model"].said
    assert found["context"].verdict == "note"


FAULTS = {
    "wrong key": (refused(f"Incorrect API key provided: {KEY}", 401), "key", "FOOTNOTE_API_KEY"),
    "key without rights": (refused("denied", 403), "key", "may not use"),
    "key that LiteLLM does not know": (refused("No connected db."), "key", "FOOTNOTE_API_KEY"),
    "no such model": (refused("no", 404), "model", "did you mean --model qwen3:8b? The server lists qwen3:8b, bge-m3"),
    "no such model, as 400": (refused("unknown model"), "model", "qwen3:8b"),
    "nobody there": ((0, {}, ""), "endpoint", "start it, or check"),
    "always busy": ((503, {"retry-after": "60"}, "loading"), "endpoint", "try again later"),
    "silent model": (whole(""), "reply", "another model"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_have_a_fix(server, name):
    reply, subject, fix = FAULTS[name]
    server.replies = [reply]
    server.listed = (200, {}, json.dumps({"data": [{"id": "qwen3:8b"}, {"id": "bge-m3"}]}))
    finding = doctor(server, model="qwen3-8b" if "model" in name else "m")[subject]
    assert finding.verdict == "fault"
    assert fix in finding.fix


def test_a_better_address_is_named(server):
    right, answer = server.url, server.answer

    def strict(handler, *reply):
        good = handler.path in ("/v1/models", "/v1/chat/completions")
        answer(handler, *(reply if good else (404, {}, "no such page")))

    server.answer = strict
    for wrong in (right.removesuffix("/v1"), right + "/chat/completions"):
        assert doctor(server, base_url=wrong)["address"].fix == f"use --base-url {right}"


def test_without_a_model_only_the_library_is_examined(server, library):
    found = doctor(server, library, model=None)
    assert found["endpoint"].verdict == "note"
    assert server.requests == []


def test_a_library_that_cannot_be_used_is_a_fault_with_its_fix(server, tmp_path):
    found = doctor(server, tmp_path / "none", model=None)
    assert found["library"].verdict == "fault"
    assert "footnote index" in found["library"].fix
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "library.sqlite").write_text("no database")
    assert doctor(server, tmp_path / "lib", model=None)["library"].verdict == "fault"


def test_the_command_line(server, library, capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    options = ["doctor", "--library", str(library), "--model", "m", "--base-url", server.url]

    def run(*more):
        with pytest.raises(SystemExit) as end:
            main([*options, *more])
        return end.value.code, "".join(capsys.readouterr())

    code, out = run()
    assert (code, KEY in out) == (0, False)
    assert "ok    library" in out
    code, out = run("--json")
    assert (code, json.loads(out)["healthy"]) == (0, True)
    server.replies = [refused(f"bad key {KEY}", 401)]
    code, out = run()
    assert (code, KEY in out) == (1, False)
    assert "fault key" in out
    code, out = run("--json")
    assert (code, json.loads(out)["healthy"]) == (1, False)
