"""Which type of answer a question asks for, and which a sentence has."""

import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import InputError
from index.static_model import PACKAGED, StaticEmbedder
from rag.answer_type import DATE, FILE, LONG, NUMBER, OTHER, QUESTION, Classifier, fit, types
from rag.checking.quantities import quantities

sys.path.append(str(Path(__file__).resolve().parents[2] / "training"))

TABLE = StaticEmbedder()
ASKS = Classifier(TABLE, TABLE.folder / FILE)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("望江区有多少条地铁线路？", NUMBER),
        ("這座橋有多長？", NUMBER),
        ("How many hospitals did the city close?", NUMBER),
        ("Wie viele Einwohner hat Berlin?", NUMBER),
        ("同济数字研究院何时建成？", DATE),
        ("When did the museum open?", DATE),
        ("为什么空气质量下降？", LONG),
        ("迟到40分钟怎么处理？", LONG),
        ("Why was the bridge closed?", LONG),
        ("普陀区的区长是谁？", OTHER),
        ("Who designed the cold store?", OTHER),
        ("", OTHER),
        ("多少" * QUESTION, NUMBER),
    ],
)
def test_a_question_asks_for_a_type(question, expected):
    asked = ASKS(*TABLE.tokens([question]))
    assert asked.argmax() == expected
    assert asked.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "question", "found"),
    [
        ("建成中试车间23间。", "", {NUMBER}),
        ("2019年5月开馆，馆藏三万册。", "", {DATE, NUMBER}),
        ("It grew by 12% in 2023.", "", {DATE, NUMBER}),
        ("第三届大会，G60 走廊。", "", set()),
        ("制定三年(2023—2025)行动规划。", "三年行动规划的预算是多少？", {DATE}),
        ("2023年建成9座。", "2023年建成几座？", {NUMBER}),
    ],
)
def test_a_sentence_has_the_types_of_its_own_figures(text, question, found):
    assert types(text, quantities(question)) == found


def test_a_sentence_without_the_figure_that_is_asked_for_fits_less():
    has, lacks = fit(ASKS(*TABLE.tokens(["区里有多少家医院？"])), (), ["全区有医院12家。", "全区推进医院建设。"])
    assert has == pytest.approx(0, abs=0.2)
    assert lacks < -1
    assert not fit(ASKS(*TABLE.tokens(["谁设计了图书馆？"])), (), ["全区推进医院建设。"]).any()


def test_damaged_weights_are_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"answer_type\.npz cannot be read .* copy the model again"):
        Classifier(TABLE, tmp_path / FILE)


@pytest.mark.slow
def test_training_tells_what_answering_does():
    import answer_type
    import torch

    network = answer_type.Classifier(TABLE.dim, 4).eval()
    with np.load(PACKAGED / FILE) as weights:
        network.load_state_dict({name: torch.from_numpy(weights[name].astype(np.float32)) for name in weights})
    questions = ["建成了多少座候鸟监测站？", "Who designed it?"]
    with torch.no_grad():
        told = network(*answer_type.rows_of(TABLE, questions)).softmax(1).numpy()
    assert told == pytest.approx(np.stack([ASKS(one) for one in TABLE.tokens(questions)]), abs=1e-3)
