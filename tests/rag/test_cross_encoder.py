"""The second reader: what it takes in, and what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cross_encoder import WHOLE, Part, _window, cross_encoder, unpacked

SENTENCE = "The ferry to the island takes two hours and carries forty cars and their drivers. "


def read(*part):
    [found] = cross_encoder()([Part(*part)])
    return found


def test_the_sentence_that_answers_scores_highest():
    told = ["图书馆由陈一鸣设计。", "它于2019年5月开馆。", "馆藏3万册。"]
    first, scores = read("图书馆有多少册书？", "", told, 0)
    assert (first, int(scores.argmax())) == (0, 2)
    _, others = read("图书馆的馆长是谁？", "", told, 0)
    assert others.max() < scores.max()


def test_of_a_long_paragraph_the_part_around_the_likely_sentence_is_read():
    first, scores = read("How long does the ferry take?", "Islands", [SENTENCE] * 60, 40)
    assert first <= 40 < first + len(scores) < 60
    assert len(scores) < WHOLE / 15


def test_paragraphs_read_together_do_not_see_each_other():
    parts = [
        Part("图书馆有多少册书？", "", ["它于2019年5月开馆。", "馆藏3万册。"], 0),
        Part("How long does the ferry take?", "Islands", [SENTENCE] * 5, 2),
        Part("图书馆有多少册书？", "图书馆", ["图书馆由陈一鸣设计。"], 0),
    ]
    for (_, together), part in zip(cross_encoder()(parts), parts, strict=True):
        assert together == pytest.approx(read(*part)[1], abs=1e-3)


def test_of_thousands_of_sentences_those_around_the_likely_one_are_read():
    first, scores = read("How long does the ferry take?", "", ["No.", *["It does."] * 9000, SENTENCE], 9001)
    assert first + len(scores) == 9002
    assert int(scores.argmax()) == len(scores) - 1


def test_what_is_too_long_is_cut():
    first, scores = read("ferry " * 400, "island " * 400, [SENTENCE * 60, SENTENCE], 0)
    assert (first, scores.shape, scores.dtype) == (0, (1,), np.float32)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.data())
def test_as_many_sentences_as_fit_are_taken_and_the_likely_one_among_them(lengths, data):
    likely = data.draw(st.integers(0, len(lengths) - 1))
    room = data.draw(st.integers(lengths[likely], 200))
    first, last = _window(lengths, likely, room)
    left = room - sum(lengths[first:last])
    assert first <= likely < last
    assert left >= 0
    assert first == 0 or lengths[first - 1] > left
    assert last == len(lengths) or lengths[last] > left


def test_a_block_of_four_bits_is_unpacked():
    nibbles = np.zeros(16, np.uint8)
    nibbles[:2] = [0x2F, 0x80]
    numbers = unpacked(np.array(0.5, np.float32), nibbles)
    assert numbers[[0, 1, 2, 16, 17]].tolist() == [3.5, -4.0, -4.0, -3.0, 0.0]
