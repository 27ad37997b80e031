"""What a model's reply looks like in the wild is read as it is meant; long and odd ones take linear work."""

import sys

import pytest

from index.records import Hit, Paragraph
from index.sentences import sentences
from prompts.compose import compose
from rag.checking.reply import MOST, check_reply

TEXTS = [
    "望江区建成中试车间23间，为61家企业完成验证147项。",
    "松岭区新增光电子企业52家，产值达到268亿元。",
]


def checked(reply, question="望江区建成了多少间中试车间？", texts=TEXTS, **options):
    hits = [Hit(Paragraph(str(i), t, (), "r", 100 * i, 100 * i + len(t)), 1.0, i + 1) for i, t in enumerate(texts)]
    return check_reply(reply, compose(question, hits), **options)


def verdicts(reply, **options):
    return [sentence.verdict for sentence in checked(reply, **options).sentences]


def test_a_list_item_keeps_its_number():
    found = checked("1. 望江区建成中试车间23间[1]。\n2. 松岭区新增光电子企业52家[2]。")
    first, second = found.sentences
    assert (first.text[:5], second.text[:5]) == ("1. 望江", "2. 松岭")
    assert found.text.count("\n") == 1
    assert not [s for s in found.sentences if s.verdict in ("unsupported", "contradicted")]


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("23[1]", "consistent"),
        ("32[1]", "unsupported"),
        ("有。[1]", "consistent"),
        ("望江区。[1]", "consistent"),
        ("根据[1]中的信息，望江区建成中试车间23间。", "consistent"),
        ("According to [1], 望江区建成中试车间23间。", "consistent"),
        ("根据[1]中的信息，望江区建成中试车间32间。", "contradicted"),
        ("松岭区[1]，建成中试车间23间。", "partly"),
    ],
)
def test_short_answers_and_lead_ins(reply, verdict):
    assert verdicts(reply) == [verdict]


@pytest.mark.parametrize(
    ("reply", "verdict", "text"),
    [
        ("23间", "consistent", "23间[1]"),
        ("望江区。", "consistent", "望江区。[1]"),
        ("32间", "unsupported", "32间"),
        ("松岭区", "unsupported", "松岭区"),
        ("望江区建成中试车间23间 (Source 1)", "quoted", "望江区建成中试车间23间 [1]"),
    ],
)
def test_a_bare_answer_is_of_the_source_that_speaks_of_the_question(reply, verdict, text):
    found = checked(reply)
    assert ([sentence.verdict for sentence in found.sentences], found.text) == ([verdict], text)


def test_headings_rules_and_numbers_of_a_list_are_no_claims():
    found = checked("## 回答\n\n1. 建成中试车间23间。[1]\n\n|---|---|\n\n2、松岭区新增光电子企业52家。[2]")
    verdicts = [sentence.verdict for sentence in found.sentences]
    assert verdicts == ["nothing_to_check", "supported", "nothing_to_check", "quoted"]


def test_what_looks_like_a_heading_or_an_item_is_checked_all_the_same():
    assert verdicts("# 望江区撤销了全部医院并且解散卫生局\n") == ["unsupported"]
    [verdict] = verdicts("12、15号楼已建成。[1]", texts=["15号楼已建成。"])
    assert verdict in ("unsupported", "contradicted", "partly")


def test_what_stands_around_a_paragraph_tells_its_names_and_no_figure():
    row = Paragraph("p", "水箱容量：4升；功率：900瓦", (), "r", 0, 15, context="型号：海蓝牌", title="咖啡机说明书2024")
    prompt = compose("海蓝牌的水箱多大？", [Hit(row, 1.0, 1)])
    said = [check_reply(f"{text}[1]", prompt).sentences[0] for text in ("海蓝牌水箱容量4升。", "2024年水箱容量4升。")]
    assert [sentence.verdict for sentence in said] == ["supported", "unsupported"]


def test_every_sentence_is_tied_to_the_words_that_carry_it():
    found = checked("61 firms were helped, 147 verifications completed. [1] 松岭区产值达268亿元。[2]")
    first, second = found.sentences
    assert first.quote.text == "为61家企业完成验证147项。"
    assert second.quote.text == "产值达到268亿元。" or second.quote.text.startswith("松岭区")
    for sentence, text, start in zip(found.sentences, TEXTS, (0, 100), strict=True):
        quote = sentence.to_dict()["quote"]
        assert text[quote["start"] - start : quote["end"] - start] == quote["text"]


def test_a_reply_without_end_is_read_to_a_limit():
    found = checked("望江区建成中试车间23间。[1]" + "甲乙丙丁" * MOST)
    assert [sentence.verdict for sentence in found.sentences] == ["quoted", "unsupported"]
    assert len(found.text) <= MOST + 10


def calls(run):
    """Function calls that `run` makes: the work, whatever else the machine does."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["k=1。", "甲，", "a b. ", "23间", "望江区建成9间。[1]", "1. 甲\n", "《甲》", "不"])
def test_four_times_the_text_is_four_times_the_work(pattern):
    checked(pattern)  # what is loaded once does not count
    short, long = (calls(lambda n=n: checked(pattern * n, texts=[pattern * n, TEXTS[0]])) for n in (100, 400))
    assert long < 6 * short


@pytest.mark.parametrize("mark", [".", "。", "!", "…", "a.", "\n", '."'])
def test_thousands_of_marks_are_split_at_once(mark):
    """8 000 dots took 12 seconds: each was tried as the first of a run."""
    assert len(sentences(mark * 100_000 + "x")) >= 1
