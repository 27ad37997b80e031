"""What the evidence is made of: by script, and in languages that the table does not know."""

from dataclasses import replace

import pytest

from eval.cases import load_set
from eval.data import packaged_set
from index.question import Question
from index.records import Hit, Paragraph
from index.text import is_cjk
from rag.answerability import WEIGHTS, evidence, features, greets, weights_for
from rag.readings import Readings
from tests.support.found import Terms, hits

READINGS = Readings()
CHINESE = ("建成候鸟监测站11座，年节水约1200万立方米。", "新增光电子企业52家。", "共建联合实验室9个。")
ENGLISH = ("The library counted 2.34 million visits in 2024.", "The reading room opened on 23 April.")
RECORDS = ("Pulse: 76 bpm. Weight: 80 kg.", "Pulse: 80 bpm.")
GREEK = ("Χτίστηκαν εννέα κοινά εργαστήρια.", "Η βιβλιοθήκη άνοιξε.")


def found(question, *texts):
    return features(Question(question), hits(*texts), Terms(len(texts)), READINGS)


@pytest.mark.parametrize(
    ("question", "texts", "kind"),
    [
        ("建成了多少座监测站？", CHINESE, "same"),
        ("How many stations were built?", CHINESE, "other"),
        ("图书馆有多少次访问？", ENGLISH, "other"),
        ("How many visits were counted?", ENGLISH, "same"),
        ("Summarize the visits.", ENGLISH, "summary"),
        ("总结图书馆的访问情况。", ENGLISH, "other"),
        ("Πόσα εργαστήρια χτίστηκαν;", GREEK, "unknown"),
    ],
)
def test_each_kind_of_question_has_its_coefficients(question, texts, kind):
    assert weights_for(found(question, *texts)) is WEIGHTS[kind]
    assert set(found(question, *texts)) == set(WEIGHTS[kind])


@pytest.mark.parametrize("question", ["建成了多少座监测站？", "How many stations were built?"])
def test_paragraphs_in_another_script_change_nothing_but_how_many_compare(question):
    alone = found(question, *CHINESE)
    mixed = found(question, *CHINESE, *ENGLISH)
    assert mixed["score"] == pytest.approx(alone["score"])
    assert set(mixed) == set(alone)


def test_a_paragraph_alone_in_its_script_is_compared_with_the_others():
    question = "云川市的市长是谁？"
    own = ("云川市空气质量优良天数为331天。", "云川市新认定高新技术企业1200家。", "全市受理噪声投诉9312件。")
    assert found(question, "The mayor opened the bridge.", *own)["late lead"] < 0


def test_without_hits_there_is_no_evidence():
    assert evidence(Question("建成了多少座监测站？"), [], Terms(0), READINGS) == 0


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("How many visits were there in 2024?", 0.0),
        ("How many visits were there in 2019?", 1.0),
        ("How many?", 0.0),
        ("What did the three halls open?", 0.0),
    ],
)
def test_a_figure_that_the_best_paragraph_lacks_counts(question, missing):
    assert found(question, *ENGLISH)["figures"] == missing


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("How many docks did the harbour open in March 2019?", 0.0),
        ("How many docks did the harbour open in 2019?", 0.0),
        ("How many docks did the harbour open in May 2019?", 1.0),
        ("How many docks did the harbour open in March 2018?", 1.0),
    ],
)
def test_a_year_counts_wherever_the_document_names_it(question, missing):
    told = found(question, "In March the harbour opened three docks.", "The report for 2019 covers the whole harbour.")
    assert told["figures"] == missing


@pytest.mark.parametrize(("question", "missing"), [("开机的第三步是什么？", 0.0), ("开机的第五步是什么？", 1.0)])
def test_the_number_of_an_item_is_an_ordinal(question, missing):
    item = Paragraph("a", "3. 按下绿色按钮开机。", ("开机",), "r.md", 0, 12, kind="list_item")
    told = features(Question(question), [Hit(item, 1.0, 1)], Terms(1), READINGS)
    assert told["figures"] == missing


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("How many schools did Changning gather?", 1.0),  # the first paragraph is about Putuo
        ("How many schools did Putuo gather?", 0.0),
        ("How many schools did Putuo and Changning gather?", 0.5),
        ("How many schools did Minhang gather?", 0.0),  # nothing that was found has this name
        ("How many schools gathered?", 0.0),
    ],
)
def test_a_name_that_only_other_paragraphs_have_counts(question, missing):
    texts = ("普陀区集聚学校2家、科研院所16家。", "长宁区发布三年行动方案。")
    assert found(question, *texts)["unnamed"] == missing


