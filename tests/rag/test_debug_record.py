"""A record of an answer: it can be gone through again without endpoint and library, and says when it differs."""

import json
import logging

import pytest

from api.cli.main import main
from index.errors import InputError
from rag import Assistant, Settings
from rag.conversation import Turn
from rag.debug_record import Recorder
from rag.replay import load_record, replay
from tests.support.scripted import chunk, events, refused, stream, whole

pytestmark = pytest.mark.slow  # servers and whole answers, many times over

KEY = "sk-secret-4711"
TEXT = "望江区建成中试车间23间，为61家企业完成验证147项。"
SAID = "望江区建成中试车间23间。[1]"
QUESTION = "望江区建成了多少间中试车间？"


@pytest.fixture
def settings(server, tmp_path):
    (tmp_path / "r.txt").write_text(f"望江区\n\n{TEXT}\n\n松岭区\n\n松岭区新增光电子企业52家。\n", encoding="utf-8")
    made = {"library": tmp_path / "lib", "model": "m", "base_url": server.url, "api_key": KEY, "timeout": 5}
    settings = Settings(**made, retries=0, headers={"x-team": "az-secret"})
    with Assistant.open(settings=settings) as assistant:
        assistant.add([tmp_path / "r.txt"])
    return settings


@pytest.fixture
def recorded(server, settings, tmp_path):
    def made(*replies, question=QUESTION, history=(), live=False, **more):
        server.replies = list(replies)
        with Assistant.open(settings=settings.model_copy(update=more)) as assistant:
            recorder = Recorder(assistant, tmp_path / "records" / "one.json")
            asked = assistant.stream if live else assistant.ask
            answer = asked(question, history=history)
            answer = list(answer)[-1].answer if live else answer
            file = recorder.keep(answer, history)
        text = file.read_text(encoding="utf-8")
        assert not [secret for secret in (KEY, "az-secret") if secret in text]
        return answer, load_record(file)

    return made


CASES = {
    "whole": ([whole(SAID)], {}),
    "streamed": ([stream(*events(SAID[:4], SAID[4:]))], {"live": True}),
    "reasoning in tags": ([whole(f"<think>24?</think>{SAID}")], {}),
    "a wrong footnote": ([whole("望江区建成中试车间23间。[2]")], {}),
    "declined": ([whole("文档中没有说明。")], {}),
    "fails as a whole": ([whole("望江区建成中试车间99间。[1]")], {}),
    "an endpoint that fails": ([refused(f"no {KEY}", 401)], {}),
    "repaired": ([whole(f"{SAID}共99间。[1]"), whole(SAID)], {"repair": True}),
    "strict": ([whole(f"{SAID}松岭区新增企业99家。[2]")], {"strict": True}),
    "extractive": ([], {"model": None}),
    "refused": ([], {"question": "法国大革命是哪一年爆发的？"}),
    "a follow-up": ([whole(SAID)], {"question": "那望江区呢？", "history": [Turn("松岭区建成了多少间中试车间？")]}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_record_gives_the_same_answer_without_endpoint_and_library(recorded, server, name):
    replies, more = CASES[name]
    answer, record = recorded(*replies, **more)
    server.close()
    replayed = replay(record)
    assert replayed.differences == ()
    assert (replayed.answer.text, replayed.answer.refused) == (answer.text, answer.refused)
    assert replayed.answer.sentences == answer.sentences
    assert replayed.answer.citations == answer.citations


def test_the_record_holds_what_was_sent_and_what_came(recorded, server):
    answer, record = recorded(stream(*events(chunk(reasoning_content="hm"), f"<think>24</think>{SAID}")), live=True)
    [exchange] = record["exchanges"]
    assert exchange["messages"] == server.requests[0]["messages"]
    assert exchange["received"] == {"content": f"<think>24</think>{SAID}", "reasoning": "hm"}
    assert exchange["record"]["sent"] == {"model": "m", "temperature": 0.0, "max_tokens": 1024, "stream": True}
    assert record["answer"] == json.loads(json.dumps(answer.to_dict()))
    assert record["settings"]["strict"] is False
    assert record["template"]["version"] == exchange["prompt"]
    assert record["footnote"]


def test_a_changed_prompt_and_a_changed_verdict_are_said(recorded):
    _, record = recorded(whole(SAID))
    record["exchanges"][0]["messages"][0]["content"] += " "
    record["answer"]["sentences"][0]["verdict"] = "partly"
    prompt, verdict = replay(record).differences
    assert "prompt" in prompt
    assert "was partly; it is quoted" in verdict


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "is no record"),
        ("[]", "is no record"),
        ('{"exchanges": [], "schema": 7, "footnote": "9.0"}', "version 9.0"),
    ],
)
def test_what_is_no_record_is_said(tmp_path, text, words):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=words):
        load_record(tmp_path / "x.json")
    with pytest.raises(InputError, match="cannot be read"):
        load_record(tmp_path / "missing.json")
    with pytest.raises(InputError, match="damaged"):
        replay({"exchanges": [], "schema": 1})


