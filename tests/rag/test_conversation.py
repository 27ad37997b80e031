"""Follow-up questions: what they leave out is filled in, what stands alone is left alone."""

import shutil
from pathlib import Path

import pytest

from index.records import Paragraph
from rag import Assistant, Settings, Turn
from rag.conversation import standalone
from tests.support.scripted import Server, whole

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "reports"


def para(text, *heading):
    return Paragraph(text[:4], text, heading, "r", 0, len(text))


DISTRICT = para("建成中试车间23间，与三所高校共建联合实验室9个，引进博士后84名。", "望江区")
PORT = para("白石数字港二期于2024年6月18日开园，入驻企业135家。")
MARSH = para("建成候鸟监测站11座，年节水约1200万立方米。", "芦洲区")
LIBRARY = para("The night reading room opened on 23 April 2024. The library counted 2.34 million visits.", "Visitors")


@pytest.mark.parametrize(
    ("before", "cited", "question", "filled"),
    [
        ("望江区建成了多少间中试车间？", DISTRICT, "那松岭区呢？", "松岭区建成了多少间中试车间？"),
        ("望江區建成了多少間中試車間？", DISTRICT, "那松嶺區呢？", "松嶺區建成了多少間中試車間？"),
        ("望江区建成了多少间中试车间？", DISTRICT, "那联合实验室呢？", "望江区建成了多少联合实验室？"),
        ("图书馆有多少人次到访？", para("图书馆到访234万人次。"), "夜间阅览室呢？", "夜间阅览室有多少人次到访？"),
        ("望江区建成了多少间中试车间？", DISTRICT, "还有呢？", "望江区建成了多少间中试车间？ 还有呢？"),
        ("望江区建成了多少间中试车间？", DISTRICT, "它引进了多少博士后？", "望江区引进了多少博士后？"),
        ("望江區建成了多少間中試車間？", DISTRICT, "該區引進了多少博士後？", "望江區引進了多少博士後？"),
        ("哪个区建成了候鸟监测站？", MARSH, "其一年节水多少？", "芦洲区的一年节水多少？"),
        ("《白石港规划》何时发布？", PORT, "当地入驻了多少家企业？", "《白石港规划》入驻了多少家企业？"),
        ("《人才十条》给硕士多少补贴？", PORT, "它是何时发布的？", "《人才十条》是何时发布的？"),
        ("2024年全市经费支出是多少？", PORT, "2023年呢？", "2023年全市经费支出是多少？"),
        ("望江区的产值是多少？", DISTRICT, "为什么？", "望江区的产值是多少？ 为什么？"),
        ("望江区的产值是多少？", DISTRICT, "和松岭区相比呢？", "望江区的产值是多少？ 和松岭区相比呢？"),
        ("How many visits were counted in 2024?", LIBRARY, "and in 2023?", "How many visits were counted in 2023?"),
        ("How many visits were counted?", LIBRARY, "And in 2023?", "How many visits were counted? And in 2023?"),
        (
            "When did the night reading room open?",
            LIBRARY,
            "Until when does it stay open?",
            "When did the night reading room open? Until when does it stay open?",
        ),
        ("When did the night reading room open?", LIBRARY, "Why?", "When did the night reading room open? Why?"),
        ("Who runs the Yunchuan Library?", LIBRARY, "What is its budget?", "What is Yunchuan Library's budget?"),
        ("How many books were lent?", LIBRARY, "What about visits?", "How many visits were lent?"),
        ("望江区は研究室をいくつ作りましたか？", DISTRICT, "松岭区は？", "松岭区は研究室をいくつ作りましたか？"),
    ],
)
def test_what_a_follow_up_leaves_out_is_filled_in(before, cited, question, filled):
    assert standalone(question, [Turn(before)], lambda _: [cited]) == filled


@pytest.mark.parametrize(
    "question",
    [
        "松岭区的光芯片产值是多少？",
        "其中有多少用于车间？",
        "How many visits did the library count?",
        "Are there children's books in the library?",
        "When did Lin Boyuan give his maps?",
        "请列出全部措施。",
        "谢谢",
    ],
)
def test_what_stands_alone_is_left_alone(question):
    assert standalone(question, [Turn("望江区建成了多少间中试车间？")], lambda _: [DISTRICT]) == question


def test_follow_ups_follow_up_on_each_other():
    turns = [Turn("望江区建成了多少间中试车间？"), Turn("那松岭区呢？")]
    assert standalone("芦洲区呢？", turns, lambda _: []) == "芦洲区建成了多少间中试车间？"


@pytest.fixture(scope="module")
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dialogues")
    shutil.copytree(EXAMPLES, folder / "reports")
    with Assistant.open(folder / "lib", settings=Settings()) as assistant:
        assistant.add([folder / "reports"])
    return folder / "lib"


