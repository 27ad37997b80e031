"""The reports that are templates: a page for people, a comment for a pull request, JUnit XML for CI servers.

Texts of documents and questions are escaped by the templates, and charts are drawn there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from eval.gate import GateResult
from eval.metrics.whole_set import risk_curve
from eval.record import CaseRun, Run
from eval.report import figures
from eval.report.wording import Wording, share, signed
from index.words import CJK

_LONGEST = 60_000
"""Characters of the Markdown; GitHub takes 65 536."""
_MARKDOWN = re.compile(r"[&<>|`*_\[\]\\#@~$!]")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PIECES = re.compile(rf"[{CJK}]|[^\W{CJK}]+|\s+|.", re.S)
_ALIKE = 0.4
"""Share of common pieces below which two texts are simply different."""
_MOST = 1500
"""Pieces up to which texts are compared: the time grows with the square."""


def html(run: Run, result: GateResult, w: Wording, before: Run | None = None) -> str:
    """The page as one file: no network, no script from elsewhere. `before` is the baseline, for its curves."""
    runs = [("baseline", before), ("now", run)] if before else [("now", run)]
    return _render(
        "report.html",
        run=run,
        result=result,
        w=w,
        recall=[(name, points) for name, one in runs if (points := figures.recall_curve(one))],
        risk=[(name, points) for name, one in runs if (points := risk_curve(one))],
        moved={item.name: item for item in result.movements},
    )


def markdown(run: Run, result: GateResult, w: Wording) -> str:
    """Begins with a mark by which a bot finds its own comment again."""
    mark = re.sub("[^0-9A-Za-z]", "-", run.set_name)
    text = _render("report.md", run=run, result=result, w=w, mark=mark)
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition("\n")[0] + "\n…\n"


def junit(run: Run, result: GateResult, w: Wording) -> str:
    """A test case per case and one for the gate, without times. A failure is what the gate fails for.

    What failed in the baseline already, or fails without one, is skipped.
    """
    failed = {name for finding in result.findings if finding.exit_code == 1 for name in finding.cases}
    states = [(case, _state(case, failed)) for case in run.cases]
    gate = "" if not result.exit_code else "failure" if result.exit_code == 1 else "error"
    counts = {kind: [gate, *(state for _, state in states)].count(kind) for kind in ("failure", "error", "skipped")}
    text = _render("junit.xml", run=run, result=result, w=w, states=states, gate=gate, counts=counts)
    return _NOT_XML.sub("\ufffd", text)


def difference(before: str, after: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Both texts in pieces ("", "del" or "ins", text): Chinese by character, other scripts by word.

    ("共23间", "共32间") -> [("", "共"), ("del", "23"), ("", "间")] and the same with ("ins", "32").
    """
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) > _MOST or len(new) > _MOST:
        return [("", before)], [("", after)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [("del", before)], [("ins", after)]
    codes = matcher.get_opcodes()
    gone = [("" if what == "equal" else "del", "".join(old[a1:a2])) for what, a1, a2, _, _ in codes]
    come = [("" if what == "equal" else "ins", "".join(new[b1:b2])) for what, _, _, b1, b2 in codes]
    return [piece for piece in gone if piece[1]], [piece for piece in come if piece[1]]


def escape(text: object, size: int = 0) -> str:
    """On one line of Markdown, with nothing in it taken for markup, a mention or a reference; cut to `size`."""
    flat = " ".join(str(text).split())
    flat = flat[: size - 1] + "…" if size and len(flat) > size else flat
    return _MARKDOWN.sub(lambda found: f"&#{ord(found.group())};", flat)


def _state(case: CaseRun, failed: Iterable[str]) -> str:
    if case.error is not None:
        return "error"
    if case.gated and case.id in failed:
        return "failure"
    return "" if case.gated and case.passed else "skipped"


def _render(name: str, **values: Any) -> str:  # noqa: ANN401 (whatever the template shows)
    return _TEMPLATES.get_template(f"{name}.j2").render(**values)


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(disabled_extensions=["md.j2"], default=True),  # Markdown is escaped by `md`
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters |= {"share": share, "signed": signed, "md": escape}
_TEMPLATES.globals |= {"figures": figures, "difference": difference}
