"""The first user's report, when it is at hand: each paragraph is found by a natural question about what it says.

The report is not part of the repository; without it these tests are skipped.
"""

from pathlib import Path

import pytest

from rag import Assistant

REPORT = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "district-innovation.zh.txt"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not REPORT.is_file(), reason="the report is not at hand")]

ABSENT_ATTRIBUTE = pytest.mark.xfail(
    reason="a thing that is there with an attribute that is not: the evidence is too high"
)

QUESTIONS = (  # a name that stands in one paragraph only, then the question in Chinese, traditional and English
    (
        "GOI",
        "率先启动了几家高质量孵化器？",
        "率先啟動了幾家高質量孵化器？",
        "How many high-quality incubators were started first?",
    ),
    (
        "中央科创区",
        "中央科创区由哪个区域规划建设，打造哪些增长极？",
        "外灘金融科技增長極在哪裡打造？",
        "Where is the Bund fintech growth pole being built?",
    ),
    (
        "国际静安",
        "哪个区布局建设市北高新、苏河湾等四大功能区？",
        "蘇河灣屬於幾大功能區之一？",
        "Which four functional zones, such as Suhe Bay, are being laid out?",
    ),
    (
        "模速空间",
        "全国首个大模型生态社区叫什么？",
        "全市首個大模型專項政策是哪裡發布的？",
        "What is the first large-model ecosystem community in the country?",
    ),
    (
        "长宁区",
        "“上海硅巷”三年行动方案是哪个区发布的？",
        "長寧區第一大產業是什麼？",
        "Which industry became the largest in Changning district?",
    ),
    (
        "海纳小镇",
        "武宁路沿线有几家科研院所？",
        "武寧創新共同體由哪些機構組成？",
        "How many universities and research institutes are there along Wuning Road?",
    ),
    (
        "北外滩",
        "北外滩科创总部集聚区和北中环科创集聚带形成了什么格局？",
        "哪裡召開了「工賦上海」創新大會？",
        "Where is the North Bund headquarters cluster for science and innovation?",
    ),
    (
        "环同济",
        "环同济知识经济圈的产值怎么样？",
        "哪個區推進同濟數字研究院建設？",
        "What happened to the output of the knowledge economy circle around Tongji?",
    ),
    (
        "吴淞",
        "吴淞材料实验室落在哪个区？",
        "全市首個區級概念驗證中心管理辦法由誰發布？",
        "Where is the Wusong materials laboratory?",
    ),
    (
        "大零号湾",
        "“大零号湾”建设方案梳理细化了多少项重点工作安排？",
        "「大零號灣」聚焦幾大重點方向？",
        "How many key tasks were set for the Grand Neobay innovation zone?",
    ),
    (
        "北翼",
        "上海汽车工业软件创新中心由哪个区推进建设？",
        "集成電路「一體兩翼」布局的北翼在哪裡？",
        "Which district builds the automotive industry software innovation center?",
    ),
    (
        "湾区科创城",
        "无人机产业集群入围了什么？",
        "金山區成立了什麼聯盟？",
        "Which drone industry cluster was listed as a national specialty cluster?",
    ),
    (
        "G60",
        "长三角首支跨区域科技成果转化基金是谁设立的？",
        "G60科創走廊促成了幾個城市與中科院上海分院合作？",
        "Which corridor set up the first cross-regional technology transfer fund of the Yangtze River Delta?",
    ),
    (
        "市西软件",
        "华为青浦研发中心属于哪条数字干线？",
        "北斗創新基地由哪裡推進建設？",
        "Where is Huawei's Qingpu research and development center?",
    ),
    (
        "奉贤",
        "《中小企业科技创新活力区三年行动规划》是哪个区制定的？",
        "海灣大學城在哪個區？",
        "Which district made a three-year plan for small and medium-sized enterprises?",
    ),
    (
        "长兴岛",
        "长兴岛开展了多少万吨级的二氧化碳捕集项目？",
        "國內首個碳捕集與利用全流程裝置建在哪裡？",
        "How many tons of carbon dioxide does the capture project on Changxing island handle?",
    ),
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    with Assistant.open(tmp_path_factory.mktemp("corpus") / "library") as opened:
        opened.add([REPORT])
        yield opened


def place(assistant, question, name):
    """The place of the paragraph with the name, from 1; 0 when it is not among the first five."""
    return next((hit.rank for hit in assistant.search(question, 5) if name in hit.paragraph.text), 0)


@pytest.mark.parametrize("column", [1, 2], ids=["simplified", "traditional"])
def test_a_chinese_question_finds_its_paragraph_first(assistant, column):
    assert {row[column]: place(assistant, row[column], row[0]) for row in QUESTIONS} == {
        row[column]: 1 for row in QUESTIONS
    }


def test_english_questions_find_theirs(assistant):
    places = {row[3]: place(assistant, row[3], row[0]) for row in QUESTIONS}
    assert sum(at == 1 for at in places.values()) >= 0.8 * len(places), places
    assert all(1 <= at <= 3 for at in places.values()), places


@pytest.mark.parametrize(
    "question",
    [
        "普陀区引进了多少名博士？",
        "杨浦区地铁线路有几条？",
        "宝山区的常住人口是多少？",
        "奉贤区有多少家三甲医院？",
        "闵行区启动了几家高质量孵化器？",
        pytest.param("What is the population of Chongming?", marks=ABSENT_ATTRIBUTE),
        "去年诺贝尔物理学奖的得主是谁？",
        "黄浦区的科创目标是什么？",
    ],
)
def test_what_the_report_does_not_say_is_refused(assistant, question):
    answer = assistant.ask(question)
    assert answer.refused, answer.text


def test_an_english_question_about_a_district_is_answered(assistant):
    answer = assistant.ask("What is Putuo District doing?")
    assert answer.refused is None
    assert answer.citations


DISTRICTS = (
    *("浦东新区", "黄浦区", "徐汇区", "长宁区", "静安区", "普陀区", "虹口区", "杨浦区"),
    *("闵行区", "宝山区", "嘉定区", "金山区", "松江区", "青浦区", "奉贤区", "崇明区"),
)
DONE = (  # what one district did, and a word of its paragraph; that on a large-model policy names no district
    ("率先启动几家高质量孵化器？", "浦东新区", "孵化器"),
    ("召开了什么大会？", "浦东新区", "创业大会"),
    ("集聚了多少家科研院所？", "普陀区", "科研院所"),
    ("成立了什么共同体？", "普陀区", "共同体"),
    ("制定的三年行动规划覆盖哪几年？", "奉贤区", "2023—2025"),
    ("的二氧化碳捕集示范项目规模是多少？", "崇明区", "二氧化碳捕集"),
    ("推动哪个实验室落地？", "宝山区", "材料实验室"),
    ("聚焦几大重点方向？", "闵行区", "五大重点方向"),
    ("布局建设了几大功能区？", "静安区", "四大功能区"),
    ("发展的第一大产业是什么？", "长宁区", "第一大产业"),
    ("率先发布了什么专项政策？", None, "专项政策"),
)


def test_what_one_district_did_is_hardly_ever_answered_for_another(assistant):
    wrong = []
    for question, own, word in DONE:
        answers = {name: assistant.ask(f"{name}{question}") for name in DISTRICTS}
        wrong += [(name, question) for name in DISTRICTS if name != own and word in answers[name].text]
        assert own is None or word in answers[own].text
    assert len(wrong) <= 4, wrong  # of 166
