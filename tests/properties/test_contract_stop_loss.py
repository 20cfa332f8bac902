"""Invariants of stop-loss layers, the aggregate cover and episode payments."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.aggregate_cover import aggregate_cover_amounts, aggregate_recovery, premium_share
from leadrisk.contract.cara import provider_payment, target_price
from leadrisk.contract.stop_loss import expected_payout, stop_loss_amounts, stop_loss_charge
from leadrisk.contract.stop_loss_layers import excess_at, layer_payout, moved_attachment
from leadrisk.contract.terms import load_terms

FIRST, SECOND = 90_000.0, 132_000.0
NODES = np.array([FIRST, SECOND, 2.0 * SECOND - FIRST])
SHARES = {"first_share": 0.8, "second_share": 1.0}
excess_at(np.zeros(3), nodes=NODES, attachment=FIRST)  # the first call loads a kernel, which no deadline allows
residuals = st.lists(st.floats(-50_000.0, 600_000.0), min_size=1, max_size=30).map(np.array)
dollars = st.floats(0.0, 1e9)
factors = st.floats(0.01, 100.0)


def _above(residual: np.ndarray, attachment: float) -> float:
    return float(np.maximum(residual - attachment, 0.0).sum())


def _paid(residual: np.ndarray) -> float:
    return float(layer_payout(_above(residual, FIRST), above_second=_above(residual, SECOND), **SHARES))


def _excess(residual: np.ndarray) -> np.ndarray:
    return np.array([_above(residual, node) for node in NODES])


@given(residuals, st.floats(0.0, 400_000.0))
def test_payout_rises_with_a_patients_cost_and_never_faster(residual: np.ndarray, more: float) -> None:
    dearer = residual.copy()
    dearer[0] += more
    assert -1e-6 <= _paid(dearer) - _paid(residual) <= more + 1e-6


def test_payout_is_continuous_at_both_attachment_points() -> None:
    for edge, slope_below, slope_above in ((FIRST, 0.0, 0.8), (SECOND, 0.8, 1.0)):
        below, at, above = (_paid(np.array([edge + step])) for step in (-1.0, 0.0, 1.0))
        np.testing.assert_allclose([at - below, above - at], [slope_below, slope_above], atol=1e-6)


@given(residuals)
def test_agrees_with_a_walk_through_the_patients(residual: np.ndarray) -> None:
    walked = sum(
        0.8 * (min(max(one, FIRST), SECOND) - FIRST) + 1.0 * (max(one, SECOND) - SECOND) for one in residual.tolist()
    )
    np.testing.assert_allclose(_paid(residual), walked, rtol=1e-12, atol=1e-6)


@given(residuals)
def test_interpolation_meets_the_simulated_nodes(residual: np.ndarray) -> None:
    excess = _excess(residual)
    found = [float(excess_at(excess, nodes=NODES, attachment=node)) for node in NODES]
    np.testing.assert_allclose(found, excess, rtol=1e-9, atol=1e-6)


@given(residuals, st.floats(0.0, 500_000.0), st.floats(0.0, 200_000.0))
def test_interpolated_excess_falls_as_the_attachment_rises(residual: np.ndarray, at: float, step: float) -> None:
    excess = _excess(residual)
    low, high = (float(excess_at(excess, nodes=NODES, attachment=a)) for a in (at, at + step))
    assert 0.0 <= high <= low + 1e-6


@given(residuals, st.sampled_from([48_000.0, *NODES.tolist()]))
def test_interpolated_excess_has_no_jump(residual: np.ndarray, at: float) -> None:
    excess = _excess(residual)
    below, above = (float(excess_at(excess, nodes=NODES, attachment=at + step)) for step in (-0.01, 0.01))
    assert below - above <= 1e-5 * excess[0] + 1e-6


@given(residuals, factors)
def test_layers_scale_with_the_money(residual: np.ndarray, factor: float) -> None:
    scaled = excess_at(factor * _excess(residual), nodes=factor * NODES, attachment=factor * 100_000.0)
    plain = excess_at(_excess(residual), nodes=NODES, attachment=100_000.0)
    np.testing.assert_allclose(scaled, factor * plain, rtol=1e-8, atol=1e-5)


@given(st.floats(0.5, 2.0), st.floats(1.0, 20.0), st.floats(0.0, 5.0))
def test_attachment_follows_cost_for_a_patient_at_the_edge(level: float, attachment: float, predicted: float) -> None:
    """Whoever costs ``level`` times as simulated and sits on the moved attachment sits on the real one."""
    simulated_cost = predicted + float(moved_attachment(attachment, cost_level=level, predicted=predicted))
    np.testing.assert_allclose(level * simulated_cost - predicted, attachment, rtol=1e-12, atol=1e-12)


@given(
    st.lists(st.tuples(st.floats(500.0, 2000.0), st.floats(10.0, 300.0), st.floats(0.0, 1.0)), min_size=2, max_size=6),
    st.floats(0.5, 1.9),
    st.floats(0.0, 0.5),
    factors,
)
def test_expected_payout_times_neutrality_is_the_charge_without_load(
    populations: list[tuple[float, float, float]], neutrality: float, load: float, unit: float
) -> None:
    """Over the populations that the charge is built from, CMS pays what it takes."""
    terms = load_terms("lead", {"stop_loss.neutrality": neutrality, "stop_loss.charge_load": load})
    cost = np.array([c for c, _, _ in populations])
    first = np.array([f for _, f, _ in populations])
    second = first * np.array([s for _, _, s in populations]) * 0.7
    excess = np.stack([first, second, 0.3 * second], axis=-1)
    reference = expected_payout(
        excess[:, None, None], expenditure=cost[:, None, None], score=cost[:, None, None],
        dollars_per_cost=np.array([unit]), pools=[0], terms=terms,
    )  # fmt: skip
    charge, payout = stop_loss_amounts(
        excess, nodes=np.array([7.5, 11.0, 14.5]), dollars_per_cost=np.full(cost.shape, unit),
        benchmark=unit * cost / 0.955, expected_cost=cost, predicted=1.8,
        payout_share=float(reference.payout_share[0]), category="high_needs", terms=terms,
    )  # fmt: skip
    np.testing.assert_allclose(payout.sum(), neutrality * charge.sum() / (1.0 + load), rtol=1e-9)


@given(dollars, st.floats(0.0, 0.2), st.floats(0.0, 1.0), factors)
def test_charge_scales_and_grows_with_its_load(cost: float, share: float, load: float, factor: float) -> None:
    charge = stop_loss_charge(cost, payout_share=share, load=load)
    assert charge >= stop_loss_charge(cost, payout_share=share, load=0.0)
    scaled = stop_loss_charge(factor * cost, payout_share=share, load=load)
    np.testing.assert_allclose(scaled, factor * charge, rtol=1e-12, atol=1e-300)


covers = st.fixed_dictionaries(
    {"attachment": st.floats(1.0, 1.3), "limit": st.floats(0.01, 0.5), "coinsurance": st.floats(0.0, 1.0)}
)


@given(covers, st.floats(1e6, 1e9), st.floats(0.5, 2.0), st.floats(0.0, 0.4), st.floats(0.0, 0.2))
def test_recovery_is_bounded_and_rises_with_the_loss(
    cover: dict[str, float], benchmark: float, ratio: float, owed: float, more: float
) -> None:
    def recovery(at: float) -> float:
        return float(aggregate_recovery(at * benchmark, benchmark=benchmark, shared_losses=owed * benchmark, **cover))

    here = recovery(ratio)
    assert 0.0 <= here <= min(owed, cover["limit"] * (1.0 - cover["coinsurance"])) * benchmark * (1.0 + 1e-12)
    assert -1e-6 <= recovery(ratio + more) - here <= more * benchmark * (1.0 + 1e-9) + 1e-6
    edge = cover["attachment"]
    assert recovery(edge) <= 1e-6 * benchmark
    assert recovery(edge + 1e-6) - recovery(edge) <= 1.1e-6 * benchmark


@given(covers, st.lists(st.floats(0.6, 1.6), min_size=3, max_size=20), st.floats(0.0, 1.0), st.floats(1e6, 1e9))
def test_a_priced_cover_costs_its_load_over_all_paths(
    cover: dict[str, float], ratios: list[float], load: float, benchmark: float
) -> None:
    spent = np.array(ratios) * benchmark
    base, net = np.full(spent.shape, benchmark), benchmark - spent
    recovery = aggregate_recovery(spent, benchmark=base, shared_losses=np.maximum(-net, 0.0), **cover)
    share = premium_share(recovery, benchmark=base, load=load)
    lines = aggregate_cover_amounts(spent, benchmark=base, net_shared_savings=net, premium_share=share, **cover)
    total = np.sum(lines["aggregate_cover_net"])
    np.testing.assert_allclose(total, -load * np.sum(recovery), rtol=1e-9, atol=1e-6 * benchmark)


quality = st.floats(0.0, 1.0)
adjustments = st.floats(0.1, 1.0)
scales = st.sampled_from(["gains", "gains_and_repayments"])


@given(dollars, dollars, adjustments, quality, scales)
def test_provider_aco_and_medicare_share_the_difference(
    target: float, actual: float, adjustment: float, points: float, scale: str
) -> None:
    """Nobody's dollar is made or lost: what the provider has and what is left in expenditure add up to the target."""
    paid = float(
        provider_payment(target, actual=actual, performance_adjustment=adjustment, quality=points, scales=scale)
    )
    kept = (target - actual) - paid
    assert abs(paid) <= abs(target - actual) * (1.0 + 1e-12)
    assert paid * (target - actual) >= 0.0
    if actual <= target:
        np.testing.assert_allclose(kept, adjustment * (1.0 - points) * (target - actual), rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(actual + paid + kept, target, rtol=1e-12, atol=1e-6)


@given(dollars, dollars, dollars, adjustments, quality, scales)
def test_payment_falls_with_cost_and_never_faster(
    target: float, first: float, second: float, adjustment: float, points: float, scale: str
) -> None:
    low, high = (
        float(provider_payment(target, actual=cost, performance_adjustment=adjustment, quality=points, scales=scale))
        for cost in sorted((first, second))
    )
    assert -1e-6 <= low - high <= abs(first - second) * (1.0 + 1e-9) + 1e-6


@given(dollars, dollars, adjustments, st.tuples(quality, quality))
def test_a_gain_grows_with_quality(
    target: float, actual: float, adjustment: float, points: tuple[float, float]
) -> None:
    low, high = (
        float(provider_payment(target, actual=actual, performance_adjustment=adjustment, quality=score))
        for score in sorted(points)
    )
    assert high >= low - 1e-6
    if actual >= target:
        assert high == low


@given(dollars, st.floats(-0.5, 0.5), factors, dollars, adjustments, quality)
def test_episodes_scale_with_the_money(
    price: float, discount: float, factor: float, actual: float, adjustment: float, points: float
) -> None:
    def paid(unit: float) -> float:
        target = target_price(unit * price, discount=discount)
        return float(provider_payment(target, actual=unit * actual, performance_adjustment=adjustment, quality=points))

    np.testing.assert_allclose(paid(factor), factor * paid(1.0), rtol=1e-7, atol=1e-4 * factor)
