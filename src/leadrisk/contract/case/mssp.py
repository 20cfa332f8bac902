"""A Shared Savings Program case: settled from its enrollment types, or from its updated benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from leadrisk.contract.amount import MONTHS
from leadrisk.contract.case.mssp_input import KEYS, MsspCase, check_mssp_case
from leadrisk.contract.case.mssp_lines import mssp_benchmark_lines, mssp_settlement_lines
from leadrisk.contract.case.notes import Spending, spending_notes
from leadrisk.contract.mssp import settle_mssp_year
from leadrisk.contract.mssp_benchmark import (
    HistoricalBenchmark,
    Trends,
    TypeYear,
    final_benchmark,
    historical_benchmarks,
    update_trends,
    updated_benchmark,
)
from leadrisk.contract.mssp_risk import capped_growth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms

__all__ = ["KEYS", "settle_mssp_case"]


def settle_mssp_case(source: CaseSource, terms: Terms) -> dict[str, object]:
    """Check and settle a Shared Savings Program case.

    Returns
    -------
    dict
        Lines in dollars, what the case named, ``updated_pbpm`` and ``benchmark_steps`` by enrollment type where it
        gave them, and ``lines`` for printing.
    """
    case = check_mssp_case(source, terms)
    named = {"track": case.track, "performance_year": case.performance_year, "quality_score": case.quality_score}
    if not case.types:
        values = _settle(case, terms, benchmark_final=case.totals.benchmark_final or 0.0)
        lines = mssp_settlement_lines(case, values, barred=False, terms=terms)
        return {**named, **values, "notes": _size_notes(case, terms), "lines": lines}
    steps, benchmark, spent, barred = _benchmark(case, terms)
    values = _settle(case, terms, benchmark_final=benchmark, expenditure=spent, barred=barred)
    values |= {
        "benchmark_before_discount": benchmark,
        "discount": 0.0,
        "benchmark_after_discount": benchmark,
        "quality_adjustment": 0.0,
    }
    return {
        **named,
        **values,
        "notes": _type_notes(case, steps) + _size_notes(case, terms),
        "updated_pbpm": {name: step["updated"] for name, step in steps.items()},
        "benchmark_steps": steps,
        "lines": mssp_benchmark_lines(case, values, steps=steps, barred=barred, terms=terms)
        + mssp_settlement_lines(case, values, barred=barred, terms=terms),
    }


def _benchmark(case: MsspCase, terms: Terms) -> tuple[dict[str, dict[str, float]], float, float, bool]:
    """Steps by enrollment type, benchmark and expenditure in dollars, and whether two-way replaced three-way."""
    start_year = case.agreement_start
    inputs = [one.inputs for one in case.types.values()]
    historical = [HistoricalBenchmark(one.historical_pbpm or 0.0, 0.0, 0.0) for one in case.types.values()]
    if any(one.historical_pbpm is None for one in case.types.values()):
        historical = historical_benchmarks(
            inputs, agreement_period=case.agreement_period, start_year=start_year, terms=terms
        )
    trends = [
        Trends(one.update_factor, one.update_factor)
        if one.update_factor is not None
        else update_trends(one.inputs, start_year=start_year, terms=terms)
        for one in case.types.values()
    ]
    parts = [
        TypeYear(start.pbpm, one.person_years, one.risk_ratio, one.demographic_ratio, trend)
        for start, one, trend in zip(historical, inputs, trends, strict=True)
    ]
    updated = updated_benchmark(parts, start_year=start_year, terms=terms)
    spent = MONTHS * sum(float(one.person_years) * float(one.expenditure_pbpm) for one in inputs)
    benchmark, barred = final_benchmark(updated, expenditure=spent, terms=terms)
    steps = {}
    for name, start, part in zip(case.types, historical, parts, strict=True):
        ratio = float(capped_growth(part.risk_ratio, cap=updated.risk_cap))
        update = float(part.trends.two_way if barred else part.trends.three_way)
        steps[name] = {
            "baseline": float(start.baseline),
            "regional_adjustment": float(start.regional),
            "adjustment": float(start.adjustment),
            "historical": float(start.pbpm),
            "risk_ratio": ratio,
            "update": update,
            "updated": float(start.pbpm) * ratio * update,
        }
    return steps, float(benchmark), spent, bool(barred)


def _type_notes(case: MsspCase, steps: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What looks like a slip of the pen in the enrollment types, in dollars a year as the case gives them."""
    notes = []
    for name, one in case.types.items():
        inputs, with_base = one.inputs, one.historical_pbpm is None
        notes += spending_notes(
            Spending(
                at=f"types.{name}",
                unit="per_capita",
                base_years=tuple(MONTHS * float(amount) for amount in inputs.base_year_pbpm) if with_base else (),
                region=MONTHS * float(inputs.region_pbpm) if with_base else None,
                nation=MONTHS * float(inputs.national_pbpm) if with_base else None,
                spent=MONTHS * float(inputs.expenditure_pbpm),
                benchmark=MONTHS * steps[name]["updated"],
            )
        )
    return notes


def _size_notes(case: MsspCase, terms: Terms) -> list[str]:
    """What to know about an ACO smaller than the programme admits, or than the sizes with a published minimum rate."""
    size = case.assigned_beneficiaries
    if size is None:
        return []
    notes = []
    needed = cast("float", terms.table["minimum_assigned"].value)  # no dollar hangs on it, so it is not a term used
    if size < needed:
        notes.append(
            f"assigned_beneficiaries: {size:,.10g} is fewer than the {needed:,.0f} an ACO needs (42 CFR 425.110)"
        )
    if case.minimum_savings_rate is None and size < (first := terms.weights("minimum_savings_rate.sizes")[0]):
        said = f"{size:,.10g} is below the first published size, {first:,.0f}: its minimum savings rate stands"
        notes.append(f"assigned_beneficiaries: {said}")
    return notes


def _settle(
    case: MsspCase, terms: Terms, *, benchmark_final: float, expenditure: float | None = None, barred: bool = False
) -> dict[str, float]:
    score = 1.0 if case.quality_score is None else case.quality_score
    if case.quality_score is None and case.track == "ENHANCED" and case.loss_rate is None:
        score = terms.number("quality.score_if_not_given")
    amounts = settle_mssp_year(
        track=case.track,
        benchmark_final=benchmark_final,
        expenditure=expenditure if expenditure is not None else case.totals.expenditure,
        gross_savings=case.totals.gross_savings,
        assigned_beneficiaries=case.assigned_beneficiaries,
        minimum_savings_rate=case.minimum_savings_rate,
        quality_met=case.quality_standard == "met",
        quality_alternative=case.quality_standard == "alternative",
        quality_score=score,
        share_rate=case.share_rate,
        loss_rate=case.loss_rate,
        revenue=case.revenue,
        disaster_adjustment=case.disaster_adjustment,
        reduced_sharing=case.reduced_sharing,
        savings_barred=barred,
        terms=terms,
    )
    return {name: float(amount) for name, amount in amounts.items()}
