"""Which tokens of a question belong to a name, and which names a text lacks."""

import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import InputError
from index.static_model import PACKAGED, StaticEmbedder
from rag.names import FILE, QUESTION, Names

sys.path.append(str(Path(__file__).resolve().parents[2] / "training"))

TABLE = StaticEmbedder()
NAMES = Names(TABLE, TABLE.folder)
CHINESE = "率先建成9座候鸟监测站，整治黑臭河道14条。"
ENGLISH = "It built nine bird observatories and cleared fourteen canals."


def lacking(question, text):
    return NAMES.lacking(*TABLE.tokens([question, text]))


@pytest.mark.parametrize(
    ("question", "name", "text"),
    [
        ("徐汇区建成了多少座候鸟监测站？", "徐汇区", CHINESE),
        ("望江区率先建成了几座候鸟监测站？", "望江区", CHINESE),
        ("王明整治了多少条黑臭河道？", "王明", CHINESE),
        ("虹口區建成了多少座候鳥監測站？", "虹口区", CHINESE),
        ("How many bird observatories did Martin build?", "Martin", ENGLISH),
        ("How many canals did Norway clear?", "Norway", ENGLISH),
    ],
)
def test_a_name_is_lacking_where_the_text_has_it_not(question, name, text):
    assert lacking(question, text) > lacking(question, f"{name}\n{text}") + 0.1


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("建成了多少座候鸟监测站？", CHINESE),
        ("How many bird observatories were built?", ENGLISH),
        ("", CHINESE),
        ("?!", ENGLISH),
    ],
)
def test_a_question_without_a_name_lacks_little(question, text):
    assert lacking(question, text) < 0.1


def test_a_text_in_other_words_or_another_language_may_have_the_name():
    question = "徐汇区建成了多少座候鸟监测站？"
    assert lacking(question, CHINESE) > 5 * lacking(question, ENGLISH)
    assert lacking(question, "") == 0


def test_each_token_has_a_probability_and_long_questions_are_cut():
    [long] = TABLE.tokens(["普陀区" * QUESTION])
    told = NAMES(long)
    assert told.shape == (QUESTION,)
    assert told.dtype == np.float32
    assert ((told >= 0) & (told <= 1)).all()


def test_damaged_weights_are_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"names\.npz cannot be read .* copy the model again"):
        Names(TABLE, tmp_path)


@pytest.mark.slow
def test_training_tells_what_answering_does():
    import torch
    from names import Marked, Tagger, tensors

    network = Tagger(TABLE.dim).eval()
    with np.load(PACKAGED / FILE) as weights:
        network.load_state_dict({name: torch.from_numpy(weights[name].astype(np.float32)) for name in weights})
    questions = ["徐汇区建成了多少座候鸟监测站？", "Who is Martin?"]
    with torch.no_grad():
        rows, there, _ = tensors(TABLE, [Marked(question, [], "zh") for question in questions])
        told = torch.sigmoid(network(rows, there)) * there[:, :, 0]
    for own, ids in zip(told.numpy(), TABLE.tokens(questions), strict=True):
        assert NAMES(ids) == pytest.approx(own[: len(ids)], abs=1e-3)


@pytest.mark.slow
def test_an_exchanged_name_keeps_the_places_of_the_others():
    import random

    from names import Marked, renamed

    one = Marked("普陀区和虹口区谁更大？", [(0, 3), (4, 7)], "zh")
    made = [renamed(one, {"zh": ["芦洲"]}, random.Random(seed)) for seed in range(20)]
    found = {(each.question, *sorted(each.question[a:b] for a, b in each.spans)) for each in made}
    assert found == {
        ("普陀区和虹口区谁更大？", "普陀区", "虹口区"),
        ("芦洲和虹口区谁更大？", "芦洲", "虹口区"),
        ("普陀区和芦洲谁更大？", "普陀区", "芦洲"),
    }
