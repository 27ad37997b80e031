"""What the gate over a live model is worth: false alarms and power, simulated.

    python benchmarks/gate_power.py [--pairs N] [--noise SHARE] [--seed N]

Each run turns a case's outcome over with the probability `--noise`, whatever the system: two runs of an unchanged
system then differ in about twice as many cases. Every pair of runs goes through the real gate. First unchanged systems
are compared (the share of alarms must be 5 % at most); then a true loss of the size that these comparisons print as the
smallest they can see is planted (the share of alarms on `trusted` should be 80 %). "together": all answer metrics turn
over at once and the search is steady, as with a live model; "alone": every gated metric has noise of its own, the
hardest for the false alarms.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import median

import numpy as np

from eval.cases import Case
from eval.comparison import INVARIANTS
from eval.gate import run_gate
from eval.metrics.scoring import GATED, METRICS
from eval.record import CaseRun, Run
from eval.stats import wilson

TESTED = [name for name in METRICS if name in GATED and name not in INVARIANTS]
ANSWER = ("trusted", "correct", "gold_cite_f1")
BASE = 0.7
"""Share of the cases that the system gets right."""
PER_GROUP = 2
"""Cases that stand in one group."""


class Simulation:
    """Runs of one system and of a worse one."""

    def __init__(self, n: int, repeats: int, noise: float, *, alone: bool, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.n, self.repeats, self.noise, self.alone = n, repeats, noise, alone
        self.cases = [
            Case.model_validate({"id": f"q{i}", "question": f"q{i}?", "group": f"g{i // PER_GROUP}"}) for i in range(n)
        ]
        self.truth = self.random.random(n) < BASE

    def run(self, loss: float = 0.0) -> Run:
        """One run; with a loss each right case becomes wrong with such a probability that the mean falls by it.

        Noise turns some of the lost cases right again, so that a few more are lost.
        """
        lost = self.random.random(self.n) < loss / (self.truth.mean() * (1 - 2 * self.noise))
        truth = self.truth & ~lost
        values = {name: self._measured(truth) for name in TESTED} if self.alone else self._together(truth)
        return Run.model_construct(
            set_name="simulated",
            live=True,
            repeats=self.repeats,
            reasons=(),
            versions={},
            fingerprints={"corpus": "c", "set": "s"},
            configuration={},
            cases=tuple(
                CaseRun.model_construct(
                    case=case,
                    gold=(("p",),),
                    error=None,
                    flaky=False,
                    attribution=None,
                    scores={name: float(row[i]) for name, row in values.items()},
                )
                for i, case in enumerate(self.cases)
            ),
        )

    def _together(self, truth: np.ndarray) -> dict[str, np.ndarray]:
        seen, steady = self._measured(truth), np.ones(self.n)
        return {name: seen if name in ANSWER else steady for name in TESTED}

    def _measured(self, truth: np.ndarray) -> np.ndarray:
        """The mean of the repeats, each with its own noise."""
        turned = self.random.random((self.repeats, self.n)) < self.noise
        return (truth[None, :] ^ turned).mean(axis=0)


def alarms(simulation: Simulation, pairs: int, loss: float) -> tuple[list[bool], list[bool], list[float]]:
    """For each pair: whether the gate failed, whether because of `trusted`, and the MDE printed for that."""
    failed, named, seen = [], [], []
    for _ in range(pairs):
        verdict = run_gate(simulation.run(loss), simulation.run())
        failed.append(verdict.exit_code == 1)
        named.append(any(f.kind == "regression" and f.values["metric"] == "trusted" for f in verdict.findings))
        trusted = next(item for item in verdict.movements if item.name == "trusted")
        seen.append(1.0 if trusted.mde is None else trusted.mde)
    return failed, named, seen


def shown(hits: Sequence[bool]) -> str:
    low, high = wilson(sum(hits), len(hits)) or (0.0, 1.0)
    return f"{np.mean(hits):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--noise", type=float, default=0.03)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"noise {given.noise:.0%} a run, {given.pairs} pairs of runs a row, {len(TESTED)} gated metrics")
    print("| cases | repeats | noise | false alarms | smallest loss seen, as printed | alarms at that loss |")
    print("|---|---|---|---|---|---|")
    for n, repeats, alone in [(n, k, alone) for n in (161, 400) for k in (1, 3) for alone in (False, True)]:
        simulation = Simulation(n, repeats, given.noise, alone=alone, seed=given.seed)
        failed, _, printed = alarms(simulation, given.pairs, 0.0)
        mde = median(printed)
        _, named, _ = alarms(simulation, given.pairs, mde)
        kind = "alone" if alone else "together"
        print(f"| {n} | {repeats} | {kind} | {shown(failed)} | {mde:.3f} | {shown(named)} |", flush=True)


if __name__ == "__main__":
    main()
