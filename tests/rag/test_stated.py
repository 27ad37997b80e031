"""Which paragraph states what is asked for: across languages too, where words cannot tell what a figure counts."""

import pytest

from index.static_model import StaticEmbedder
from rag import Assistant
from rag.similarity import StaticSimilarity
from rag.stated import states, stating_first
from tests.support.found import hits

NEAR = StaticSimilarity(StaticEmbedder())
CANTEENS = "办好老街坊食堂。望江区新建社区食堂28家，日均供餐1.1万份。"
HOSPITAL = "The children's hospital of Wangjiang added 120 beds and hired 36 paediatricians."
WHARVES = "望江区关停码头17座，腾退岸线8.6公里。"
ELDERLY = "松岭区建成嵌入式养老院14家，设床位2300张，引入陪护机器人75台。"


@pytest.mark.parametrize(
    ("question", "text", "stated"),
    [
        ("引进了多少博士？", "全年新增企业52家。", False),
        ("新增了多少家企业？", "全年新增企业52家。", True),
        ("全年增长多少？", "全年新增企业52家。", True),
        ("新增了多少家企业？", "全年新增企业不少。", False),
        ("How many robots did Songling bring in?", ELDERLY, True),
        ("How many police officers work in Songling?", ELDERLY, False),
        ("松岭区有多少名儿科医生？", HOSPITAL, True),
        ("松岭区有多少家图书馆？", HOSPITAL, False),
        ("How many people moved?", ELDERLY, True),
        ("Why did the robots come?", ELDERLY, True),
        ("How many new canteens are there?", HOSPITAL, False),
        ("How many new beds are there?", HOSPITAL, True),
    ],
)
def test_a_figure_must_count_what_is_asked(question, text, stated):
    assert states(question, [text], NEAR) is stated


def test_the_paragraph_that_names_what_is_counted_comes_first():
    found = hits(HOSPITAL, WHARVES, CANTEENS)
    moved = stating_first("How many community canteens did Wangjiang open?", found, NEAR)
    assert [hit.paragraph.text for hit in moved] == [CANTEENS, HOSPITAL, WHARVES]


@pytest.mark.parametrize(
    "question",
    [
        "How many beds did the hospital add?",  # the first one states it
        "How many robots did Wangjiang buy?",  # none does
        "Who closed the wharves?",  # no figure is asked for
    ],
)
def test_otherwise_the_order_stays(question):
    found = hits(HOSPITAL, WHARVES, CANTEENS)
    assert stating_first(question, found, NEAR) == found
    assert stating_first(question, [], NEAR) == []


def test_a_library_in_two_languages_answers_from_either(tmp_path):
    (tmp_path / "health.txt").write_text(HOSPITAL, encoding="utf-8")
    (tmp_path / "年报.txt").write_text(f"{CANTEENS}\n\n\n\n{WHARVES}\n\n\n\n{ELDERLY}", encoding="utf-8")
    with Assistant.open(tmp_path / "library") as assistant:
        assistant.add([tmp_path / "health.txt", tmp_path / "年报.txt"])
        chinese = assistant.ask("How many new community canteens did Wangjiang build?")
        assert "28家" in chinese.text
        english = assistant.ask("How many beds did the hospital of Wangjiang add?")
        assert "120 beds" in english.text
        assert assistant.ask("How many bridges did Wangjiang repair?").refused
