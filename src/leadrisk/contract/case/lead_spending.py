"""Spending of a case before it is settled: raw base years, what does not count, claims still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.baseline import risk_standardised_pbpm
from leadrisk.contract.case.values import FACTOR, MOST_PBPM, number
from leadrisk.contract.exclusions import EXCLUSIONS, completed_pbpm, counted_pbpm, excluded_shares

if TYPE_CHECKING:
    from leadrisk.contract.case.source import CaseSource
    from leadrisk.contract.terms import Terms
    from leadrisk.scenario.valid_keys import Location

BASE_YEARS = 3


def base_years(source: CaseSource, at: Location, terms: Terms, *, reference_score: float) -> tuple[float, ...]:
    """Return the base years as they count, at the prices and the risk of base year 3.

    Parameters
    ----------
    at
        Location of the category.
    reference_score
        Risk score of base year 3.
    """
    pbpm = three_numbers(source, (*at, "base_year_pbpm"), above=True, highest=MOST_PBPM, example="[1000, 1020, 1060]")
    parts = {
        kind: three_numbers(source, (*at, "base_year_exclusions", kind), highest=MOST_PBPM, example="[6, 6, 6]")
        for kind in _kinds(source, (*at, "base_year_exclusions"))
    }
    if parts:
        excluded = excluded_shares(terms)
        pbpm = tuple(
            float(
                counted_pbpm(gross, parts={kind: amounts[year] for kind, amounts in parts.items()}, excluded=excluded)
            )
            for year, gross in enumerate(pbpm)
        )
        if not min(pbpm) > 0.0:
            raise source.wrong((*at, "base_year_exclusions"), "leaves nothing of base_year_pbpm", "give gross spending")
    return _standardised(source, at, pbpm, reference_score=reference_score)


def performance_year(source: CaseSource, at: Location, terms: Terms) -> float:
    """Return the spending of the performance year as it counts."""
    pbpm = number(source, (*at, "expenditure_pbpm"), lowest=0.0, highest=MOST_PBPM)
    months = source.number((*at, "runout_months"), lowest=0.0, highest=120.0)
    if months is not None:
        needed = terms.number("baseline.runout_months")
        if months < needed:
            problem = f"must be at least {needed:g}, the run-out that LEAD settles on, got {months:g}"
            raise source.wrong((*at, "runout_months"), problem, "wait, or set the term baseline.runout_months")
        pbpm = float(completed_pbpm(pbpm, completion_factor=terms.number("baseline.completion_factor")))
    table = (*at, "performance_year_exclusions")
    parts = {kind: number(source, (*table, kind), lowest=0.0, highest=MOST_PBPM) for kind in _kinds(source, table)}
    if not parts:
        return pbpm
    counted = float(counted_pbpm(pbpm, parts=parts, excluded=excluded_shares(terms)))
    if counted < 0.0:
        raise source.wrong(table, "takes more than expenditure_pbpm", "give gross spending")
    return counted


def three_numbers(
    source: CaseSource, at: Location, *, highest: float, example: str, above: bool = False
) -> tuple[float, ...]:
    """Return one number per base year."""
    value = source.get(at)
    if value is None:
        raise source.missing(at, "[base year 1, base year 2, base year 3]")
    if not isinstance(value, list | tuple) or len(value) != BASE_YEARS:
        raise source.wrong(at, f"must be three numbers, got {value!r}", f"write for example {example}")
    return tuple(number(source, (*at, year), lowest=0.0, above=above, highest=highest) for year in range(BASE_YEARS))


def _standardised(
    source: CaseSource, at: Location, pbpm: tuple[float, ...], *, reference_score: float
) -> tuple[float, ...]:
    """Trend and risk-standardise base years that come with trends and scores; others are standardised already."""
    trend_at, score_at = (*at, "base_year_trend"), (*at, "base_year_risk_score")
    if source.get(trend_at) is None and source.get(score_at) is None:
        return pbpm
    trends = three_numbers(source, trend_at, above=True, highest=5.0, example="[1.10, 1.05, 1]")
    scores = three_numbers(source, score_at, above=True, highest=50.0, example="[0.98, 0.99, 1]")
    if trends[-1] != 1.0:
        raise source.wrong((*trend_at, 2), f"must be 1 for base year 3 itself, got {trends[-1]!r}", f"write {FACTOR}")
    if scores[-1] != reference_score:
        problem = f"must be risk_score_by3 = {reference_score!r} for base year 3, got {scores[-1]!r}"
        raise source.wrong((*score_at, 2), problem)
    return tuple(
        float(risk_standardised_pbpm(one, trend=trend, risk_score=score, reference_score=reference_score))
        for one, trend, score in zip(pbpm, trends, scores, strict=True)
    )


def _kinds(source: CaseSource, at: Location) -> list[str]:
    source.only(at, EXCLUSIONS)
    return list(source.subtable(at))
