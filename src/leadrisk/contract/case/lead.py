"""A LEAD case: settled from its categories, from its benchmark before discount, or from its final benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.case import lead_cara, lead_elections, lead_input, lead_stop_loss
from leadrisk.contract.case.extra import CaseExtra
from leadrisk.contract.case.lead_alignment import alignment_result
from leadrisk.contract.case.lead_input import LeadCase, check_lead_case
from leadrisk.contract.case.lead_lines import lead_benchmark_lines, lead_settlement_lines
from leadrisk.contract.case.lead_update import guarded_years, update_parts
from leadrisk.contract.case.notes import category_notes
from leadrisk.contract.lead import lead_benchmarks, settle_lead_option
from leadrisk.contract.lead_growth import category_growth
from leadrisk.contract.lead_pbpm import category_start, spending_class_of
from leadrisk.contract.lead_settlement import settle_lead_benchmark, settle_lead_corridor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms

EXTRAS: tuple[ModuleType, ...] = (lead_stop_loss, lead_cara, lead_elections)
"""Modules that read optional tables of a case: ``KEYS``, their keys, and ``read``, which returns a `CaseExtra`."""

KEYS = (*lead_input.KEYS, *(key for module in EXTRAS for key in module.KEYS))


def settle_lead_case(source: CaseSource, terms: Terms) -> dict[str, object]:
    """Check and settle a LEAD case.

    Returns
    -------
    dict
        Lines in dollars, what the case named or left to be derived, and ``lines`` for printing.
    """
    case = check_lead_case(source, terms)
    named = {
        "option": case.option,
        "performance_year": case.performance_year,
        "entrant": case.entrant,
        "spending_class": case.spending_class,
        "quality_score": case.quality_score,
    }
    if case.benchmark_final is not None:
        _no_extras(source)
        return named | _settle_totals(case, case.benchmark_final, terms)
    return named | _settle_benchmark(source, case, terms)


def _settle_benchmark(source: CaseSource, case: LeadCase, terms: Terms) -> dict[str, object]:
    score = terms.number("quality.score_if_not_given") if case.quality_score is None else case.quality_score
    higher = case.spending_class == "higher"
    if (
        case.entrant is not None
        and case.categories
        and (case.spending_class is None or terms.flag("spending_class_redetermined"))
    ):
        higher = bool(spending_class_of(case.categories, entrant=case.entrant, terms=terms))
    amounts = _amounts(case, terms, higher=higher, score=score, extra=CaseExtra({}, {}, []))
    extra = _read_extras(source, case, terms, values=amounts)
    if extra.added_to_expenditure or extra.beside:
        amounts = _amounts(case, terms, higher=higher, score=score, extra=extra)
    updated = {name: f"updated_pbpm_{name}" for name in case.categories}
    values = {name: amount for name, amount in amounts.items() if name not in updated.values()}
    steps = _steps(case, terms, higher=higher)
    lines = lead_benchmark_lines(case, values, steps=steps, score=score, terms=terms)
    lines += lead_settlement_lines(case, values, terms=terms, higher=higher, extra=extra)
    if case.alignment is not None and case.entrant is not None:
        found, line = alignment_result(
            case.alignment,
            entrant=case.entrant,
            performance_year=case.performance_year,
            first_performance_year=case.first_performance_year,
            terms=terms,
        )
        values |= found
        lines.append(line)
    return {
        **values,
        "notes": category_notes(case.categories, {name: amounts[f"updated_pbpm_{name}"] for name in case.categories}),
        "guardrail_year": int(guarded_years([case.performance_year], case.first_performance_year, terms)[0]),
        "spending_class": "higher" if higher else "lower",
        "quality_score": score,
        "updated_pbpm": {name: amounts[line_name] for name, line_name in updated.items()},
        "benchmark_steps": steps,
        "lines": lines,
    }


def _amounts(case: LeadCase, terms: Terms, *, higher: bool, score: float, extra: CaseExtra) -> dict[str, float]:
    """Lines of the settlement in dollars."""
    years = [case.performance_year]
    added: dict[str, Amount] = dict(extra.added_to_expenditure)
    beside: dict[str, Amount] = dict(extra.beside)
    if case.entrant is None or not case.categories:
        amounts = settle_lead_benchmark(
            case.benchmark_before_discount or 0.0,
            expenditure=case.expenditure or 0.0,
            option=case.option,
            performance_years=years,
            quality_score=score,
            terms=terms,
            higher_spending=higher,
            base_pcc_share=case.base_pcc_share,
            high_performer=case.high_performer,
            rural=case.rural,
            added_to_expenditure=added,
            beside=beside,
        )
    else:
        benchmarks = lead_benchmarks(
            case.categories,
            entrant=case.entrant,
            performance_years=years,
            terms=terms,
            spending_class="higher" if higher else "lower",
            first_performance_year=case.first_performance_year,
        )
        amounts = settle_lead_option(
            benchmarks,
            option=case.option,
            quality_score=score,
            terms=terms,
            base_pcc_share=case.base_pcc_share,
            high_performer=case.high_performer,
            rural=case.rural,
            added_to_expenditure=added,
            beside=beside,
        )
    return {name: _plain(amount) for name, amount in amounts.items()}


def _steps(case: LeadCase, terms: Terms, *, higher: bool) -> dict[str, dict[str, float]]:
    """Steps of each category's benchmark; empty where the case starts from the benchmark before discount."""
    if case.entrant is None:
        return {}
    years = np.array([case.performance_year])
    steps = {}
    for name, category in case.categories.items():
        begin = category_start(
            category, option=case.option, entrant=case.entrant, years=years, higher=higher, terms=terms
        )
        growth = category_growth(
            category, name=name, years=years, terms=terms, first_performance_year=case.first_performance_year
        )
        parts = update_parts(category, years=years, terms=terms, first_performance_year=case.first_performance_year)
        together = begin._asdict() | parts | growth._asdict()
        steps[name] = {step: _plain(amount) for step, amount in together.items()}
    return steps


def _read_extras(source: CaseSource, case: LeadCase, terms: Terms, *, values: Mapping[str, float]) -> CaseExtra:
    """Dollars and lines of all optional tables that the case gives."""
    together = CaseExtra({}, {}, [])
    for module in EXTRAS:
        if any(source.get((key,)) is not None for key in module.KEYS):
            extra: CaseExtra = module.read(source, terms, case=case, values=values)
            together.added_to_expenditure.update(extra.added_to_expenditure)
            together.beside.update(extra.beside)
            together.lines.extend(extra.lines)
    return together


def _no_extras(source: CaseSource) -> None:
    for key in (key for module in EXTRAS for key in module.KEYS):
        if source.get((key,)) is not None:
            cure = "give [categories], or benchmark_before_discount with expenditure"
            raise source.wrong((key,), "has no place in a case from benchmark_final", cure)


def _settle_totals(case: LeadCase, benchmark_final: float, terms: Terms) -> dict[str, object]:
    gross = benchmark_final - case.expenditure if case.expenditure is not None else case.gross_savings or 0.0
    amounts = settle_lead_corridor(gross, benchmark_final=benchmark_final, option=case.option, terms=terms)
    values = {name: _plain(amount) for name, amount in amounts.items()}
    values |= {"benchmark_final": benchmark_final, "expenditure": benchmark_final - gross}
    return {**values, "lines": lead_settlement_lines(case, values, terms=terms)}


def _plain(amount: object) -> float:
    """Take the one number out of an array of one performance year."""
    return float(np.asarray(amount, dtype=np.float64).reshape(-1)[0])
