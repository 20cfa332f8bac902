"""The cash calendars that two cases tell in words, month by month, in dollars derived apart from the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leadrisk.contract.cash_flow import cash_timing, lowest_cash_by_year, monthly_cash
from leadrisk.contract.lead_payments import lead_payments
from leadrisk.contract.lead_settlement import settle_lead_benchmark
from leadrisk.contract.terms import load_terms
from leadrisk.scenario.election_rules import Elected
from leadrisk.scenario.toml_file import read_toml

CASES = Path(__file__).resolve().parents[2] / "scenarios" / "cases"


def cash(name: str, **overrides: object) -> tuple[np.ndarray, np.ndarray]:
    """Month-end balances of a case, and the lowest by calendar year."""
    case: dict[str, Any] = read_toml(CASES / name)[0]
    terms = load_terms("lead", overrides)
    settled = settle_lead_benchmark(
        case["benchmark_before_discount"],
        expenditure=case["expenditure"],
        option=case["option"],
        performance_years=[case["performance_year"]],
        quality_score=case["quality_score"],
        terms=terms,
        higher_spending=case["spending_class"] == "higher",
        base_pcc_share=case["base_pcc_share"],
    )
    payments = lead_payments(
        settled["benchmark_before_discount"],
        benchmark_after_discount=settled["benchmark_after_discount"],
        expenditure=settled["expenditure"],
        elected=Elected(),
        shares={"tcc": 0.0, "npcc": 0.0, "apo": 0.0},
        base_pcc_share=case["base_pcc_share"],
        terms=terms,
    )
    lines = payments.cash | {"net_shared_savings": settled["net_shared_savings"]}
    elections = case.get("elections", {})
    timing = cash_timing(terms, provisional_settlement=elections.get("provisional_settlement", False))
    flows = monthly_cash(lines, timing=timing)
    return np.cumsum(sum(flows.values()), axis=-1), lowest_cash_by_year(lines, timing=timing)


def at(balance: np.ndarray, *months: int) -> list[float]:
    return [float(balance[month - 1]) for month in months]


def test_gain_and_repayment() -> None:
    balance, lowest = cash("cash_professional_2027.toml")
    assert at(balance, 1, 12, 13, 22, 24, 25) == pytest.approx(
        [350_000, 2_459_800, 2_301_600, 2_301_600, 2_301_600, 1_658_160], abs=0.01
    )
    assert lowest.tolist() == pytest.approx([350_000, 2_301_600, 1_658_160], abs=0.01)


def test_loss_with_provisional_settlement() -> None:
    balance, lowest = cash("cash_loss_2027.toml")
    assert at(balance, 1, 12, 13, 17, 18, 24, 25) == pytest.approx(
        [700_000, 4_919_600, 4_603_200, 4_603_200, 4_119_108, 4_119_108, -968_184], abs=0.01
    )
    assert lowest.tolist() == pytest.approx([700_000, 4_119_108, -968_184], abs=0.01)


def test_paid_at_once_the_same_loss_is_there_earlier() -> None:
    balance, lowest = cash("cash_loss_2027.toml", **{"guarantee.repayment_days": 0})
    assert at(balance, 14, 15, 21, 22) == pytest.approx([4_603_200, 4_119_108, 4_119_108, -968_184], abs=0.01)
    assert lowest.tolist() == pytest.approx([700_000, -968_184], abs=0.01)


def test_interest_is_repaid_with_the_principal() -> None:
    # 5 % a year on 2,301,600 for 15.5 months: 148,645.
    balance, _ = cash("cash_professional_2027.toml", **{"payments.epcc_interest": 0.05})
    assert at(balance, 25) == pytest.approx([1_658_160 - 148_645], abs=0.01)
