"""The enrollment types of a Shared Savings Program case, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leadrisk.contract.amount import MONTHS
from leadrisk.contract.case.values import MOST_PBPM, MOST_PERSON_YEARS, factor, number
from leadrisk.contract.mssp_expenditure import completed_and_truncated
from leadrisk.contract.mssp_inputs import ENROLLMENT_TYPES, EnrollmentType, rules_of

if TYPE_CHECKING:
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms
    from leadrisk.scenario.valid_keys import Location

MOST_PER_CAPITA = MONTHS * MOST_PBPM
_BASE = ("base_year_per_capita", "region_per_capita", "national_per_capita", "prior_savings_per_capita")
_TREND = ("national_trend", "regional_trend", "aco_market_share", "acpt")
_SCORES = ("risk_score_by3", "risk_score_py")
_PAID = ("paid_per_capita", "excess_per_capita")
_TYPE = (
    "person_years",
    "base_person_years",
    "historical_benchmark_per_capita",
    *_BASE,
    "update_factor",
    *_TREND,
    "risk_ratio",
    *_SCORES,
    "demographic_ratio",
    "expenditure_per_capita",
    *_PAID,
)


class CaseType(NamedTuple):
    """One enrollment type of a case.

    Parameters
    ----------
    inputs
        As the settlement takes them; where ``historical_pbpm`` or ``update_factor`` is given, what they follow from
        is not read.
    historical_pbpm
        Historical benchmark as given, dollars per beneficiary per month.
    update_factor
        Update as given.
    """

    inputs: EnrollmentType
    historical_pbpm: float | None
    update_factor: float | None


def check_types(source: CaseSource, *, agreement_start: int, terms: Terms) -> dict[str, CaseType]:
    """Check ``[types]`` key by key; empty where the case has none.

    Parameters
    ----------
    agreement_start
        First performance year of the agreement period; it tells whether a prospective trend is needed.
    """
    source.only(("types",), ENROLLMENT_TYPES)
    given = source.subtable(("types",))
    types = {
        name: _check_type(source, ("types", name), agreement_start=agreement_start, terms=terms)
        for name in ENROLLMENT_TYPES
        if name in given
    }
    if types and not sum(float(one.inputs.person_years) for one in types.values()) > 0.0:
        raise source.wrong(("types", next(iter(types)), "person_years"), "must not be 0 in every type")
    with_history = [name for name, one in types.items() if one.historical_pbpm is not None]
    if with_history and len(with_history) < len(types):
        other = next(name for name in types if name not in with_history)
        raise source.missing(
            ("types", other, "historical_benchmark_per_capita"), "dollars per person-year, as for the other types"
        )
    return types


def _check_type(source: CaseSource, at: Location, *, agreement_start: int, terms: Terms) -> CaseType:
    source.only(at, _TYPE)
    historical = source.number(
        (*at, "historical_benchmark_per_capita"), lowest=0.0, above=True, highest=MOST_PER_CAPITA
    )
    update = None if source.get((*at, "update_factor")) is None else factor(source, (*at, "update_factor"))
    if historical is not None:
        _no(source, at, _BASE, beside="historical_benchmark_per_capita")
        base_years: tuple[float, ...] = (historical, historical, historical)
        region, national, prior = historical, historical, 0.0
    else:
        base_years = _check_base_years(source, (*at, "base_year_per_capita"))
        region = _per_capita(source, (*at, "region_per_capita"), above=True)
        national = _per_capita(source, (*at, "national_per_capita"), above=True)
        prior = (
            source.number((*at, "prior_savings_per_capita"), lowest=-MOST_PER_CAPITA, highest=MOST_PER_CAPITA) or 0.0
        )
    national_trend, regional_trend, share, acpt = 1.0, 1.0, 0.0, 1.0
    if update is not None:
        _no(source, at, _TREND, beside="update_factor")
    else:
        national_trend = factor(source, (*at, "national_trend"))
        regional_trend = factor(source, (*at, "regional_trend"))
        share = number(source, (*at, "aco_market_share"), lowest=0.0, highest=1.0)
        if terms.number(f"update.acpt_weight.{rules_of(agreement_start)}") > 0.0:
            acpt = factor(source, (*at, "acpt"))
    inputs = EnrollmentType(
        person_years=number(source, (*at, "person_years"), lowest=0.0, highest=MOST_PERSON_YEARS),
        base_year_pbpm=tuple(amount / MONTHS for amount in base_years),
        region_pbpm=region / MONTHS,
        national_pbpm=national / MONTHS,
        national_trend=national_trend,
        regional_trend=regional_trend,
        acpt=acpt,
        risk_ratio=_check_risk(source, at),
        expenditure_pbpm=_check_expenditure(source, at, terms) / MONTHS,
        prior_savings_pbpm=prior / MONTHS,
        aco_market_share=share,
        demographic_ratio=source.number((*at, "demographic_ratio"), lowest=0.1, highest=10.0) or 1.0,
        base_person_years=source.number((*at, "base_person_years"), lowest=0.0, above=True, highest=MOST_PERSON_YEARS),
    )
    return CaseType(inputs, None if historical is None else historical / MONTHS, update)


def _check_base_years(source: CaseSource, at: Location) -> tuple[float, ...]:
    value = source.get(at)
    if value is None:
        raise source.missing(at, "[base year 1, base year 2, base year 3]; or give historical_benchmark_per_capita")
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise source.wrong(at, f"must be three numbers, got {value!r}", "write for example [12000, 12240, 12720]")
    return tuple(_per_capita(source, (*at, year), above=True) for year in range(3))


def _check_risk(source: CaseSource, at: Location) -> float:
    if source.get((*at, "risk_ratio")) is not None:
        _no(source, at, _SCORES, beside="risk_ratio")
        return number(source, (*at, "risk_ratio"), lowest=0.1, highest=10.0)
    if all(source.get((*at, key)) is None for key in _SCORES):
        raise source.missing((*at, "risk_ratio"), f"a ratio such as 1.02; or give {' and '.join(_SCORES)}")
    by3, py = (number(source, (*at, key), lowest=0.0, above=True, highest=50.0) for key in _SCORES)
    return py / by3


def _check_expenditure(source: CaseSource, at: Location, terms: Terms) -> float:
    if source.get((*at, "paid_per_capita")) is None:
        _no(source, at, ("excess_per_capita",), beside="expenditure_per_capita")
        return _per_capita(source, (*at, "expenditure_per_capita"))
    _no(source, at, ("expenditure_per_capita",), beside="paid_per_capita")
    paid, excess = (_per_capita(source, (*at, key)) for key in _PAID)
    counted = completed_and_truncated(
        paid, completion_factor=terms.number("expenditure.completion_factor"), excess=excess
    )
    if counted < 0.0:
        raise source.wrong((*at, "excess_per_capita"), f"must not exceed what was paid, completed, got {excess!r}")
    return float(counted)


def _per_capita(source: CaseSource, at: Location, *, above: bool = False) -> float:
    return number(source, at, lowest=0.0, above=above, highest=MOST_PER_CAPITA, cure="dollars per person-year")


def _no(source: CaseSource, at: Location, keys: tuple[str, ...], *, beside: str) -> None:
    for key in keys:
        if source.get((*at, key)) is not None:
            raise source.wrong((*at, key), f"has no place beside {beside}", "leave one of the two out")
