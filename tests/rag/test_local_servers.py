"""Servers on this machine are found, and `footnote use` writes which model answers."""

import json
import time
import tomllib
from pathlib import Path

import pytest

from api.cli.main import main
from index.errors import InputError
from rag import Assistant, Settings
from rag.diagnostics import examine
from rag.llm import local_servers
from rag.llm.connection import Endpoint
from rag.llm.probing import probe
from rag.settings_file import choose_model
from tests.support.scripted import HANG, Server, chunk, data, events, stream, whole

URL = "http://127.0.0.1:11434/v1"


def listing(*names, **more):
    return 200, {}, json.dumps({"object": "list", "data": [{"id": name, **more} for name in names]})


@pytest.fixture
def ollama(server, monkeypatch):
    """A server where Ollama would be; on the other usual ports nobody."""
    server.listed = listing("nomic-embed-text", "qwen3:8b")
    free = Server()
    free.close()
    ports = {"Ollama": server.http.server_port, "vLLM": free.http.server_port}
    monkeypatch.setattr(local_servers, "PORTS", ports)
    return server


def run(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main(words)
    return end.value.code, "".join(capsys.readouterr())


def test_the_doctor_finds_a_server_and_prints_the_one_command(ollama, capsys):
    _, out = run(capsys, "doctor")
    assert f"Ollama on {ollama.url} has qwen3:8b\n" in out
    assert f"-> footnote use qwen3:8b --base-url {ollama.url}" in out
    assert ollama.requests == []


def test_footnotes_own_server_is_no_model(ollama):
    ollama.listed = listing("footnote", owned_by="footnote")
    assert not list(local_servers.local_servers())


def test_use_writes_the_file_and_what_comes_after_reads_it(ollama, capsys):
    code, out = run(capsys, "use", "qwen3:8b")
    assert (code, ollama.url in out) == (0, True)
    assert Settings.load().model == "qwen3:8b"
    assert Settings.load().base_url == ollama.url
    assert json.loads(run(capsys, "use", "--json")[1]) == {"model": "qwen3:8b", "base_url": ollama.url}
    assert "quoted" in run(capsys, "use", "--none")[1]
    assert Settings.load().model is None


def test_the_rest_of_the_file_stays():
    file = Path("footnote.toml")
    file.write_text('# ours\nk = 7  # more\nmodel = "old"\n  base_url="http://a/v1"\n\n[headers]\nmodel = "x"\n')
    choose_model("qwen3:8b", URL)
    assert tomllib.loads(file.read_text()) == {
        "model": "qwen3:8b",
        "base_url": URL,
        "k": 7,
        "headers": {"model": "x"},
    }
    assert "# ours\nk = 7  # more\n" in file.read_text()
    choose_model("other", None)
    assert tomllib.loads(file.read_text())["base_url"] == URL
    choose_model(None, None)
    assert file.read_text() == '# ours\nk = 7  # more\n\n[headers]\nmodel = "x"\n'


@pytest.mark.parametrize("name", ['qu"ote', "back\\slash", "模型\x7f\n"])
def test_any_name_can_be_written(name):
    choose_model(name, URL)
    assert tomllib.loads(Path("footnote.toml").read_text())["model"] == name


@pytest.mark.parametrize("text", ["k = ", 'model = """\nold"""\n'])
def test_a_file_that_cannot_be_changed_safely_is_left_alone(text):
    Path("footnote.toml").write_text(text)
    with pytest.raises(InputError, match=r"footnote\.toml"):
        choose_model("m", URL)
    assert Path("footnote.toml").read_text() == text


def test_no_secret_is_written(capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_API_KEY", "sk-secret")
    assert run(capsys, "use", "m", "--base-url", "http://anna:geheim@a/v1")[0] == 2
    assert not Path("footnote.toml").exists()
    assert run(capsys, "use", "m", "--base-url", URL)[0] == 0
    assert "sk-secret" not in Path("footnote.toml").read_text()


@pytest.mark.parametrize("words", [["--none", "m"], ["--base-url", URL]])
def test_what_makes_no_choice_is_said(capsys, words):
    assert run(capsys, "use", *words)[0] == 2


def test_the_environment_that_beats_the_file_is_named(capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_MODEL", "other")
    assert "FOOTNOTE_MODEL is set" in run(capsys, "use", "m", "--base-url", URL)[1]


# --- the doctor at a slow server -----------------------------------------------------------------------------------

SLOWLY = [part for _ in range(100) for part in (data(chunk("5")), 0.1)]


@pytest.mark.parametrize(
    ("replies", "seen"),
    [
        ([stream(HANG)], (True, 0)),
        ([whole("5"), stream(HANG)], (False, 0)),
        ([whole("5"), stream(*SLOWLY)], (False, 1)),
    ],
    ids=["silent", "no stream", "slow stream"],
)
@pytest.mark.slow
def test_the_examination_ends_in_time(server, replies, seen):
    server.replies = replies
    start = time.monotonic()
    probed = probe(Endpoint(server.url, "m", timeout=60), seconds=2.0)
    assert time.monotonic() - start < 6
    assert (bool(probed.fault), min(1, probed.streamed.reading.deltas if probed.streamed else 0)) == seen
    assert probed.late


@pytest.mark.slow
def test_a_slow_server_is_no_fault(server, monkeypatch):
    monkeypatch.setattr("rag.diagnostics.probe", lambda endpoint: probe(endpoint, 1.0))
    server.replies = [stream(HANG)]
    found = {f.subject: f for f in examine(Settings(library="nowhere", model="m", base_url=server.url))}
    assert found["endpoint"].verdict == "note"
    assert "slow" in found["endpoint"].said


@pytest.mark.parametrize(
    "told",
    [
        {"default_generation_settings": {"n_ctx": 2048}},
        {"models": [{"name": "other", "context_length": 9}, {"name": "m", "model": "m", "context_length": 2048}]},
        {"data": [{"id": "other", "loaded_context_length": 9}, {"id": "m", "loaded_context_length": 2048}]},
    ],
    ids=["llama.cpp", "Ollama", "LM Studio"],
)
def test_the_context_that_a_model_was_loaded_with_is_asked_for(server, told):
    server.replies = [lambda body: stream(*events("5")) if body["stream"] else whole("5")]
    server.listed = (200, {}, json.dumps(told))
    assert probe(Endpoint(server.url, "m")).context("m") == 2048


def test_sources_that_will_not_fit_are_named(server, tmp_path):
    (tmp_path / "long.txt").write_text("望江区建成中试车间，" * 200 + "。", encoding="utf-8")
    (tmp_path / "short.txt").write_text("松岭区新增企业52家。", encoding="utf-8")
    server.replies = [lambda body: stream(*events("5")) if body["stream"] else whole("5")]
    server.listed = listing("m", max_model_len=2048)
    with Assistant.open(settings=Settings(library=tmp_path / "lib")) as assistant:
        assistant.add([tmp_path / "long.txt", tmp_path / "short.txt"])
    settings = Settings(library=tmp_path / "lib", model="m", base_url=server.url)
    [found] = [finding for finding in examine(settings) if finding.subject == "context"]
    assert found.verdict == "note"
    assert "long.txt" in found.said
    assert "short.txt" not in found.said
    assert "longer context" in found.fix
