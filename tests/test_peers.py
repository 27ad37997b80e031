"""The benchmark beside other search libraries: what it draws, and its table."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from peers.drawing import LANGUAGES, draw
from peers.measure import Measured
from peers.table import hits, table

DRIVER = Path(__file__).resolve().parents[1] / "benchmarks" / "peers"


@pytest.fixture
def data(tmp_path):
    """Four sets of six paragraphs with two sentences each, and a question about every paragraph."""
    for name in LANGUAGES.values():
        rows = range(6)
        contexts = [{"id": i, "title": "", "text": f"Fact {i} of {name}. More on {i} of {name}."} for i in rows]
        cases = [{"id": i, "question": f"{name} {i}?", "answers": [], "context_id": i} for i in rows]
        for file, lines in ((f"{name}.contexts.jsonl", contexts), (f"{name}.jsonl", cases)):
            (tmp_path / file).write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


def run(*arguments):
    return subprocess.run([sys.executable, DRIVER, *map(str, arguments)], capture_output=True, text=True)


def test_each_question_has_its_paragraph_and_no_other_contains_what_it_says(data):
    asked = draw(data, paragraphs=60, questions=12)
    assert len(asked.texts) == len(set(asked.texts)) == 60
    assert sorted(asked.languages) == sorted(3 * list(LANGUAGES))
    for question, row, language in zip(asked.questions, asked.gold, asked.languages, strict=True):
        name, number = question.removesuffix("?").split()
        assert name == LANGUAGES[language]
        fact = f"Fact {number} of {name}."
        assert [i for i, text in enumerate(asked.texts) if fact in text] == [row]


def test_too_few_paragraphs_for_the_questions_is_one_sentence(data):
    with pytest.raises(SystemExit, match="about 12 paragraphs: ask fewer"):
        draw(data, paragraphs=11, questions=12)


def test_hits_at_one_and_five():
    assert hits([1, 2, 5, None]) == ".250 / .750"
    assert hits([1, 1]) == "1.000 / 1.000"


def test_ratios_are_to_the_floor_and_to_footnote(data):
    asked = draw(data, paragraphs=24, questions=4)
    wrong = [next(row for row in range(24) if row != gold) for gold in asked.gold]
    results = {
        "footnote": Measured("Footnote", "", 4.0, 0.02, [[row] for row in asked.gold], held=0),
        "floor": Measured("floor", "", 1.0, 0.001, [[row] for row in wrong], held=0),
    }
    head, _, ours, floor = ([cell.strip() for cell in line.split("|")[1:-1]] for line in table(results, asked))
    ours, floor = dict(zip(head, ours, strict=True)), dict(zip(head, floor, strict=True))
    assert (ours["of the floor"], ours["of Footnote's"], ours["hit@1 / hit@5"]) == ("0.25", "1.00", "1.000 / 1.000")
    assert (floor["of the floor"], floor["of Footnote's"], floor["ja"]) == ("1.00", "0.05", ".000 / .000")


@pytest.mark.skipif(find_spec("txtai") is not None, reason="txtai is installed")
def test_footnote_is_measured_and_a_peer_that_cannot_run_is_left_out(data):
    done = run(data, "--paragraphs", 24, "--questions", 8, "--peers", "footnote,txtai", "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    assert "**Footnote**" in done.stdout
    assert done.stderr == "txtai is left out: No module named 'txtai'\n"


def test_an_unknown_peer_is_named(data):
    done = run(data, "--peers", "footnote,nobody")
    assert done.returncode == 2
    assert "no peer is called nobody; there are footnote, " in done.stderr
