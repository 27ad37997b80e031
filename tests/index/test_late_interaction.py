"""Late interaction against the formula written out, one token at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.late_interaction import late_interaction
from index.static_model import StaticEmbedder

TOKENS = st.lists(st.integers(0, 83_000), max_size=12).map(lambda ids: np.array(ids, dtype=np.int32))


@pytest.fixture(scope="module")
def table():
    return StaticEmbedder()


def written_out(table, question, passage):
    """Of every question token the best cosine, weighted by the square of its length."""
    total = weight = 0.0
    for row in table.rows(question).astype(float):
        lengths = [np.linalg.norm(row) * np.linalg.norm(other) for other in table.rows(passage).astype(float)]
        dots = table.rows(passage).astype(float) @ row
        cosines = [dot / length if length else 0.0 for dot, length in zip(dots, lengths, strict=True)]
        total += row @ row * max(cosines, default=0.0)
        weight += row @ row
    return total / weight if weight else 0.0


@settings(deadline=None, max_examples=30)
@given(question=TOKENS, passages=st.lists(TOKENS, max_size=5))
def test_scores_are_those_of_the_formula(table, question, passages):
    scores = late_interaction(table, question, passages)
    assert scores.shape == (len(passages),)
    assert scores == pytest.approx([written_out(table, question, p) for p in passages], abs=1e-5)
