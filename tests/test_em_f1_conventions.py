"""The conventions of public data sets, which benchmarks use, against their definitions."""

import re
import string
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))
import em_f1_conventions as conventions


@pytest.mark.parametrize(
    ("score", "arguments", "value"),
    [
        (conventions.squad_em, ("The Panthers!", ["panthers"]), 1),
        (conventions.squad_em, ("12.3%", ["123"]), 1),  # what the convention does to figures
        (conventions.squad_f1, ("in the year 1995", ["1995", "year 1996"]), 2 * 1 / (3 + 1)),
        (conventions.squad_f1, ("", [""]), 1),
        (conventions.mlqa_f1, ("共12.3万", ["12.3万"], "zh"), 2 * 2 / (3 + 2)),
        (conventions.mlqa_f1, ("el río", ["río"], "es"), 1),
        (conventions.cmrc_f1, ("光荣和ω-force公司", ["光荣和ω-force"]), 2 * 4 / (6 + 4)),
        (conventions.cmrc_f1, ("乙甲丙", ["甲乙丙"]), 2 * 1 / 6),  # one run, not a bag
        (conventions.cmrc_em, ("《甲》，乙", ["甲乙"]), 1),
        (conventions.cmrc_em, ("3.5", ["35"]), 0),
    ],
)
def test_conventions_by_hand(score, arguments, value):
    assert score(*arguments) == pytest.approx(value)


def test_without_gold_answers_nothing_is_defined():
    assert conventions.squad_em("a", []) is conventions.cmrc_f1("a", []) is None
    assert conventions.mlqa_f1("a", [], "zh") is None


# The definitions once more, written from the papers' and scripts' descriptions, as differently from ours as possible.


def plain_squad(text):
    kept = re.sub("[" + re.escape(string.punctuation) + "]", "", text.lower())
    return [word for word in re.split(r"\s+", kept) if word not in ("", "a", "an", "the")]


def plain_mlqa(text):
    tokens, word = [], ""
    for c in text.lower() + " ":
        if unicodedata.category(c)[0] == "P" or c in string.punctuation:
            continue
        single = "\u4e00" <= c <= "\u9fa5"
        if single or c.isspace():
            tokens += [word] if word else []
            word = ""
            tokens += [c] if single else []
        else:
            word += c
    return tokens


def plain_f1(prediction, gold):
    left, same = list(gold), 0
    for token in prediction:
        if token in left:
            left.remove(token)
            same += 1
    if not same:
        return 0.0
    precision, recall = same / len(prediction), same / len(gold)
    return 2 * precision * recall / (precision + recall)


def plain_run(first, second):
    runs = [(i, j) for i in range(len(first)) for j in range(i + 1, len(first) + 1)]
    whole = "\0" + "\0".join(second) + "\0"
    return max((j - i for i, j in runs if "\0" + "\0".join(first[i:j]) + "\0" in whole), default=0)


ENGLISH = st.text("the an quick 12.5%-'!,Panthers", max_size=30)
CHINESE = st.text("望江区建成车间，。《》12.5% GDPgoi", max_size=14)


@given(ENGLISH, ENGLISH)
def test_squad_agrees_with_its_definition(answer, gold):
    first, second = plain_squad(answer), plain_squad(gold)
    assert conventions.squad_em(answer, [gold]) == (first == second)
    if first or second:
        assert conventions.squad_f1(answer, [gold]) == pytest.approx(plain_f1(first, second))


@given(CHINESE, CHINESE)
def test_mlqa_agrees_with_its_definition(answer, gold):
    first, second = plain_mlqa(answer), plain_mlqa(gold)
    assert conventions.mlqa_em(answer, [gold], "zh") == (first == second)
    assert conventions.mlqa_f1(answer, [gold], "zh") == pytest.approx(plain_f1(first, second))


@given(st.text("望江区建成车间，。《》", max_size=9), st.text("望江区建成车间，。《》", max_size=9))
def test_cmrc_agrees_with_its_definition(answer, gold):
    first, second = (list(re.sub("[，。《》]", "", text)) for text in (answer, gold))
    run = plain_run(first, second)
    precision, recall = (run / len(first), run / len(second)) if run else (0, 0)
    expected = 2 * precision * recall / (precision + recall) if run else 0.0
    assert conventions.cmrc_f1(answer, [gold]) == pytest.approx(expected)
    assert conventions.cmrc_em(answer, [gold]) == (first == second)
