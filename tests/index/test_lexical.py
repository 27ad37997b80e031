"""The lexical index and the fusion of its list with the vectors'."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import fuse
from index.static_model import StaticEmbedder
from index.words import query_words, words
from tests.support.found import passage, segments

TEXTS = {1: "东岸区新建实验室", 2: "西岭区举办活动", 3: "G60科创走廊", 7: "西岭区举办活动"}


@pytest.fixture(scope="module")
def index():
    return segments(*(passage(key, text) for key, text in TEXTS.items())).words


def keys(index, question, k=5, among=None):
    return [key for key, _ in index.search(query_words(question), k, among)]


def test_finds_by_folded_words_and_breaks_ties_by_key(index):
    assert keys(index, "東岸區實驗室")[0] == 1
    assert keys(index, "g60") == [3]
    assert keys(index, "举办活动") == [2, 7]
    assert keys(index, "举办活动", k=1) == [2]
    assert keys(index, "举办活动", among={7, 3}) == [7]
    assert keys(index, "举办活动", among=set()) == []
    assert keys(index, "") == []


def test_query_syntax_in_a_question_is_only_words(index):
    assert keys(index, 'key:1 AND "西岭区 (举办') == [2, 7]


def test_what_was_removed_leaves_no_trace(index):
    every = [passage(key, text) for key, text in TEXTS.items()]
    without = segments(*(one for one in every if one.key != 2)).words
    buried = segments(*every, dead={2}).words
    assert len(buried) == len(without) == 3
    for question in ("举办活动", "东岸区西岭区", "西岭区"):
        terms = query_words(question)
        assert buried.search(terms, 5) == without.search(terms, 5)
        assert buried.ceiling(terms) == without.ceiling(terms)
    assert (buried.document_frequency("活动"), index.document_frequency("活动")) == (1, 2)


def test_the_holders_of_a_term_are_those_of_any_field_and_none_where_they_are_many():
    every = (passage(1, "举办活动", "西岭区"), passage(2, "新建活动室", head="西岭区"), passage(3, "西岭区"))
    index = segments(*every, dead={3}).words
    assert index.holders(["西岭", "活动", "实验"], 2) == [[1, 2], [1, 2], []]
    assert index.holders(["西岭"], 1) == [[]]


def test_a_heading_counts_less_than_the_text():
    index = segments(passage(1, "举办活动", "东岸区"), passage(2, "东岸区")).words
    assert keys(index, "东岸区") == [2, 1]


def test_scores_are_bm25(index):
    """By hand: four passages of 15, 13, 8 and 13 terms, "活动" once in two of them."""
    idf = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    expected = 2.2 * idf * 1 / (1 + 1.2 * (0.25 + 0.75 * 13 / (49 / 4)))
    assert [len(words(text)) for text in TEXTS.values()] == [15, 13, 8, 13]
    assert index.search(["活动"], 1) == [(2, pytest.approx(expected, abs=1e-5))]


def test_no_paragraph_scores_above_the_ceiling(index):
    terms = query_words("西岭区举办活动")
    best = index.search(terms, 1)[0][1]
    assert 0 < best <= index.ceiling(terms) < index.ceiling([*terms, "无此词"])


LISTS = st.lists(st.tuples(st.integers(0, 9), st.floats(0, 50)), max_size=8, unique_by=lambda pair: pair[0])


@given(LISTS, LISTS, st.none() | st.floats(0.001, 1), st.floats(0, 100))
def test_fusion_keeps_every_paragraph_once_in_one_order(lexical, dense, spread, ceiling):
    lexical = sorted(lexical, key=lambda pair: -pair[1])
    dense = sorted(((key, score / 50) for key, score in dense), key=lambda pair: -pair[1])
    late = {key: key / 10 for key, _ in [*lexical, *dense]}
    fused = fuse(lexical, dense, late, ceiling, spread=spread)
    assert sorted(item.key for item in fused) == sorted({key for key, _ in [*lexical, *dense]})
    assert [(-item.score, item.key) for item in fused] == sorted((-item.score, item.key) for item in fused)
    for item in fused:
        assert item.lexical_rank is None or lexical[item.lexical_rank - 1][0] == item.key
        assert item.dense_rank is None or dense[item.dense_rank - 1][0] == item.key


def test_words_decide_where_they_match_and_vectors_where_they_cannot():
    dense, late = [(2, 0.9), (1, 0.1)], {1: 0.1, 2: 0.5}
    assert fuse([(1, 40.0)], dense, late, 60.0)[0].key == 1
    assert fuse([(1, 40.0)], dense, late, 700.0)[0].key == 2


def test_a_paragraph_is_measured_by_what_is_usual_in_its_script():
    """The best Chinese paragraph stands out among the Chinese ones, the English ones are near the question alike."""
    dense = [(key, 0.0) for key in range(20)]
    late = {key: 0.5 + key / 1000 for key in range(10)} | dict.fromkeys(range(10, 19), 0.2) | {19: 0.4}
    assert fuse([], dense, late)[0].key == 9
    assert fuse([], dense, late, foreign=range(10, 20))[0].key == 19
    few = {key: score for key, score in late.items() if key < 10 or key == 19}
    assert fuse([], [(key, 0.0) for key in few], few, foreign=[19])[0].key == 9  # one paragraph tells nothing is usual


def test_a_small_lead_counts_where_all_others_are_alike():
    """In the question's own language paragraphs differ by their words; in another one a little is much."""
    late = {key: 0.3 + 0.002 * key for key in range(99)} | {99: 0.58}
    late |= dict.fromkeys(range(100, 199), 0.45) | {199: 0.46}
    fused = fuse([], [(key, 0.0) for key in late], late, foreign=range(100, 200))
    assert late[199] - late[198] < late[99] - late[98]
    assert [item.key for item in fused[:2]] == [199, 99]


def test_vectors_count_for_nothing_in_a_language_that_the_table_does_not_know():
    dense, late = [(2, 0.9), (1, 0.1)], {1: 0.1, 2: 0.5}
    assert fuse([(1, 2.0)], dense, late, 60.0, known=0.1)[0].key == 1
    assert fuse([(1, 2.0)], dense, late, 60.0, known=0.9)[0].key == 2


@pytest.mark.parametrize(
    ("question", "low", "high"),
    [
        ("望江区建成了多少间中试车间？", 0.8, 1),
        ("How many joint laboratories were built?", 0.8, 1),
        ("Πόσα εργαστήρια χτίστηκαν;", 0, 0.2),
        ("कितनी प्रयोगशालाएँ बनाई गईं?", 0, 0.2),
        ("2024", 1, 1),
    ],
)
def test_the_table_knows_some_languages(question, low, high):
    table = StaticEmbedder()
    assert low <= table.known(table.tokens([question])[0]) <= high


def test_cosines_of_another_model_count_by_their_spread_in_every_language():
    dense, late = [(2, 0.86), (1, 0.80)], {1: 0.1, 2: 0.1}
    assert fuse([(1, 5.0)], dense, late, 60.0, known=0.0, spread=0.02)[0].key == 2
    assert fuse([(1, 20.0)], dense, late, 60.0, known=0.0, spread=0.02)[0].key == 1
    assert fuse([(1, 20.0)], dense, late, 60.0, known=0.0, spread=0.01)[0].key == 2
