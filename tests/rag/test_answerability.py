"""What the evidence is made of: by script, and in languages that the table does not know."""

import pytest

from index.static_model import StaticEmbedder
from rag.answerability import OTHER_SCRIPT, SAME_SCRIPT, UNKNOWN, evidence, features, weights_for
from rag.similarity import StaticSimilarity
from tests.support.found import hits

NEAR = StaticSimilarity(StaticEmbedder())
CHINESE = ("建成候鸟监测站11座，年节水约1200万立方米。", "新增光电子企业52家。", "共建联合实验室9个。")
ENGLISH = ("The library counted 2.34 million visits.", "The reading room opened on 23 April.")
GREEK = ("Χτίστηκαν εννέα κοινά εργαστήρια.", "Η βιβλιοθήκη άνοιξε.")


def found(question, *texts):
    return features(question, hits(*texts), lambda _: 1, len(texts), NEAR)


@pytest.mark.parametrize(
    ("question", "texts", "weights"),
    [
        ("建成了多少座监测站？", CHINESE, SAME_SCRIPT),
        ("How many stations were built?", CHINESE, OTHER_SCRIPT),
        ("图书馆有多少次访问？", ENGLISH, OTHER_SCRIPT),
        ("How many visits were counted?", ENGLISH, SAME_SCRIPT),
        ("Πόσα εργαστήρια χτίστηκαν;", GREEK, UNKNOWN),
    ],
)
def test_each_kind_of_question_has_its_coefficients(question, texts, weights):
    assert weights_for(found(question, *texts)) is weights
    assert set(found(question, *texts)) == set(weights)


@pytest.mark.parametrize("question", ["建成了多少座监测站？", "How many stations were built?"])
def test_paragraphs_in_another_script_change_nothing_but_how_many_compare(question):
    alone = found(question, *CHINESE)
    mixed = found(question, *CHINESE, *ENGLISH)
    assert mixed["late"] == pytest.approx(alone["late"])
    assert set(mixed) == set(alone)


def test_without_hits_there_is_no_evidence():
    assert evidence("建成了多少座监测站？", [], lambda _: 0, 0, NEAR) == 0


def test_the_table_is_no_judge_of_a_language_that_it_lacks():
    assert not NEAR("Πόσα εργαστήρια χτίστηκαν;", GREEK).any()
    assert NEAR("How many visits were counted?", ENGLISH).all()
