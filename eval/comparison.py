"""Two runs side by side: what was compared, what flipped, and by how much each metric moved."""

from __future__ import annotations

from dataclasses import dataclass

from eval.record import CaseRun, Run

BLOCKING = ("corpus", "set")
"""Fingerprints that must agree: other documents or other questions are another measurement."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A case that passed in one run and not in the other."""

    before: CaseRun
    """In the baseline."""
    after: CaseRun
    """Now."""

    @property
    def lost(self) -> bool:
        """Whether it got worse."""
        return self.before.passed and not self.after.passed


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which cases two runs share."""

    pairs: tuple[tuple[CaseRun, CaseRun], ...]
    """(before, after) of every accepted case whose text is the same in both and that ran in both."""
    changed: tuple[str, ...]
    """Ids whose case reads otherwise now: not compared."""
    added: tuple[str, ...]
    """Ids that the baseline lacks."""
    removed: tuple[str, ...]
    """Ids that only the baseline has."""
    differences: dict[str, tuple[str, str]]
    """Fingerprints that differ, with both values."""

    @property
    def flips(self) -> tuple[Flip, ...]:
        """The cases that flipped, lost ones first, in the order of the set."""
        flips = [Flip(before, after) for before, after in self.pairs if before.passed != after.passed]
        return tuple(sorted(flips, key=lambda flip: not flip.lost))

    @property
    def blocked(self) -> tuple[str, ...]:
        """What keeps the two runs from being compared."""
        return tuple(name for name in BLOCKING if name in self.differences)


def align(before: Run, after: Run) -> Alignment:
    """Match the accepted cases of two runs by id, and by fingerprint, so that a changed case is never compared."""
    old = {case.id: case for case in before.gated}
    new = {case.id: case for case in after.gated}
    shared = [(old[name], case) for name, case in new.items() if name in old]
    same = [(a, b) for a, b in shared if a.fingerprint == b.fingerprint]
    return Alignment(
        pairs=tuple((a, b) for a, b in same if a.error is None and b.error is None),
        changed=tuple(b.id for a, b in shared if a.fingerprint != b.fingerprint),
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        differences=differences(before.fingerprints, after.fingerprints),
    )


def differences(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str, str]]:
    """The fingerprints that are not the same, sorted by name."""
    names = sorted({*before, *after})
    pairs = {name: (before.get(name, "none"), after.get(name, "none")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
