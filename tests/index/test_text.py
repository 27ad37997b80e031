"""Folding, words and sentences."""

from hypothesis import given
from hypothesis import strategies as st

from index.chunking import TARGET_CHARS, chunks
from index.sentences import sentences
from index.text import fold, simplify
from index.words import query_words, words

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("。！？.!? \n\t　”」\U00020000😀甲乙丙"))


def test_fold_width_case_and_traditional():
    assert fold("ＧＯＩ國際創新港") == "goi国际创新港"
    assert simplify("臺灣裡") == "台湾里"


@given(TEXTS)
def test_simplify_keeps_length(text):
    assert len(simplify(text)) == len(text)


def test_words_are_characters_pairs_and_whole_codes():
    assert words("G60走廊") == ["g60", "走", "廊", "走廊"]
    assert words("2023—2025") == ["2023—2025", "2023", "2025"]
    assert query_words("科創走廊走廊") == ["科创", "创走", "走廊", "廊走"]
    assert query_words("人") == ["人"]


def test_traditional_and_simplified_give_the_same_words():
    assert words("國際創新") == words("国际创新")


def test_sentences():
    text = "甲。“乙！”丙 Mr. Smith paid $3.5 million. He left."
    assert [text[a:b] for a, b in sentences(text)] == ["甲。", "“乙！”", "丙 Mr. Smith paid $3.5 million.", "He left."]
    text = "**Q: Where?** In **Bergen.** Then home."
    assert [text[a:b] for a, b in sentences(text)] == ["**Q: Where?**", "In **Bergen.**", "Then home."]


@given(TEXTS)
def test_sentences_cover_everything_once(text):
    spans = sentences(text)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in zip(spans, spans[1:], strict=False))
    covered = "".join(text[a:b] for a, b in spans)
    assert "".join(covered.split()) == "".join(text.split())


@given(TEXTS)
def test_chunks_hold_all_of_their_text(text):
    assert "".join("".join(chunks(text)).split()) == "".join(text.split())


def test_long_text_becomes_several_chunks():
    pieces = chunks("这是一句十个字的话呢。" * 100)
    assert len(pieces) > 1
    assert all(len(piece) <= TARGET_CHARS for piece in pieces)


def test_a_full_line_that_breaks_inside_a_sentence_does_not_end_it():
    wrapped = "The largest gift, 860 maps of the river port, came from the heirs of\nthe surveyor Lin Boyuan. More."
    assert [wrapped[a:b] for a, b in sentences(wrapped)] == [wrapped[:-6], "More."]
    for lines in ("apples\npears", "- " + "long " * 15 + "item\n- another", "long " * 15 + "line.\nNext"):
        assert len(sentences(lines)) == 2
