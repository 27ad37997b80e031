"""Metrics on hand-worked cases, and against other people's implementations and definitions."""

import math

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, R, Success, nDCG

from eval.cases import Case
from eval.metrics.answers import answer_scores, states, token_f1
from eval.metrics.citations import Statement, citation_scores, gold_scores
from eval.metrics.retrieval import KS, first_ranks, retrieval_scores
from eval.metrics.whole_set import consistency, cross_lingual_gap, set_scores
from eval.record import CaseRun, Run
from rag.types import Answer

# --- retrieval ------------------------------------------------------------------------------------------------


def test_retrieval_by_hand():
    ranked, groups = ["a", "b", "c", "d"], [{"b"}, {"d", "x"}, {"y"}]
    assert first_ranks(ranked, groups) == (2, 4, None)
    scores = retrieval_scores(ranked, groups)
    assert [scores[f"hit@{k}"] for k in (1, 3)] == [0, 1]
    assert [scores[f"recall@{k}"] for k in (1, 3, 5)] == [0, 1 / 3, 2 / 3]
    assert scores["all_hit@5"] == 0
    assert retrieval_scores(ranked, groups[:2])["all_hit@5"] == 1
    assert scores["mrr@10"] == 1 / 2
    assert scores["ap@10"] == (1 / 2 + 2 / 4) / 3
    gain = 1 / math.log2(3) + 1 / math.log2(5)
    assert scores["ndcg@10"] == pytest.approx(gain / (1 + 1 / math.log2(3) + 1 / 2))


def test_one_paragraph_that_covers_two_groups_earns_one_gain():
    scores = retrieval_scores(["a", "b"], [{"a"}, {"a", "b"}])
    assert scores["recall@1"] == 1
    assert scores["ndcg@10"] <= 1


def test_retrieval_of_nothing():
    assert retrieval_scores(["a"], []) == {}
    assert set(retrieval_scores([], [{"a"}]).values()) == {0}


PARAGRAPHS = [f"p{i}" for i in range(12)]


@settings(deadline=None, max_examples=60)
@given(st.permutations(PARAGRAPHS), st.integers(0, 12), st.sets(st.sampled_from(PARAGRAPHS), min_size=1))
def test_retrieval_agrees_with_ir_measures(order, found, gold):
    ranked = order[:found]
    qrels = [ir_measures.Qrel("q", name, 1) for name in gold]
    run = [ir_measures.ScoredDoc("q", name, -rank) for rank, name in enumerate(ranked)]
    names = {"mrr@10": RR @ 10, "ndcg@10": nDCG @ 10, "ap@10": AP @ 10}
    names |= {f"hit@{k}": Success @ k for k in KS} | {f"recall@{k}": R @ k for k in KS}
    theirs = ir_measures.calc_aggregate(list(names.values()), qrels, run)
    ours = retrieval_scores(ranked, [{name} for name in sorted(gold)])
    assert {measure: ours[name] for name, measure in names.items()} == pytest.approx(theirs, abs=1e-4)


# --- answers --------------------------------------------------------------------------------------------------


def case(**fields):
    return Case.model_validate({"id": "c", "question": "有多少？", **fields})


def test_facts_are_all_of_any_of():
    made = case(
        facts=[
            {"any_of": ["23间", "二十三间"], "kind": "number"},
            {"any_of": ["4.8亿元"], "kind": "number"},
            {"any_of": ["望江区"], "required": False},
        ]
    )
    assert answer_scores(made, "投入48000万元")["fact_recall"] == 1 / 2
    assert answer_scores(made, "投入4.8亿元建成二十三间")["fact_recall"] == 1
    assert answer_scores(made, "望江区")["fact_recall"] == 0
    assert answer_scores(case(facts=[{"any_of": ["甲"], "required": False}]), "甲")["fact_recall"] is None
    assert states("望江區", made.facts[2])


def test_forbidden():
    assert answer_scores(case(forbidden=["32间"]), "共32间")["contradiction"] == 1
    assert answer_scores(case(forbidden=["32间"]), "共132间")["contradiction"] == 0
    assert answer_scores(case(), "共32间")["contradiction"] is None


