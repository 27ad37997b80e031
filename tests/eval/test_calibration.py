"""Agreement with labels and the refusal threshold, against hand-worked numbers and a brute-force search."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.cli.main import main
from eval.calibration import Asked, Label, agreement, fit, lexical, load_labels, rates
from eval.cases import load_set
from eval.data import packaged_set
from index.errors import InputError
from rag.assistant import Assistant
from rag.settings import Settings
from rag.settings_file import change_settings


def agreed(both_yes, only_measure, only_person, both_no, **undecided):
    """The agreement over so many answers: each is its own judgement."""
    decided = {(True, "yes"): both_yes, (False, "yes"): only_measure, (True, "no"): only_person, (False, "no"): both_no}
    counts = decided | {(True, said): n for said, n in undecided.items()}
    judged = [case for case, n in counts.items() for _ in range(n)]
    labels = [(None, Label(id="q", answer=said, correct=right)) for right, said in judged]
    return agreement(labels, lambda _, answer: answer)


def test_kappa_by_hand():
    found = agreed(20, 5, 10, 15, unsure=2)  # observed .7, by chance .5
    assert (found["n"], found["unsure"]) == (50, 2)
    assert found["kappa"] == pytest.approx(0.4)
    assert found["sensitivity"] == pytest.approx(20 / 30)
    assert found["specificity"] == pytest.approx(15 / 20)


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [((0, 0, 0, 0), None), ((9, 0, 0, 0), None), ((5, 0, 0, 5), 1.0), ((0, 5, 5, 0), -1.0), ((25, 25, 25, 25), 0.0)],
)
def test_kappa_at_its_ends(counts, kappa):
    assert agreed(*counts, failed=3)["kappa"] == kappa


def labels_file(path, *records):
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "\n", encoding="utf-8")
    return path


def test_the_lexical_verifier_against_labels(tmp_path):
    eval_set = load_set(packaged_set())
    labels = load_labels(
        labels_file(
            tmp_path / "labels.jsonl",
            {"id": "zh-pilot-workshops", "answer": "建成23间。[1]", "correct": True},
            {"id": "zh-pilot-workshops", "answer": "建成32间。[1]", "correct": False},
            {"id": "zh-pilot-workshops", "answer": "不是23间，是32间。", "correct": False},
            {"id": "zh-photonics-growth", "answer": "增长百分之十七点三。", "correct": True},
            {"id": "zh-no-mayor", "answer": "张三。", "correct": False},
        ),
        eval_set,
    )
    found = agreement(labels, lexical)
    assert (found["n"], found["sensitivity"], found["specificity"], found["unsure"]) == (4, 1, 1 / 2, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "nobody", "answer": "x", "correct": true}', ":1: no label"),
        ('{"id": "zh-no-mayor", "answer": "x"}', ":1: no label"),
        ('{"id": "zh-no-mayor", "answer": "x", "correct": 1}', ":1:"),
        ("{", ":1: no label"),
        ("", "contains no label"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path, line, said):
    (tmp_path / "labels.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=said):
        load_labels(tmp_path / "labels.jsonl", load_set(packaged_set()))


def asked(answerable, confidence, refused=False, group="g"):
    return Asked(answerable, confidence, refused, group)


def test_the_threshold_by_hand():
    known = [asked(True, c) for c in (0.5, 0.6, 0.8, 0.9)] + [asked(False, c) for c in (0.1, 0.4, 0.55, 0.7)]
    assert fit(known, 0).threshold == 0.45
    assert fit(known, 0).rates.unanswerable == 0.5
    assert fit(known, 0.25).threshold == pytest.approx(0.575)
    assert (fit(known, 0.25).rates.answerable, fit(known, 0.25).rates.unanswerable) == (0.25, 0.75)
    with pytest.raises(InputError, match="only one kind"):
        fit(known[:4])


def test_held_out_halves_use_the_other_halfs_threshold():
    # by their hashes "a" and "c" fall into different halves
    first = [asked(True, 0.9, group="a"), asked(False, 0.1, group="a")]
    second = [asked(True, 0.2, group="c"), asked(False, 0.15, group="c")]
    halves = fit([*first, *second], 0)
    assert halves.rates.answerable == 0
    assert halves.held_out.answerable == 0.5  # the 0.2 is below what fits the first half


grid = st.integers(0, 20).map(lambda n: n / 20)
asked_lists = st.lists(st.builds(asked, st.booleans(), grid, st.booleans()), min_size=2, max_size=30)


@given(asked_lists, st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=150, deadline=None)
def test_no_other_threshold_refuses_more_within_the_limit(known, limit):
    if len({one.answerable for one in known}) < 2:
        return
    found = fit(known, limit)

    def lost(threshold):
        counted = [one.confidence < threshold for one in known if one.answerable and not one.refused]
        return sum(counted) <= limit * len(counted) + 1e-9

    assert lost(found.threshold)
    allowed = [t for t in [*(one.confidence for one in known), 1.0] if lost(t)]
    assert found.rates.unanswerable == max(rates(known, t).unanswerable for t in [found.threshold, *allowed])


@pytest.mark.parametrize("before", ["", "# mine\nk = 7\n", "threshold = 0.1 # old\nk = 7\n"])
def test_the_setting_is_written_and_read(tmp_path, before):
    file = tmp_path / "footnote.toml"
    if before:
        file.write_text(before)
    change_settings(file, {"threshold": 0.375}, ["threshold"])
    loaded = Settings.load({})
    assert loaded.threshold == 0.375
    assert loaded.k == (7 if before else 5)
    assert ("# mine" in file.read_text()) is ("# mine" in before)


def test_the_setting_is_written_above_the_headers(tmp_path):
    file = tmp_path / "footnote.toml"
    file.write_text('k = 7\n[headers]\nthreshold = "a"\n')
    change_settings(file, {"threshold": 0.375}, ["threshold"])
    assert file.read_text() == 'threshold = 0.375\nk = 7\n[headers]\nthreshold = "a"\n'


@pytest.fixture
def library(packaged):
    return packaged


def test_the_threshold_decides(library):
    question = "望江区建成了多少间中试车间？"
    with Assistant.open(settings=Settings(library=library, threshold=1.0)) as strict:
        assert strict.ask(question).refused == "low_evidence"
    with Assistant.open(settings=Settings(library=library, threshold=0.0)) as open_minded:
        assert open_minded.ask(question).refused is None


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return stop.value.code, capsys.readouterr().out


@pytest.mark.slow
def test_the_command_fits_and_writes_only_when_told(library, tmp_path, capsys):
    lines = packaged_set().read_text(encoding="utf-8").splitlines()
    (tmp_path / "few.jsonl").write_text("\n".join([lines[0], *lines[1::12]]) + "\n", encoding="utf-8")
    command = ("eval", "calibrate", "few.jsonl", "--library", str(library), "--most-refused", "0.2")
    code, out = run(capsys, *command)
    assert code == 0
    assert "threshold 0.45 (now)" in out
    assert not (tmp_path / "footnote.toml").exists()
    record = json.loads(run(capsys, *command, "--write", "--json")[1])
    assert Settings.load({}).threshold == record["fitted"]["threshold"]
    assert f"threshold {record['fitted']['threshold']} (now)" in run(capsys, *command)[1]


def test_the_command_prints_agreement(tmp_path, capsys):
    labels_file(
        tmp_path / "labels.jsonl",
        {"id": "zh-pilot-workshops", "answer": "23间", "correct": True},
        {"id": "zh-pilot-workshops", "answer": "32间", "correct": False},
    )
    code, out = run(capsys, "eval", "calibrate", str(packaged_set()), "--labels", "labels.jsonl")
    assert code == 0
    assert out.startswith("facts: kappa 1.00, sensitivity 100.0%, specificity 100.0% on 2 labels; 0 unsure, 0 failed\n")
    assert "a hint only until" in out
