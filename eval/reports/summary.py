"""The verdict as JSON, for scripts: `footnote eval run --json`."""

from __future__ import annotations

from typing import Any

from eval.gate import Verdict
from eval.record import Run, rounded
from eval.reports.figures import latency, of_the_set, reasons
from eval.reports.words import sentence
from eval.scoring import METRICS


def summary(run: Run, verdict: Verdict) -> dict[str, Any]:
    """Levels of every metric, what moved, what flipped, what the gate found. Latency is of this process only."""
    times = latency(run)
    record = {
        "set": run.set_name,
        "exit_code": verdict.exit_code,
        "cases": len(run.gated),
        "drafts": len(run.cases) - len(run.gated),
        "live": verdict.live or run.live,
        "metrics": {name: run.mean(name) for name in METRICS},
        "of_the_set": of_the_set(run),
        "reasons": reasons(run),
        "findings": [
            {"kind": f.kind, "exit_code": f.exit_code, "cases": list(f.cases), "says": sentence(f, "en"), **f.values}
            for f in verdict.findings
        ],
        "changes": [
            {
                "metric": m.name,
                "gated": m.gated,
                "n": m.n,
                "before": m.before,
                "after": m.after,
                "interval": m.interval,
                "p": m.p,
                "p_adjusted": m.p_adjusted,
                "mde": m.mde,
            }
            for m in verdict.movements
        ],
        "flips": [
            {"id": f.after.id, "lost": f.lost, "before": f.before.attribution, "after": f.after.attribution}
            for f in (verdict.alignment.flips if verdict.alignment else ())
        ],
        "fingerprints": run.fingerprints,
        "latency_ms": {"p50": times[0], "p95": times[1]} if times else None,
    }
    result: dict[str, Any] = rounded(record)
    return result
