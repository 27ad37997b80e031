"""A second opinion of the model on doubtful sentences, when the settings say so: it can only make a verdict worse."""

from functools import partial

import pytest

from index.errors import EndpointError
from rag.second_opinion import yes_or_no
from tests.support.districts import QUESTION, TEXT, opened
from tests.support.scripted import events, refused, stream, whole

FREE = "23间中试车间已在望江区完工。[1]"


@pytest.fixture
def assistant(server, tmp_path):
    return partial(opened, server, tmp_path, second_opinion=True)


def test_what_the_model_doubts_is_no_longer_consistent(assistant, server):
    [before] = assistant(whole(FREE), second_opinion=False).ask(QUESTION).sentences
    assert before.verdict == "consistent"
    server.requests.clear()
    answer = assistant(whole(FREE), whole("否")).ask(QUESTION)
    [sentence] = answer.sentences
    assert (sentence.verdict, answer.citations[0].verdict) == ("partly", "partly")
    assert "Asked again" in sentence.problems[-1]
    assert answer.model["second_opinion"] == {"asked": 1, "doubted": 1}
    assert answer.timings_ms["second_opinion"] > 0
    [message] = server.requests[1]["messages"]
    assert TEXT in message["content"]
    assert "23间中试车间已在望江区完工" in message["content"]
    assert "松岭区" not in message["content"]


@pytest.mark.parametrize("said", ["是", "也许吧。"])
def test_yes_and_neither_leave_the_verdict(assistant, said):
    answer = assistant(whole(FREE), whole(said)).ask(QUESTION)
    assert [sentence.verdict for sentence in answer.sentences] == ["consistent"]
    assert answer.model["second_opinion"] == {"asked": 1, "doubted": 0}


@pytest.mark.parametrize(("reply", "more"), [("望江区建成中试车间23间。[1]", {}), (FREE, {"second_opinion": False})])
def test_nobody_is_asked_where_nothing_is_in_doubt_or_nothing_was_set(assistant, server, reply, more):
    answer = assistant(whole(reply), whole("否"), **more).ask(QUESTION)
    assert not any(sentence.problems for sentence in answer.sentences)
    assert len(server.requests) == 1


def test_a_request_that_fails_ends_the_asking_and_not_the_answer(assistant, server):
    answer = assistant(whole(f"{FREE}61家企业的147项验证已完成。[1]"), refused("overloaded", 503)).ask(QUESTION)
    assert len(answer.sentences) == 2
    assert answer.model["second_opinion"]["asked"] == 0
    assert "503" in answer.model["second_opinion"]["failed"]
    assert len(server.requests) == 2


def test_a_recording_that_lacks_the_reply_is_an_error(assistant, tmp_path):
    tape = {"cassette_dir": tmp_path / "tape"}
    assistant(whole(FREE), second_opinion=False, cassette="record", **tape).ask(QUESTION)
    with pytest.raises(EndpointError, match="recording"):
        assistant(whole(FREE), cassette="replay", **tape).ask(QUESTION)


def test_the_end_of_a_stream_has_the_verdict(assistant):
    *_, done = assistant(stream(*events(*FREE)), whole("否")).stream(QUESTION)
    assert [sentence.verdict for sentence in done.answer.sentences] == ["partly"]


def test_quotations_are_not_asked_about(assistant):
    answer = assistant(model=None).ask(QUESTION)
    assert {sentence.verdict for sentence in answer.sentences} == {"quoted"}
    assert "second_opinion" not in answer.model


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        *[("yes", True), ("**Yes.**", True), ("NO", False), ("是的。", True), ("不是", False), ("否", False)],
        *[("It says 23.\nYes", True), ("yes and no", None), ("", None), ("nothing", None), ("yesterday", None)],
    ],
)
def test_replies(text, verdict):
    assert yes_or_no(text) is verdict
