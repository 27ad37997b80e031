"""Metrics on hand-worked cases, and against other people's implementations and definitions."""

import math

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, R, Success, nDCG

from eval.cases import Case
from eval.metrics import citations, retrieval
from eval.metrics.answers import exact_match, fact_recall, gold_answers, says_forbidden, states, token_f1
from eval.metrics.whole_set import consistency, cross_lingual_gap, set_scores

# --- retrieval ------------------------------------------------------------------------------------------------


def test_retrieval_by_hand():
    ranked, groups = ["a", "b", "c", "d"], [{"b"}, {"d", "x"}, {"y"}]
    assert retrieval.first_ranks(ranked, groups) == (2, 4, None)
    assert [retrieval.hit(ranked, groups, k) for k in (1, 3)] == [0, 1]
    assert [retrieval.recall(ranked, groups, k) for k in (1, 3, 5)] == [0, 1 / 3, 2 / 3]
    assert retrieval.all_hit(ranked, groups, 5) == 0
    assert retrieval.all_hit(ranked, groups[:2], 4) == 1
    assert retrieval.reciprocal_rank(ranked, groups, 10) == 1 / 2
    assert retrieval.reciprocal_rank(ranked, groups, 1) == 0
    assert retrieval.average_precision(ranked, groups, 10) == (1 / 2 + 2 / 4) / 3
    gain = 1 / math.log2(3) + 1 / math.log2(5)
    assert retrieval.ndcg(ranked, groups, 10) == pytest.approx(gain / (1 + 1 / math.log2(3) + 1 / 2))


def test_one_paragraph_that_covers_two_groups_earns_one_gain():
    assert retrieval.recall(["a"], [{"a"}, {"a", "b"}], 1) == 1
    assert retrieval.ndcg(["a", "b"], [{"a"}, {"a", "b"}], 2) <= 1


@pytest.mark.parametrize(
    "measure",
    [
        retrieval.hit,
        retrieval.all_hit,
        retrieval.recall,
        retrieval.ndcg,
        retrieval.reciprocal_rank,
        retrieval.average_precision,
    ],
)
def test_retrieval_of_nothing(measure):
    assert measure(["a"], [], 5) is None
    assert measure([], [{"a"}], 5) == 0


PARAGRAPHS = [f"p{i}" for i in range(8)]


@settings(deadline=None, max_examples=60)
@given(
    st.permutations(PARAGRAPHS), st.integers(0, 8), st.sets(st.sampled_from(PARAGRAPHS), min_size=1), st.integers(1, 9)
)
def test_retrieval_agrees_with_ir_measures(order, found, gold, k):
    ranked, groups = order[:found], [{name} for name in sorted(gold)]
    qrels = [ir_measures.Qrel("q", name, 1) for name in gold]
    run = [ir_measures.ScoredDoc("q", name, -rank) for rank, name in enumerate(ranked)]
    theirs = ir_measures.calc_aggregate([Success @ k, R @ k, RR @ k, nDCG @ k, AP @ k], qrels, run)
    ours = {
        Success @ k: retrieval.hit(ranked, groups, k),
        R @ k: retrieval.recall(ranked, groups, k),
        RR @ k: retrieval.reciprocal_rank(ranked, groups, k),
        nDCG @ k: retrieval.ndcg(ranked, groups, k),
        AP @ k: retrieval.average_precision(ranked, groups, k),
    }
    assert ours == pytest.approx(theirs, abs=1e-4)


# --- answers --------------------------------------------------------------------------------------------------


def case(**fields):
    return Case.model_validate({"id": "c", "question": "有多少？", **fields})


def test_facts_are_all_of_any_of():
    facts = case(
        facts=[
            {"any_of": ["23间", "二十三间"], "kind": "number"},
            {"any_of": ["4.8亿元"], "kind": "number"},
            {"any_of": ["望江区"], "required": False},
        ]
    ).facts
    assert fact_recall("投入48000万元", facts) == 1 / 2
    assert fact_recall("投入4.8亿元建成二十三间", facts) == 1
    assert fact_recall("望江区", facts) == 0
    assert fact_recall("投入4.8亿元", facts[2:]) is None
    assert states("望江區", facts[2])


def test_forbidden():
    assert says_forbidden("共32间", ["32间"]) == 1
    assert says_forbidden("共132间", ["32间"]) == 0
    assert says_forbidden("共32间", []) is None


