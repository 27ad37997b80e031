"""Text of eval sets: figures by value, Chinese by character, words whole."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.equivalence import contains, normalise, same, same_figures

HAN = st.text("望江区建成车间企业院所增长实现投入常住口", min_size=1, max_size=8)
WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9).filter(
    lambda word: isinstance(normalise(word)[0], str)
)
FIGURE = st.integers(1, 10**12 - 1)


def in_chinese(number):
    """23004 -> "二万三千零四", by the rules of school books."""
    written = ""
    for myriad, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        section = number // myriad % 10**4
        if section:
            written += ("零" if written and section < 1000 else "") + section_in_chinese(section) + name
    return written


def section_in_chinese(section):
    written, zero = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = section // power % 10
        if digit:
            written += ("零" if zero else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit and bool(written)
    return written


@pytest.mark.parametrize(
    ("text", "wanted", "says"),
    [
        ("共13个", "3", False),
        ("共3个", "3", True),
        ("the party", "art", False),
        ("the art", "art", True),
        ("state of the art.", "Art", True),
        ("12.3万人", "123万人", False),
        ("12.3万人", "123000人", True),
        ("123000", "12.3万", True),
        ("１２．３萬人", "12.3万人", True),
        ("十二点三万人", "12.3万人", True),
        ("1.2亿元", "12000万元", True),
        ("2.34 million visits", "2,340,000 visits", True),
        ("增长5%", "5", False),
        ("增长5", "5%", False),
        ("增长百分之五", "5%", True),
        ("grew by five percent", "5%", True),
        ("5‰", "5%", False),
        ("气温-5℃", "5℃", False),
        ("气温零下5℃", "-5℃", True),
        ("利润同比-3.2%", "3.2%", False),
        ("歼-20首飞", "20", True),  # a hyphen in a name is no sign
        ("5公里", "5000米", True),
        ("5公里", "5元", False),
        ("5元", "5", True),
        ("2023年5月1日开园", "2023年5月", True),
        ("2023年5月开园", "2023年5月1日", False),
        ("2023-05-01", "2023年5月1日", True),
        ("opened on 1 May 2023", "2023-05-01", True),
        ("第三季度", "3季度", True),
        ("国际创新港", "國際創新", True),
        ("G60科创走廊", "g60", True),
        ("G60科创走廊", "60", False),
        ("十三家", "三", False),
        ("三家", "十三", False),
        ("Müller-Straße 5", "MÜLLER-STRASSE 5", True),
        ("Приволжский район", "район", True),
        ("районный", "район", False),
        ("กรุงเทพมหานคร", "กรุงเทพ", True),
        ("东京タワー", "タワー", True),
        ("什么都有", "", False),
        ("什么都有", "。", False),
        ("", "有", False),
        ("望江区、松岭区", "望江区 松岭区", True),
    ],
)
def test_containment(text, wanted, says):
    assert contains(text, wanted) is says


@pytest.mark.parametrize(
    ("text", "wanted", "says"),
    [
        ("16家科研院所", "16家院所", True),  # the figure and the words, each somewhere
        ("科研院所61家", "16家院所", False),
        ("共12个", "十二", True),
        ("共112个", "十二", False),
        ("一家企业", "1家", True),
        ("2023年实现增长5%", "5%", True),
        ("2023年实现增长5%", "2024年增长5%", False),
    ],
)
def test_a_figure_may_stand_anywhere(text, wanted, says):
    assert contains(text, wanted, anywhere=True) is says


def test_normal_form():
    assert normalise("全区常住人口１２.３萬人，Party") == [*"全区常住人口", ("number", 123000), "人", "party"]
    assert normalise("5公里；百分之五；2023年5月；第三；G60；1/3") == [
        *(("number", 5000), "m", ("percent", 5), ("date", "2023-05"), ("ordinal", 3), ("code", "g60")),
        ("number", Fraction(1, 3)),
    ]


def test_same_figures():
    assert same_figures("投入4.8亿元", "改造投入48000万元")
    assert not same_figures("投入4.8亿元", "投入8.4亿元")


@given(FIGURE)
def test_school_book_numerals(number):
    assert contains(f"共{in_chinese(number)}个", f"{number}个")
    assert contains(f"共{number}个", in_chinese(number), anywhere=True)
    if number > 9:  # one character alone is mostly part of a word
        assert normalise(f"共{in_chinese(number)}元") == normalise(f"共{number}元")


@given(HAN, FIGURE, HAN)
def test_a_figure_is_found_in_every_writing_and_in_no_longer_figure(before, number, after):
    for written in (
        f"{number}",
        f"{number:,}",
        f"{number}".translate({ord("0") + i: ord("０") + i for i in range(10)}),
    ):
        assert contains(f"{before}{written}家{after}", f"{number}家")
    assert contains(f"{before}{number * 10000}家", f"{number}万家")
    assert not contains(f"{before}1{number}家", f"{number}家")
    assert not contains(f"{before}{number + 1}7家", f"{number + 1}家")


@given(HAN, WORD, HAN, WORD)
def test_words_are_found_whole(han, word, more, other):
    assert contains(f"{han}，{word} {other}。{more}", word)
    assert contains(f"{other} {word}", f"{other} {word}")
    assert not contains(f"x{word}", word)
    assert not contains(f"{word}x", word)


@given(st.text("望江区國際12.3%GOIgoi百分之五 ", max_size=30))
def test_width_and_script_do_not_count(text):
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert same(text, wide)
    assert same(text, text.replace("國", "国").replace("際", "际"))


@given(st.text(), st.text(max_size=20))
def test_anything_can_be_compared(text, wanted):
    assert same(text, text)
    assert isinstance(contains(text, wanted), bool)
    if normalise(text):
        assert contains(text, text)


@pytest.mark.slow
def test_long_answers_take_linear_time():
    def spent(times):
        start = time.process_time()
        assert not contains(
            "望江区投入4.8亿元建成中试车间23间，the library of 一百二十 rooms。" * times, "不存在的9999家企业"
        )
        return time.process_time() - start

    assert spent(2000) < 12 * max(spent(500), 0.01)  # squared it would be sixteen times
