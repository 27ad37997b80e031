"""The fixture in a project of its own: a good set passes, a lost answer fails with the gate's sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.packaged import index_reports, lines_of, some

ROOT = Path(__file__).resolve().parents[2]
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
