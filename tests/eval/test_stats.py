"""Statistics on hand-worked numbers, and against scipy or a brute force where these have the same thing."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval.stats import (
    aurc,
    auroc,
    bootstrap,
    design_effect,
    detectable_mean_loss,
    detectable_share_loss,
    holm,
    mcnemar,
    risk_coverage,
    sign_flips,
    wilson,
)

counts = st.integers(0, 60)
grid = st.integers(-4, 4).map(lambda n: n / 4)


@pytest.mark.parametrize(
    ("losses", "wins", "p"), [(5, 0, 1 / 32), (0, 0, 1), (0, 5, 1), (1, 1, 3 / 4), (8, 2, 56 / 1024)]
)
def test_mcnemar_by_hand(losses, wins, p):
    assert mcnemar(losses, wins) == pytest.approx(p)


@given(counts, counts)
def test_mcnemar_agrees_with_the_binomial_test(losses, wins):
    if losses + wins:
        assert mcnemar(losses, wins) == pytest.approx(
            stats.binomtest(losses, losses + wins, 0.5, alternative="greater").pvalue
        )


def test_sign_flips_by_hand():
    assert sign_flips([-1, -1, -1], range(len([-1, -1, -1]))) == 1 / 8  # only the outcome itself is as low
    assert sign_flips([-1, 1], range(len([-1, 1]))) == 3 / 4
    assert sign_flips([0, 0.0], range(len([0, 0.0]))) == 1
    assert sign_flips([-1, -1, -1, 1], ["a", "a", "b", "b"]) == 1 / 2  # cluster b sums to nothing


@given(st.lists(grid, min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_sign_flips_agree_with_scipy(values):
    if any(values):
        theirs = stats.permutation_test(
            (values,), np.sum, permutation_type="samples", alternative="less", n_resamples=999
        )
        assert sign_flips(values, range(len(values))) == pytest.approx(theirs.pvalue, abs=1e-9)


@given(st.lists(st.tuples(grid, st.sampled_from("abcd")), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_clusters_flip_as_one(pairs):
    values, clusters = [value for value, _ in pairs], [cluster for _, cluster in pairs]
    sums = [sum(v for v, c in pairs if c == name) for name in dict.fromkeys(clusters)]
    flipped = [
        sum(s * x for s, x in zip(signs, sums, strict=True)) for signs in itertools.product((1, -1), repeat=len(sums))
    ]
    assert sign_flips(values, clusters) == pytest.approx(
        sum(total <= sum(sums) + 1e-9 for total in flipped) / len(flipped)
    )


def test_many_clusters_are_drawn_and_the_draw_is_the_same_every_time():
    values = [-0.5] * 12 + [0.5] * 8
    drawn = sign_flips(values, range(20), seed=1)
    assert drawn == sign_flips(values, range(20), seed=1)
    assert drawn == pytest.approx(mcnemar(12, 8), abs=0.02)
    assert sign_flips([-1.0] * 40, range(40)) == 1 / 10_001  # the +1 correction: never zero


def test_the_bootstrap_agrees_with_scipy():
    values = [float(i % 3) for i in range(60)]
    ours = bootstrap(values, range(60), seed=3)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", random_state=3)
    assert ours == pytest.approx(tuple(theirs.confidence_interval), abs=0.02)
    assert ours == bootstrap(values, range(60), seed=3)


def test_the_bootstrap_draws_clusters_whole():
    values, clusters = [0, 0, 0, 0, 1, 1, 1, 1], list("aaaabbbb")
    assert bootstrap(values, clusters) == (0, 1)  # two clusters: one, the other, or both
    assert bootstrap(values, ["a"] * 8) is None
    assert bootstrap([], []) is None


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10), (7, 10), (312, 500)])
def test_wilson_agrees_with_scipy(successes, n):
    theirs = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes, n) == pytest.approx((theirs.low, theirs.high))


def test_wilson_with_clusters_is_that_of_fewer_cases():
    assert wilson(10, 20, 2.0) == pytest.approx(wilson(5, 10))
    assert wilson(10, 20, 0.5) == wilson(10, 20)
    assert wilson(0, 0) is None


def test_the_design_effect_by_hand():
    assert design_effect([0, 0, 1, 1], list("aabb")) == pytest.approx((2 / 1 * 2 * 1 / 16) / (1 / 3 / 4))
    assert design_effect([1, 1, 1], list("abc")) is None
    assert design_effect([0, 1], list("aa")) is None
    assert design_effect([0, 1, 0, 1], list("aabb")) == 0  # each cluster has one of each


@given(st.lists(grid, min_size=2, max_size=30))
def test_without_clusters_the_design_effect_is_one(values):
    effect = design_effect(values, range(len(values)))
    assert effect is None or effect == pytest.approx(1)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1, 1]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_what_its_step_down_rule_rejects(values, alpha):
    rejected = set()
    for rank, (p, i) in enumerate(sorted((p, i) for i, p in enumerate(values))):
        if p * (len(values) - rank) > alpha:
            break
        rejected.add(i)
    assert {i for i, p in enumerate(holm(values)) if p <= alpha} == rejected


def test_a_mean_loss_that_can_be_detected_by_hand():
    gains, power = [0.2, -0.2] * 50, stats.norm.ppf(0.8)
    z, variance = stats.norm.ppf(0.95) + power, 0.04 * 100 / 99
    m = (z * z / 100 + math.sqrt((z * z / 100) ** 2 + 4 * z * z / 100 * variance)) / 2
    assert m == pytest.approx(z * math.sqrt((variance + m) / 100))
    assert detectable_mean_loss(gains, range(100), 0.05, 0.8, 0.0) == pytest.approx(m)
    large = 0.08 + power * math.sqrt((variance + m) / 100)
    assert detectable_mean_loss(gains, range(100), 0.05, 0.8, 0.08) == pytest.approx(large)
    pairs = [0.2] * 2 + [-0.2] * 2
    assert detectable_mean_loss(pairs * 25, [i // 2 for i in range(100)], 0.05, 0.8, 0.0) > 1.2 * m


def exact_power(n, differing, loss, alpha, smallest):
    """P(losses and wins that raise the alarm), over every number of both."""
    lost, won = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    chances = [differing / 2 + loss, differing / 2, 1 - differing - loss]
    mass = stats.multinomial.pmf(np.stack([lost, won, n - lost - won], axis=-1), n, chances)
    seen = [mcnemar(int(i), int(j)) < alpha and i - j >= smallest * n for i, j in zip(lost.flat, won.flat, strict=True)]
    return float(mass.ravel() @ np.array(seen))


@pytest.mark.parametrize("n", [40, 100])
def test_the_mde_is_where_the_power_is_reached(n):
    mde = detectable_share_loss(n, 0.06, 0.05, 0.8, 0.02)
    assert exact_power(n, 0.06, mde, 0.05, 0.02) == pytest.approx(0.8, abs=0.01)


def test_the_mde_shrinks_with_the_set():
    assert detectable_share_loss(400, 0.06, 0.05, 0.8, 0.02) < detectable_share_loss(100, 0.06, 0.05, 0.8, 0.02)
    assert detectable_share_loss(0, 0.06, 0.05, 0.8, 0.02) is None
    assert detectable_share_loss(3, 0.0, 0.05, 0.8, 0.02) is None  # three cases show nothing at 5 %


def test_auroc_by_hand_and_by_pairs():
    assert auroc([0.9, 0.4], [0.1, 0.4]) == (1 + 1 + 1 + 0.5) / 4
    assert auroc([], [1]) is auroc([1], []) is None


@given(st.lists(grid, min_size=1, max_size=12), st.lists(grid, min_size=1, max_size=12))
def test_auroc_agrees_with_mann_whitney(positive, negative):
    theirs = stats.mannwhitneyu(positive, negative).statistic / (len(positive) * len(negative))
    assert auroc(positive, negative) == pytest.approx(theirs)


def test_risk_and_coverage_by_hand():
    assert risk_coverage([0.9, 0.8, 0.8, 0.1], [1, 1, 0, 0]) == [(1 / 4, 0), (3 / 4, 1 / 3), (1, 1 / 2)]
    assert aurc([(1 / 4, 0), (3 / 4, 1 / 3), (1, 1 / 2)]) == pytest.approx(1 / 2 * 1 / 3 + 1 / 4 * 1 / 2)
    assert risk_coverage([], []) == []
    assert aurc([]) is None
