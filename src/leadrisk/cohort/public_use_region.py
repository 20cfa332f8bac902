"""What a region costs against an ACO, from the regional adjustment in the ACO's benchmark under MSSP.

Files since 2022 give its dollars. That of 2021 gives its sign alone, and none to ACOs whose agreement had no such
adjustment: then its dollars are estimated from what the historical benchmark exceeds the base years by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from leadrisk.cohort.public_use_row import (
    AGREEMENT_YEARS,
    FIRST_AFTER_THREE_YEARS,
    FIVE_YEARS_SINCE,
    TYPES,
    figure,
    person_years,
    required,
    start_of,
    type_cost,
    type_score,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.cohort.public_use_row import Row

    Means = Mapping[tuple[str, str], tuple[float, float]]

# Fitted to what 2022 publishes for the 276 ACOs that both years show in the same agreement; a test fits it again.
EXCESS_SLOPE = 0.72
EXCESS_INTERCEPT = -0.0015
REGION_WHERE_UNKNOWN = 0.034  # mean of 68 ACOs without one in 2021, from their adjustments of 2022
# Where the ACO spends less and more than its region; first, second, third and later time (42 CFR 425.601(f), 425.603).
WEIGHTS = ((0.35, 0.15), (0.50, 0.25), (0.50, 0.35), (0.50, 0.50))
WEIGHTS_BEFORE_JULY_2019 = (0.35, 0.25)
_FIRST_ADJUSTED = (2017, 1)
FIRST_PERIOD_WEIGHTS = (0.10, 0.30, 0.60)
LATER_PERIOD_WEIGHTS = (1 / 3, 1 / 3, 1 / 3)
_BASE_YEARS = ("BY1", "BY2", "BY3")


class Region(NamedTuple):
    """A region against one ACO.

    Parameters
    ----------
    over_aco
        Regional over the ACO's own cost, less 1.
    basis
        ``dollars`` and ``sign``: what the file gives of the regional adjustment; ``unknown``: it gives nothing.
    """

    over_aco: float
    basis: Literal["dollars", "sign", "unknown"]


def region_of(row: Row, means: Means, *, regional_dollars: bool) -> Region:
    """Place the region against the ACO, from the published regional adjustment.

    Parameters
    ----------
    row
        The ACO.
    means
        Cost and score of the ACOs with its start date, by type and year; read only where the dollars are unknown.
    regional_dollars
        Whether ``PosRegAdj`` stands in dollars.

    Examples
    --------
    >>> row = {"PosRegAdj": "243", "HistBnchmk": "9771", "Agreement_Period_Num": "1"}
    >>> row |= {"Current_Start_Date": "01/01/2022"}
    >>> region = region_of(row, {}, regional_dollars=True)
    >>> round(region.over_aco, 4), region.basis
    (0.0729, 'dollars')
    >>> region_of(row | {"PosRegAdj": ""}, {}, regional_dollars=False)
    Region(over_aco=0.034, basis='unknown')
    """
    published = figure(row, "PosRegAdj")
    if published is None:
        return Region(REGION_WHERE_UNKNOWN, "unknown")
    if regional_dollars:
        return Region(region_over_aco(row, published), "dollars")
    estimate = adjustment_from_benchmark(row, means)
    adjustment = max(0.0, estimate) if published > 0.0 else min(0.0, estimate)
    return Region(region_over_aco(row, adjustment), "sign")


def region_over_aco(row: Row, adjustment: float) -> float:
    """Regional over the ACO's own cost, less 1, from the regional adjustment in dollars per person-year.

    Examples
    --------
    $350 at a weight of 35 % is a region $1,000 above the ACO's $9,650:

    >>> row = {"HistBnchmk": "10000", "Agreement_Period_Num": "1", "Current_Start_Date": "01/01/2022"}
    >>> round(region_over_aco(row, 350.0), 4)
    0.1036
    """
    lower_spending, higher_spending = regional_weights(row)
    weight = lower_spending if adjustment > 0.0 else higher_spending
    return adjustment / weight / (required(row, "HistBnchmk") - adjustment)


def times_adjusted(row: Row) -> int:
    """Count the agreement periods with a regional adjustment, the present one included.

    Renewals have had one since 2017, first agreements since July 2019. Earlier agreements of the ACO are dated back by
    three years from those of July 2019 and 2020, by four from 2022 (those of 2018 ran that long), else by five.

    Examples
    --------
    A1540's third period, from July 2019, is its first with an adjustment, as CMS's settlement report shows (35 %):

    >>> times_adjusted({"Agreement_Period_Num": "3", "Current_Start_Date": "07/01/2019"})
    1
    >>> times_adjusted({"Agreement_Period_Num": "3", "Current_Start_Date": "01/01/2022"})
    2
    """
    period = int(required(row, "Agreement_Period_Num"))
    start = start_of(row["Current_Start_Date"])
    times = 1
    while period > 1:
        period -= 1
        start = _start_before(start)
        if start < (_FIRST_ADJUSTED if period > 1 else FIVE_YEARS_SINCE):
            break
        times += 1
    return times


def _start_before(start: tuple[int, int]) -> tuple[int, int]:
    year, month = start
    if start < FIVE_YEARS_SINCE or year in {FIVE_YEARS_SINCE[0], FIVE_YEARS_SINCE[0] + 1}:
        return year - 3, 1
    if year == FIRST_AFTER_THREE_YEARS:
        return year - 4, 1
    return max((year - AGREEMENT_YEARS, month), FIVE_YEARS_SINCE)  # older agreements had ended by 2022


def regional_weights(row: Row) -> tuple[float, float]:
    """Weights of the regional adjustment where the ACO spends less and where it spends more than its region."""
    if start_of(row["Current_Start_Date"]) < FIVE_YEARS_SINCE:
        return WEIGHTS_BEFORE_JULY_2019
    return WEIGHTS[min(times_adjusted(row), len(WEIGHTS)) - 1]


def adjustment_from_benchmark(row: Row, means: Means) -> float:
    """Estimate the regional adjustment, in dollars per person-year, from the historical benchmark's excess.

    Against the adjustments of 2022 the estimate has a correlation of 0.84 and an error of 0.8 % of the benchmark (SD).
    """
    benchmark = required(row, "HistBnchmk")
    excess = benchmark / base_years_cost(row, means) - 1.0
    return benchmark * (EXCESS_INTERCEPT + EXCESS_SLOPE * excess)


def base_years_cost(row: Row, means: Means) -> float:
    """Average the base years of the file at the trend of the ACOs with the same start date and at BY3's scores.

    Parameters
    ----------
    means
        ``(type, year)`` to ``(dollars per person-year, score)``.

    Returns
    -------
    float
        Dollars per person-year, enrollment types weighted by person-years of BY3; a type or year with a suppressed
        figure counts at the mean of the same start date.

    Examples
    --------
    Costs of $10,000 that rose by 10 % as those of all did, at constant scores, are worth $11,000 each:

    >>> row = {"Agreement_Period_Num": "2"} | {f"N_AB_Year_{n}_BY3": "5" for n in ("ESRD", "DIS")}
    >>> row |= {"N_AB_Year_AGED_Dual_BY3": "*", "N_AB_Year_AGED_NonDual_BY3": "5"}
    >>> for name in TYPES:
    ...     row |= {f"CMS_HCC_RiskScore_{name}_{year}": "1.0" for year in ("BY1", "BY2", "BY3")}
    ...     row |= {f"Per_Capita_Exp_ALL_{name}_{y}": c for y, c in zip(_BASE_YEARS, ("10000", "10000", "11000"))}
    >>> means = {(name, year): (10_000.0, 1.0) for name in TYPES for year in ("BY1", "BY2")}
    >>> round(base_years_cost(row, means | {(name, "BY3"): (11_000.0, 1.0) for name in TYPES}), 2)
    11000.0
    """
    weights = FIRST_PERIOD_WEIGHTS if row["Agreement_Period_Num"].strip() == "1" else LATER_PERIOD_WEIGHTS
    total = all_years = 0.0
    for name in TYPES:
        years = person_years(row, name, "BY3") or 0.0
        mean_now, mean_score_now = means[name, "BY3"]
        score_now = type_score(row, name, "BY3")
        average = 0.0
        for weight, year in zip(weights, _BASE_YEARS, strict=True):
            cost, score = type_cost(row, name, year), type_score(row, name, year)
            if cost is None or score is None or score_now is None:
                average += weight * mean_now
                continue
            mean, mean_score = means[name, year]
            average += weight * cost * score_now / score * (mean_now / mean_score_now) / (mean / mean_score)
        total += years * average
        all_years += years
    return total / all_years
