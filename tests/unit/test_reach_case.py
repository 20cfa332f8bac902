"""ACO REACH cases: what is refused and why, what a case may start from, and terms at their limits."""

from __future__ import annotations

import numpy as np
import pytest

from leadrisk.contract.case import settle_case
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.category_tables import CATEGORY_NAMES
from leadrisk.scenario.reach_table import Reach

BASE = {"program": "reach", "option": "global", "performance_year": 2024}
CHAIN = {
    **BASE,
    "benchmark_unadjusted": 100e6,
    "retrospective_trend": 0.95,
    "quality_score": 0.8,
    "expenditure": 90e6,
}
CATEGORY = {
    "person_years": 1000, "base_year_pbpm": [1000, 1020, 1060], "region_pbpm": 1120, "national_pbpm": 1100,
    "projected_trend": 1.06, "actual_national_trend": 1.12, "risk_score_by3": 1, "risk_score_py": 1.08,
    "demographic_growth": 0.01, "reference_person_years": 900, "expenditure_pbpm": 1100,
}  # fmt: skip
FULL = {**BASE, "quality_score": 0.5, "categories": dict.fromkeys(CATEGORY_NAMES, CATEGORY)}
SHARES = {"heba_up_share": 0.2, "heba_down_share": 0.4}


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({**BASE}, r"benchmark_final: is missing.*benchmark_unadjusted or \[categories\]"),
        ({**CHAIN, "benchmark_final": 9e7}, r"benchmark_final: has no place beside benchmark_unadjusted"),
        ({**FULL, "benchmark_unadjusted": 1e8}, r"benchmark_unadjusted: has no place beside categories"),
        ({**FULL, "expenditure": 1e8}, r"expenditure: has no place in a case from categories"),
        ({**FULL, "retrospective_trend": 0.9}, r"retrospective_trend: has no place in a case from categories"),
        ({**CHAIN, "gross_savings": 1e6}, r"gross_savings: has no place in a case from benchmark_unadjusted"),
        (
            {**BASE, "benchmark_final": 1e8, "expenditure": 9e7, "quality_score": 0.9},
            r"quality_score: has no place in a case from benchmark_final",
        ),
        ({key: CHAIN[key] for key in CHAIN if key != "quality_score"}, r"quality_score: is missing"),
        ({key: CHAIN[key] for key in CHAIN if key != "expenditure"}, r"expenditure: is missing"),
        ({key: CHAIN[key] for key in CHAIN if key != "retrospective_trend"}, r"retrospective_trend: is missing"),
        ({**CHAIN, "retrospective_trend": 95.0}, r"retrospective_trend: must be at least 0\.5 and at most 2"),
        ({**CHAIN, **SHARES}, r"beneficiary_months: is missing"),
        ({**CHAIN, "beneficiary_months": 1e4}, r"beneficiary_months: is used with heba_up_share"),
        ({**CHAIN, **SHARES, "heba_net": 1.0}, r"heba_net: has no place beside heba_up_share"),
        ({**FULL, "heba_up_share": 0.2}, r"heba_down_share: is missing"),
        ({**FULL, "heba_up_share": 0.7, "heba_down_share": 0.4}, r"heba_down_share: .*at most 1, got 0\.7 \+ 0\.4"),
        ({**CHAIN, "heba_net": -95e6}, r"heba_net: leaves no benchmark, got -95000000"),
        (
            {**BASE, "quality_score": 0.5, "categories": {"esrd": {**CATEGORY, "person_years": 0}}},
            r"categories\.esrd\.person_years: must not be 0 in every category",
        ),
        (
            {**BASE, "quality_score": 0.5, "categories": {"esrd": {**CATEGORY, "acpt": 1.0}}},
            r"categories\.esrd\.acpt: there is no such key",
        ),
    ],
)
def test_a_wrong_case_says_what_and_where(case: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        settle_case(case)


def test_shares_and_dollars_of_the_health_equity_adjustment_agree() -> None:
    # 36,000 beneficiary-months x (20 % x $30 - 40 % x $6)
    from_shares = settle_case({**FULL, **SHARES})
    assert from_shares["heba_net"] == pytest.approx(129_600.0)
    as_given = settle_case({**FULL, "heba_net": 129_600.0})
    assert from_shares["settlement_balance"] == pytest.approx(as_given["settlement_balance"])


def test_there_was_no_health_equity_adjustment_before_2023() -> None:
    assert settle_case({**FULL, **SHARES, "performance_year": 2022})["heba_net"] == 0.0


def test_every_line_of_the_chain_is_told() -> None:
    names = [line["name"] for line in settle_case({**CHAIN, "heba_net": 1e5, "stop_loss_net": 2e5})["lines"]]
    assert names == [
        "benchmark_unadjusted",
        "retrospective_trend_adjustment",
        "benchmark_before_discount",
        "discount",
        "benchmark_after_discount",
        "quality_adjustment",
        "benchmark_final",
        "heba_net",
        "expenditure",
        "stop_loss_net",
        "gross_savings",
        "shared_savings",
        "sequestration",
        "net_shared_savings",
    ]


def test_the_high_performers_pool_is_paid_only_where_it_is_switched_on() -> None:
    best = {**CHAIN, "quality_score": 1.0}
    assert settle_case(best)["high_performers_pool"] == 0.0
    result = settle_case({**best, "terms": {"high_performers_paid": True}})
    # 95.5 M x 0.97 x 2 % x 21 % / 18 %; the trend counts as -4.5 %
    assert result["high_performers_pool"] == pytest.approx(95.5e6 * 0.97 * 0.02 * 0.21 / 0.18)
    paid = result["settlement_balance"] - result["net_shared_savings"]
    assert paid == pytest.approx(result["high_performers_pool"])
    assert [line["name"] for line in result["lines"]][-2:] == ["high_performers_pool", "settlement_balance"]


@pytest.mark.parametrize("year", [2021, 2024, 2026])
def test_the_whole_chain_is_finite_with_every_term_at_its_limits(year: int) -> None:
    for name, term in load_terms("reach").table.items():
        if isinstance(term.value, bool):
            values: list[object] = [True, False]
        elif isinstance(term.value, list):
            highest = np.full(len(term.value), term.highest)
            values = [(highest * np.linspace(0.1, 1.0, highest.size) if term.rising else highest).tolist()]
        elif isinstance(term.value, dict) and not term.by_year:
            values = [{"edges": [1.0], "shares": shares} for shares in ([0, 0], [0, 1], [1, 0])]
        else:
            values = [term.lowest, term.highest]
        for value in values:
            result = settle_case({**FULL, **SHARES, "performance_year": year, "terms": {name: value}})
            amounts = [amount for amount in result.values() if isinstance(amount, float)]
            assert np.isfinite(amounts).all(), (name, value)


def test_every_term_is_read_by_a_case() -> None:
    read: set[str] = set()
    for case in (
        FULL | SHARES,
        FULL | SHARES | {"performance_year": 2023, "option": "professional"},
        FULL | {"performance_year": 2026, "terms": {"high_performers_paid": True}},
    ):
        read |= set(settle_case(case)["terms_used"])
    drawn = {"quality.ladder_percentiles", "quality.ladder_points", "quality.gateway_fail_multiplier"}  # in runs
    assert read == set(load_terms("reach").table) - drawn


def test_equity_shares_of_a_scenario_cannot_exceed_all_months() -> None:
    assert Reach().rules_year == 2026
    with pytest.raises(ValueError, match=r"must sum to at most 1, got 0\.7 \+ 0\.5"):
        Reach(heba_up_share=0.7)
