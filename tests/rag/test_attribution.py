"""A sentence without a mark is given one only when one paragraph clearly says it."""

import pytest

from index.records import Hit, Paragraph
from prompts.compose import compose
from rag.checking.attribution import attribute
from rag.checking.reply import check_reply
from rag.streaming import ReplyStream
from rag.types import HOLDING
from tests.prompts.test_injection import HOSTILE
from tests.prompts.test_injection import prompt as hostile_prompt

A = "望江区建成中试车间23间，为61家企业完成验证147项。"
B = "松岭区新增光电子企业52家，产值达到268亿元。"
C = "The harbour library opened nine joint laboratories in 2024 and hired 84 researchers."
PARAGRAPHS = [Paragraph(str(i), text, (), "r", 0, len(text)) for i, text in enumerate((A, B, C))]


def prompt(*paragraphs):
    return compose("？", [Hit(p, 1.0, i) for i, p in enumerate(paragraphs or PARAGRAPHS, start=1)])


@pytest.mark.parametrize(
    ("sentence", "mark", "verdict"),
    [
        ("望江区建成中试车间23间{}。", "[1]", "quoted"),  # the reply names a source that does not exist
        ("望江区建成中试车间23间。{}", "[1]", "quoted"),
        ("望江區建成中試車間二十三間。{}", "[1]", "supported"),
        ("In 2024 the harbour library hired 84 researchers.{}", " [1]", "consistent"),
        ("港口图书馆在2024年开设了九个联合实验室。{}", "[1]", "consistent"),
    ],
)
def test_what_one_paragraph_clearly_says_is_given_its_footnote(sentence, mark, verdict):
    text, sentence = sentence.format(mark), sentence.format("[9]" if not sentence.endswith("{}") else "")
    checked = check_reply(sentence, prompt())
    [said] = checked.sentences
    assert (checked.text, said.verdict, said.marks, checked.attributed) == (text, verdict, (1,), 1)
    assert "without a footnote" in said.problems[0]
    assert len(checked.citations) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "望江区建成中试车间32间。",  # another figure
        "望江区未建成中试车间23间。",
        "本市科技创新水平不断提高，令人鼓舞。",
        "企业数量达到新高，发展势头良好。",
        "k=23。",  # too little to be recognised
    ],
)
def test_what_none_says_is_given_none(sentence):
    checked = check_reply(sentence, prompt())
    assert (checked.text, checked.citations, checked.attributed) == (sentence, (), 0)
    assert checked.sentences[0].verdict == "unsupported"


def test_what_two_paragraphs_say_is_given_none():
    twin = Paragraph("twin", A + "另有学员。", (), "s", 0, len(A) + 5)
    assert attribute("望江区建成中试车间23间。", [PARAGRAPHS[0], twin]) is None
    assert attribute("望江区建成中试车间23间。", [PARAGRAPHS[0]]) == 0
    assert attribute("望江区建成中试车间23间。", []) is None
    assert attribute("望江区" * 500, [PARAGRAPHS[0]]) is None


def test_a_stream_tells_the_footnote_with_its_sentence():
    stream = ReplyStream(prompt())
    told = [event for piece in f"{A}{B}[2]" for event in stream.feed(piece)] + stream.finish()
    assert stream.checked == check_reply(f"{A}{B}[2]", prompt())
    assert stream.checked.text == f"{A}[1]{B}[2]"
    assert "".join(sentence.text for sentence in stream.sentences) == stream.checked.text
    assert told


def test_strict_keeps_what_was_given_a_footnote_and_verifying_gives_none():
    assert check_reply("望江区建成中试车间23间。", prompt(), strict=True).text == "望江区建成中试车间23间。[1]"
    checked = check_reply(A, prompt(), attribute=False)
    assert checked.sentences[0].problems == ("No source is cited.",)


@pytest.mark.parametrize(("text", "payload"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_paragraph_that_gives_orders_is_no_source(text, payload):
    for sentence in (payload, text):
        checked = check_reply(sentence, hostile_prompt("？", text))
        assert not [s for s in checked.sentences if s.verdict in HOLDING and "99" in s.text]
