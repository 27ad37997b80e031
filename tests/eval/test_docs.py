"""The documentation names every command and metric, and its commands can be typed."""

import re
from pathlib import Path

import pytest
import typer

from api.cli.main import app
from eval.cases import Case
from eval.metrics.scoring import GATED, METRICS
from eval.metrics.whole_set import set_scores
from eval.record import Run

ROOT = Path(__file__).resolve().parents[2]
DOC = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
WORKFLOW = (ROOT / "docs" / "eval-gate.github.yml").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands["eval"].commands


def test_every_command_has_its_row():
    assert set(re.findall(r"^\| `([a-z]+)[ `]", DOC, re.M)) >= set(COMMANDS)


def test_every_metric_has_its_row_and_its_mark():
    named = {}
    for row in re.findall(r"^\| (`[^|]+) \|", DOC, re.M):
        for name, mark in re.findall(r"`([^`]+)`(?: (\*))?", row):
            named[name] = bool(mark)
    by_rule = {f"{kind}@{k}" for kind in ("hit", "all_hit", "recall") for k in (1, 3, 5, 10)} - {"all_hit@5"}
    assert set(METRICS) | set(set_scores(Run(set_name="none"))) <= set(named) | by_rule | {"all_hit@5"}
    assert {name for name, mark in named.items() if mark} | {"all_hit@5"} == GATED
    assert "`all_hit@5` *" in DOC


@pytest.mark.parametrize("text", [DOC, WORKFLOW], ids=["evaluation.md", "eval-gate.github.yml"])
def test_commands_exist_with_their_options(text):
    lines = re.findall(r"footnote eval ([a-z]+)([^#`\n]*)", text)
    assert lines
    for name, rest in lines:
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"{name}{rest}"


def test_it_is_short_and_the_case_it_shows_is_one():
    assert len(DOC.splitlines()) <= 120
    shown = Case.model_validate_json(re.search(r"\{\"id\".*?\n\n", DOC, re.S)[0])
    assert (shown.must_pass, shown.facts[0].kind) == (True, "number")
