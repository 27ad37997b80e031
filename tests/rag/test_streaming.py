"""A streamed answer is the answer: its sentences joined are the text, and the end is what `ask` gives."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Hit, Paragraph
from prompts.compose import compose
from rag import Assistant
from rag.checking.reply import check_reply
from rag.events import CheckedSentence, Done, Sources, Text
from rag.streaming import ReplyStream

TEXTS = ["望江区建成中试车间23间，完成验证147项。与三所高校共建联合实验室9个。", "松岭区新增光电子企业52家。"]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    (folder / "r.txt").write_text("望江区\n\n" + "\n\n松岭区\n\n".join(TEXTS), encoding="utf-8")
    with Assistant.open(folder / "lib") as opened:
        opened.add([folder / "r.txt"])
        yield opened


@pytest.mark.parametrize("question", ["望江区建成了多少间中试车间？", "望江区有哪些进展？", "松岭区引进了多少博士？"])
def test_the_events_tell_the_answer(assistant, question):
    first, *between, last = assistant.stream(question)
    assert isinstance(first, Sources)
    assert isinstance(last, Done)
    asked = assistant.ask(question)
    assert replace(last.answer, timings_ms={}) == replace(asked, timings_ms={})
    told = [event for event in between if isinstance(event, CheckedSentence)]
    assert tuple(event.sentence for event in told) == asked.sentences
    if not asked.refused:
        assert "".join(event.text for event in told) == asked.text
    for event in told:
        assert tuple(citation.mark for citation in event.citations) == event.sentence.marks


PIECES = [
    *TEXTS,
    "[1]",
    "[2]",
    "[9]",
    " ",
    "\n",
    "甲。",
    "a b. ",
    "`x[1]`",
    "[1,2]",
    "乙",
    "文档中没有说明",
    "3.5",
    "No. ",
    "x" * 70,
]
replies = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


def prompt():
    hits = [Hit(Paragraph(str(i), t, (), "r", 0, len(t)), 1.0, i + 1) for i, t in enumerate(TEXTS)]
    return compose("？", hits)


def run(pieces, strict=False):
    """Everything shown, the sentences, and the end."""
    stream = ReplyStream(prompt(), strict=strict)
    events = [event for piece in pieces for event in stream.feed(piece)] + stream.finish()
    shown = "".join(event.text for event in events if isinstance(event, Text))
    return shown, [event for event in events if isinstance(event, CheckedSentence)], stream.checked


@settings(deadline=None)
@given(replies, st.booleans(), st.data())
def test_every_split_of_a_reply_ends_in_the_same(text, strict, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    splits = [[text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)], list(text)]
    shown, told, checked = run([text], strict)
    for pieces in splits:
        assert run(pieces, strict) == (shown, told, checked)
    assert checked == check_reply(text, prompt(), strict=strict)
    assert "".join(event.text for event in told) == checked.text == checked.text.strip()
    assert tuple(event.sentence for event in told) == checked.sentences
    corrected = checked.attributed or any(sentence.verdict == "wrong_paragraph" for sentence in checked.sentences)
    if strict or (checked.sentences and not corrected):
        assert shown == checked.text
