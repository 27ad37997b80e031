"""Whether a passage holds what is asked, read off how the tokens match; and what searching makes of it."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputError
from index.fusion import MATCHED, Fused, matched, to_match
from index.late_interaction import Interaction
from index.library import Library
from index.matching import Matcher
from index.question import Question
from index.records import Paragraph
from index.static_model import PACKAGED, StaticEmbedder
from rag.readings import Readings
from tests.support.exported import export

sys.path.append(str(Path(__file__).resolve().parents[2] / "training"))

TABLE = StaticEmbedder()
MATCHER = Matcher(TABLE, PACKAGED)
ROWS = st.lists(st.floats(-20, 20, width=16), max_size=30)


def scores(question, *passages):
    asked, *tokens = TABLE.tokens([question, *passages])
    interaction = Interaction(TABLE, asked, tokens)
    return MATCHER(asked, [interaction.cosines(place) for place in range(len(tokens))])


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("松岭区建成了多少座候鸟监测站？", "松岭区建成候鸟监测站11座。", "松岭区建成污水处理站11座，绿道12公里。"),
        ("How many monitoring stations were built?", "建成候鸟监测站11座。", "新增光电子企业52家。"),
        ("Who designed the reading room?", "The reading room was designed by Anna Lind.", "The room has 40 seats."),
        ("博物館什麼時候開館？", "博物馆于2019年5月开馆。", "博物馆藏品共有3万件。"),
    ],
)
def test_the_passage_that_holds_what_is_asked_scores_higher(question, right, wrong):
    first, second = scores(question, right, wrong)
    assert first > second


@pytest.mark.parametrize("question", ["", "站", "松岭区建成了多少座候鸟监测站？"])
def test_each_passage_is_scored_by_itself_and_an_empty_one_matches_nothing(question):
    passages = ["松岭区建成候鸟监测站11座。", "", "站", "A" * 400]
    together = scores(question, *passages)
    assert (together.shape, together.dtype) == ((4,), np.float32)
    assert np.isfinite(together).all()
    assert together == pytest.approx([scores(question, passage)[0] for passage in passages], abs=1e-5)
    assert scores(question).shape == (0,)
    if question:
        assert together[1] == together.min()


@given(ROWS, ROWS, st.floats(0, 1))
def test_only_the_first_few_change_places(fused, matches, known):
    fused = [Fused(i, score, None, None) for i, score in enumerate(sorted(fused, reverse=True))]
    matches = matches[: min(MATCHED, len(fused))]
    again = matched(fused, matches, known)
    few = len(matches)
    assert {item.key for item in again[:few]} == {item.key for item in fused[:few]}
    assert again[few:] == fused[few:]
    values = [item.score for item in again]
    assert values == sorted(values, reverse=True)


def test_a_match_counts_for_nothing_in_a_language_that_the_table_does_not_know():
    fused = [Fused(1, 2.0, 1, None), Fused(2, 1.9, 2, None)]
    assert [item.key for item in matched(fused, [0.0, 5.0], known=0.9)] == [2, 1]
    assert matched(fused, [0.0, 5.0], known=0.1) == fused


def test_more_are_matched_where_the_first_are_in_two_scripts():
    fused = [Fused(key, -key, None, None) for key in range(3 * MATCHED)]
    assert to_match(fused, {MATCHED}) == fused[:MATCHED]
    assert to_match(fused, {MATCHED - 1}) == fused[: 2 * MATCHED]


@pytest.mark.slow
def test_a_table_without_weights_is_searched_without_them(tmp_path):
    export(tmp_path / "table")
    other = StaticEmbedder(tmp_path / "table")
    assert Matcher.beside(other) is None
    paragraph = Paragraph("0", "How many stations were built?", (), "r.txt", 0, 29)
    [own], [packaged] = (
        Readings.of(other)(Question(paragraph.text), [paragraph]),
        Readings(TABLE)(Question(paragraph.text), [paragraph]),
    )
    assert own.match == packaged.match
    with Library.open(tmp_path / "library", str(tmp_path / "table"), create=True) as library:
        report = tmp_path / "report.txt"
        report.write_text("松岭区建成候鸟监测站11座。\n\n新增光电子企业52家。\n", encoding="utf-8")
        library.add([report])
        assert "监测站" in library.search("建成了多少座监测站？", 2)[0].paragraph.text


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no weights at all"])
def test_damaged_weights_are_named(tmp_path, content):
    (tmp_path / "matching.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"matching\.npz cannot be read .* copy the model again"):
        Matcher(TABLE, tmp_path)


@pytest.mark.slow
def test_training_scores_as_searching_does():
    import torch
    from matching import Network

    network = Network(TABLE.rows(np.arange(TABLE.tokenizer.get_vocab_size(), dtype=np.int32)))
    with np.load(PACKAGED / "matching.npz") as weights:
        network.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
    texts = ["松岭区建成候鸟监测站11座，年节水约1200万立方米。" * 4, "Nine joint laboratories.", "站"]
    questions = ["How many stations were built?", "松岭区建成了多少座候鸟监测站？", "站"]
    pairs = [(question, text) for question in questions for text in texts]
    asked, passages = (TABLE.tokens(list(side)) for side in zip(*pairs, strict=True))
    with torch.no_grad():
        trained = network(network.ids(asked, 48), network.ids(passages, 320)).numpy()
    assert trained == pytest.approx([scores(*pair)[0] for pair in pairs], abs=1e-3)
