"""The dialogue about drafts: every decision is in the file at once, and nothing else in the file changes."""

import io
import json
import sys

import pytest

from api.cli.main import main
from eval.authoring.review import add_drafts, rejected_file, review
from eval.cases import Case, dump_case, load_set

META = '{"_meta": {"schema": "footnote-eval/1", "name": "mine"}}'
ODD = '{"id":"kept",  "question":"在哪里？","type":"unanswerable","answerable":false}'


def draft(name, **more):
    evidence = [{"any_of": [{"source": "a.txt", "quote": "车间23间"}]}]
    content = {"question": f"{name}有多少间？", "facts": [{"any_of": ["23间"], "kind": "number"}], "evidence": evidence}
    return Case.model_validate({"id": name, "status": "draft", "origin": "draft", **content, **more})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join([META, dump_case(draft("a")), ODD, dump_case(draft("b")), dump_case(draft("c"))]) + "\n")
    return path


def scripted(*typed):
    """Reads what was typed; the end of the input after that."""
    answers = iter(typed)

    def read(prompt):
        shown.append(prompt)
        answer = next(answers, EOFError)
        if isinstance(answer, type):
            raise answer
        return answer

    shown = []
    return read, shown.append, shown


def status(path):
    return {case.id: case.status for case in load_set(path).cases}


def test_accept_reject_and_skip(file):
    read, say, shown = scripted("a", "r", "s")
    outcome = review(file, read, say)
    assert outcome == {"accepted": 1, "rejected": 1, "left": 1}
    assert status(file) == {"a": "accepted", "kept": "accepted", "c": "draft"}
    assert file.read_text().splitlines()[::2][:2] == [META, ODD]
    assert [case.id for case in load_set(rejected_file(file)).cases] == ["b"]
    assert any("车间23间" in line for line in shown)
    assert [entry.name for entry in file.parent.iterdir() if "partial" in entry.name] == []


@pytest.mark.parametrize("end", [EOFError, "q"])
def test_progress_is_kept_whenever_it_ends(file, end):
    read, say, _ = scripted("a", end)
    review(file, read, say)
    assert status(file) == {"a": "accepted", "kept": "accepted", "b": "draft", "c": "draft"}


def test_an_interrupt_loses_only_the_case_at_hand(file):
    read, say, _ = scripted("a", "e", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        review(file, read, say)
    assert status(file)["a"] == "accepted"
    assert status(file)["b"] == "draft"


def test_edits_are_shown_again_before_they_are_accepted(file):
    read, say, shown = scripted("e", "甲厂有几间？", "23间 | 二十三间 ; 147项", "a", "q")
    review(file, read, say)
    case = load_set(file).cases[0]
    assert case.question == "甲厂有几间？"
    assert [fact.any_of for fact in case.facts] == [("23间", "二十三间"), ("147项",)]
    assert [fact.kind for fact in case.facts] == ["number", "number"]
    assert "  question   甲厂有几间？" in shown


def test_an_edit_that_makes_no_case_changes_nothing(file):
    read, say, shown = scripted("e", "", "23间 | ", "a", "q")
    review(file, read, say)
    assert load_set(file).cases[0].facts[0].any_of == ("23间",)
    assert any("nothing was changed" in line for line in shown)


def test_an_unknown_key_asks_again(file):
    read, say, _ = scripted("x", "", "a", "q")
    review(file, read, say)
    assert status(file)["a"] == "accepted"


def test_drafts_that_are_known_or_were_rejected_are_not_added_again(file):
    read, say, _ = scripted("a", "r", "q")
    review(file, read, say)
    before = file.read_text()
    assert add_drafts(file, [draft("a"), draft("b"), draft("c")]) == 0
    assert file.read_text() == before
    assert add_drafts(file, [draft("d")]) == 1
    assert file.read_text() == before + dump_case(draft("d")) + "\n"


def test_the_command_reads_the_terminal(file, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a\nr\nq\n"))
    with pytest.raises(SystemExit) as stop:
        main(["eval", "review", str(file)])
    assert stop.value.code == 0
    assert "1 accepted, 1 rejected, 1 drafts left" in capsys.readouterr().out
    assert json.loads(file.read_text().splitlines()[1]).get("status", "accepted") == "accepted"
