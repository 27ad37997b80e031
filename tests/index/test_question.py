"""A question is parsed once."""

import pytest

from index.embedders import open_embedder
from index.question import Question


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
    ("text", "clause"),
    [
        ("根据公司治理报告，总资产是多少？", "总资产是多少？"),
        ("According to the judgment, who was the defendant?", "who was the defendant?"),
        ("您好，我刚搬来。据年报，监测站有多少座？谢谢！", "监测站有多少座？"),
        ("结合年报，总结其风险管理策略。", "总结其风险管理策略。"),
    ],
)
def test_what_asks_is_the_last_clause(text, clause):
    assert Question(text).clause.text == clause


@pytest.mark.parametrize(
    "text", ["总资产是多少？", "Who paid 1,200 dollars?", "Sales fell in May, why?", "下降了，对吗？", ""]
)
def test_a_question_of_one_clause_is_its_own(text):
    assert Question(text).clause is None
