"""The packaged table finds simplified Chinese paragraphs for Japanese, Korean and traditional Chinese questions."""

import sys
from pathlib import Path

import numpy as np

from index.static_model import StaticEmbedder

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

from languages import FIRST, ranks


def test_the_paragraph_is_among_the_first_three():
    found = ranks(StaticEmbedder())
    assert max(found["zh-Hant"] + found["ja"]) <= FIRST, found
    assert sum(place <= FIRST for place in found["ko"]) >= 5, found


def test_traditional_and_simplified_are_the_same_tokens():
    one, other = StaticEmbedder().tokens(["東岸區新建實驗室９個，後來發電", "东岸区新建实验室9个，后来发电"])
    assert len(one) > 5
    assert np.array_equal(one, other)
