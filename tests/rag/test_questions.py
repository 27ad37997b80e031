"""What is read off a question: its parts, its labels, what it counts."""

import pytest

from index.records import Paragraph
from rag.asking import asks_for
from rag.contrasts import landmark_missing, of_another, office_missing
from rag.dimensions import measured
from rag.extractive import select
from rag.labels import names_another
from rag.parts import parts


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("建成了多少座监测站，全年记录到多少种候鸟？", ("建成了多少座监测站？", "全年记录到多少种候鸟？")),
        ("城镇居民和农村居民的人均收入分别是多少？", ("城镇居民的人均收入是多少？", "农村居民的人均收入是多少？")),
        ("甲厂改造和乙厂扩建分别投资多少？", ("甲厂改造投资多少？", "乙厂扩建投资多少？")),
        ("养老院的床位和学校的床位，哪个多？", ("养老院的床位有多少？", "学校的床位有多少？")),
        (
            "How many boats came, and how many people did they carry?",
            ("How many boats came?", "how many people did they carry?"),
        ),
        (
            "Which drew more people, the library or the ferry?",
            ("the library drew more people?", "the ferry drew more people?"),
        ),
        ("1965年几内亚和法国断交后，采用的新货币叫什么？", ("1965年几内亚和法国断交后，采用的新货币叫什么？",)),
        ("中华人民共和国有多少个省？", ("中华人民共和国有多少个省？",)),
        ("Where and when did it begin?", ("Where and when did it begin?",)),
        ("When violence is used, what is it called?", ("When violence is used, what is it called?",)),
    ],
)
def test_parts(question, found):
    assert parts(question) == found


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("数字港三期什么时候开工？", "数字港二期于6月开园。", True),
        ("数字港二期什么时候开园？", "数字港二期于6月开园。", False),
        ("数字港三期什么时候开工？", "数字港于6月开园。", False),
        ("2023年有多少天优良？", "2024年优良天数为331天。", True),
        ("2024年比2023年多多少？", "2024年优良天数为331天。", False),
        ("When will Line 5 open?", "Metro Line 4 opened in May.", True),
        ("How many visits were there in 2023?", "In 2024 there were 12 visits.", True),
        ("How many visits were there in 2024?", "In 2024 there were 12 visits.", False),
        ("建成了几座车站？", "建成17座车站。", False),
    ],
)
def test_another_year_or_number_is_another_thing(question, text, another):
    assert names_another(question, [text]) is another


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("有多少家企业？", "家企业"),
        ("地铁线路有几条？", "地铁线路"),
        ("How many new labs are there?", "new labs"),
        ("说勉语的人大约有多少人？", "人"),
    ],
)
def test_what_is_counted(question, counted):
    assert asks_for(question).counted == counted


@pytest.mark.parametrize(
    ("question", "text", "stated"),
    [
        ("门票一张多少钱？", "展期45天，吸引游客38万人次。", False),
        ("门票一张多少钱？", "门票30元，老人免费。", True),
        ("门票一张多少钱？", "公园全年免费开放。", True),
        ("What did the maps cost?", "The gift of 860 maps came from the heirs.", False),
        ("这座山海拔多高？", "整修步道，设置解说牌58面。", False),
        ("许多高校迁到了哪里？", "许多高校迁到合肥。", True),
        ("空气质量优良天数是多少天？", "The port handled 41.7 million tonnes in 2024, 5.3% more than in 2023.", False),
        ("空气质量优良天数是多少天？", "Air quality was good on 318 days.", True),
        ("会议开了几天？", "会议于3月4日至6日举行。", True),
        ("How many days was the air good?", "新增光电子企业52家。", False),
        ("生物医药占比是多少？", "支持项目40个。", False),
        ("生物医药占比是多少？", "生物医药占四成。", True),
    ],
)
def test_a_figure_of_another_dimension_is_no_answer(question, text, stated):
    assert measured(question, [text]) is stated


@pytest.mark.parametrize(
    ("asked", "text", "another"),
    [
        ("松岭区给博士多少安家补贴？", "对硕士给予每人3万元安家补贴。", True),
        ("松岭区给硕士多少安家补贴？", "对硕士给予每人3万元安家补贴。", False),
        ("引进了多少名博士？", "引进博士后研究人员84名。", True),
        ("How many PhDs came?", "引进硕士84名。", True),
        ("How many PhDs came?", "引进博士84名。", False),
        ("農村居民收入多少？", "城鎮居民收入68420元。", True),
        ("城镇和农村居民收入多少？", "城镇居民收入68420元。", False),
        ("引进了多少名博士？", "引进人才84名。", False),
    ],
)
def test_what_excludes_the_thing_asked_about_is_no_answer(asked, text, another):
    assert of_another(asked, text) is another


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("云川市的市长是谁？", "2024年，云川市新认定企业1286家。", True),
        ("云川市的市长是谁？", "市长陈一鸣出席。", False),
        ("Who is the mayor of Yunchuan?", "The city built 12 schools.", True),
        ("Who is the mayor of Yunchuan?", "市领导出席。", True),
        ("Who is the head of Putuo district?", "区长陈一鸣出席。", False),
        ("Who designed the cold store?", "The cold store keeps 18,000 pallets.", True),
        ("市长热线受理了多少件？", "热线受理312件。", False),
    ],
)
def test_an_office_that_is_not_named_has_no_holder(question, text, missing):
    assert office_missing(question, text) is missing


def test_what_lies_beside_something_else():
    text = "数字港周边建成公寓3400套。"
    assert landmark_missing("大学城周边建成多少套公寓？", text)
    assert not landmark_missing("白石数字港周边建成多少套公寓？", text)
    assert not landmark_missing("哪里周边建成公寓？", text)
    assert not landmark_missing("大学城周边建成多少套公寓？", "3,400 flats were built near the port.")


def test_a_price_is_told_by_a_sentence_with_money():
    text = "修復百年漁會大樓。珊瑚鎮投入新臺幣6200萬元，歷時26個月完成修復。一樓展示漁業文物，已有12組團隊。"
    paragraph = Paragraph("1", text, ("珊瑚鎮",), "report.txt", 0, len(text))
    for question in ("珊瑚镇修复百年渔会大楼投入了多少钱？", "How much did the restoration of the guild hall cost?"):
        [chosen] = select(question, [paragraph])
        assert "6200萬元" in text[chosen.start : chosen.end]
