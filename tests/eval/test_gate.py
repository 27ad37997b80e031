"""The gate's stages, rules and exit codes, on runs made by hand."""

import pytest

from eval.comparison import SMALLEST_LOSS, movements
from eval.gate import run_gate
from eval.record import Run
from eval.report.wording import Wording
from tests.support.eval_runs import PRINTS, asked, many, run


def kinds(verdict):
    return [finding.kind for finding in verdict.findings]


# --- no baseline ----------------------------------------------------------------------------------------------


def test_a_run_alone_is_measured():
    verdict = run_gate(many(3, 2))
    assert (verdict.exit_code, verdict.findings, verdict.movements) == (0, (), ())


def test_a_must_pass_case_fails_even_without_a_baseline():
    verdict = run_gate(run(asked("a"), asked("b", False, case_fields={"must_pass": True})))
    assert (verdict.exit_code, kinds(verdict), verdict.findings[0].cases) == (1, ["must_pass"], ("b",))


@pytest.mark.parametrize(
    ("made", "kind", "code"),
    [
        (run(), "no_cases", 2),
        (run(asked("a", case_fields={"status": "draft"})), "no_cases", 2),
        (run(asked("a"), asked("b", gold=((),))), "dead_evidence", 2),
        (run(asked("a"), asked("b", scores={}, error="The endpoint hung up.")), "incomplete", 3),
        (run(asked("a", scores={"citation_valid": 0.5})), "invariant", 1),
        (run(asked("a", scores={"quote_fidelity": 0.9})), "invariant", 1),
    ],
)
def test_integrity_and_invariants_hold_without_a_baseline_too(made, kind, code):
    verdict = run_gate(made)
    assert (kinds(verdict), verdict.exit_code) == ([kind], code)


def test_a_draft_breaks_nothing():
    draft = asked("d", False, gold=((),), scores={"citation_valid": 0.0}, case_fields={"status": "draft"})
    assert run_gate(run(asked("a"), draft), run(asked("a"))).findings == ()


# --- exact: every net loss counts -----------------------------------------------------------------------------


def test_the_same_run_passes():
    verdict = run_gate(many(40, 10), many(40, 10))
    assert (verdict.exit_code, verdict.findings, verdict.live) == (0, (), False)
    assert {item.delta for item in verdict.movements} == {0.0}


def test_one_lost_case_of_many_fails():
    verdict = run_gate(many(199, 1), many(200, 0))
    assert verdict.exit_code == 1
    trusted = next(f for f in verdict.findings if f.values.get("metric") == "trusted")
    assert trusted.cases == ("q199",)
    assert "trusted fell from 1.000 to 0.995 (-0.005); worse in 1 case(s): q199." in Wording("en").sentence(trusted)


def test_a_loss_and_a_gain_balance_unless_the_lost_one_must_pass():
    before, after = run(asked("a"), asked("b", False)), run(asked("a", False), asked("b"))
    assert run_gate(after, before).exit_code == 0
    must = {"must_pass": True}
    before = run(asked("a", case_fields=must), asked("b", False))
    after = run(asked("a", False, case_fields=must), asked("b"))
    verdict = run_gate(after, before)
    assert (verdict.exit_code, kinds(verdict)) == (1, ["must_pass_lost"])


def test_a_must_pass_case_that_failed_before_is_not_lost():
    made = run(asked("a"), asked("b", False, case_fields={"must_pass": True}))
    assert run_gate(made, made).exit_code == 0


def test_graded_metrics_may_lose_a_little():
    def at(value):
        return run(*(asked(f"q{i}", scores={"ndcg@10": value}) for i in range(4)))

    assert run_gate(at(0.996), at(1.0)).exit_code == 0
    assert run_gate(at(0.994), at(1.0)).exit_code == 1


def test_a_metric_that_nobody_gates_may_fall():
    before = run(asked("a", scores={"em": 1.0, "over_refusal": 0.0}))
    after = run(asked("a", scores={"em": 0.0, "over_refusal": 1.0}))
    verdict = run_gate(after, before)
    assert verdict.exit_code == 0
    assert {item.name: item.gain for item in verdict.movements if item.gain} == {"em": -1, "over_refusal": -1}


def test_flaky_cases_are_left_out_of_the_exact_stage():
    before = run(asked("a"), asked("b"))
    after = run(asked("a"), asked("b", False, flaky=True))
    verdict = run_gate(after, before)
    assert (verdict.exit_code, verdict.movements[0].n) == (0, 1)


# --- what is compared -----------------------------------------------------------------------------------------


def test_changed_cases_are_named_and_not_compared():
    before = run(asked("a"), asked("b"), asked("gone"))
    after = run(asked("a"), asked("b", False, case_fields={"question": "另一问？"}), asked("new", False))
    verdict = run_gate(after, before, across=True)
    assert verdict.exit_code == 0
    assert {f.kind: f.cases for f in verdict.findings} == {"changed": ("b",), "added": ("new",), "removed": ("gone",)}
    assert verdict.movements[0].ids == ("a",)


@pytest.mark.parametrize("name", ["corpus", "set"])
def test_another_corpus_or_set_is_not_compared(name):
    before, after = many(2, 0), many(1, 1, fingerprints=PRINTS | {name: "other"})
    verdict = run_gate(after, before)
    assert (verdict.exit_code, verdict.findings[0].kind, verdict.movements) == (4, "not_comparable", ())
    assert name in Wording("en").sentence(verdict.findings[0])
    assert run_gate(after, before, across=True).exit_code == 1


