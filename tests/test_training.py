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

LETTERS = st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF, categories=["Lo"])
"""Those that are folded; a vowel of Thai would be one with the letter before it, which no table has."""


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


@pytest.mark.slow
def test_a_sequence_marks_the_answer_and_a_saved_cross_encoder_scores_alike(tmp_path):
    import torch
    from cross_encoder import CrossEncoder, restored, save
    from cross_examples import collate, sequence
    from e5 import BLOCK, unpacked

    from rag.cross_encoder import END, HIDDEN, START, tokenizer

    pieces = ["<s>", "<pad>", "</s>", "<unk>", *"▁多少馆有九座。"]
    made = sequence(tokenizer(pieces, [-1.0] * len(pieces)), "多少馆", "", ["有馆。", "有九座。"], [[], [(1, 3)]])
    read = [pieces[i] for i in made.ids]
    assert "".join(read) == "<s>▁多少馆</s>▁有馆。</s>▁有九座。</s>"
    assert (made.ids[0], made.ids[-1], [read[i] for i in made.gold]) == (START, END, ["九", "座"])
    assert made.sentences == [-1] * 6 + [0] * 5 + [1] * 6

    blocks = np.zeros(len(pieces) * HIDDEN // 32, BLOCK)
    blocks["scale"] = 0.01
    blocks["nibbles"] = np.random.default_rng(1).integers(0, 255, blocks["nibbles"].shape)
    torch.manual_seed(1)
    net = CrossEncoder(unpacked(blocks).reshape(-1, HIDDEN)).eval()
    save(tmp_path / "net.npz", net, pieces, [-1.0] * len(pieces), blocks)
    back, kept, *_ = restored(tmp_path / "net.npz")
    assert kept == pieces
    batch = collate([made])[:3]
    with torch.no_grad():
        assert back.eval()(*batch)[1].numpy() == pytest.approx(net(*batch)[1].numpy(), abs=0.05)


@pytest.mark.slow
def test_the_product_reads_as_the_network_was_trained():
    import torch
    from cross_encoder import restored
    from cross_examples import collate, sequence

    from rag.cross_encoder import FILE, Part, cross_encoder, tokenizer

    net, pieces, scores, _ = restored(PACKAGED / FILE)
    question, context = "How many people work at the harbour?", "Harbour"
    texts = ["The harbour opened in 1903.", "It has 240 employees.", "They load grain."]
    made = sequence(tokenizer(pieces, scores), question, context, texts, [[], [], []])
    [(_, scores)] = cross_encoder()([Part(question, context, texts, 1)])
    for precision, near in ((torch.bfloat16, 0.15), (torch.float32, 0.03)):
        net.precision = precision
        with torch.no_grad():
            expected = net.eval()(*collate([made])[:3])[1][0].numpy()
        assert scores == pytest.approx(expected, abs=near)


@pytest.mark.slow
def test_layers_that_are_frozen_stay_as_they_are():
    from cross_encoder import CrossEncoder

    net = CrossEncoder(np.zeros((5, 384), np.float32))
    net.freeze(3)
    trained = {name.split(".weight")[0].split(".bias")[0] for name, p in net.named_parameters() if p.requires_grad}
    assert {name.split(".")[1] for name in trained if name.startswith("layers")} == {"3", "4", "5"}
    assert trained - {name for name in trained if name.startswith("layers")} == {"told", "whole"}


def test_the_packaged_folder_is_small():
    assert sum(file.stat().st_size for file in PACKAGED.iterdir()) <= 44_500_000
