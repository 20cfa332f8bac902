"""Totals after costs, chances of being best, regret, and the waterfall of a path."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from leadrisk.risk.choice import choice, total_after_costs
from leadrisk.risk.waterfall import median_path, waterfall

RANDOM = np.random.default_rng(7)


def one_contract(**extra: xr.DataArray) -> xr.Dataset:
    shape = (4, 3, 2)
    pathwise = ("population", "future", "year")
    return xr.Dataset(
        {
            "net_settlement": (pathwise, np.full(shape, 10.0)),
            "administrative_add_on": (pathwise, np.full(shape, 2.0)),
            "care_management_cost": (("population", "year"), np.full((4, 2), 3.0)),
            "benefit_cost": (("population", "year"), np.full((4, 2), 1.0)),
            "guarantee_fee": ("year", np.array([0.5, 0.25])),
            **extra,
        },
        coords={"population": range(4), "future": range(3), "year": [2027, 2028]},
    )


def test_costs_are_taken_and_the_add_on_is_kept() -> None:
    # (10 + 2) x 2 years - (3 + 1) x 2 - 0.75
    np.testing.assert_allclose(total_after_costs(one_contract()), np.full((4, 3), 15.25))


def test_costs_end_with_the_contract() -> None:
    left = np.ones((4, 3, 2), dtype=bool)
    left[..., 1] = False
    found = total_after_costs(one_contract(in_model=xr.DataArray(left, dims=("population", "future", "year"))))
    np.testing.assert_allclose(found, np.full((4, 3), 24.0 - 4.5))


def test_a_private_cover_counts() -> None:
    cover = xr.DataArray(np.full((4, 3, 2), -0.5), dims=("population", "future", "year"))
    np.testing.assert_allclose(total_after_costs(one_contract(aggregate_cover_net=cover)), np.full((4, 3), 14.25))


def test_chances_add_up_and_the_best_has_no_regret_on_its_paths() -> None:
    totals = {name: RANDOM.normal(size=(64, 8)) for name in ("lead_global", "mssp_enhanced", "reach_global")}
    found = choice(totals)
    assert sum(share["value"] for share in found["best"].values()) == pytest.approx(1.0)
    assert all(share["se"] >= 0.0 for share in found["best"].values())
    best = np.stack([*totals.values(), np.zeros((64, 8))]).max(axis=0)
    for name, total in totals.items():
        assert found["regret"][name]["mean"] == pytest.approx(float((best - total).mean()))
    assert found["regret"]["stay_out"]["mean"] == pytest.approx(float(best.mean()))


def test_staying_out_is_best_where_every_contract_loses() -> None:
    found = choice({"lead_global": np.full((4, 2), -1.0), "lead_professional": np.full((4, 2), -0.5)})
    assert found["best"]["stay_out"]["value"] == 1.0
    assert found["regret"]["lead_global"]["mean"] == 1.0


def test_waterfall_steps_add_up_with_optional_lines() -> None:
    dims = ("population", "future", "year")
    lines = {
        "benchmark_before_discount": 100.0, "discount": 3.0, "quality_adjustment": 1.0, "benchmark_final": 96.0,
        "expenditure": 90.0, "stop_loss_charge": 1.0, "stop_loss_payout": -2.0, "gross_savings": 7.0,
        "shared_savings": 7.0, "sequestration": 0.14, "net_shared_savings": 6.86, "high_performers_pool": 0.5,
        "advanced_payment_reconciliation": 0.0, "enhanced_pcc_repayment": 3.8, "settlement_balance": 3.56,
        "net_settlement": 7.36,
    }  # fmt: skip
    settled = xr.Dataset(
        {name: (dims, np.full((2, 2, 1), value)) for name, value in lines.items()},
        coords={"population": [0, 1], "future": [0, 1], "year": [2027]},
    )
    path = {line["name"]: line["dollars"] for line in waterfall(settled, median_path(settled))["lines"]}
    assert "advanced_payment_reconciliation" not in path
    assert "heba_net" not in path
    spent = path["expenditure"] + path["stop_loss_charge"] + path["stop_loss_payout"]
    assert path["benchmark_final"] + spent == pytest.approx(path["gross_savings"])
    below = path["net_shared_savings"] + path["high_performers_pool"] + path["enhanced_pcc_repayment"]
    assert below == pytest.approx(path["settlement_balance"])
