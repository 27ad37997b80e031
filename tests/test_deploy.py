"""What docs/service.md shows works, and names every option; the files of deploy/ hang together."""

import contextlib
import io
import re
import textwrap
from pathlib import Path

import pytest
import typer

from api.cli.main import app as commands
from api.http.app import create_app
from api.http.limits import Limits
from tests.support.serving import library, server

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy"
DOC = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
BLOCKS = [textwrap.dedent(block) for block in re.findall(r"(?:^ {4}.*\n|^\n)+", DOC, re.MULTILINE)]


@pytest.mark.parametrize(
    ("package", "said"), [("openai", "report.txt 望江区建成中试车间23间"), ("httpx", "contradicted")]
)
def test_the_python_examples_run(tmp_path, package, said):
    [code] = [block for block in BLOCKS if f"import {package}\n" in block]
    code = code.replace("reports/*.txt", "*.txt")
    out = io.StringIO()
    with server(create_app(library(tmp_path))) as address, contextlib.redirect_stdout(out):
        exec(code.replace("http://127.0.0.1:8000", address), {})
    assert said in out.getvalue()


def test_every_option_of_serve_is_explained():
    serve = typer.main.get_command(commands).commands["serve"]
    names = {name for parameter in serve.params for name in parameter.opts if name.startswith("--")}
    explained = set(re.findall(r"`(--[a-z-]+)", DOC)) | {"--library", "--embedder", "--help"}
    assert names <= explained


def test_the_limits_are_those_of_the_code():
    limits = Limits()
    said = (
        f"{limits.body // 1_000_000} MB a request, {limits.upload // 1_000_000} MB an upload, "
        f"{limits.file // 1_000_000} MB a file, {limits.files} files at once, {limits.body_seconds:g} s for a request "
        f"and {limits.upload_seconds:g} s for an upload to arrive, {limits.answer_seconds:g} s for an answer, "
        f"{limits.answers} questions and {limits.uploads} uploads at a time, {limits.guesses} wrong keys a minute"
    )
    assert said in " ".join(DOC.split())


def test_the_image_runs_as_nobody_and_keeps_its_library_in_the_volume():
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("FROM ")] == [
        "FROM python:3.12-slim AS build",
        "FROM python:3.12-slim",
    ]
    assert "USER 10001" in lines
    assert any("FOOTNOTE_LIBRARY=/data/library" in line for line in lines)
    assert "footnote-data:/data" in (FOLDER / "compose.yaml").read_text(encoding="utf-8")