def test_exact_match_is_held_against_the_reference_or_the_only_fact():
    one = {"any_of": ["23间", "23"]}
    assert answer_scores(case(facts=[one]), "二十三间")["em"] == 1
    assert answer_scores(case(facts=[one], reference="共23间。"), "23间")["em"] == 0
    assert answer_scores(case(facts=[one], reference="共23间。"), "共二十三间")["em"] == 1
    assert answer_scores(case(facts=[one, {"any_of": ["9个"]}]), "23间")["em"] is None
    assert answer_scores(case(reference="12.3%"), "123")["em"] == 0
    assert answer_scores(case(reference="12.3%"), "百分之十二点三")["em"] == 1


@pytest.mark.parametrize(
    ("answer", "golds", "value"),
    [
        ("常住人口123000人", ["12.3万人"], 2 * 2 / (6 + 2)),
        ("", ["。"], 1),
        ("甲", ["乙", "甲乙"], 2 * 1 / 3),
        ("甲", [], None),
    ],
)
def test_f1_by_hand(answer, golds, value):
    assert token_f1(answer, golds) == (value if value is None else pytest.approx(value))


# --- citations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cited", "groups", "expected"),
    [
        ({"a", "x"}, [{"a", "b"}, {"c"}], (1 / 2, 1 / 2, 1 / 2)),
        ({"a", "b", "c"}, [{"a", "b"}, {"c"}], (1, 1, 1)),
        ({"a"}, [{"a"}, {"c"}], (1, 1 / 2, 2 / 3)),
        (set(), [{"a", "b"}, {"c"}], (None, 0, 0)),
        ({"a"}, [], (None, None, None)),
    ],
)
def test_gold_citations_by_hand(cited, groups, expected):
    found = gold_scores(cited, groups)
    assert tuple(found.values()) == tuple(e if e is None else pytest.approx(e) for e in expected)


NOTHING = Answer("问", "", None)


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
    scores = citation_scores(NOTHING, [Statement(text, cited) for text, cited in claims], holds)
    assert (scores["citation_recall"], scores["citation_precision"]) == (recall, precision)


def test_coverage():
    claims = [Statement("a", ("p",)), Statement("b", ())]
    assert citation_scores(NOTHING, claims, holds)["citation_coverage"] == 1 / 2
    assert citation_scores(NOTHING, [], holds)["citation_coverage"] is None


# --- the whole set --------------------------------------------------------------------------------------------


def scored(*cases):
    """A run of cases, each with its scores."""
    return Run(set_name="s", cases=tuple(CaseRun(case=made, scores=scores) for made, scores in cases))


def pair(name, score, **fields):
    return case(id=name, **fields), {"correct": score}


def test_consistency_is_the_share_of_groups_that_agree():
    cases = [
        pair("a", 1),
        pair("b", 1, paraphrase_of="a"),
        pair("c", 0),
        pair("d", 1, translation_of="c"),
        pair("e", 1, paraphrase_of="d"),  # a chain is one group
        pair("f", 0),
    ]
    assert consistency(scored(*cases)) == 1 / 2
    assert consistency(scored(*cases[5:])) is None


def test_the_cross_lingual_gap_is_the_mean_loss_of_a_translation():
    cases = [
        pair("a", 1),
        pair("b", 0, translation_of="a", language="en"),
        pair("c", 1, translation_of="a", language="de"),
        pair("d", 0, translation_of="gone", language="de"),
    ]
    assert cross_lingual_gap(scored(*cases)) == 1 / 2
    assert cross_lingual_gap(scored(*cases[:1])) is None


def test_the_measures_of_the_set_by_hand():
    cases = [
        (case(id="a"), {"confidence": 0.9, "correct": 1.0}),
        (case(id="b"), {"confidence": None, "correct": 0.0, "refusal_precision": 0.0}),
        (case(id="c", type="unanswerable"), {"confidence": 0.2, "refusal_precision": 1.0, "refusal_recall": 1.0}),
    ]
    found = set_scores(scored(*cases))
    assert found["auroc"] == 1 / 2  # nothing found is no confidence: below 0.2
    assert found["refusal_f1"] == pytest.approx(2 * (1 / 2 * 1) / (1 / 2 + 1))
    assert (found["aurc"], found["coverage@95"]) == (0, 1)
    assert set_scores(scored(cases[0]))["refusal_f1"] is set_scores(scored())["auroc"] is None
