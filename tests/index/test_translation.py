"""Words of a question in another script, by which passages in that one are found."""

import numpy as np
import pytest

from index.late_interaction import unit_rows
from index.question import Question
from index.static_model import StaticEmbedder
from index.text import is_cjk
from index.translation import FILE, MOST, translations
from tests.support.found import passage, segments

TABLE = StaticEmbedder()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did the garrison surrender?", "投降"),
        ("How long is the season?", "赛季"),
        ("赛季有多长？", "season"),
        ("Wie lang ist die Saison?", "赛季"),
    ],
)
def test_words_are_translated_into_terms_of_the_other_script(question, expected):
    found = translations(question, TABLE)
    assert 0 < found[expected] < 1
    assert all(is_cjk(term) != is_cjk(question) for term in found)


@pytest.mark.parametrize("text", ["", "?!", "the of", "Kuechly", "x86-64"])
def test_what_means_little_and_pieces_of_words_have_no_translation(text):
    assert translations(text, TABLE) == {}


def test_of_a_long_text_the_first_words_are_looked_up():
    words = [TABLE.piece(token) for token in range(20_000, 40_000)]
    many = [word for word in words if word.isascii() and translations(word, TABLE)][: 2 * MOST]
    assert len(many) == 2 * MOST
    assert translations(" ".join(many), TABLE) == translations(" ".join(many[:MOST]), TABLE)


def test_a_table_of_somebody_else_has_none(tmp_path):
    table = StaticEmbedder()
    table.folder = tmp_path
    assert translations("When did they surrender?", table) == {}
    assert Question("When did they surrender?").translations == {}


def test_passages_in_the_other_script_are_found_and_no_others():
    asked = Question("When did the garrison surrender?", TABLE)
    words = segments(
        passage(1, "守军在五月投降。"), passage(2, "图书馆在五月开放。"), passage(3, "The word 投降 means surrender.")
    ).words
    assert words.scripts == {False, True}
    assert [key for key, _ in words.search(asked.translations, 5, cjk=True)] == [1]
    assert words.search(asked.translations, 5, cjk=False) == words.search(asked.translations, 5, keys=[3])


def test_the_file_belongs_to_the_table():
    with np.load(TABLE.folder / FILE) as arrays:
        starts, tokens = arrays["starts"], arrays["tokens"]
        assert len(starts) == TABLE.tokenizer.get_vocab_size() + 1
        assert starts[-1] == len(tokens) == len(arrays["cosines"])
    token = int(TABLE.tokens(["surrender"])[0][0])
    near = tokens[starts[token] : starts[token + 1]]
    assert len(near)
    assert (TABLE.cosines(near, unit_rows(TABLE.rows(np.array([token])))) > 0.49).all()
    assert all(is_cjk(TABLE.piece(int(one))) for one in near)
