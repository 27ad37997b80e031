"""The report that CI servers read: one test case per case, and one for the gate itself.

A failure is what the gate fails for; what failed in the baseline already, or fails without one, is skipped.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from eval.gate import Verdict
from eval.record import CaseRun, Run
from eval.reports.figures import expected, levels, of_the_set
from eval.reports.words import Language, particulars, reason, sentence, verdict_word, word

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Run, verdict: Verdict, language: Language) -> str:
    """The XML, without times: the same run gives the same file."""
    failed = {name for finding in verdict.findings if finding.exit_code == 1 for name in finding.cases}
    suite = Element("testsuite", name=_text(f"footnote.{run.set_name}"))
    properties = SubElement(suite, "properties")
    for found in levels(run):
        SubElement(properties, "property", name=found.name, value=f"{found.mean:.6f}")
    for name, figure in of_the_set(run).items():
        SubElement(properties, "property", name=name, value=f"{figure:.6f}")
    for name, value in sorted(run.fingerprints.items()):
        SubElement(properties, "property", name=f"fingerprint.{name}", value=value)
    _gate(suite, verdict, language)
    for case in run.cases:
        _case(suite, run, case, language, failed=case.id in failed)
    for kind, tag in {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}.items():
        suite.set(kind, str(len(list(suite.iter(tag)))))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _gate(suite: Element, verdict: Verdict, language: Language) -> None:
    gate = SubElement(suite, "testcase", classname="footnote.gate", name="gate")
    if verdict.exit_code:
        said = [sentence(finding, language) for finding in verdict.findings if finding.exit_code]
        tag = "failure" if verdict.exit_code == 1 else "error"
        SubElement(gate, tag, message=_text(verdict_word(verdict, language))).text = _text("\n".join(said))


def _case(suite: Element, run: Run, case: CaseRun, language: Language, *, failed: bool) -> None:
    place = {"file": _text(run.set_path), "line": str(case.line)} if case.line else {}
    item = SubElement(suite, "testcase", {"classname": f"footnote.{case.case.type}", "name": _text(case.id), **place})
    message = _text(": ".join(filter(None, (reason(case.attribution, language), particulars(case, language)))))
    if case.error is not None:
        SubElement(item, "error", message=message)
    elif not case.gated:
        SubElement(item, "skipped", message=word("drafts", language))
    elif failed:
        lines = (
            f"{word('question', language)}: {case.case.question}",
            f"{word('expected', language)}: {expected(case, word('refuse', language))}",
            f"{word('answer', language)}: {case.answer}",
        )
        SubElement(item, "failure", message=message).text = _text("\n".join(lines))
    elif not case.passed:
        SubElement(item, "skipped", message=message)


def _text(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return _NOT_XML.sub("\ufffd", text)
