"""Does the cited paragraph say it? Invented districts, in the manner of reports."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Paragraph
from rag.checking.claims import check
from rag.types import HOLDING


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
        ("建成中试车间23间，全年为61家企业完成中试验证147项", A, "quoted"),
        ("建成中試車間２３間，全年為61家企業完成中試驗證147項", A, "quoted"),
        ("The library counted 2.34 million visits in 2024.", E, "quoted"),
        ("It did not open on Mondays.", E, "quoted"),
        ("望江区建成中试车间二十三间。", A, "supported"),
        ("望江区投入48000万元。", A, "supported"),
        ("望江区投入了4.8亿元。", A, "supported"),
        ("The library counted 2,340,000 visits in 2024, 12% more than in 2023.", E, "supported"),
        ("望江区与3所高校共建9个联合实验室。", A, "consistent"),
        ("松岭区产值同比增长百分之十七点三。", B, "supported"),
        ("白石数字港二期于2024年6月开园。", C, "consistent"),
        ("白石数字港入驻企业一百三十五家。", C, "supported"),
        ("白石数字港面积420000平方米。", C, "supported"),
        ("The library counted twelve percent more visits than in 2023.", E, "consistent"),
        ("Baishi port has 135 enterprises.", C, "consistent"),
        ("松岭区建成中试车间23间。", A, "partly"),
        ("Baishi port has 135 hospitals.", C, "partly"),
        ("望江区建成中试车间32间。", A, "contradicted"),
        ("望江区投入4.8万元。", A, "contradicted"),
        ("望江区投入48亿元。", A, "contradicted"),
        ("松岭区产值同比增长17.3亿元。", B, "contradicted"),
        ("松岭区发布《松岭区光电子人才二十条》。", B, "contradicted"),
        ("松岭区发布《松岭区机器人办法》。", B, "unsupported"),
        ("白石数字港二期于2024年8月开园。", C, "contradicted"),
        ("白石数字港二期于2023年开园。", C, "contradicted"),
        ("The library counted 2.43 million visits in 2024.", E, "contradicted"),
        ("Baishi port has 153 enterprises.", C, "unsupported"),
        ("松岭区新增光电子企业52家。", A, "wrong_paragraph"),
        ("全市举办足球比赛，吸引大量观众前来观看。", A, "unsupported"),
        ("以下是相关内容：", A, "nothing_to_check"),
    ],
)
def test_verdicts(sentence, cited, verdict):
    others = [p for p in (A, B, C, E) if p is not cited]
    assert check(sentence, [cited], others).verdict == verdict


@pytest.mark.parametrize("sentence", ["望江区建成了多少间中试车间？", "难道不是吗？"])
def test_a_question_is_no_claim(sentence):
    assert check(sentence, [A], [B, C], "望江区建成了多少间中试车间？").verdict == "nothing_to_check"


def test_a_bare_figure_is_not_looked_for_elsewhere():
    assert check("52", [A], [B, C], "望江区建成了多少间中试车间？").verdict not in ("wrong_paragraph", "supported")


MERGER = para("甲公司于2021年6月收购了乙公司的全部股份。")
ROAD = para("集聚武宁路沿线2家高校、16家科研院所、近百家科创平台和近千家科技企业，成立武宁创新共同体。")
FIRMS = para("Profits soared by 40% after the merger with nearly 1,000 firms taking part.")


@pytest.mark.parametrize(
    ("sentence", "paragraph", "verdict"),
    [
        ("甲公司收购了乙公司。", MERGER, "supported"),
        ("乙公司收购了甲公司。", MERGER, "contradicted"),
        ("乙公司由甲公司收购。", MERGER, "consistent"),
        ("甲公司收购了全部股份。", MERGER, "supported"),
        ("2021年6月，甲公司收购了乙公司。", MERGER, "consistent"),
        ("武宁路沿线聚集了2所高校和16所科研院所。", ROAD, "consistent"),
        ("武宁路沿线有16家高校、2家科研院所。", ROAD, "contradicted"),
        ("Two universities and 16 research institutes are gathered along Wuning Road.", ROAD, "consistent"),
        ("16 universities and two research institutes are gathered along Wuning Road.", ROAD, "contradicted"),
        ("武宁路沿线的高校和科研院所有18家。", ROAD, "consistent"),
        ("武宁路沿线有18家科研院所。", ROAD, "contradicted"),
        ("Exactly 1,000 firms took part.", FIRMS, "partly"),
        ("1,000 firms took part.", FIRMS, "partly"),
        ("Almost a thousand firms took part.", FIRMS, "consistent"),
        ("Profits shrank by 40% after the merger.", FIRMS, "partly"),
        ("2023年至2025年。", para("制定三年(2023—2025)行动规划。"), "consistent"),
        ("In the 1980s it opened.", para("它于20世纪80年代开放。"), "consistent"),
        ("Jinshan District.", para("成立金山区算力产业生态联盟。"), "consistent"),
        ("Xuhui District.", para("成立金山区算力产业生态联盟。"), "unsupported"),
        ("הספרייה נפתחה בעיר.", para("The library opened."), "not_checked"),
    ],
)
def test_who_did_what_to_whom_and_how_many(sentence, paragraph, verdict):
    assert check(sentence, [paragraph]).verdict == verdict


def test_words_cut_out_of_a_negation_or_a_longer_figure_are_not_verbatim():
    denied = para("望江区未建成中试车间23间。增长15.3%。新增企业52家以下的园区。")
    assert check("建成中试车间23间。", [denied]).verdict == "contradicted"
    assert check("增长15。", [denied]).verdict == "unsupported"
    assert check("望江区未建成中试车间23间。", [denied]).verdict == "quoted"


def test_the_wrong_paragraph_is_named():
    found = check("松岭区新增光电子企业52家。", [A], [C, B])
    assert found.supported_by == 2
    assert "松岭区" in found.problems[0]


def test_what_two_paragraphs_carry_together_is_partly_said_by_the_cited_one():
    stations, birds = para("芦洲区建成候鸟监测站11座，实现监测数据共享。"), para("芦洲区全年记录到候鸟214种。")
    found = check("芦洲区建成候鸟监测站11座，全年记录到候鸟214种。", [stations], [A, birds])
    assert (found.verdict, found.supported_by, found.also) == ("partly", 0, 2)
    invented = check("芦洲区建成候鸟监测站11座，全年记录到候鸟219种。", [stations], [A, birds])
    assert (invented.verdict, invented.also) == ("unsupported", None)


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("望江区完成中试验证189项。", "The cited paragraph says 147项, not 189项."),
        ("松岭区发布光电子人才25家。", "25家 is not in the cited paragraph; the passage nearest to it has 十条."),
    ],
)
def test_only_figures_in_the_same_unit_are_set_against_each_other(sentence, problem):
    assert problem in check(sentence, [A if "望江区" in sentence else B]).problems


def test_a_heading_is_no_evidence_for_a_figure():
    assert check("新增企业52家。", [para("新增企业若干。", "2024年52家")], []).verdict == "unsupported"


def test_several_cited_paragraphs_count_together():
    assert check("望江区建成中试车间23间，松岭区新增光电子企业52家。", [A, B], []).verdict == "consistent"


@pytest.mark.parametrize(
    ("sentence", "paragraph", "quoted"),
    [
        ("松岭区发布了《松岭区光电子人才十条》", B, "发布《松岭区光电子人才十条》。"),
        ("135 enterprises moved in.", C, "入驻企业135家。"),
        ("The fund was founded.", para("研究制定方案，设立首支基金，推动攻关。"), "设立首支基金，"),
    ],
)
def test_the_quote_is_the_stretch_that_carries_it(sentence, paragraph, quoted):
    start, end = check(sentence, [paragraph], []).quote
    assert paragraph.text[start:end] == quoted


@pytest.mark.parametrize(
    ("question", "answer", "verdict"),
    [
        ("望江区建成了多少间中试车间？", "23", "consistent"),
        ("望江区建成了多少间中试车间？", "24", "unsupported"),
        ("望江区是否建成了中试车间？", "是的。", "consistent"),
        ("哪个区建成了中试车间？", "望江区。", "consistent"),
        ("哪个区建成了中试车间？", "松岭区。", "unsupported"),
    ],
)
def test_an_answer_of_a_word_or_two_is_checked_with_its_question(question, answer, verdict):
    assert check(answer, [A], question=question).verdict == verdict


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("全年增速为1.5%，低于上年。", "全年增速为-1.5%，低于上年。"),
        ("全年增速为-1.5%，低于上年。", "全年增速为1.5%，低于上年。"),
        ("夜间气温为5℃。", "夜间气温为−5℃。"),
        ("每个街道设35家门店。", "每个街道设3-5家门店。"),
        ("全市有企业12861家。", "全市有企业1286¹家。"),
        ("光速约为3×108米每秒。", "光速约为3×10⁸米每秒。"),
    ],
)
def test_a_sign_a_dash_and_a_superscript_change_a_figure(sentence, text):
    assert check(sentence, [para(text)]).verdict not in HOLDING
    assert check(text, [para(text)]).verdict == "quoted"
    assert check(sentence, [para(sentence)]).verdict == "quoted"


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("得分≤60分为合格。", "得分≥60分为合格。"),
        ("差异显著（p>0.05）。", "差异显著（p<0.05）。"),
        ("每张票售价为$12。", "每张票售价为¥12。"),
        ("利润 321.50 12%", "利润 | (321.50) | 12%"),
    ],
)
def test_a_bound_a_currency_and_parentheses_are_no_mere_punctuation(sentence, text):
    assert check(sentence, [para(text)]).verdict not in ("quoted", "supported")
    assert check(text, [para(text)]).verdict == "quoted"


def test_the_mark_of_a_note_is_no_digit_of_the_figure_before_it():
    assert check("全市有企业1286家。", [para("全市有企业1286¹家。")]).verdict in HOLDING


@given(st.sampled_from([A, B, C]), st.data())
def test_verbatim_is_quoted_and_one_changed_digit_never_holds(paragraph, data):
    sentence = data.draw(st.sampled_from([s for s in re.split("(?<=。)", paragraph.text) if s]))
    assert check(sentence, [paragraph], []).verdict == "quoted"
    digits = [m.start() for m in re.finditer(r"\d", sentence)]
    if digits:
        at = data.draw(st.sampled_from(digits))
        digit = data.draw(st.sampled_from([d for d in "123456789" if d != sentence[at]]))
        changed = sentence[:at] + digit + sentence[at + 1 :]
        assert check(changed, [paragraph], []).verdict not in HOLDING


@given(st.text(), st.text())
def test_anything_can_be_checked(sentence, text):
    assert check(sentence, [para(text)], [A]).verdict


@pytest.mark.parametrize(
    ("sentence", "text", "verdict"),
    [
        ("望江区未建成中试车间，但新增企业52家。", "望江区建成中试车间，但未新增企业52家。", "partly"),
        ("望江区建成中试车间23间，投产。", "望江区建成中试车间23间，各间投产，全年未见亏损。", "supported"),
        ("The library did not open on Fridays.", "The library did open on Fridays, but not on Mondays.", "partly"),
        ("员工可以对外报价。", "未经批准，任何员工不得对外报价。", "contradicted"),
        ("员工未经批准不能对外报价。", "未经批准，任何员工不得对外报价。", "consistent"),
        ("The library opened.", "图书馆未开放。", "partly"),
    ],
)
def test_what_is_negated_must_agree(sentence, text, verdict):
    assert check(sentence, [para(text)]).verdict == verdict


def test_what_is_said_of_another_group_does_not_support():
    assert check("对博士给予每人3万元补贴。", [para("对硕士给予每人3万元补贴。")]).verdict == "partly"
    assert check("对硕士给予每人3万元补贴。", [para("对硕士给予每人3万元补贴，博士另有规定。")]).verdict == "quoted"
