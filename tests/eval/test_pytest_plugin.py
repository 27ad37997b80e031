"""The gate in a project of its own, as a pytest fixture and a pre-commit hook: what is lost fails."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from api.cli.main import main
from tests.support.packaged import index_reports, lines_of, some

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
PROJECT = """
def test_good(footnote_eval):
    assert footnote_eval("set.jsonl", library="library").mean("trusted") == 1

def test_lost(footnote_eval):
    footnote_eval("lost.jsonl", library="library")
"""


@pytest.mark.slow
def test_the_fixture_judges_as_the_command_does(tmp_path):
    index_reports(tmp_path)
    eval_set = some(only=lambda case: case.id == "zh-pilot-workshops")
    (tmp_path / "set.jsonl").write_text(lines_of(eval_set), encoding="utf-8")
    (tmp_path / "lost.jsonl").write_text(lines_of(eval_set).replace("23间", "147项"), encoding="utf-8")
    (tmp_path / "test_answers.py").write_text(PROJECT, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "eval.pytest_plugin", "-p", "no:cacheprovider", "."]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "zh-pilot-workshops" in done.stdout


def run(*words):
    """The exit code of the command."""
    with pytest.raises(SystemExit) as end:
        main(words)
    return end.value.code or 0


@pytest.mark.slow
def test_the_hook_fails_when_answers_got_worse(tmp_path, monkeypatch):
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    [example] = yaml.safe_load(re.search(r"^    repos:\n(?:     .*\n)+", DOCS, re.MULTILINE).group())["repos"]
    [used] = example["hooks"]
    assert used["id"] == hook["id"]
    program, *words = shlex.split(hook["entry"])
    assert program == "footnote"
    index_reports(tmp_path).rename(tmp_path / ".footnote")
    monkeypatch.chdir(tmp_path)
    good = lines_of(some(only=lambda case: case.id == "zh-pilot-workshops"))
    Path("mine.jsonl").write_text(good, encoding="utf-8")
    assert run(*words, "mine.jsonl", "--library", ".footnote", "--save", "run.json") == 0
    assert run("eval", "bless", "run.json", "--reason", "read") == 0
    assert run(*words, *used["args"]) == 0
    assert run("remove", "reports/云川市科技创新年报.txt", "--library", ".footnote") == 0
    assert run(*words, *used["args"], "--allow-fingerprint-change") == 1
