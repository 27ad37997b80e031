"""`trusted` is a conjunction: each of its parts alone takes it away."""

import pytest

from eval.metrics.scoring import METRICS, score
from index.records import Hit, Paragraph
from rag.types import Answer, Citation, Quote, Sentence
from tests.support.eval_runs import case

SAID = "望江区建成23间。"
GOOD = Paragraph("p1", SAID + "全年验证147项。", (), "a.txt", 0, 16)
OTHER = Paragraph("p2", "松岭区建成监测站9座。", (), "a.txt", 20, 31)
GOLD = (frozenset({"p1"}),)


def answer(*sentences, cites=(GOOD,), marks=None, hits=(GOOD, OTHER), quote=None):
    text = " ".join(f"{s}{m}" for s, m in zip(sentences, marks or ["[1]"] * len(sentences), strict=True))
    numbers = {m: tuple(int(c) for c in m if c.isdigit()) for m in marks or ["[1]"]}
    told = tuple(
        Sentence(s, numbers[m], "supported") for s, m in zip(sentences, marks or ["[1]"] * len(sentences), strict=True)
    )
    citations = tuple(Citation(i, paragraph, quote, "supported") for i, paragraph in enumerate(cites, 1))
    return Answer("问", text, None, citations, told, tuple(Hit(p, 1.0, i) for i, p in enumerate(hits, 1)))


REFUSED = Answer("问", "文档中没有说明。", "low_evidence")


def trusted(said, **fields):
    return score(case(**fields), GOLD if fields.get("type") != "unanswerable" else (), said)["trusted"]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (answer(SAID), 1),
        (answer("望江区建成32间。"), 0),  # not correct
        (answer(SAID, cites=(OTHER,)), 0),  # not cited where it stands
        (answer(SAID, "松岭区建成监测站7座。", marks=["[1]", "[2]"], cites=(GOOD, OTHER)), 0),  # one is not supported
        (answer(SAID, marks=["[1][2]"], cites=(GOOD, OTHER)), 1),  # half of the citations are needed
        (answer(SAID, marks=["[1][2][3]"], cites=(GOOD, OTHER, OTHER)), 0),  # a third is
        (answer(SAID, marks=["[1][7]"]), 0),  # a mark that names nothing
        (answer(SAID, "全年验证147项。"), 0),  # only half of it is to the point
        (answer(SAID, hits=(OTHER,)), 0),  # cites what was not found
        (REFUSED, 0),
    ],
)
def test_answerable(said, value):
    assert trusted(said) == value


def test_unanswerable():
    assert trusted(REFUSED, type="unanswerable") == 1
    assert trusted(answer(SAID), type="unanswerable") == 0


def test_what_only_a_wrong_answer_says():
    assert trusted(answer("望江区建成23间，不是32间。"), forbidden=["32间"]) == 0


def test_a_quote_that_is_not_verbatim_is_seen():
    scores = score(case(), GOLD, answer(SAID, quote=Quote(0, 4, "望江县建")))
    assert scores["quote_fidelity"] == 0
    assert score(case(), GOLD, answer(SAID, quote=Quote(0, 4, "望江区建")))["quote_fidelity"] == 1


def test_every_metric_is_there_and_in_its_range():
    for said in (answer(SAID), REFUSED):
        for made in (case(), case(type="unanswerable"), case(facts=[], forbidden=["1间"]), case(reference="共23间。")):
            scores = score(made, GOLD if made.answerable else (), said)
            assert list(scores) == list(METRICS)
            assert all(value is None or 0 <= value <= 1 for value in scores.values())
