"""Sentences of the reports in one language, from words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from eval.gate import Finding, GateResult
from eval.record import CaseRun

Language = Literal["en", "zh"]

_SHOWN = 8
"""Case ids that a sentence lists; the tables list all."""


@cache
def words() -> dict[str, tuple[str, str]]:
    """Key to the English and the Chinese wording."""
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return {key: (english, chinese) for key, (english, chinese) in tomllib.loads(text).items()}


class Wording:
    """`w("cases")` is a label; the methods make whole sentences."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: str | float) -> str:
        """The wording of a key, filled in; the key itself where there is none (metrics that keep their name)."""
        known = words().get(key)
        return known[self.language == "zh"].format(**values) if known else key

    def verdict(self, result: GateResult) -> str:
        """The verdict in a word or two; without a baseline only the run itself was judged."""
        measured = result.exit_code == 0 and result.alignment is None
        return self("measured" if measured else f"exit {result.exit_code}")

    def sentence(self, finding: Finding) -> str:
        """A finding in one sentence."""
        values = {name: _written(name, value) for name, value in finding.values.items()}
        if "names" in values:
            values["names"] = ("、" if self.language == "zh" else ", ").join(map(self, values["names"].split(", ")))
        if "metric" in values:
            values["metric"] = self(values["metric"])
        more = f", +{len(finding.cases) - _SHOWN}" if len(finding.cases) > _SHOWN else ""
        cases = ", ".join(finding.cases[:_SHOWN]) + more
        return self(finding.kind, n=len(finding.cases), cases=cases, **values)

    def power(self, result: GateResult) -> str:
        """How small a loss a comparison of this kind detects."""
        headline = next((item for item in result.movements if item.name == "trusted"), None)
        if headline is None:
            return "" if result.alignment else self("no_baseline")
        if not result.live:
            return self("exact")
        n, metric = headline.n, self("trusted")
        if headline.mde is None or headline.mde >= 1:
            return self("mde_none", n=n, metric=metric)
        return self("mde", mde=f"{100 * headline.mde:.1f} pp", n=n, metric=metric)

    def reason(self, case: CaseRun) -> str:
        """The reason why a case failed, or that it passed."""
        return self(case.attribution or "passed")

    def particulars(self, case: CaseRun) -> str:
        """Why a case failed, in one sentence; empty when it did not."""
        if case.error is not None or case.attribution is None:
            return case.error or ""
        key = " ".join(["why", case.attribution, *case.particulars])
        return self(key if key in words() else f"why {case.attribution}", **case.particulars)

    def why(self, case: CaseRun) -> str:
        """Reason and particulars."""
        return ": ".join(filter(None, (self.reason(case), self.particulars(case))))

    def expected(self, case: CaseRun) -> str:
        """What a right answer states: its facts, else the reference; for questions without an answer, to refuse."""
        if not case.case.answerable:
            return self("refuse")
        return " · ".join(fact.any_of[0] for fact in case.case.facts if fact.required) or case.case.reference or "–"

    def listed(self, key: str, items: Iterable[str]) -> str:
        """A label and what belongs to it; empty without items."""
        colon, comma = ("：", "，") if self.language == "zh" else (": ", ", ")
        joined = comma.join(items)
        return self(key) + colon + joined if joined else ""

    def counted(self, counts: dict[str, int]) -> str:
        """Reasons with the number of cases."""
        return self.listed("reasons", (f"{self(name)} {n}" for name, n in counts.items()))

    def whole(self, measures: dict[str, float]) -> str:
        """The measures of the whole set in one line."""
        return self.listed("whole", (f"{self(name)} {share(value)}" for name, value in measures.items()))


def share(value: float | None) -> str:
    """A figure between 0 and 1, three places; a dash for none."""
    return "–" if value is None else f"{value:.3f}"


def signed(value: float) -> str:
    """A change with its sign."""
    return f"{value:+.3f}" if abs(value) >= 0.0005 else "0"


def _written(name: str, value: str | float) -> str:
    if isinstance(value, str):
        return value
    return signed(value) if name in ("delta", "bound") else share(value)