@pytest.mark.parametrize(
    ("question", "paragraphs", "missing"),
    [
        ("芦洲区新增光电子企业多少家？", [("芦洲区", CHINESE[1]), ("松岭区", CHINESE[2])], 0.0),
        ("松岭区新增光电子企业多少家？", [("芦洲区", CHINESE[1]), ("松岭区", CHINESE[2])], 1.0),
        (
            "How many docks did Songling park open?",
            [("Harbour", "Songling opened three docks."), ("Songling park", "Trees.")],
            0.25,  # half of the name is there
        ),
    ],
)
def test_a_heading_that_the_question_names_and_the_quoted_paragraph_lacks_counts(question, paragraphs, missing):
    assert found(question, *paragraphs)["misnamed"] == missing


@pytest.mark.parametrize(
    ("question", "held", "counts"),
    [
        ("What is the pulse of Martin?", {"martin": {"martin.txt": 4}}, True),  # another document's own name
        ("What is the pulse of Martin?", {"martin": {"martin.txt": 1}}, False),  # once: most often no name
        ("What is the pulse of Martin?", {"martin": {"martin.txt": 4, "report.txt": 1}}, False),  # its own, too
        ("What is the pulse of Martin?", {}, False),
        ("What pulse did the patient have?", {"did": {"martin.txt": 4}}, False),  # repeated, but no name
        ("秦明的脉搏是多少？", {"秦明": {"qin.txt": 4}}, True),
        ("病人的脉搏增长了多少？", {"增长": {"qin.txt": 4}}, False),
    ],
)
def test_a_name_that_another_document_repeats_counts(question, held, counts):
    texts = ("脉搏：76次/分。体重：80公斤。", "脉搏：80次/分。") if is_cjk(question) else RECORDS
    told = features(Question(question), hits(*texts), Terms(9, **held), READINGS)
    assert (told["elsewhere"] > 0) == counts


def test_a_clause_does_not_hide_the_name_before_it():
    paragraphs = hits(*RECORDS)
    asked = Question("According to the record of Martin, what is the pulse?")
    own, other = (
        evidence(asked, paragraphs, Terms(9, martin={file: 9}), READINGS) for file in ("report.txt", "martin.txt")
    )
    assert other < own / 2


REPORT = ("芦洲区建成候鸟监测站11座。", "松岭区新增光电子企业52家。", "望江区共建联合实验室9个。")


@pytest.mark.parametrize("place", ["徐汇区", "松岭区"])
def test_a_name_that_the_quoted_paragraph_lacks_counts(place):
    asked = [Question(f"{where}建成了多少座候鸟监测站？") for where in ("芦洲区", place, f"在{place}，")]
    own, other, apart = (features(one, hits(*REPORT), Terms(3), READINGS)["lacking"] for one in asked)
    assert own < 0.05
    assert min(other, apart) > 0.25
    told = [evidence(one, hits(*REPORT), Terms(3), READINGS) for one in asked]
    assert max(told[1:]) < told[0]


def test_a_name_in_the_short_lines_before_a_paragraph_is_its_own():
    lines = ["姓名：王明", "血压：正常", "脉搏：每分钟76次"]
    starts = [0, 10, 20]
    record = [Paragraph(str(i), text, (), "r.txt", i, i + len(text)) for i, text in zip(starts, lines, strict=True)]
    told = [
        features(Question("王明的脉搏是多少？"), [Hit(record[-1], 1.0, 1, passage=some)], Terms(3), READINGS)
        for some in (tuple(record), (record[0], replace(record[1], text="血压" * 100), record[2]), ())
    ]
    near, far, alone = (one["lacking"] for one in told)
    assert near < 0.02
    assert far == alone > 0.1


def test_what_is_asked_of_the_paragraph_raises_the_evidence():
    asked = ["芦洲区建成了多少座候鸟监测站？", "芦洲区的常住人口是多少？"]
    told = [
        evidence(Question(question), hits(("芦洲区", CHINESE[0]), *CHINESE[1:]), Terms(3), READINGS)
        for question in asked
    ]
    assert told[0] > 2 * told[1]


