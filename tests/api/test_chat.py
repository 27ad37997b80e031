"""`footnote chat` and the streaming `footnote ask`: through pipes, and through a pseudo-terminal."""

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from inspect import signature
from pathlib import Path

import pytest

from api.cli.main import main
from rag import Assistant
from tests.support.scripted import CUT, HANG, events, refused, stream, whole

ROOT = Path(__file__).resolve().parents[2]
TEXT = "望江区建成中试车间23间，为61家企业完成验证147项。"
SAID = "望江区建成中试车间23间。[1]"
QUESTION = "望江区建成了多少间中试车间？"


@pytest.fixture(autouse=True)
def library(tmp_path):
    (tmp_path / "r.txt").write_text(f"望江区\n\n{TEXT}\n\n松岭区\n\n松岭区建成中试车间7间。\n", encoding="utf-8")
    with Assistant.open(tmp_path / ".footnote") as assistant:
        assistant.add([tmp_path / "r.txt"])


@pytest.fixture
def chat(capsys, monkeypatch):
    def piped(lines, *options):
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        with pytest.raises(SystemExit) as end:
            main(["chat", *options])
        out = capsys.readouterr()
        return end.value.code, out.out, out.err

    return piped


def test_a_follow_up_follows_up_and_nothing_is_prompted_in_a_pipe(chat):
    code, out, err = chat(f"{QUESTION}\n\n那松岭区呢？\n")
    assert (code, err) == (0, "")
    assert f"{TEXT}[1]" in out
    assert "understood as: 松岭区建成了多少间中试车间" in out
    assert "松岭区建成中试车间7间。[1]" in out
    assert "? " not in out


def test_a_greeting_is_answered_with_nothing_but_what_can_be_asked(chat):
    assert chat("你好\n")[1].strip() == "请就这些文档的内容提问。"


def test_chat_takes_the_options_of_ask():
    from api.cli.ask import ask
    from api.cli.chat import chat as command

    asked, chatted = (dict(signature(each).parameters) for each in (ask, command))
    assert list(asked.values())[1:] == list(chatted.values())


@pytest.mark.parametrize("command", [["ask", QUESTION], ["chat"], ["mcp"], ["doctor"]], ids=lambda each: each[0])
def test_where_a_library_is_asked_it_may_be_in_milvus(command, capsys):
    with pytest.raises(SystemExit):
        main([*command, "--engine", "redis://host/name"])
    assert "'redis://host/name' is no engine" in "".join(capsys.readouterr())


def test_new_forgets_and_quit_ends(chat):
    code, out, _ = chat(f"{QUESTION}\n/new\n那松岭区呢？\n/quit\n{QUESTION}\n")
    assert code == 0
    assert "forgotten" in out
    assert "understood as" not in out
    assert out.count(f"{TEXT}[1]") == 1


def test_the_other_commands(chat):
    code, out, _ = chat(f"/sources\n/nonsense\n/help\n{QUESTION}\n/sources\n法国大革命是哪一年爆发的？\n/sources\n")
    assert code == 0
    assert "nothing was answered yet" in out
    assert "/nonsense is no command" in out
    assert "/new      forget" in out
    with Assistant.open(".footnote", create=False) as assistant:
        identity = assistant.ask(QUESTION).citations[0].paragraph.id
    assert f"{identity}  r.txt › 望江区\n{TEXT}" in out
    assert "the last answer cites nothing" in out


