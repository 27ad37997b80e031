"""Metrics on hand-worked cases, and against other people's implementations and definitions."""

import math
import re
import string
import unicodedata

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, R, Success, nDCG
from sacrebleu.metrics import CHRF

from eval.cases import Case
from eval.metrics import citations, conventions, retrieval
from eval.metrics.answers import fact_recall, gold_answers, says_forbidden, states
from eval.metrics.chrf import chrf
from eval.metrics.groups import confidences, consistency, cross_lingual_gap, harmonic, percentile
from eval.metrics.refusal import over_refusal, refusal_precision, refusal_recall

# --- retrieval ------------------------------------------------------------------------------------------------


def test_retrieval_by_hand():
    ranked, groups = ["a", "b", "c", "d"], [{"b"}, {"d", "x"}, {"y"}]
    assert retrieval.first_ranks(ranked, groups) == [2, 4, None]
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


# --- conventions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "arguments", "value"),
    [
        (conventions.squad_em, ("The Panthers!", ["panthers"]), 1),
        (conventions.squad_em, ("12.3%", ["123"]), 1),  # what the convention does to figures
        (conventions.our_em, ("12.3%", ["123"]), 0),
        (conventions.our_em, ("百分之十二点三", ["12.3%"]), 1),
        (conventions.our_f1, ("常住人口123000人", ["12.3万人"]), 2 * 2 / (6 + 2)),
        (conventions.squad_f1, ("in the year 1995", ["1995", "year 1996"]), 2 * 1 / (3 + 1)),
        (conventions.squad_f1, ("", [""]), 1),
        (conventions.mlqa_f1, ("共12.3万", ["12.3万"], "zh"), 2 * 2 / (3 + 2)),
        (conventions.mlqa_f1, ("el río", ["río"], "es"), 1),
        (conventions.cmrc_f1, ("光荣和ω-force公司", ["光荣和ω-force"]), 2 * 4 / (6 + 4)),
        (conventions.cmrc_f1, ("乙甲丙", ["甲乙丙"]), 2 * 1 / 6),  # one run, not a bag
        (conventions.cmrc_em, ("《甲》，乙", ["甲乙"]), 1),
        (conventions.cmrc_em, ("3.5", ["35"]), 0),
    ],
)
def test_conventions_by_hand(score, arguments, value):
    assert score(*arguments) == pytest.approx(value)


def test_without_gold_answers_nothing_is_defined():
    assert conventions.squad_em("a", []) is conventions.cmrc_f1("a", []) is conventions.our_f1("a", []) is None
    assert conventions.mlqa_f1("a", [], "zh") is chrf("a", []) is None


# The definitions once more, written from the papers' and scripts' descriptions, as differently from ours as possible.


def plain_squad(text):
    kept = re.sub("[" + re.escape(string.punctuation) + "]", "", text.lower())
    return [word for word in re.split(r"\s+", kept) if word not in ("", "a", "an", "the")]


def plain_mlqa(text):
    tokens, word = [], ""
    for c in text.lower() + " ":
        if unicodedata.category(c)[0] == "P" or c in string.punctuation:
            continue
        single = "\u4e00" <= c <= "\u9fa5"
        if single or c.isspace():
            tokens += [word] if word else []
            word = ""
            tokens += [c] if single else []
        else:
            word += c
    return tokens


def plain_f1(prediction, gold):
    left, same = list(gold), 0
    for token in prediction:
        if token in left:
            left.remove(token)
            same += 1
    if not same:
        return 0.0
    precision, recall = same / len(prediction), same / len(gold)
    return 2 * precision * recall / (precision + recall)


def plain_run(first, second):
    runs = [(i, j) for i in range(len(first)) for j in range(i + 1, len(first) + 1)]
    whole = "\0" + "\0".join(second) + "\0"
    return max((j - i for i, j in runs if "\0" + "\0".join(first[i:j]) + "\0" in whole), default=0)


ENGLISH = st.text("the an quick 12.5%-'!,Panthers", max_size=30)
CHINESE = st.text("望江区建成车间，。《》12.5% GDPgoi", max_size=14)


@given(ENGLISH, ENGLISH)
def test_squad_agrees_with_its_definition(answer, gold):
    first, second = plain_squad(answer), plain_squad(gold)
    assert conventions.squad_em(answer, [gold]) == (first == second)
    if first or second:
        assert conventions.squad_f1(answer, [gold]) == pytest.approx(plain_f1(first, second))


@given(CHINESE, CHINESE)
def test_mlqa_agrees_with_its_definition(answer, gold):
    first, second = plain_mlqa(answer), plain_mlqa(gold)
    assert conventions.mlqa_em(answer, [gold], "zh") == (first == second)
    assert conventions.mlqa_f1(answer, [gold], "zh") == pytest.approx(plain_f1(first, second))


@given(st.text("望江区建成车间，。《》", max_size=9), st.text("望江区建成车间，。《》", max_size=9))
def test_cmrc_agrees_with_its_definition(answer, gold):
    first, second = (list(re.sub("[，。《》]", "", text)) for text in (answer, gold))
    run = plain_run(first, second)
    precision, recall = (run / len(first), run / len(second)) if run else (0, 0)
    expected = 2 * precision * recall / (precision + recall) if run else 0.0
    assert conventions.cmrc_f1(answer, [gold]) == pytest.approx(expected)
    assert conventions.cmrc_em(answer, [gold]) == (first == second)


@given(CHINESE, st.lists(CHINESE, min_size=1, max_size=3))
def test_chrf_agrees_with_sacrebleu(answer, references):
    theirs = max(CHRF().sentence_score(answer, [reference]).score / 100 for reference in references)
    assert chrf(answer, references) == pytest.approx(theirs, abs=1e-6)


def test_chrf_of_the_same_chinese_sentence():
    assert chrf("全区常住人口为12.3万人。", ["全区常住人口为12.3万人。"]) == 1


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


# --- refusals and groups --------------------------------------------------------------------------------------


def test_refusals_average_to_precision_and_recall():
    decisions = [(True, False), (True, True), (False, False), (False, True)]  # (refused, answerable)

    def rates(measure):
        values = [measure(refused=refused, answerable=answerable) for refused, answerable in decisions]
        return [value for value in values if value is not None]

    assert rates(refusal_recall) == [1, 0]
    assert rates(refusal_precision) == [1, 0]
    assert rates(over_refusal) == [1, 0]


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


def test_harmonic_and_percentile():
    assert harmonic(1, 1 / 3) == pytest.approx(1 / 2)
    assert harmonic(None, 1) is harmonic(1, None) is None
    assert harmonic(0, 0) == 0
    assert percentile([3, 1, 2, 4], 50) == 2
    assert percentile([3, 1, 2, 4], 95) == 4
    assert percentile([], 50) is None


def test_confidences_by_what_should_be_done():
    scored = [
        (case(id="a"), {"confidence": 0.9, "correct": 1.0}),
        (case(id="b"), {"confidence": None, "correct": 0.0}),
        (case(id="c", type="unanswerable"), {"confidence": 0.2, "correct": 1.0}),
    ]
    assert confidences(scored) == ([0.9, 0.0], [0.2])