DIALOGUES = [
    [("望江区建成了多少间中试车间？", "23间"), ("那联合实验室呢？", "9个"), ("它引进了多少博士后？", "84名")],
    [("松岭区的光芯片产值是多少？", "268亿元"), ("该区新增了多少家光电子企业？", "52家")],
    [("哪个区建成了候鸟监测站？", "芦洲区"), ("它一年节水多少？", "1200万立方米")],
    [("白石数字港二期什么时候开园？", "6月18日"), ("其总建筑面积是多少？", "42万平方米")],
    [("白石数字港二期什么时候开园？", "6月18日"), ("那里入驻了多少家企业？", "135家")],
    [("《松岭区光电子人才十条》给硕士多少补贴？", "3万元"), ("它是哪个区发布的？", "松岭区")],
    [("望江區建成了多少間中試車間？", "23间"), ("那聯合實驗室呢？", "9个"), ("該區投入了多少錢改造廠房？", "4.8亿元")],
    [("望江区与几所高校共建联合实验室？", "三所"), ("松岭区呢？", None)],
    [("全年举办了多少场成果对接会？", "36场"), ("技术合同登记额呢？", "58.7亿元")],
    [("全市研究与试验发展经费支出是多少？", "312.6亿元"), ("它占地区生产总值的比例是多少？", "3.9%")],
    [("When did the night reading room open?", "23 April"), ("How long does it stay open on Fridays?", "2 a.m.")],
    [("How many books did readers borrow?", "1,870,000"), ("What about children's books?", "310,000")],
    [("By how much did the local history collection grow?", "4,200"), ("Who gave its largest gift?", "Lin Boyuan")],
    [("芦洲区建成候鸟监测站多少座？", "11座"), ("松岭区的光芯片产值是多少？", "268亿元")],
]


@pytest.mark.slow
def test_a_dozen_dialogues_over_the_examples(library):
    with Assistant.open(library, settings=Settings()) as assistant:
        for dialogue in DIALOGUES:
            history = []
            for question, said in dialogue:
                answer = assistant.ask(question, history=history)
                assert said in answer.text if said else answer.refused, (question, answer.text)
                assert answer.question == question
                history.append(Turn.of(answer))


def test_thanks_in_between_end_no_thread(library):
    with Assistant.open(library, settings=Settings()) as assistant:
        dialogue = [("望江区建成了多少间中试车间？", "23间"), ("谢谢", "提问"), ("它引进了多少博士后？", "84名")]
        history = []
        for question, said in dialogue:
            answer = assistant.ask(question, history=history)
            assert said in answer.text
            history.append(Turn.of(answer))
        assert answer.model["rewrite"]["question"] == "望江区引进了多少博士后？"


def test_the_record_says_what_was_understood_and_the_cited_paragraph_is_carried_over(library):
    with Assistant.open(library, settings=Settings()) as assistant:
        first = assistant.ask("望江区建成了多少间中试车间？")
        follow = assistant.ask("它引进了多少博士后？", 1, history=[Turn.of(first)])
        assert follow.model["rewrite"] == {"question": "望江区引进了多少博士后？", "by": "rules"}
        assert first.citations[0].paragraph in [hit.paragraph for hit in follow.hits]
        gone = Turn("望江区建成了多少间中试车间？", cited=("no-such-paragraph",))
        assert "84名" in assistant.ask("它引进了多少博士后？", history=[gone]).text


def test_a_slip_is_put_right_and_told_and_is_no_follow_up(library):
    slip, meant = "When did the night readng room open?", "When did the night reading room open?"
    with Assistant.open(library, settings=Settings()) as assistant:
        former = Turn("望江区建成了多少间中试车间？", cited=(assistant.search("望江区的中试车间")[0].paragraph.id,))
        for history in ((), (former,)):
            answer = assistant.ask(slip, 1, history=history)
            assert answer.model["rewrite"] == {"question": meant, "by": "spelling"}
            assert (answer.question, len(answer.hits)) == (slip, 1)
            assert "23 April" in answer.text
        assert "rewrite" not in assistant.ask(meant).model
    with Assistant.open(library, settings=Settings(rewrite="off")) as assistant:
        assert "rewrite" not in assistant.ask(slip).model


@pytest.mark.parametrize(
    ("reply", "question", "by"),
    [
        (whole("“松岭区的光芯片产值是多少？”"), "松岭区的光芯片产值是多少？", "model"),
        (whole("松岭区2031年的光芯片产值是多少？"), "松岭区的产值是多少？", "rules"),  # a year that nobody named
        (whole("好的。\n松岭区的产值？"), "松岭区的产值是多少？", "rules"),
        ((500, {}, "down"), "松岭区的产值是多少？", "rules"),
    ],
)
def test_the_model_rewrites_when_asked_to_and_the_rules_when_it_fails(library, server, reply, question, by):
    server.requests.clear()
    server.replies = [reply, whole("光芯片产业产值达到268亿元。[1]")]
    settings = Settings(model="m", base_url=server.url, timeout=5, retries=0, rewrite="model")
    with Assistant.open(library, settings=settings) as assistant:
        history = [Turn("望江区的产值是多少？", "没有[1]说明。")]
        answer = assistant.ask("那松岭区呢？", history=history)
    assert answer.model["rewrite"] == {"question": question, "by": by}
    sent = server.requests[0]["messages"][0]["content"]
    assert "那松岭区呢？" in sent
    assert "[1]" not in sent
    assert "268亿元" in answer.text