def run(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main(words)
    out = capsys.readouterr()
    return end.value.code, out.out, out.err


def test_the_command_line_records_and_replays(server, settings, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    server.replies = [whole(SAID)]
    asking = ["ask", QUESTION, "--library", "lib", "--model", "m", "--base-url", server.url]
    code, _, err = run(capsys, *asking, "--debug", "folder")
    [file] = (tmp_path / "folder").iterdir()
    assert (code, str(file.name) in err) == (0, True)
    code, out, _ = run(capsys, "replay", str(file))
    assert code == 0
    assert SAID in out
    assert "as recorded" in out
    record = json.loads(file.read_text())
    record["answer"]["answer"] = "another"
    file.write_text(json.dumps(record))
    code, out, _ = run(capsys, "replay", str(file), "--json")
    assert (code, json.loads(out)["differences"]) == (1, ["The answer was: another"])
    code, _, err = run(capsys, "replay", "r.txt")
    assert (code, err.count("\n")) == (2, 1)
    (tmp_path / "taken").write_text("")
    code, _, err = run(capsys, *asking, "--debug", "taken/one.json")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("reply", [whole(SAID), stream(*events(SAID)), refused(f"{TEXT} {KEY}", 500)])
def test_no_document_text_and_no_key_in_any_log(server, settings, caplog, reply):
    caplog.set_level(logging.DEBUG)  # of every library
    server.replies = [reply]
    with Assistant.open(settings=settings) as assistant:
        list(assistant.stream(QUESTION))
        assistant.ask(QUESTION)
    assert "footnote" in {record.name.split(".")[0] for record in caplog.records}
    assert not [text for text in (KEY, "az-secret", TEXT[:6], QUESTION[:6], "中试") if text in caplog.text]


def test_tokens_that_nobody_counted_are_estimated_and_named_so(server, settings):
    server.replies = [stream(*events(chunk(reasoning="hm"), SAID))]
    with Assistant.open(settings=settings) as assistant:
        *_, done = assistant.stream(QUESTION)
    model, timings = done.answer.model, done.answer.timings_ms
    assert model["usage"] is None
    assert model["estimated_usage"]["completion_tokens"] > len(SAID) // 2
    assert model["estimated_usage"]["prompt_tokens"] > 100
    assert model["sent"] == {"model": "m", "temperature": 0.0, "max_tokens": 1024, "stream": True}
    assert {"rewrite", "search", "abstain", "answer", "check", "first_text"} <= set(timings)
    server.replies = [whole(SAID)]
    with Assistant.open(settings=settings) as assistant:
        assert "estimated_usage" not in assistant.ask(QUESTION).model


def test_a_failure_is_recorded_with_what_was_sent(server, settings, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    server.replies = [refused(f"no such key {KEY}", 401)]
    asking = ["ask", QUESTION, "--library", "lib", "--model", "m", "--base-url", server.url, "--no-fallback"]
    assert run(capsys, *asking, "--debug", "one.json")[0] == 3
    text = (tmp_path / "one.json").read_text(encoding="utf-8")
    [exchange] = json.loads(text)["exchanges"]
    assert exchange["messages"] == server.requests[0]["messages"]
    assert "401" in exchange["error"]
    assert KEY not in text
    code, _, err = run(capsys, "replay", "one.json")
    assert code == 2
    assert "401" in err
