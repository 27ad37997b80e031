"""Replies are recorded and played back; while replaying nothing is asked, and nothing stands in for what is missing."""

import json
from contextlib import suppress

import pytest

from api.cli.main import main
from index.errors import CassetteError, CassetteMissError, EndpointError
from index.records import Hit, Paragraph
from prompts.compose import compose
from prompts.templates import VERSION
from rag import Settings
from rag.llm.endpoint import open_model
from tests.support.scripted import Server, events, refused, stream, whole

SAID = "望江区建成中试车间23间。[1]"
KEY = "sk-secret-4711"


@pytest.fixture
def server():
    made = Server()
    made.replies = [whole(SAID)]
    yield made
    made.close()


def prompt(question="望江区建成了多少间？"):
    return compose(question, [Hit(Paragraph("a", SAID[:-3], (), "r.txt", 0, 12), 1.0, 1)])


def model(server, mode, **more):
    return open_model(Settings(model="m", base_url=server.url, api_key=KEY, retries=0, cassette=mode, **more))


def lines(tmp_path):
    return (tmp_path / "cassettes" / f"{VERSION}.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("recorded", [whole(SAID), stream(*events(SAID[:4], SAID[4:]))])
def test_what_was_recorded_is_played_whole_and_streamed(server, tmp_path, recorded):
    server.replies = [recorded]
    first = model(server, "record").complete(prompt())
    asked = len(server.requests)
    played = model(server, "replay", temperature=0)
    assert played.complete(prompt()) == first
    assert list(played.stream(prompt())) == [SAID, first]
    assert len(server.requests) == asked
    assert KEY not in "".join(lines(tmp_path))
    assert SAID[:4] not in json.loads(lines(tmp_path)[0])["key"]


def test_a_stream_is_recorded_too(server):
    server.replies = [stream(*events(SAID[:4], SAID[4:]))]
    *pieces, reply = model(server, "record").stream(prompt())
    assert pieces == [SAID[:4], SAID[4:]]
    assert model(server, "replay").complete(prompt()) == reply


@pytest.mark.parametrize("more", [{"temperature": 0.5}, {"max_tokens": 9}, {"model": "n"}])
def test_another_model_or_parameter_is_another_recording(server, more):
    model(server, "record").complete(prompt())
    with pytest.raises(CassetteMissError, match="FOOTNOTE_CASSETTE=record") as caught:
        open_model(Settings(**({"model": "m", "base_url": server.url, "cassette": "replay"} | more))).complete(prompt())
    assert caught.value.exit_code == 3
    assert len(server.requests) == 1


def test_repeats_are_kept_apart(server):
    server.replies = [whole("一[1]"), whole("二[1]")]
    recorder = model(server, "record")
    for number in (0, 1):
        recorder.repeat(number).complete(prompt())
    player = model(server, "replay")
    assert player.repeat(1).complete(prompt()).text == "二[1]"
    with pytest.raises(CassetteMissError):
        player.repeat(2).complete(prompt())


def test_a_cache_asks_only_what_is_new(server):
    server.replies = [whole("一[1]"), whole("二[1]")]
    cached = model(server, "cache")
    assert [cached.complete(prompt()).text for _ in range(2)] == ["一[1]", "一[1]"]
    assert cached.repeat(1).complete(prompt()).text == "二[1]"
    assert model(server, "cache").complete(prompt()).text == "一[1]"
    assert len(server.requests) == 2


def test_messages_of_ones_own_go_into_the_file_of_their_prompt(server, tmp_path):
    model(server, "record").write([{"role": "user", "content": "?"}], prompt="rewrite-1/zh")
    assert (tmp_path / "cassettes" / "rewrite-1_zh.jsonl").exists()
    assert model(server, "replay").write([{"role": "user", "content": "?"}], prompt="rewrite-1/zh").text == SAID


@pytest.mark.parametrize("reply", [refused("no", 401), whole(None), whole(SAID, "length")])
def test_errors_and_what_was_cut_off_are_not_kept(server, tmp_path, reply):
    server.replies = [reply]
    with suppress(EndpointError):
        assert model(server, "record").complete(prompt()).record["notes"]
    assert not (tmp_path / "cassettes").exists()


def test_lines_are_sorted_and_two_recorders_lose_nothing(server, tmp_path):
    one, other = model(server, "record"), model(server, "record")
    for i in range(4):
        (one, other)[i % 2].complete(prompt(f"第{i}问？"))
    keys = [json.loads(line)["key"] for line in lines(tmp_path)]
    assert keys == sorted(keys)
    assert len(keys) == 4


@pytest.mark.parametrize("damage", [lambda line: line[:-9], lambda line: line.replace("23", "32"), lambda line: "[1]"])
def test_a_damaged_line_is_named(server, tmp_path, damage):
    model(server, "record").complete(prompt())
    [line] = lines(tmp_path)
    (tmp_path / "cassettes" / f"{VERSION}.jsonl").write_text(f"\n{damage(line)}\n", encoding="utf-8")
    with pytest.raises(CassetteError, match="line 2, is damaged") as caught:
        model(server, "replay")
    assert caught.value.exit_code == 3


def test_no_recordings_at_all_are_said(server):
    with pytest.raises(CassetteError, match="There are no recordings"):
        model(server, "replay")


def test_the_command_line_records_and_plays_and_says_what_is_missing(server, tmp_path, capsys, monkeypatch):
    (tmp_path / "r.txt").write_text(SAID[:-3], encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_MODEL", "m")
    monkeypatch.setenv("FOOTNOTE_BASE_URL", server.url)

    def run(*words, mode=""):
        monkeypatch.setenv("FOOTNOTE_CASSETTE", mode)
        with pytest.raises(SystemExit) as end:
            main(words)
        return end.value.code, *capsys.readouterr()

    assert run("index", "r.txt")[0] == 0
    assert run("ask", "望江区建成了多少间中试车间？", mode="record")[0] == 0
    server.close()
    code, out, _ = run("ask", "望江区建成了多少间中试车间？", mode="replay")
    assert (code, SAID in out) == (0, True)
    code, _, err = run("ask", "望江区中试车间有多少间？", mode="replay")  # nothing stands in for what is missing
    assert (code, err.count("\n")) == (3, 1)
    assert "FOOTNOTE_CASSETTE=record" in err
