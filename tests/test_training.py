"""How the packaged table is made: the parts that searching relies on."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import normalizers

from index.late_interaction import late_interaction
from index.static_model import PACKAGED, StaticEmbedder

sys.path.append(str(Path(__file__).resolve().parent.parent / "training"))

from export import write
from folding import character_map, folded

LETTERS = st.characters(min_codepoint=0x61, max_codepoint=0x9FFF, categories=["Ll", "Lo"])


def test_characters_fold_to_simplified_and_japanese_ones_too():
    table = folded()
    assert "".join(table.get(c, c) for c in "東岸區経済発電後乾") == "东岸区经济发电后干"
    assert not set("国学芸予会a") & set(table)


@given(st.dictionaries(LETTERS, LETTERS, min_size=1), st.text(LETTERS))
def test_the_character_map_does_what_its_table_says(table, text):
    normaliser = normalizers.Precompiled(character_map(table))
    asked = text + "".join(table)
    assert normaliser.normalize_str(asked) == "".join(table.get(c, c) for c in asked)


@pytest.mark.slow
def test_a_table_comes_back_within_half_a_step(tmp_path):
    rows = np.random.default_rng(1).standard_normal((100, 8)).astype(np.float32)
    rows[0] = 0
    tokenizer = StaticEmbedder().tokenizer
    write(tmp_path, tokenizer, rows)
    read = StaticEmbedder(tmp_path)
    back = read.rows(np.arange(100, dtype=np.int32))
    assert (np.abs(back - rows).max(axis=1) <= np.abs(rows).max(axis=1) / 127 / 2 + 1e-6).all()
    assert read.tokenizer.encode("脚注 footnote").ids == tokenizer.encode("脚注 footnote").ids


@pytest.mark.slow
def test_training_scores_as_searching_does():
    import torch
    from loss import late_scores

    table = StaticEmbedder()
    questions = table.tokens(["多少 laboratories", "博士 引进 多少 博士"])
    passages = table.tokens(["东岸区新建实验室9个", "引进博士120名"])
    ids = np.unique(np.concatenate([[0], *questions, *passages]))

    def places(rows):
        padded = np.zeros((2, max(map(len, rows))), dtype=np.int64)
        for i, row in enumerate(rows):
            padded[i, : len(row)] = np.searchsorted(ids, row)
        return torch.from_numpy(padded)

    rows = torch.from_numpy(table.rows(ids.astype(np.int32)))
    found = late_scores(rows, places(questions), places(passages)).numpy()
    assert found == pytest.approx(np.stack([late_interaction(table, q, passages) for q in questions]), abs=1e-4)


def test_the_packaged_folder_is_small():
    assert sum(file.stat().st_size for file in PACKAGED.iterdir()) <= 24_000_000
