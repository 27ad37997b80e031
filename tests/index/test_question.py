"""A question is parsed once."""

import pytest

from eval.cases import load_set
from eval.data import packaged_set
from index.embedders import open_embedder
from index.question import Question

TABLE = open_embedder()


def test_its_forms_are_made_once_and_for_one_table():
    table = open_embedder()
    asked = Question.of("東岸區 G60？", table)
    assert asked.folded == "东岸区 g60?"
    assert asked.words == ("东岸", "岸区", "g60")
    assert asked.tokens.tolist() == table.tokens(["東岸區 G60？"])[0].tolist()
    assert asked.tokens is asked.tokens
    assert Question.of(asked, table) is asked
    assert Question.of(Question("a"), table).tokens is not None


def test_without_a_table_there_are_no_tokens():
    assert Question("东岸区").tokens is None


@pytest.mark.parametrize(
    ("question", "clauses"),
    [
        ("芦洲区建成了多少座监测站，记录到多少种候鸟？", ("芦洲区建成了多少座监测站", "记录到多少种候鸟？")),
        ("How many islands have a doctor, and who pays?", ("How many islands have a doctor", "and who pays?")),
        ("How many islands, roughly?", ()),
        ("您好，我刚搬来。据年度报告，监测站有多少座？谢谢！", ("据年度报告", "监测站有多少座？")),
        ("建成了多少座监测站？", ()),
        ("", ()),
    ],
)
def test_clauses_that_may_each_ask_something(question, clauses):
    assert tuple(one.own.text for one in Question(question).clauses) == clauses


def test_a_question_of_many_sentences_or_clauses_is_looked_at_in_few():
    assert len(Question("望江区有多少座监测站？" * 100).wordings) == 9
    assert len(Question("望江区有多少座监测站，" * 100).clauses) == 8


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Which documents mention the Harrow Foundation?", "Harrow Foundation"),
        ("which files mention hospitals", "hospitals"),
        ("In which reports is the tram line mentioned?", "tram line"),
        ("哪些文件提到了武宁路？", "武宁路"),
        ("哪些报告提到大模型？", "大模型"),
        ("哪些文档中提到孵化器", "孵化器"),
    ],
)
def test_what_documents_are_to_mention(question, about):
    assert Question(question, TABLE).about_documents == ("mention", about)


@pytest.mark.parametrize(
    ("question", "kind", "about"),
    [
        ("Who wrote the pump manual?", "author", "pump manual"),
        ("这份年报的作者是谁？", "author", "这份年报"),
        ("When was the budget memo written?", "date", "budget memo"),
        ("Which reports did Ines Holt write?", "works", "Ines Holt"),
        ("李国庆写过哪些报告？", "works", "李国庆"),
    ],
)
def test_who_wrote_what_and_when(question, kind, about):
    assert Question(question, TABLE).about_documents == (kind, about)


@pytest.mark.parametrize(
    "question",
    ["Which documents must be submitted?", "需要提交哪些文件？", "哪些文件已废止？", "Who signed the lease?", "", "?"],
)
def test_questions_that_only_have_documents_in_them_ask_something_else(question):
    assert Question(question, TABLE).about_documents is None


def test_no_question_of_the_packaged_set_is_about_documents():
    questions = [Question(case.question, TABLE) for case in load_set(packaged_set()).cases]
    assert not [question.text for question in questions if question.about_documents]
