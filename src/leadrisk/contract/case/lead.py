"""A LEAD case: settled from its categories, from its benchmark before discount, or from its final benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.case.lead_input import LeadCase, check_lead_case
from leadrisk.contract.case.lead_lines import lead_benchmark_lines, lead_settlement_lines
from leadrisk.contract.lead import settle_lead
from leadrisk.contract.lead_pbpm import CategoryBenchmark, category_benchmark, spending_class_of
from leadrisk.contract.lead_settlement import settle_lead_benchmark, settle_lead_corridor

if TYPE_CHECKING:
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms


def settle_lead_case(source: CaseSource, terms: Terms) -> dict[str, object]:
    """Check and settle a LEAD case.

    Returns
    -------
    dict
        Lines in dollars, what the case named or left to be derived, and ``lines`` for printing.
    """
    case = check_lead_case(source)
    named = {
        "option": case.option,
        "performance_year": case.performance_year,
        "entrant": case.entrant,
        "spending_class": case.spending_class,
        "quality_score": case.quality_score,
    }
    if case.benchmark_final is not None:
        return named | _settle_totals(case, case.benchmark_final, terms)
    return named | _settle_benchmark(case, terms)


def _settle_benchmark(case: LeadCase, terms: Terms) -> dict[str, object]:
    score = terms.number("quality.score_if_not_given") if case.quality_score is None else case.quality_score
    years = np.array([case.performance_year])
    higher = case.spending_class == "higher"
    steps: dict[str, CategoryBenchmark] = {}
    if case.entrant is not None and case.categories:
        if case.spending_class is None:
            higher = bool(spending_class_of(case.categories, entrant=case.entrant, terms=terms))
        steps = {
            name: category_benchmark(
                category,
                name=name,
                option=case.option,
                entrant=case.entrant,
                years=years,
                higher=higher,
                terms=terms,
            )
            for name, category in case.categories.items()
        }
        amounts = settle_lead(
            case.categories,
            option=case.option,
            entrant=case.entrant,
            performance_years=years,
            quality_score=score,
            terms=terms,
            spending_class="higher" if higher else "lower",
            base_pcc_share=case.base_pcc_share,
        )
    else:
        amounts = settle_lead_benchmark(
            case.benchmark_before_discount or 0.0,
            expenditure=case.expenditure or 0.0,
            option=case.option,
            performance_years=years,
            quality_score=score,
            terms=terms,
            higher_spending=higher,
            base_pcc_share=case.base_pcc_share,
        )
    updated = {name: f"updated_pbpm_{name}" for name in steps}
    values = {name: _plain(amount) for name, amount in amounts.items() if name not in updated.values()}
    plain_steps = {
        name: {step: _plain(amount) for step, amount in benchmark._asdict().items()}
        for name, benchmark in steps.items()
    }
    return {
        **values,
        "spending_class": "higher" if higher else "lower",
        "quality_score": score,
        "updated_pbpm": {name: _plain(amounts[line]) for name, line in updated.items()},
        "benchmark_steps": plain_steps,
        "lines": lead_benchmark_lines(case, values, steps=plain_steps, score=score, terms=terms)
        + lead_settlement_lines(case, values, terms=terms),
    }


def _settle_totals(case: LeadCase, benchmark_final: float, terms: Terms) -> dict[str, object]:
    gross = benchmark_final - case.expenditure if case.expenditure is not None else case.gross_savings or 0.0
    amounts = settle_lead_corridor(gross, benchmark_final=benchmark_final, option=case.option, terms=terms)
    values = {name: _plain(amount) for name, amount in amounts.items()}
    values |= {"benchmark_final": benchmark_final, "expenditure": benchmark_final - gross}
    return {**values, "lines": lead_settlement_lines(case, values, terms=terms)}


def _plain(amount: object) -> float:
    """Take the one number out of an array of one performance year."""
    return float(np.asarray(amount, dtype=np.float64).reshape(-1)[0])
