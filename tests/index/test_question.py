"""A question is parsed once."""

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
