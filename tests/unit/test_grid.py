"""A grid of designs is what settling each of them alone gives."""

from __future__ import annotations

import numpy as np
import pytest

import leadrisk as lr
from leadrisk.errors import InputError
from leadrisk.risk.reserve import deepest_shortfall
from scenario_fixture import small_scenario

DESIGNS = {
    "as it is": {},
    "narrow first band": {"corridor.global.savings": {"edges": [0.05, 0.35], "shares": [1.0, 0.5, 0.1]}},
    "no sequestration": {"sequestration": {"rate": 0.0}},
    "flat fifty-fifty": {"professional_savings": "rfa_2026", "professional_losses": "flat"},
    "no discount": {"discount.global_lower": 0.0, "discount.global_higher": 0.0},
    "last base year alone": {"baseline.weights_renewing": [0.0, 0.0, 1.0], "sequestration_on_losses": False},
}


@pytest.fixture(scope="module")
def experience():
    return lr.simulate(small_scenario(), threads=1)


@pytest.mark.parametrize(
    "participation", [{}, {"exit_rule": "after_cumulative_loss", "exit_loss_share": 0.01}, {"switch_year": 2029}]
)
def test_each_design_is_as_if_settled_alone(experience, participation):
    scenario = small_scenario(participation=participation)
    grid = lr.settle_grid(experience, scenario, DESIGNS, threads=2)
    for name, terms in DESIGNS.items():
        alone = lr.settle(experience, small_scenario(participation=participation, contract={"terms": terms}))
        net = alone["net_settlement"].values
        np.testing.assert_array_equal(grid["net_settlement_total"].sel(design=name), net.sum(axis=-1))
        np.testing.assert_array_equal(grid["deepest_shortfall"].sel(design=name), deepest_shortfall(net))


def test_a_wrong_design_is_told_by_its_term(experience):
    with pytest.raises(InputError, match=r"terms\.corridor\.global\.savings: edges must rise"):
        lr.settle_grid(
            experience,
            small_scenario(),
            {"a": {"corridor.global.savings": {"edges": [0.3, 0.2], "shares": [1, 1, 1]}}},
        )
    with pytest.raises(InputError, match="at least one LEAD contract and one design"):
        lr.settle_grid(experience, small_scenario(), {})
