"""Did it get worse? The stages, the rules, and the exit code that a CI can trust.

0 integrity      every case ran, every quote is found                              exit 2, 3
1 invariants     citations resolve, quotes are verbatim, no must_pass case is lost exit 1
2 exact          both runs would come out the same again: any net loss counts      exit 1
3 statistics     a live model answered: a loss counts when noise does not explain it, Holm over the metrics
                 exit 1; with `strict` the bound of the loss must be small as well, else exit 5
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from eval.comparison import ALPHA, INVARIANTS, SMALLEST_LOSS, Alignment, Movement, Pair, align, movements
from eval.record import Run

BLOCKING = ("corpus", "set")
"""Fingerprints that must agree: other documents or other questions are another measurement."""
MARGIN = 0.05
"""With `strict`: the loss that has to be ruled out."""
ALLOWED_LOSS = {"mrr@10": 0.005, "ndcg@10": 0.005}
"""Stage 2: how much the mean of a graded metric may lose; any other none at all."""

_ORDER = (2, 3, 4, 1, 5, 0)
"""Which exit code wins when several findings have one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the gate found."""

    kind: str
    """Key of its sentence in eval/report/words.toml."""
    exit_code: int
    """0 for something worth knowing that fails nothing."""
    cases: tuple[str, ...] = ()
    """The cases it is about."""
    values: dict[str, str | float] = field(default_factory=dict)
    """What the sentence fills in."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """What came of holding a run against its baseline, or against nothing."""

    findings: tuple[Finding, ...]
    """Most serious first."""
    movements: Sequence[Movement] = ()
    """How each metric moved; empty without a baseline."""
    alignment: Alignment | None = None
    """Which cases were compared; None without a baseline."""
    live: bool = False
    """Whether stage 3 decided, not stage 2."""

    @property
    def exit_code(self) -> int:
        """Of the command line."""
        return self.findings[0].exit_code if self.findings else 0

    @property
    def flips(self) -> list[Pair]:
        """The cases that passed in one of the runs only, lost ones first."""
        return self.alignment.flips if self.alignment else []


def run_gate(after: Run, before: Run | None = None, *, strict: bool = False, across: bool = False) -> GateResult:
    """The verdict on a run; `before` is its baseline, `across` compares over other documents or questions too."""
    findings = [*_integrity(after, before), *_invariants(after)]
    if before is None:
        if failing := [case.id for case in after.gated if case.case.must_pass and not case.error and not case.passed]:
            findings.append(Finding("must_pass", 1, tuple(failing)))
        return GateResult(_sorted(findings))
    alignment, live = align(before, after), before.live or after.live
    moved: Sequence[Movement] = ()
    blocked = [name for name in BLOCKING if name in alignment.differences]
    if blocked and not across:
        findings.append(Finding("not_comparable", 4, values={"names": ", ".join(blocked)}))
    elif not alignment.pairs:
        findings.append(Finding("nothing_shared", 4))
    else:
        # Cases whose own repeats disagree cannot be held to the last digit.
        pairs = [pair for pair in alignment.pairs if live or not (pair[0].flaky or pair[1].flaky)]
        moved = movements(pairs, live=live)
        if lost := [flip.after.id for flip in alignment.flips if flip.lost and flip.after.case.must_pass]:
            findings.append(Finding("must_pass_lost", 1, tuple(lost)))
        findings += _regressions(moved, live=live, strict=strict)
    return GateResult(_sorted([*findings, *_news(alignment)]), moved, alignment, live)


def _integrity(after: Run, before: Run | None) -> Iterable[Finding]:
    """Stage 0. A quote that was found at the baseline and is not any more is a fault of the system, not of the set."""
    if not after.gated:
        yield Finding("no_cases", 2)
    if errors := after.errors:
        yield Finding("incomplete", 3, tuple(case.id for case in errors), {"first": str(errors[0].error)})
    alive = {case.id for case in before.cases if case.gold and all(case.gold)} if before else set()
    dead = [case.id for case in after.gated if not all(case.gold)]
    if lost := [name for name in dead if name in alive]:
        yield Finding("evidence_lost", 1, tuple(lost))
    if invalid := [name for name in dead if name not in alive]:
        yield Finding("dead_evidence", 2, tuple(invalid))


def _invariants(after: Run) -> Iterable[Finding]:
    """Stage 1."""
    for name in INVARIANTS:
        if broken := [case for case, value in after.values(name).items() if value < 1]:
            yield Finding("invariant", 1, tuple(broken), {"metric": name})


def _regressions(moved: Sequence[Movement], *, live: bool, strict: bool) -> Iterable[Finding]:
    """Stage 2: nothing is random, so the mean of a gated metric may lose nothing.

    Stage 3: a loss that is large enough to matter and larger than noise; `strict` asks for proof that there is none.
    """
    for item in (item for item in moved if item.gated):
        values: dict[str, str | float] = {"metric": item.name, "before": item.before, "after": item.after}
        values["delta"] = item.delta
        if live:
            lost = item.gain <= -SMALLEST_LOSS and item.p_adjusted < ALPHA
        else:
            lost = item.gain < -ALLOWED_LOSS.get(item.name, 0.0) - 1e-9
        if lost:
            yield Finding("regression", 1, item.losers, values)
        elif live and strict and (bound := (item.spread(0.9) or (-1.0,))[0]) <= -MARGIN:
            yield Finding("inconclusive", 5, values=values | {"margin": MARGIN, "bound": bound})


def _news(alignment: Alignment) -> Iterable[Finding]:
    """What differs and fails nothing."""
    lists = {"changed": alignment.changed, "added": alignment.added, "removed": alignment.removed}
    for kind, cases in lists.items():
        if cases:
            yield Finding(kind, 0, cases)
    if alignment.differences:
        yield Finding("made_otherwise", 0, values={"names": ", ".join(alignment.differences)})


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.exit_code)))
