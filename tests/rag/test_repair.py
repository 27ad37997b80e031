"""One more request for unsupported sentences, when the settings say so; the better reply is kept and it is said."""

from functools import partial

import pytest

from rag.events import CheckedSentence, Text, Withdrawn
from tests.support.districts import QUESTION, opened
from tests.support.scripted import events, refused, stream, whole

GOOD = "望江区建成中试车间23间。[1]"
HALF = f"{GOOD}望江区建成中试车间99间。[1]"


@pytest.fixture
def assistant(server, tmp_path):
    return partial(opened, server, tmp_path, repair=True)


@pytest.mark.parametrize("strict", [False, True])
def test_a_second_reply_without_the_fault_is_kept(assistant, server, strict):
    answer = assistant(whole(HALF), whole(f"{GOOD}为61家企业完成验证147项。[1]"), strict=strict).ask(QUESTION)
    assert answer.text == f"{GOOD}为61家企业完成验证147项。[1]"
    assert answer.model["repair"]["kept"] == "second"
    assert answer.model["repair"]["unsupported"] == 1
    assert answer.model["repair"]["usage"] == {"total_tokens": 7}
    assert "second one" in str(answer.model["notes"])
    assert answer.timings_ms["repair"] > 0
    first, second = server.requests
    assert [message["role"] for message in second["messages"]] == ["user", "assistant", "user"]
    assert second["messages"][0] == first["messages"][0]
    asked = second["messages"][2]["content"]
    assert "望江区建成中试车间99间" in asked
    assert "中试车间23间" not in asked  # only what is unsupported


@pytest.mark.parametrize("worse", ["望江区建成中试车间98间。[1]望江区建成中试车间97间。[1]", "文档中没有说明。", HALF])
def test_a_second_reply_that_is_no_better_is_not(assistant, server, worse):
    answer = assistant(whole(HALF), whole(worse)).ask(QUESTION)
    assert answer.text == HALF
    assert answer.model["repair"]["kept"] == "first"
    assert len(server.requests) == 2  # never a third


def test_a_repair_that_fails_leaves_the_first_reply(assistant):
    answer = assistant(whole(HALF), refused("overloaded", 503)).ask(QUESTION)
    assert answer.text == HALF
    assert "503" in answer.model["repair"]["failed"]


@pytest.mark.parametrize(("reply", "more"), [(GOOD, {}), (HALF, {"repair": False})])
def test_one_request_is_enough_when_nothing_is_wrong_or_nothing_was_set(assistant, server, reply, more):
    answer = assistant(whole(reply), **more).ask(QUESTION)
    assert answer.text == reply
    assert "repair" not in answer.model
    assert len(server.requests) == 1


def test_a_stream_takes_the_first_reply_back(assistant):
    *told, done = assistant(stream(*events(*HALF)), whole(GOOD)).stream(QUESTION)
    at = next(i for i, event in enumerate(told) if isinstance(event, Withdrawn))
    assert "99间" in "".join(event.text for event in told[:at] if isinstance(event, Text))
    assert "".join(event.text for event in told[at:] if isinstance(event, CheckedSentence)) == GOOD == done.answer.text


def test_a_repair_may_save_what_would_else_be_the_documents_words(assistant):
    answer = assistant(whole("望江区建成中试车间99间。[1]"), whole(GOOD)).ask(QUESTION)
    assert answer.text == GOOD
    assert "fallback" not in answer.model
