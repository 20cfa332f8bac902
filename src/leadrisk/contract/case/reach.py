"""An ACO REACH case: settled from its categories, its unadjusted benchmark, or its final benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.amount import MONTHS
from leadrisk.contract.case.notes import category_notes
from leadrisk.contract.case.reach_input import KEYS, ReachCase, check_reach_case
from leadrisk.contract.case.reach_lines import reach_benchmark_lines, reach_settlement_lines
from leadrisk.contract.health_equity import health_equity_pbpm
from leadrisk.contract.reach import settle_reach
from leadrisk.contract.reach_benchmark import settle_reach_benchmark
from leadrisk.contract.reach_pbpm import ReachBenchmark, reach_category_benchmark
from leadrisk.contract.reach_years import settle_reach_years
from leadrisk.contract.retrospective_trend import reach_trend_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms

__all__ = ["KEYS", "settle_reach_case"]


def settle_reach_case(source: CaseSource, terms: Terms) -> dict[str, object]:
    """Check and settle an ACO REACH case.

    Returns
    -------
    dict
        Lines in dollars, ``option``, ``performance_year``, ``quality_score``, and ``lines`` for printing.
    """
    case = check_reach_case(source)
    named = {"option": case.option, "performance_year": case.performance_year, "quality_score": case.quality_score}
    if case.benchmark_final is not None:
        return named | _settle_totals(case, case.benchmark_final, terms)
    settled = _settle_chain(case, case.quality_score or 0.0, terms)
    if not _with_heba(settled) > 0.0:
        raise source.wrong(("heba_net",), f"leaves no benchmark, got {case.heba_net!r}", "check sign and size")
    return named | settled


def _settle_totals(case: ReachCase, benchmark_final: float, terms: Terms) -> dict[str, object]:
    amounts = settle_reach(
        option=case.option,
        performance_year=case.performance_year,
        benchmark_final=benchmark_final,
        terms=terms,
        expenditure=case.expenditure,
        gross_savings=case.gross_savings,
        heba_net=_heba_net(case, terms),
        stop_loss_net=case.stop_loss_net,
    )
    values = {name: float(amount) for name, amount in amounts.items()}
    return {**values, "lines": reach_settlement_lines(case, values, terms=terms)}


def _settle_chain(case: ReachCase, score: float, terms: Terms) -> dict[str, object]:
    years = np.array([case.performance_year])
    heba_net = _heba_net(case, terms)
    steps: dict[str, ReachBenchmark] = {}
    trend: float | None = None
    amounts: Mapping[str, Amount]
    if case.categories:
        steps = {
            name: reach_category_benchmark(category, name=name, years=years, terms=terms)
            for name, category in case.categories.items()
        }
        amounts = settle_reach_years(
            case.categories,
            option=case.option,
            performance_years=years,
            quality_score=score,
            terms=terms,
            rules_year=None,
            heba_pbpm=heba_net / _beneficiary_months(case),
            stop_loss_net=case.stop_loss_net,
        )
    else:
        unadjusted = case.benchmark_unadjusted or 0.0
        trend = _plain(
            reach_trend_factor(case.retrospective_trend or 1.0, projected=1.0, years=years, terms=terms),
        )
        amounts = settle_reach_benchmark(
            unadjusted,
            benchmark_before_discount=unadjusted * trend,
            expenditure=case.expenditure or 0.0,
            option=case.option,
            performance_years=years,
            quality_score=score,
            terms=terms,
            heba_net=heba_net,
            stop_loss_net=case.stop_loss_net,
        )
    values = {name: _plain(amount) for name, amount in amounts.items()}
    values["expenditure_net"] = values["expenditure"] + values["stop_loss_net"]
    plain_steps = {
        name: {step: _plain(amount) for step, amount in benchmark._asdict().items()}
        for name, benchmark in steps.items()
    }
    updated = {name: _plain(benchmark.pbpm) for name, benchmark in steps.items()}
    return {
        **values,
        "notes": category_notes(case.categories, updated),
        "updated_pbpm": updated,
        "benchmark_steps": plain_steps,
        "lines": reach_benchmark_lines(case, values, steps=plain_steps, trend=trend, score=score, terms=terms)
        + reach_settlement_lines(case, values, terms=terms),
    }


def _heba_net(case: ReachCase, terms: Terms) -> float:
    """Dollars of the health equity adjustment: as given, or from shares of beneficiary-months."""
    if case.heba_shares is None:
        return case.heba_net or 0.0
    up_share, down_share = case.heba_shares
    pbpm = health_equity_pbpm(
        up_share=up_share,
        down_share=down_share,
        up_pbpm=terms.by_year("heba.up_pbpm", case.performance_year),
        down_pbpm=terms.by_year("heba.down_pbpm", case.performance_year),
    )
    return float(pbpm) * _beneficiary_months(case)


def _with_heba(settled: Mapping[str, object]) -> float:
    return _plain(settled["benchmark_final"]) + _plain(settled["heba_net"])


def _beneficiary_months(case: ReachCase) -> float:
    if case.categories:
        return MONTHS * sum(float(category.person_years) for category in case.categories.values())
    return case.beneficiary_months or 0.0


def _plain(amount: object) -> float:
    """Take the one number out of an array of one performance year."""
    return float(np.asarray(amount, dtype=np.float64).reshape(-1)[0])
