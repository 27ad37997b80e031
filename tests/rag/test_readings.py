"""Which clauses of a question ask, and what a request is about."""

import pytest

from index.question import Question
from rag.readings import Readings

READINGS = Readings()


def question(text: str) -> Question:
    return Question(text, READINGS.table)


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("芦洲区建成了多少座监测站，记录到多少种候鸟？", ["芦洲区建成了多少座监测站", "记录到多少种候鸟？"]),
        ("蘆洲區建成了多少座監測站，花費了多少錢？", ["蘆洲區建成了多少座監測站", "花費了多少錢？"]),
        ("How many islands have a doctor, and who pays for the boat?", None),
        ("根据公司治理报告，总资产是多少？", ["总资产是多少？"]),
        ("What is the budget of the clinic, according to the annual report?", ["What is the budget of the clinic"]),
        ("How much did Harrow Foods, Inc. raise in May?", ["How much did Harrow Foods"]),
        ("结合年度报告，总结其风险管理策略。", []),
        ("总资产是多少？", []),
        ("كم عدد الأطباء، ومن يدفع ثمن القارب؟", []),
    ],
)
def test_clauses_that_ask(text, asking):
    one = question(text)
    expected = [clause.own.text for clause in one.clauses] if asking is None else asking
    assert [clause.own.text for clause in READINGS.asking(one)] == expected


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("根据公司治理报告，总资产是多少？", "总资产是多少？"),
        ("According to the judgment, who was the defendant?", "who was the defendant?"),
        ("据年度报告，芦洲区建成了多少座监测站，属于哪个部门？", "芦洲区建成了多少座监测站，属于哪个部门？"),
        ("您好，我刚搬来。据年度报告，监测站有多少座？谢谢！", "监测站有多少座？"),
        ("结合年度报告，总结其风险管理策略。", "总结其风险管理策略。"),
        ("What is the budget of the clinic, according to the annual report?", None),
        ("How much did Harrow Foods, Inc. raise in May?", None),
        ("总资产是多少？", None),
        ("", None),
    ],
)
def test_what_is_asked_when_a_clause_names_where_to_look(text, asked):
    found = READINGS.asked(question(text))
    assert (found and found.text) == asked


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("结合2019年的环境报告，总结其未来展望。", "结合2019年的环境报告，其未来展望。"),
        ("簡述黃埔港的重要性", "黃埔港的重要性"),
        ("总结其采取的环保措施。", "其采取的环保措施。"),
        ("Outline the risks of the ferry line.", "the risks of the ferry line."),
        ("Based on the 2019 report, summarize the measures.", "Based on the 2019 report, the measures."),
        ("Describe the ferry line.", "the ferry line."),
        ("说明公积金贷款的条件", "公积金贷款的条件"),
        ("Fasse das Kapitel zusammen.", "Fasse das Kapitel ."),
        ("What does the overview say?", None),  # it asks
        ("哪个部门负责总结？", None),
        ("G60 corridor", None),
        ("总结", None),
        ("", None),
    ],
)
def test_a_request_for_a_summary_has_a_topic(text, topic):
    found = READINGS.topic(question(text))
    assert (found and found.text) == topic
