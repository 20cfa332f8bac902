"""Stop-loss layers on simulated persons: what ACO REACH shows, and what interpolation costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import leadrisk as lr
from leadrisk.contract.stop_loss import expected_payout, stop_loss_amounts
from leadrisk.contract.stop_loss_layers import excess_at, moved_attachment
from leadrisk.contract.terms import load_terms
from leadrisk.experience.stationary import ESRD, MAIN, segments
from reference.person_twin import simulate_persons
from scenario_fixture import small_scenario

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.toml"
POOLS = (0, 0, 1)


@pytest.fixture(scope="module")
def scenario():
    return lr.load_scenario(BASELINE)


@pytest.fixture(scope="module")
def run(scenario):
    return lr.simulate(scenario, populations=256, seed=1)


@pytest.fixture(scope="module")
def amounts(run, scenario):
    """Charge, payout and cost in dollars on the neutral path, shape (population, performance year, category)."""
    terms = load_terms("lead")
    level = terms.number("stop_loss.national_cost_level")  # an average ACO
    excess, cost, score, persons, nodes = (
        run[name].values for name in ("residual_excess", "expenditure", "score", "person_years", "layer_node")
    )
    money = [getattr(scenario.categories, name).base_year_pbpm[-1] * 12.0 for name in run["category"].values.tolist()]
    dollars = np.array(money) * persons[:, :3].sum(axis=(0, 1)) / cost[:, :3].sum(axis=(0, 1))
    reference = expected_payout(
        excess[:, :3], expenditure=cost[:, :3], score=score[:, :3], dollars_per_cost=dollars, pools=POOLS, terms=terms
    )
    charge, payout = np.empty(cost[:, 3:].shape), np.empty(cost[:, 3:].shape)
    for c, name in enumerate(run["category"].values.tolist()):
        expected = persons[:, 3:, c] * cost[:, :3, c].sum() / persons[:, :3, c].sum()
        charge[..., c], payout[..., c] = stop_loss_amounts(
            excess[:, 3:, c], nodes=nodes[c], dollars_per_cost=dollars[c], benchmark=dollars[c] * expected / level,
            expected_cost=expected, predicted=scenario.stop_loss.layer_prediction,
            payout_share=float(reference.payout_share[c]), category=name, terms=terms,
        )  # fmt: skip
    return charge, payout, cost[:, 3:] * dollars


def test_net_effect_of_ten_thousand_lives_is_that_of_reach(amounts):
    """Target V16b: mean -0.1 to -0.3 % of cost with 0.4 points of tolerance, SD 0.6 to 1.0 %, in every year."""
    charge, payout, cost = (part.sum(axis=2) for part in amounts)
    net = 100.0 * (charge - payout) / cost
    assert np.all(np.abs(net.mean(axis=0) + 0.2) < 0.4)
    assert np.all(net.std(axis=0, ddof=1) > 0.55)
    assert np.all(net.std(axis=0, ddof=1) < 0.95)
    assert 0.6 < net.std() < 0.8


def test_high_needs_are_paid_more_than_they_are_charged(amounts, run):
    charge, payout, cost = (part[..., run["category"].values.tolist().index("high_needs")].sum() for part in amounts)
    assert 0.015 < (payout - charge) / cost < 0.036


def test_charge_is_payout_over_all_populations(amounts):
    """The performance years follow the base years that the charge is built from."""
    charge, payout, cost = (part.sum() for part in amounts)
    assert abs(charge - payout) / cost < 0.0015


def test_model_wide_shares_are_those_of_the_baseline(run, scenario):
    terms = load_terms("lead")
    excess, cost, score = (run[name].values[:, :3] for name in ("residual_excess", "expenditure", "score"))
    dollars = np.array([12_000.0, 12_000.0, 110_000.0])
    reference = expected_payout(
        excess, expenditure=cost, score=score, dollars_per_cost=dollars, pools=POOLS, terms=terms
    )
    written = [terms.number(f"stop_loss.model_wide_share.{name}") for name in run["category"].values.tolist()]
    np.testing.assert_allclose(reference.payout_share, written, rtol=0.08)


@pytest.mark.parametrize(("number", "tolerance"), [(MAIN, 0.01), (ESRD, 0.05)])
def test_interpolation_agrees_with_every_patient_cut_anew(number, tolerance):
    """Cost 20 % below to 35 % above the benchmark: the layers from three nodes against each patient's own residual."""
    scenario = small_scenario(lives=5_000)
    year = simulate_persons(
        segments(scenario)[number], number=number, population=0, seed=1, years=[2024, 2025], active=[400_000] * 2,
        death_factor=[1.0] * 2, exit_rate=[0.13] * 2,
    )[1]  # fmt: skip
    cover = scenario.stop_loss
    nodes = np.array(cover.nodes if number == MAIN else cover.esrd_nodes)
    predicted = cover.layer_prediction if number == MAIN else cover.esrd_layer_prediction
    excess = (year.residual_excess * year.exposure).sum(axis=1)
    for level in (0.8, 0.9, 1.0, 1.1, 1.2, 1.35):
        exact, found = np.empty(2), np.empty(2)
        for layer in (0, 1):
            residual = level * year.cost - year.score
            exact[layer] = (np.maximum(residual - nodes[layer], 0.0) * year.exposure).sum()
            attachment = moved_attachment(nodes[layer], cost_level=level, predicted=predicted)
            found[layer] = level * excess_at(excess, nodes=nodes, attachment=attachment)
        total = level * (year.cost * year.exposure).sum()
        paid = [0.8 * (first - second) + second for first, second in (found, exact)]
        assert paid[0] == pytest.approx(paid[1], rel=tolerance, abs=2e-4 * total)
    in_layers = year.exposure * (year.residual_excess[0] > 0.0)
    assert np.average(year.score, weights=in_layers) == pytest.approx(predicted, abs=0.1)
