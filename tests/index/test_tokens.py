"""Short texts are tokenised as the whole tokenizer does it, which a single question never builds."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.static_model import PACKAGED, StaticEmbedder
from index.tokens import Pieces

TOKENIZER = PACKAGED / "tokenizer.json"
WHOLE, BRIEF = StaticEmbedder().tokenizer, Pieces.read(TOKENIZER)
MIXED = "漢字體發展中国区引进博士0123456789%‰.,。，abcDEFéЖшあカ１Ａ\u0301\u200d\U00020000 🅐ﬁ\n"


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.text() | st.text(MIXED), max_size=4))
def test_the_same_ids_as_the_whole_tokenizer(texts):
    encoded = WHOLE.encode_batch_fast(texts, add_special_tokens=False)
    assert [ids.tolist() for ids in BRIEF.tokens(texts)] == [e.ids for e in encoded]


def test_pieces_by_id():
    [ids] = BRIEF.tokens(["laboratories 实验室"])
    assert [BRIEF[i] for i in ids.tolist()] == [WHOLE.id_to_token(i) for i in ids.tolist()]


@pytest.mark.slow
def test_the_whole_tokenizer_is_built_for_many_texts_only():
    table = StaticEmbedder()
    before = table.embed_query("东岸区引进了多少博士？")
    assert table.known(table.tokens(["东岸区"])[0]) == 1
    assert "tokenizer" not in vars(table)
    table.embed_passages(["东岸区新建实验室9个，引进博士120名。" * 40] * 40)
    assert "tokenizer" in vars(table)
    assert (table.embed_query("东岸区引进了多少博士？") == before).all()
    assert table.known(table.tokens(["东岸区"])[0]) == 1


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("pre_tokenizer", {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}),
        ("model", {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0}}),
        ("model", {"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0]], "byte_fallback": True}),
        ("added_tokens", [{"id": 0, "content": "[UNK]"}]),
    ],
)
def test_other_recipes_are_left_to_the_whole_tokenizer(tmp_path, part, value):
    spec = {"added_tokens": [], "pre_tokenizer": None, "normalizer": None}
    spec["model"] = {"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0]]}
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(spec))
    assert Pieces.read(file)
    file.write_text(json.dumps(spec | {part: value}))
    assert Pieces.read(file) is None


def test_a_damaged_file_is_left_to_the_whole_tokenizer(tmp_path):
    file = tmp_path / "tokenizer.json"
    file.write_text('{"model"')
    assert Pieces.read(file) is None
