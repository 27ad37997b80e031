"""Does the cited paragraph say it? Invented districts, in the manner of reports."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Paragraph
from rag.checking.claims import check


def para(text, *heading):
    return Paragraph("id", text, heading, "a.txt", 0, len(text))


A = para("建成中试车间23间，全年为61家企业完成中试验证147项，投入4.8亿元。与三所高校共建联合实验室9个。", "望江区")
B = para("松岭区新增光电子企业52家，产值达到268亿元，同比增长17.3%。发布《松岭区光电子人才十条》。", "松岭区")
C = para("白石数字港二期于2024年6月18日开园，面积42万平方米，入驻企业135家。", "北部")
E = para(
    "The library counted 2.34 million visits in 2024, 12% more than in 2023. It did not open on Mondays.", "Visitors"
)


@pytest.mark.parametrize(
    ("sentence", "cited", "verdict"),
    [
        ("建成中试车间23间，全年为61家企业完成中试验证147项", A, "supported"),
        ("建成中試車間２３間，全年為61家企業完成中試驗證147項", A, "supported"),
        ("望江区建成中试车间二十三间。", A, "supported"),
        ("望江区投入48000万元。", A, "supported"),
        ("望江区与3所高校共建9个联合实验室。", A, "supported"),
        ("望江区建成中试车间32间。", A, "unsupported"),
        ("望江区投入4.8万元。", A, "unsupported"),
        ("望江区投入48亿元。", A, "unsupported"),
        ("松岭区建成中试车间23间。", A, "partly"),
        ("松岭区产值同比增长17.3%。", B, "supported"),
        ("松岭区产值同比增长百分之十七点三。", B, "supported"),
        ("松岭区产值同比下降17.3%。", B, "unsupported"),
        ("松岭区产值同比增长17.3亿元。", B, "unsupported"),
        ("松岭区发布《松岭区光电子人才二十条》。", B, "unsupported"),
        ("松岭区新增光电子企业52家。", A, "wrong_paragraph"),
        ("白石数字港二期于2024年6月开园。", C, "supported"),
        ("白石数字港二期于2024年8月开园。", C, "unsupported"),
        ("白石数字港二期于2023年开园。", C, "unsupported"),
        ("白石数字港入驻企业一百三十五家。", C, "supported"),
        ("白石数字港面积420000平方米。", C, "supported"),
        ("以下是相关内容：", A, "nothing_to_check"),
        ("全市举办足球比赛，吸引大量观众前来观看。", A, "unsupported"),
        ("The library counted 2.34 million visits in 2024.", E, "supported"),
        ("The library counted 2,340,000 visits in 2024.", E, "supported"),
        ("The library counted 2.43 million visits in 2024.", E, "unsupported"),
        ("The library counted twelve percent more visits than in 2023.", E, "supported"),
        ("The library counted 12% fewer visits, less than in 2023.", E, "unsupported"),
        ("Baishi port has 135 enterprises.", C, "supported"),
        ("Baishi port has 153 enterprises.", C, "unsupported"),
    ],
)
def test_verdicts(sentence, cited, verdict):
    others = [p for p in (A, B, C, E) if p is not cited]
    assert check(sentence, [cited], others).verdict == verdict


def test_words_cut_out_of_a_negation_or_a_longer_figure_are_not_verbatim():
    denied = para("望江区未建成中试车间23间。增长5.3%。新增企业52家以下的园区。")
    assert check("建成中试车间23间。", [denied]).verdict != "supported"
    assert check("增长5。", [denied]).verdict == "unsupported"
    assert check("望江区未建成中试车间23间。", [denied]).verdict == "supported"


def test_the_wrong_paragraph_is_named():
    found = check("松岭区新增光电子企业52家。", [A], [C, B])
    assert found.supported_by == 2
    assert "松岭区" in found.problems[0]


def test_a_heading_is_no_evidence_for_a_figure():
    assert check("新增企业52家。", [para("新增企业若干。", "2024年52家")], []).verdict == "unsupported"


def test_several_cited_paragraphs_count_together():
    assert check("望江区建成中试车间23间，松岭区新增光电子企业52家。", [A, B], []).verdict == "supported"


def test_the_quote_is_the_sentence_that_says_it():
    start, end = check("松岭区发布了《松岭区光电子人才十条》", [B], []).quote
    assert B.text[start:end] == "发布《松岭区光电子人才十条》。"


@given(st.sampled_from([A, B, C]), st.data())
def test_verbatim_is_supported_and_one_changed_digit_never_is(paragraph, data):
    sentence = data.draw(st.sampled_from([s for s in re.split("(?<=。)", paragraph.text) if s]))
    assert check(sentence, [paragraph], []).verdict == "supported"
    digits = [m.start() for m in re.finditer(r"\d", sentence)]
    if digits:
        at = data.draw(st.sampled_from(digits))
        digit = data.draw(st.sampled_from([d for d in "123456789" if d != sentence[at]]))
        changed = sentence[:at] + digit + sentence[at + 1 :]
        assert check(changed, [paragraph], []).verdict != "supported"


@given(st.text(), st.text())
def test_anything_can_be_checked(sentence, text):
    assert check(sentence, [para(text)], [A]).verdict


@pytest.mark.parametrize(
    ("sentence", "text", "verdict"),
    [
        ("望江区未建成中试车间，但新增企业52家。", "望江区建成中试车间，但未新增企业52家。", "partly"),
        ("望江区建成中试车间23间，各间投产。", "望江区建成中试车间23间，各间投产，全年未见亏损。", "supported"),
        ("The library did not open on Fridays.", "The library did open on Fridays, but not on Mondays.", "partly"),
    ],
)
def test_what_is_negated_must_agree(sentence, text, verdict):
    assert check(sentence, [para(text)]).verdict == verdict


def test_what_is_said_of_another_group_does_not_support():
    assert check("对博士给予每人3万元补贴。", [para("对硕士给予每人3万元补贴。")]).verdict == "unsupported"
    assert check("对硕士给予每人3万元补贴。", [para("对硕士给予每人3万元补贴，博士另有规定。")]).verdict == "supported"