def test_json_is_one_object_a_line(chat):
    code, out, _ = chat(f"{QUESTION}\n那松岭区呢？\n", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [len(answer["citations"]) for answer in answers] == [1, 1]


def test_a_question_that_fails_is_said_and_the_next_one_is_asked(chat, server):
    server.replies = [refused("no such key", 401), whole(SAID)]
    options = ["--model", "m", "--base-url", server.url, "--no-fallback"]
    code, out, err = chat(f"{'问' * 3000}\n{QUESTION}\n{QUESTION}\n", *options)
    assert code == 2  # of the first one that failed
    assert "longer than 2000" in err
    assert "401" in err
    assert "Traceback" not in err
    assert SAID in out


def test_history_is_sent_to_a_model_only_as_far_as_a_follow_up_needs_it(chat, server):
    server.replies = [whole(SAID), whole("松岭区建成中试车间7间。[1]")]
    code, out, _ = chat(f"{QUESTION}\n那松岭区呢？\n", "--model", "m", "--base-url", server.url)
    assert code == 0
    assert "松岭区建成中试车间7间。" in out
    assert "松岭区建成了多少间中试车间？" in server.requests[1]["messages"][0]["content"]


@pytest.mark.parametrize("options", [["--debug", "one.json"], ["--base-url", "http://x/v1"]])
def test_bad_options_are_one_line(chat, options):
    code, _, err = chat("", *options)
    assert (code, err.count("\n")) == (2, 1)


def test_a_chat_keeps_a_record_of_each_answer(chat, tmp_path):
    assert chat(f"{QUESTION}\n那松岭区呢？\n", "--debug", "records")[0] == 0
    assert len(list((tmp_path / "records").iterdir())) == 2


def test_no_fallback_is_exit_code_3(server, capsys):
    server.replies = [refused("no such key", 401)]
    for more, code in (([], 0), (["--no-fallback"], 3)):
        with pytest.raises(SystemExit) as end:
            main(["ask", QUESTION, "--model", "m", "--base-url", server.url, *more])
        assert end.value.code == code
    assert "401" in capsys.readouterr().err


# --- in a terminal ------------------------------------------------------------------------------------------------


class Terminal:
    """A process in a pseudo-terminal."""

    def __init__(self, *arguments, term="dumb"):
        self.screen, line = pty.openpty()
        code = "from api.cli.main import main; main()"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": term, "PYTHONUTF8": "1", "COLUMNS": "200"}
        command = [sys.executable, "-c", code, *arguments]
        self.process = subprocess.Popen(
            command,
            stdin=line,
            stdout=line,
            stderr=line,
            env=environment,
            start_new_session=True,
            # A runner in the background ignores the signal, and what it starts would inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(line)
        self.unread = b""

    def until(self, words, seconds=60):
        """Reads until the words stand on the screen, and returns what came since the last time, them included."""
        deadline = time.monotonic() + seconds
        while words.encode() not in self.unread:
            left = deadline - time.monotonic()
            assert left > 0, self.unread.decode("utf-8", "replace")
            if select.select([self.screen], [], [], left)[0]:
                self._read()
        before, found, self.unread = self.unread.partition(words.encode())
        return (before + found).decode()

    def _read(self):
        try:
            self.unread += os.read(self.screen, 4096)
        except OSError:  # it ended
            raise AssertionError(self.unread.decode("utf-8", "replace")) from None

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def type(self, text):
        os.write(self.screen, text.encode())

    def end(self):
        """The exit code."""
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            os.close(self.screen)


@pytest.mark.slow
def test_a_terminal_shows_an_answer_while_it_is_written(server):
    server.replies = [stream(*events(SAID[:6])[:2], HANG)]
    terminal = Terminal("ask", QUESTION, "--model", "m", "--base-url", server.url)
    assert terminal.until(SAID[:6])  # the server still holds the rest back
    terminal.interrupt()
    assert "interrupted" in terminal.until("kept.")
    assert terminal.end() == 130
    assert server.left.wait(5)


@pytest.mark.slow
def test_what_is_waited_for_is_told_with_seconds(server):
    gate = threading.Event()
    server.replies = [stream(gate, *events(SAID))]
    terminal = Terminal("ask", QUESTION, "--model", "m", "--base-url", server.url, term="xterm")
    assert "searching" in terminal.until("m reads ")
    assert re.match(r"\d+ tokens .*0:0", terminal.until("0:0"))
    gate.set()
    assert terminal.until(SAID)
    assert terminal.end() == 0


@pytest.mark.slow
def test_what_the_check_changes_is_shown_again(server):
    server.replies = [stream(*events("望江区建成中试车间23间。"))]
    terminal = Terminal("ask", QUESTION, "--model", "m", "--base-url", server.url)
    screen = terminal.until("r.txt")
    assert "after the check" in screen
    assert SAID in screen
    assert terminal.end() == 0


@pytest.mark.slow
def test_what_breaks_off_in_mid_stream_gives_way_or_is_said_on_a_line_of_its_own(server):
    server.replies = [stream(*events(SAID[:6])[:2], CUT)]
    options = ["ask", QUESTION, "--model", "m", "--base-url", server.url]
    terminal = Terminal(*options, "--no-fallback")
    assert f"{SAID[:6]}\r\nfootnote: " in terminal.until("ask again.")
    assert terminal.end() == 3
    terminal = Terminal(*options)
    assert "documents are quoted instead" in " ".join(terminal.until(f"{TEXT}[1]").split())  # the terminal wraps lines
    assert terminal.end() == 0


@pytest.mark.slow
def test_no_stream_asks_for_a_whole_reply(server):
    server.replies = [whole(SAID)]
    terminal = Terminal("ask", QUESTION, "--model", "m", "--base-url", server.url, "--no-stream")
    terminal.until(SAID)
    assert terminal.end() == 0
    assert [body["stream"] for body in server.requests] == [False]


@pytest.mark.slow
def test_a_chat_in_a_terminal_is_stopped_and_goes_on(server):
    server.replies = [stream(*events(SAID[:6])[:2], HANG), stream(*events(SAID))]
    terminal = Terminal("chat", "--model", "m", "--base-url", server.url)
    assert "answered by m" in terminal.until("? ")
    terminal.type(f"{QUESTION}\n")
    terminal.until(SAID[:6])
    terminal.interrupt()
    terminal.until("stopped")
    terminal.until("? ")
    terminal.type(f"{QUESTION}\n")
    terminal.until(SAID)
    terminal.until("? ")
    terminal.type("\x04")
    assert terminal.end() == 0
    assert len(server.requests) == 2
