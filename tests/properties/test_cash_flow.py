"""Invariants of the monthly cash flow and of the payments in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadrisk.contract.cash_flow import CASH_LINES, CashTiming, cash_months, lowest_cash_by_year, monthly_cash
from leadrisk.contract.lead_payments import lead_payments
from leadrisk.contract.lead_settlement import settle_lead_benchmark
from leadrisk.contract.retention import retention_returned, retention_withhold
from leadrisk.contract.terms import load_terms
from leadrisk.scenario.election_rules import Elected

if TYPE_CHECKING:
    from leadrisk.contract.amount import Amount

dollars = st.floats(-1e8, 1e8)
timings = st.builds(
    CashTiming,
    final_month=st.integers(13, 36),
    provider_lag=st.integers(0, 12),
    repayment_months=st.integers(0, 12),
    provisional_month=st.integers(13, 36),
    provisional_share=st.floats(0.0, 1.0),
)


@st.composite
def any_lines(draw: st.DrawFn) -> dict[str, np.ndarray]:
    """Some lines, some of them the same on every path."""
    years = draw(st.integers(1, 4))
    names = draw(st.lists(st.sampled_from(sorted(CASH_LINES)), min_size=1, max_size=6, unique=True))
    return {name: draw(arrays(np.float64, (draw(st.sampled_from([1, 3])), years), elements=dollars)) for name in names}


@given(any_lines(), timings)
def test_every_dollar_moves_once(lines: dict[str, np.ndarray], timing: CashTiming) -> None:
    flows = monthly_cash(lines, timing=timing)
    for name, annual in lines.items():
        sign = CASH_LINES[name][0]
        total = np.broadcast_to(sign * annual.sum(axis=-1), flows[name].shape[:-1])
        np.testing.assert_allclose(flows[name].sum(axis=-1), total, rtol=1e-9, atol=1e-4)
        assert flows[name].shape[-1] == cash_months(annual.shape[-1], timing)


@settings(deadline=None)  # the first call loads a kernel
@given(any_lines(), timings, dollars)
def test_the_lowest_balance_is_that_of_the_months(
    lines: dict[str, np.ndarray], timing: CashTiming, opening: float
) -> None:
    balance = opening + np.cumsum(sum(monthly_cash(lines, timing=timing).values()), axis=-1)
    lowest = lowest_cash_by_year(lines, timing=timing, opening=opening)
    for year in range(lowest.shape[-1]):
        expected = balance[..., 12 * year : 12 * (year + 1)].min(axis=-1)
        np.testing.assert_allclose(lowest[..., year], expected, rtol=1e-9, atol=1e-4)
    assert lowest.shape[-1] == -(-balance.shape[-1] // 12)


@given(any_lines(), timings, st.integers(0, 12))
def test_more_time_to_pay_never_lowers_the_balance(
    lines: dict[str, np.ndarray], timing: CashTiming, longer: int
) -> None:
    patient = timing._replace(repayment_months=timing.repayment_months + longer)
    early, late = (np.cumsum(sum(monthly_cash(lines, timing=one).values()), axis=-1) for one in (timing, patient))
    months = early.shape[-1]
    assert (late[..., :months] >= early - 1e-4).all()
    np.testing.assert_allclose(late[..., -1], early[..., -1], rtol=1e-9, atol=1e-3)


@given(any_lines(), timings, st.floats(0.01, 100.0))
def test_scales_with_the_money(lines: dict[str, np.ndarray], timing: CashTiming, factor: float) -> None:
    scaled = lowest_cash_by_year({name: factor * a for name, a in lines.items()}, timing=timing)
    np.testing.assert_allclose(scaled, factor * lowest_cash_by_year(lines, timing=timing), rtol=1e-9, atol=1e-3)


def test_months_go_to_their_year() -> None:
    flows = monthly_cash({"base_pcc": np.array([12.0, 24.0])}, timing=CashTiming())
    assert flows["base_pcc"][:25].tolist() == [1.0] * 12 + [2.0] * 12 + [0.0]


def test_an_unknown_line_is_no_cash() -> None:
    with pytest.raises(KeyError, match="benchmark_final"):
        monthly_cash({"benchmark_final": np.array([1.0])}, timing=CashTiming())


elections = st.sampled_from(
    [
        Elected(),
        Elected(capitation="tcc"),
        Elected(npcc=True),
        Elected(apo=True),
        Elected(enhanced_pcc=False),
        Elected(npcc=True, apo=True, npcc_providers=("A",), apo_providers=("B",)),
    ]
)
shares = st.fixed_dictionaries({name: st.floats(0.0, 0.5) for name in ("tcc", "npcc", "apo")})


@given(elections, shares, st.floats(1e6, 1e9), st.floats(0.5, 1.5), st.floats(0.0, 0.1))
def test_elections_move_cash_but_make_none_where_savings_are_shared_in_full(
    elected: Elected, shares: dict[str, float], benchmark: float, cost: float, base: float
) -> None:
    """Capitation that the claims do not reach is lost as shared savings: the ACO's total is benchmark less cost."""
    payments = lead_payments(
        benchmark,
        benchmark_after_discount=0.97 * benchmark,
        expenditure=cost * benchmark,
        elected=elected,
        shares=shares,  # type: ignore[arg-type]
        base_pcc_share=base,
        terms=load_terms("lead"),
    )
    cash = sum(float(CASH_LINES[name][0] * amount) for name, amount in payments.cash.items())
    shared_in_full = benchmark - (cost * benchmark + sum(payments.added_to_expenditure.values()))
    np.testing.assert_allclose(cash + shared_in_full, benchmark - cost * benchmark, rtol=1e-9, atol=1e-3)