def test_gold_answers():
    one = {"any_of": ["23间", "23"]}
    assert gold_answers(case(facts=[one])) == ("23间", "23")
    assert gold_answers(case(facts=[one], reference="共23间。")) == ("共23间。",)
    assert gold_answers(case(facts=[one, {"any_of": ["9个"]}])) == ()


# --- wording --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "arguments", "value"),
    [
        (exact_match, ("12.3%", ["123"]), 0),
        (exact_match, ("百分之十二点三", ["12.3%"]), 1),
        (token_f1, ("常住人口123000人", ["12.3万人"]), 2 * 2 / (6 + 2)),
        (token_f1, ("", ["。"]), 1),
        (token_f1, ("甲", ["乙", "甲乙"]), 2 * 1 / 3),
        (exact_match, ("甲", []), None),
        (token_f1, ("甲", []), None),
    ],
)
def test_exact_match_and_f1_by_hand(score, arguments, value):
    assert score(*arguments) == (value if value is None else pytest.approx(value))


# --- citations ------------------------------------------------------------------------------------------------


def test_gold_citations_by_hand():
    groups = [{"a", "b"}, {"c"}]
    assert citations.gold_cite({"a", "x"}, groups) == (1 / 2, 1 / 2)
    assert citations.gold_cite({"a", "b", "c"}, groups) == (1, 1)
    assert citations.gold_cite(set(), groups) == (None, 0)
    assert citations.gold_cite({"a"}, []) == (None, None)
    assert citations.f1(1 / 2, 1) == pytest.approx(2 / 3)
    assert citations.f1(None, 0) == 0
    assert citations.f1(None, None) is None


def holds(statement, cited):
    """A verifier for arithmetic: a statement is a set of letters, a paragraph supports those that it has."""
    return set(statement) <= set("".join(cited)) and bool(cited)


@pytest.mark.parametrize(
    ("claims", "recall", "precision"),
    [
        ([("ab", ("ab",))], 1, 1),
        ([("ab", ("a", "b"))], 1, 1),  # each alone does not support, both together do
        ([("ab", ("ab", "x"))], 1, 1 / 2),  # the second is not needed
        ([("ab", ("ab", "abc"))], 1, 1),  # both support alone
        ([("ab", ("a",))], 0, 0),
        ([("ab", ())], 0, None),
        ([("ab", ("ab",)), ("c", ())], 1 / 2, 1),
        ([], None, None),
    ],
)
def test_alce_by_hand(claims, recall, precision):
    claims = [citations.Statement(text, cited) for text, cited in claims]
    assert citations.recall(claims, holds) == recall
    assert citations.precision(claims, holds) == precision


def test_coverage():
    claims = [citations.Statement("a", ("p",)), citations.Statement("b", ())]
    assert citations.coverage(claims) == 1 / 2
    assert citations.coverage([]) is None


# --- the whole set --------------------------------------------------------------------------------------------


def pair(name, score, **fields):
    return case(id=name, **fields), {"correct": score}


def test_consistency_is_the_share_of_groups_that_agree():
    scored = [
        pair("a", 1),
        pair("b", 1, paraphrase_of="a"),
        pair("c", 0),
        pair("d", 1, translation_of="c"),
        pair("e", 1, paraphrase_of="d"),  # a chain is one group
        pair("f", 0),
    ]
    assert consistency(scored, "correct") == 1 / 2
    assert consistency(scored[5:], "correct") is None


def test_the_cross_lingual_gap_is_the_mean_loss_of_a_translation():
    scored = [
        pair("a", 1),
        pair("b", 0, translation_of="a", language="en"),
        pair("c", 1, translation_of="a", language="de"),
        pair("d", 0, translation_of="gone", language="de"),
    ]
    assert cross_lingual_gap(scored, "correct") == 1 / 2
    assert cross_lingual_gap(scored[:1], "correct") is None


def test_the_measures_of_the_set_by_hand():
    scored = [
        (case(id="a"), {"confidence": 0.9, "correct": 1.0}),
        (case(id="b"), {"confidence": None, "correct": 0.0, "refusal_precision": 0.0}),
        (case(id="c", type="unanswerable"), {"confidence": 0.2, "refusal_precision": 1.0, "refusal_recall": 1.0}),
    ]
    found = set_scores(scored)
    assert found["auroc"] == 1 / 2  # nothing found is no confidence: below 0.2
    assert found["refusal_f1"] == pytest.approx(2 * (1 / 2 * 1) / (1 / 2 + 1))
    assert (found["aurc"], found["coverage@95"]) == (0, 1)
    assert set_scores(scored[:1])["refusal_f1"] is set_scores([])["auroc"] is None