@pytest.mark.parametrize("name", ["prompt", "model", "config", "embedder"])
def test_what_is_under_test_may_differ_and_is_named(name):
    verdict = run_gate(many(2, 0, fingerprints=PRINTS | {name: "other"}), many(2, 0))
    assert (verdict.exit_code, kinds(verdict)) == (0, ["made_otherwise"])
    assert verdict.findings[0].values == {"names": name}


def test_nothing_shared():
    assert run_gate(run(asked("a")), run(asked("b"))).exit_code == 4


def test_evidence_that_was_found_at_the_baseline_is_the_systems_fault():
    before, after = run(asked("a"), asked("b")), run(asked("a"), asked("b", gold=((),)))
    verdict = run_gate(after, before)
    assert (verdict.exit_code, verdict.findings[0].kind, verdict.findings[0].cases) == (1, "evidence_lost", ("b",))


def test_the_most_serious_finding_gives_the_exit_code():
    dead = asked("d", gold=((),))
    broken = asked("e", scores={}, error="no")
    assert run_gate(run(asked("a", False), dead, broken), run(asked("a"))).exit_code == 2
    assert run_gate(run(asked("a", False), broken), run(asked("a"))).exit_code == 3


def test_an_improvement_passes_and_is_seen():
    verdict = run_gate(many(10, 0), many(8, 2))
    assert verdict.exit_code == 0
    assert [flip.lost for flip in verdict.alignment.flips] == [False, False]


# --- a live model: noise is told from loss --------------------------------------------------------------------


def live(passed, failed, **fields):
    return many(passed, failed, live=True, **fields)


def test_a_live_loss_that_noise_explains_passes():
    verdict = run_gate(live(96, 4), live(100, 0))
    assert (verdict.exit_code, verdict.live) == (0, True)  # 4 of 4: p = 1/16


def test_a_live_loss_that_noise_does_not_explain_fails():
    verdict = run_gate(live(90, 10), live(100, 0))
    assert verdict.exit_code == 1
    moved = {item.name: item for item in verdict.movements}
    assert moved["trusted"].p == pytest.approx(1 / 1024)
    assert moved["trusted"].p_adjusted == pytest.approx(6 / 1024)  # six gated metrics


def test_a_sure_but_tiny_live_loss_passes():
    lost = int(500 * SMALLEST_LOSS) - 1
    assert run_gate(live(500 - lost, lost), live(500, 0)).exit_code == 0
    assert run_gate(live(499 - lost, lost + 1), live(500, 0)).exit_code == 1


def test_strict_asks_for_proof():
    assert run_gate(live(30, 10), live(30, 10), strict=True).exit_code == 0  # no case moved
    assert run_gate(live(36, 4), live(40, 0)).exit_code == 0
    verdict = run_gate(live(36, 4), live(40, 0), strict=True)
    assert (verdict.exit_code, verdict.findings[0].kind) == (5, "inconclusive")
    assert run_gate(live(20, 20), live(40, 0), strict=True).exit_code == 1
    assert run_gate(many(36, 4), many(36, 4), strict=True).exit_code == 0


def test_the_detectable_loss_is_printed_and_shrinks_with_the_set():
    small, large = (run_gate(live(n - 1, 1), live(n, 0)) for n in (60, 600))
    mde = [verdict.movements[0].mde for verdict in (small, large)]
    assert mde[0] > mde[1] > SMALLEST_LOSS
    assert f"{100 * mde[1]:.1f} pp" in Wording("en").power(large)
    assert "too few" in Wording("en").power(run_gate(live(4, 0), live(4, 0)))
    assert run_gate(many(5, 0), many(5, 0)).movements[0].mde is None


def test_repeated_answers_are_tested_by_cluster():
    def of(value):
        cases = [
            asked(f"q{i}", scores={"trusted": value if i < 8 else 1.0}, case_fields={"group": f"g{i // 4}"})
            for i in range(40)
        ]
        return run(*cases, live=True, repeats=3)

    verdict = run_gate(of(2 / 3), of(1.0))
    trusted = next(item for item in verdict.movements if item.name == "trusted")
    assert trusted.p == pytest.approx(1 / 4)  # eight cases, but only two groups moved
    assert verdict.exit_code == 0


def test_the_interval_points_the_way_the_metric_is_written():
    before = run(*(asked(f"q{i}", scores={"over_refusal": 0.0}) for i in range(20)))
    after = run(*(asked(f"q{i}", scores={"over_refusal": float(i < 10)}) for i in range(20)))
    pairs = tuple(zip(before.cases, after.cases, strict=True))
    moved = next(item for item in movements(pairs, live=False) if item.name == "over_refusal")
    assert moved.delta == 0.5
    assert moved.gain == -0.5
    low, high = moved.interval
    assert 0 < low < 0.5 < high
    assert moved.losers == tuple(f"q{i}" for i in range(10))


def test_the_verdict_outlives_the_file(tmp_path):
    before, after = many(9, 1), many(8, 2)
    for name, made in (("a.json", before), ("b.json", after)):
        made.save(tmp_path / name)
    loaded = run_gate(Run.load(tmp_path / "b.json"), Run.load(tmp_path / "a.json"))
    assert loaded == run_gate(after, before)
