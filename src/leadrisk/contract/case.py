"""Settle one case: a TOML file or mapping in, every line of the settlement out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.case_input import Case, check_case
from leadrisk.contract.case_lines import lead_benchmark_lines, lead_settlement_lines, reach_lines
from leadrisk.contract.case_source import CaseSource, nearest, open_case
from leadrisk.contract.lead import settle_lead
from leadrisk.contract.lead_pbpm import CategoryBenchmark, category_benchmark, spending_class_of
from leadrisk.contract.lead_settlement import settle_lead_benchmark, settle_lead_corridor
from leadrisk.contract.reach import settle_reach
from leadrisk.contract.terms import Terms, load_terms
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from os import PathLike

AMOUNTS = (
    "benchmark_before_discount",
    "discount",
    "benchmark_after_discount",
    "quality_adjustment",
    "benchmark_final",
    "expenditure",
    "gross_savings",
    "gross_savings_rate",
    "shared_savings",
    "sequestration",
    "net_shared_savings",
    "enhanced_pcc_repayment",
    "administrative_add_on",
    "settlement_balance",
)


def settle_case(case: str | PathLike[str] | Mapping[str, object]) -> dict[str, object]:
    """Settle one performance year of one ACO.

    Parameters
    ----------
    case
        Path of a case file, or the same keys as a mapping. A case gives either ``[categories]`` with
        everything the benchmark is made of, or totals: ``benchmark_before_discount`` with ``expenditure``,
        or ``benchmark_final`` with ``expenditure`` or ``gross_savings``. A LEAD case without
        ``quality_score`` is settled at the term ``quality.score_if_not_given`` (0.88).

    Returns
    -------
    dict
        Every line in dollars under the names of :func:`leadrisk.contract.lead.settle_lead` (``None`` where
        the totals given do not tell), ``updated_pbpm`` by category, the spending class, ``lines`` for
        printing, and ``unverified_terms``: names of the terms used that no readable CMS text confirms.

    Raises
    ------
    InputError
        If the file cannot be read, or a key or value is wrong.

    Examples
    --------
    Global, $8.0 M saved on $100.0 M: all of it is shared, less 2 %.

    >>> result = settle_case({
    ...     "program": "lead", "option": "global", "performance_year": 2027,
    ...     "benchmark_final": 100_000_000, "gross_savings": 8_000_000,
    ... })
    >>> result["shared_savings"], result["net_shared_savings"]
    (8000000.0, 7840000.0)
    """
    source = open_case(case)
    checked = check_case(source)
    terms = _load_terms(source, checked.program)
    result: dict[str, object] = {
        "name": checked.name,
        "program": checked.program,
        "option": checked.option,
        "performance_year": checked.performance_year,
        "entrant": checked.entrant,
        "spending_class": checked.spending_class,
        "quality_score": checked.quality_score,
        "updated_pbpm": {},
        **dict.fromkeys(AMOUNTS),
    }
    result |= _settle_reach(checked, terms) if checked.program == "reach" else _settle_lead(checked, terms)
    unverified = terms.unverified()
    result["unverified_terms"] = [term["name"] for term in unverified]
    result["unverified_term_details"] = unverified
    _check_expected(source, result)
    return result


def _settle_lead(case: Case, terms: Terms) -> dict[str, object]:
    if case.benchmark_final is not None:
        return _settle_lead_totals(case, case.benchmark_final, terms)
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
    values = {name: _plain(amount) for name, amount in amounts.items() if name in AMOUNTS}
    plain_steps = {
        name: {step: _plain(amount) for step, amount in benchmark._asdict().items()}
        for name, benchmark in steps.items()
    }
    return {
        **values,
        "spending_class": "higher" if higher else "lower",
        "quality_score": score,
        "updated_pbpm": {name: _plain(amounts[f"updated_pbpm_{name}"]) for name in steps},
        "benchmark_steps": plain_steps,
        "lines": lead_benchmark_lines(case, values, steps=plain_steps, score=score, terms=terms)
        + lead_settlement_lines(case, values, terms=terms),
    }


def _settle_lead_totals(case: Case, benchmark_final: float, terms: Terms) -> dict[str, object]:
    gross = benchmark_final - case.expenditure if case.expenditure is not None else case.gross_savings or 0.0
    amounts = settle_lead_corridor(gross, benchmark_final=benchmark_final, option=case.option, terms=terms)
    values = {name: _plain(amount) for name, amount in amounts.items()}
    values |= {"benchmark_final": benchmark_final, "expenditure": benchmark_final - gross}
    return {**values, "lines": lead_settlement_lines(case, values, terms=terms)}


def _settle_reach(case: Case, terms: Terms) -> dict[str, object]:
    amounts = settle_reach(
        option=case.option,
        performance_year=case.performance_year,
        benchmark_final=case.benchmark_final or 0.0,
        terms=terms,
        expenditure=case.expenditure,
        gross_savings=case.gross_savings,
        heba_net=case.heba_net,
        stop_loss_net=case.stop_loss_net,
    )
    values = {name: _plain(amount) for name, amount in amounts.items()}
    return {**values, "lines": reach_lines(case, values, terms=terms)}


def _load_terms(source: CaseSource, program: str) -> Terms:
    try:
        return load_terms(program, source.subtable(("terms",)))
    except InputError as error:
        location = tuple((error.key or "terms").split("."))
        line = source.line(location)
        raise InputError(error.problem, path=source.path, line=line, key=error.key, cure=error.cure) from None


def _check_expected(source: CaseSource, result: Mapping[str, object]) -> None:
    valid = [name for name, value in result.items() if isinstance(value, float)]
    expected = source.subtable(("expected",))
    for name in expected:
        if name == "updated_pbpm":
            source.only(("expected", "updated_pbpm"), _keys(result["updated_pbpm"]))
        elif name == "spending_class":
            source.choice(("expected", name), ("lower", "higher"))
        elif name not in valid:
            raise source.wrong(("expected", name), "is no line of this settlement", nearest(name, valid))
        else:
            source.number(("expected", name), lowest=-1e12, highest=1e12)


def _keys(table: object) -> list[str]:
    return list(table) if isinstance(table, Mapping) else []


def _plain(amount: object) -> float:
    """Take the one number out of an array of one performance year."""
    return float(np.asarray(amount, dtype=np.float64).reshape(-1)[0])