@given(elections, shares, st.floats(1e6, 1e9), st.floats(0.5, 1.5), st.sampled_from(["global", "professional"]))
def test_what_the_settlement_balances_is_what_the_final_settlement_pays(
    elected: Elected, shares: dict[str, float], benchmark: float, cost: float, option: Literal["global", "professional"]
) -> None:
    terms = load_terms("lead", {"payments.epcc_interest": 0.05})

    def settle(**elections: dict[str, Amount]) -> dict[str, np.ndarray]:
        return settle_lead_benchmark(
            benchmark,
            expenditure=cost * benchmark,
            option=option,
            performance_years=[2027],
            quality_score=0.9,
            terms=terms,
            higher_spending=False,
            base_pcc_share=0.03,
            **elections,  # type: ignore[arg-type]
        )

    payments = lead_payments(
        benchmark,
        benchmark_after_discount=settle()["benchmark_after_discount"],
        expenditure=cost * benchmark,
        elected=elected,
        shares=shares,  # type: ignore[arg-type]
        base_pcc_share=0.03,
        terms=terms,
    )
    settled = settle(added_to_expenditure=payments.added_to_expenditure, beside=payments.beside)
    lines = payments.cash | {"net_shared_savings": settled["net_shared_savings"]}
    flows = monthly_cash(lines, timing=CashTiming(repayment_months=0))
    due = sum(flow[..., 21] for flow in flows.values())
    np.testing.assert_allclose(due, settled["settlement_balance"][0], rtol=1e-9, atol=1e-3)


@given(elections, shares, st.floats(1e6, 1e9), st.floats(0.5, 1.5))
def test_capitation_base_matters_only_where_there_is_a_discount(
    elected: Elected, shares: dict[str, float], benchmark: float, cost: float
) -> None:
    lines = [
        lead_payments(
            benchmark,
            benchmark_after_discount=benchmark,
            expenditure=cost * benchmark,
            elected=elected,
            shares=shares,  # type: ignore[arg-type]
            base_pcc_share=0.03,
            terms=load_terms("lead", {"payments.capitation_base": base}),
        )
        for base in ("benchmark_before_discount", "benchmark_after_discount")
    ]
    assert lines[0] == lines[1]


@given(arrays(np.float64, (2, 3), elements=st.floats(1e6, 1e9)), st.floats(0.0, 0.1), st.booleans())
def test_retention_comes_back_or_is_lost(benchmark: np.ndarray, rate: float, stays: bool) -> None:
    withheld = retention_withhold(benchmark, rate=rate)
    returned = retention_returned(withheld, stays_next_year=stays)
    assert (withheld[:, 1:] == 0.0).all()
    np.testing.assert_allclose(withheld[:, 0], rate * benchmark[:, 0])
    np.testing.assert_array_equal(returned, withheld if stays else 0.0 * withheld)