def test_a_greeting_does_not_lower_the_evidence():
    plain, polite = "芦洲区建成了多少座监测站？", "您好，我刚搬到这里。芦洲区建成了多少座监测站？谢谢！"
    told = [
        evidence(Question(one), hits(("芦洲区", CHINESE[0]), *CHINESE[1:]), Terms(3), READINGS)
        for one in (plain, polite)
    ]
    assert told[1] >= told[0]


def told(question, *texts):
    return evidence(Question(question), hits(*texts), Terms(len(texts)), READINGS)


@pytest.mark.parametrize(
    ("plain", "placed"),
    [
        ("芦洲区建成了多少座监测站？", "根据市里的生态环境工作报告，芦洲区建成了多少座监测站？"),
        ("When did the reading room open?", "According to the report of the mayor, when did the reading room open?"),
    ],
)
def test_a_clause_on_where_to_look_does_not_lower_the_evidence_much(plain, placed):
    texts = (("芦洲区", CHINESE[0]), *CHINESE[1:]) if "芦" in plain else ENGLISH
    assert told(placed, *texts) > 0.9 * told(plain, *texts)


def test_one_clause_that_is_answered_is_evidence():
    first, second = "When did the reading room open", "how many elephants did the mayor feed?"
    assert told(f"{first}, and {second}", *ENGLISH) > 0.9 * told(f"{first}?", *ENGLISH) > told(second, *ENGLISH)


@pytest.mark.parametrize(
    ("title", "texts", "there", "absent"),
    [
        (
            "芦洲区生态环境报告",
            CHINESE,
            "结合芦洲区生态环境报告，总结监测站的建设情况。",
            "结合望江港务公司财务报告，总结码头的收入情况。",
        ),
        (
            "Annual report of the library",
            ENGLISH,
            "Based on the annual report of the library, summarize the visits.",
            "Based on the accounts of the harbour, summarize the cargo.",
        ),
    ],
)
def test_a_summary_is_given_of_what_a_passage_has_the_names_of(title, texts, there, absent):
    titled = [(title, text) for text in texts]
    assert weights_for(found(there, *titled)) is WEIGHTS["summary"]
    assert told(there, *titled) > 0.6
    assert told(absent, *titled) < 0.2


def test_a_summary_is_not_given_of_another_year():
    texts = [("Annual report of the library, 2024", text) for text in ENGLISH]
    asked = [f"Based on the annual report of the library of {year}, summarize the visits." for year in (2024, 2019)]
    own, other = (told(one, *texts) for one in asked)
    assert other < 0.5 < own


def test_a_summary_of_two_districts_is_given_where_each_has_a_passage():
    texts = [("芦洲区", CHINESE[0]), *[("望江区", text) for text in CHINESE[1:]]]
    assert told("总结芦洲区和望江区的工作。", *texts) > 0.5 > told("总结芦洲区和东岸区的工作。", *texts)


def test_a_figure_before_the_clause_that_asks_counts():
    asked = ("In 2024, how many visits were counted?", "In 2019, how many visits were counted?")
    there, absent = (told(question, *ENGLISH) for question in asked)
    assert absent < there - 0.3


def test_a_question_is_no_greeting():
    table = Readings().table
    questions = [case.question for case in load_set(packaged_set()).cases]
    assert [one for one in questions if greets(Question(one), [], table)] == []
    assert all(greets(Question(one), [], table) for one in ("早上好！", "Hi, good morning", "谢谢"))
    assert not greets(Question("Good morning"), hits("Good morning is a film by Ozu."), table)


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("工作了十二年的员工有几天年假？", "满一年不满十年的，年休假为5天；满十年不满二十年的，为10天。", 0),
        ("工作了三十年的员工有几天年假？", "满一年不满十年的，年休假为5天；满十年不满二十年的，为10天。", 1),
        ("What does a parcel of 7 kg cost?", "Parcels cost 10 euros up to 5 kg and 20 euros up to 10 kg.", 0),
        ("What does a parcel of 12 kg cost?", "Parcels cost 10 euros up to 5 kg and 20 euros up to 10 kg.", 1),
        ("Which shop sold 7 chairs?", "The shop sold 5 tables and 10 lamps.", 1),
    ],
)
def test_a_measure_may_lie_between_two_of_the_sentence(question, text, missing):
    assert found(question, text)["figures"] == missing
