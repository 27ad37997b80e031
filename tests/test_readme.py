"""README and docs: commands run and print what is shown, both READMEs agree, links lead somewhere, files exist."""

import contextlib
import io
import re
import shlex
import shutil
from pathlib import Path

import pytest

from api.cli.main import main

ROOT = Path(__file__).resolve().parent.parent
README, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
PAGES = [README, CHINESE, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = ("serve", "doctor", "demo")
"""They wait for requests, look for servers on this machine, or are run by .ci/run."""


def blocks(page):
    """(language, text) of every fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)


def commands(page):
    """(words after `footnote`, the output shown below or None) of every block of the shell."""
    found = blocks(page)
    for i, (language, text) in enumerate(found):
        lines = [line for line in text.splitlines() if line.startswith("footnote ")] if language == "sh" else []
        shown = found[i + 1][1] if i + 1 < len(found) and found[i + 1][0] == "text" else None
        for line in lines:
            yield shlex.split(line)[1:], shown if line is lines[-1] else None


def run(words):
    """What the command prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as end:
        main(words)
    assert not end.value.code, words
    return out.getvalue()


@pytest.mark.slow
def test_the_commands_run_and_print_what_is_shown(tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    ran = [(words, shown, run(words)) for words, shown in commands(README) if words[0] not in ELSEWHERE]
    assert {words[0] for words, _, _ in ran} == {"index", "ask", "verify", "eval", "use"}
    for words, shown, printed in ran:
        assert shown is None or printed == shown, words


def test_the_python_example_runs(tmp_path, capsys):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    [code] = [text for language, text in blocks(README) if language == "python"]
    exec(code, {})
    assert "建成中试车间23间" in capsys.readouterr().out


def test_install_and_test_commands_are_those_of_ci():
    run_script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    first, second = (text for language, text in blocks(README) if "python3 -m venv" in text)
    steps = [[re.sub(r"\S*/bin/", "", part).strip() for part in line.split("&&")][1:] for line in (first, second)]
    assert steps == [["pip install .", "footnote demo"], ["pip install -e '.[dev]'", "python -m pytest -n 2"]]
    for promised in ("install --quiet .\n", 'footnote" demo', "install --quiet -e '.[dev]'", 'python" -m pytest -n 2'):
        assert promised in run_script


def test_both_languages_show_the_same_commands_and_figures():
    assert blocks(README) == blocks(CHINESE)
    english, chinese = (page.read_text(encoding="utf-8") for page in (README, CHINESE))
    pictures_and_links = re.compile(r"\]\(([^)]+)\)")
    assert sorted(set(pictures_and_links.findall(english)) ^ set(pictures_and_links.findall(chinese))) == [
        "README.md",
        "README.zh.md",
    ]
    assert figures(english) == figures(chinese)
    assert english.count("\n## ") == chinese.count("\n## ")


def figures(text):
    """The shares in it, as `.979`."""
    return re.findall(r"(?<![\w.])\.\d{2,3}\b", text)


def test_figures_are_those_of_the_docs():
    measured = {f for name in ("figures", "checking") for f in figures((ROOT / f"docs/{name}.md").read_text("utf-8"))}
    assert set(figures(README.read_text(encoding="utf-8"))) <= measured


def test_it_is_short():
    assert all(len(page.read_text(encoding="utf-8").splitlines()) <= 120 for page in (README, CHINESE))


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_links_lead_to_files_and_headings(document):
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path) if path else document
        assert file.exists(), target
        assert not anchor or anchor in _anchors(file), target


def _anchors(page):
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_files_that_are_named_exist(document):
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)+)`", document.read_text(encoding="utf-8"))
    inside = [name for name in named if (ROOT / name.split("/")[0]).is_dir() and not name.startswith(".")]
    assert [name for name in inside if not (ROOT / name).exists()] == []


def test_every_page_is_in_the_navigation():
    pages = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.M)
    assert sorted(pages) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))


def test_make_runs_modules_that_do_something():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    modules = re.findall(r"-m (api[\w.]*)", makefile)
    assert modules
    for module in modules:  # one without __main__ would end with 0 and no word
        assert (ROOT / module.replace(".", "/") / "__main__.py").is_file(), module
