"""However a reply is cut into pieces, what a reader sees is the same."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.chat_completions import ReplyReader
from rag.llm.reasoning import Visible, without_reasoning
from rag.llm.sse import NotJsonError, payloads

PARTS = ["<think>", "</think>", "<Thinking>", "</thought>", "<", "</", "think>", "<b>", "a", "[1]", "。", " ", "\n"]
REPLIES = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def cut(text, places):
    places = sorted(place % (len(text) + 1) for place in places)
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


@given(REPLIES, st.lists(st.integers(0, 99), max_size=8), st.booleans())
def test_every_split_gives_the_text_of_the_whole(reply, places, hold):
    visible = Visible(hold=hold)
    given = [visible.feed(piece) for piece in cut(reply, places)] + [visible.finish()]
    assert visible.text == without_reasoning(reply)
    assert visible.withdrawn or "".join(given) == visible.text
    assert not hold or not visible.withdrawn or reply.lower().count("</") > 1


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a<b and c>d", "a<b and c>d"),
        ("<think>x", ""),
        ("<Think>x</Think> y", "y"),
        ("<think>1</think>a<think>2", "a"),
        ("1</think>2</think> a <think>b</think>c", "a c"),
        (" a < b <thin", "a < b <thin"),
    ],
)
def test_reasoning(text, left):
    assert without_reasoning(text) == left


@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 9))
def test_a_stream_in_any_pieces_is_the_same_stream(texts, end, size):
    chunks = [{"choices": [{"delta": {"content": text}}]} for text in texts]
    lines = "".join(f": x{end}data: {json.dumps(chunk, ensure_ascii=False)}{end}{end}" for chunk in chunks)
    body = lines.encode("utf-8", "surrogatepass")
    found = list(payloads(body[i : i + size] for i in range(0, len(body), size)))
    assert found == chunks


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_json_or_said_to_be_none(body, size):
    with suppress(NotJsonError):
        list(payloads(body[i : i + size] for i in range(0, len(body), size)))


@pytest.mark.slow
def test_a_long_reply_takes_linear_time():
    reading = ReplyReader()
    text = "<think>" + "<" * 50_000 + "</think>" + "1" * 100_000
    shown = [reading.add({"choices": [{"delta": {"content": character}}]}) for character in text]
    assert "".join(shown) + reading.finish() == "1" * 100_000
