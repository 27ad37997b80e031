"""What a terminal gets, and what it must never obey."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.console import printable
from api.cli.main import app
from index.library import Library

EVIL = "\x1b]0;owned\x07\x9b31m\u202e\r"
ROOT = Path(__file__).resolve().parents[2]
runner = CliRunner()


def test_controls_are_shown_not_obeyed_and_offsets_stay():
    assert printable("a\x1b[31mb\tc\n") == "a␛[31mb\tc\n"
    assert len(printable(EVIL)) == len(EVIL)
    assert not set(printable(EVIL)) & set(EVIL) - set("]0;owned31m")


@pytest.fixture
def folder(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "evil\x1b[2J.txt").write_text(f"望江区建成中试车间23间{EVIL}。\n", encoding="utf-8")
    (docs / "skipped\x1b[2J.txt").write_bytes(b"")
    return tmp_path


def footnote(folder, *arguments):
    result = runner.invoke(app, [*arguments, "--library", str(folder / "lib")])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_no_command_prints_an_escape_of_a_document_or_a_name(folder):
    shown = [footnote(folder, "index", str(folder / "docs"))]
    [document] = Library.open(folder / "lib").store.documents()
    shown += [footnote(folder, "list"), footnote(folder, "show", document["source"])]
    shown += [footnote(folder, command, "望江区建成中试车间多少间？") for command in ("ask", "search")]
    shown += [footnote(folder, command, "望江区建成中试车间多少间？", "--json") for command in ("ask", "search")]
    for result in shown:
        assert not set(result.output) & set("\x1b\x07\x9b\r")
    assert "\x9b" in json.dumps(json.loads(shown[-1].stdout), ensure_ascii=False)


def test_a_row_is_shown_below_the_names_of_its_columns(tmp_path):
    (tmp_path / "rooms.csv").write_text("Room,Seats\nElm,12\nOak,30\n")
    footnote(tmp_path, "index", str(tmp_path / "rooms.csv"))
    for command in (("ask", "How many seats does the Oak room have?"), ("search", "Oak seats"), ("show", "rooms.csv")):
        lines = [line.strip(" →←") for line in footnote(tmp_path, *command).output.split("\n")]
        assert lines.index("Room | Seats") < len(lines) - 1 - lines[::-1].index("Oak | 30"), command


def test_a_folder_of_nothing_readable_ends_with_two(tmp_path):
    (tmp_path / "picture.xyz").write_bytes(b"\0\1")
    assert footnote(tmp_path, "index", str(tmp_path / "picture.xyz")).exit_code == 2
    (tmp_path / "docs").mkdir()
    assert footnote(tmp_path, "index", str(tmp_path / "docs")).exit_code == 2


def test_version_and_help():
    assert runner.invoke(app, ["--version"]).stdout.startswith("footnote ")
    assert runner.invoke(app, ["ask", "-h"]).stdout == runner.invoke(app, ["ask", "--help"]).stdout
    assert "--install-completion" in runner.invoke(app, ["-h"]).stdout


def test_the_library_is_its_owners(folder):
    footnote(folder, "index", str(folder / "docs"))
    assert stat.S_IMODE((folder / "lib").stat().st_mode) == 0o700


def test_the_installed_command_loads():
    command = [sys.executable, "-m", "api.cli", "--version"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("footnote ")
