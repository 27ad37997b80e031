"""What GitHub shows beside the lines of a pull request: a workflow prints this file, and its runner reads the lines."""

from __future__ import annotations

from eval.gate import Verdict
from eval.record import CaseRun, Run
from eval.reports.words import Language, particulars, reason, sentence, verdict_word

_MOST = 50
"""Cases that are pointed at; GitHub shows no more."""


def workflow_commands(run: Run, verdict: Verdict, language: Language) -> str:
    """A workflow command a line: each finding that fails, then each case that it names, at its line in the set."""
    failing = [finding for finding in verdict.findings if finding.exit_code]
    title = f"{run.set_name}: {verdict_word(verdict, language)}"
    lines = [f"::error title={_property(title)}::{_message(sentence(finding, language))}" for finding in failing]
    named = {name for finding in failing for name in finding.cases}
    lines += [_case(run, case, language) for case in run.cases if case.id in named][:_MOST]
    return "".join(line + "\n" for line in lines)


def _case(run: Run, case: CaseRun, language: Language) -> str:
    why = ": ".join(filter(None, (reason(case.attribution, language), particulars(case, language))))
    place = f"file={_property(run.set_path)},line={case.line}," if run.set_path and case.line else ""
    return f"::error {place}title={_property(case.id)}::{_message(why)}"


def _message(text: str) -> str:
    """On one line; nothing in it begins another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
