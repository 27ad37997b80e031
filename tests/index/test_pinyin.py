"""Names in Latin letters find the characters they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import NAMED
from index.pinyin import exonyms, names, respelled
from index.question import Question
from tests.support.found import passage, segments


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How many PhDs did Putuo attract?", ["pu tuo"]),
        ("the maps of Lin Boyuan", ["lin bo yuan"]),
        ("Huawei's Qingpu centre", ["hua wei", "qing pu"]),
        ("Is Xi'an larger?", ["xi an"]),
        ("in Xian", ["xi an"]),
        ("in Changan", ["chan gan", "chang an"]),
        ("in Lüliang", ["lv liang"]),
        ("London and Paris, Johnson", []),
        ("putuo in lower case, and Lin", []),
        ("普陀区有多少博士？", []),
    ],
)
def test_names_are_read(text, found):
    assert [" ".join(cut) for name in names(text) for cut in name] == found


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("Putuo", "普陀区", "普陀"),
        ("Changning", "长宁区", "长宁"),
        ("Putuo", "长宁区", "Putuo"),
        ("Chongqing", "重庆", "重庆"),
    ],
)
def test_a_name_is_written_as_the_text_writes_it(name, text, written):
    assert respelled(name, text).strip() == written


def test_only_pairs_that_the_index_holds_are_searched():
    index = segments(passage(1, "集聚院所", "普陀区"), passage(2, "长宁区建设街区"), passage(3, "民航公司")).words
    assert index.spellings(*Question("Where is Putuo?").foreign_names) == ["普陀"]
    assert index.spellings(*Question("What did Minhang build?").foreign_names) == ["民航"]  # a homophone of 闵行
    assert index.spellings(*Question("Where is Songjiang?").foreign_names) == []


@given(st.text(max_size=60))
def test_any_text_is_read(text):
    for name in names(text):
        assert all(len(cut) > 1 for cut in name)
    respelled(text, text)


@pytest.mark.slow
def test_the_table_is_the_one_that_the_script_writes():
    import importlib.util
    from pathlib import Path

    file = Path(__file__).resolve().parents[2] / "training" / "pinyin_table.py"
    spec = importlib.util.spec_from_file_location("pinyin_table", file)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.TABLE.read_text(encoding="utf-8") == script.table()


def test_places_with_an_english_name_of_their_own():
    assert exonyms("Where is the Bund growth pole, and the Hong Kong office?") == ["外滩", "香港"]
    assert exonyms("the bundle of the bund") == []
    index = segments(passage(1, "打造外滩金融科技增长极"), passage(2, "建设北部数字港")).words
    assert index.spellings(*Question("Where is the Bund fintech pole?").foreign_names) == ["外滩"]


def test_a_name_in_another_script_is_looked_for_in_headings_first():
    index = segments(passage(1, "在虹口区召开创新大会。"), passage(2, "打造国际创新港。", "虹口区")).words
    terms = index.spellings(*Question("What is Hongkou building?").foreign_names)
    assert [key for key, _ in index.search(terms, 2)] == [1, 2]
    assert [key for key, _ in index.search(terms, 2, boosts=NAMED)] == [2, 1]


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("How many PhDs did Putuo attract?", "普陀区引进博士。", "How many PhDs did 普陀 attract?"),
        ("What of Putuo's labs in Xi'an?", "普陀区,西安", "What of 普陀's labs in 西安?"),
        ("How many PhDs did Putuo attract?", "静安区引进博士。", "How many PhDs did Putuo attract?"),
        ("Where is the Bund?", "外滩在黄浦区。", "Where is the 外滩?"),
        ("普陀区有多少博士？", "普陀区引进博士。", "普陀区有多少博士？"),
    ],
)
def test_names_as_the_text_writes_them(question, text, named):
    assert respelled(question, text) == named
