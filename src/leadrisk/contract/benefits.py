"""Benefit enhancements and beneficiary engagement incentives: what they cost the ACO, and what they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadrisk.contract.amount import MONTHS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount, Mask
    from leadrisk.contract.terms import Terms
    from leadrisk.scenario.benefits_table import Benefits
    from leadrisk.scenario.election_rules import Elected


def monthly_benefit(person_years: Amount, *, pbpm: Amount, offered: Mask) -> Amount:
    """Return a year's cost of a benefit that is paid for every beneficiary, in dollars.

    Part B cost-sharing support (rule book section 13, grade B) and the Part D premium buy-down (from 2029, grade
    A) are the ACO's to pay; amounts are not published and default to nothing (grade C).

    Parameters
    ----------
    pbpm
        Dollars per beneficiary per month.
    offered
        Whether the benefit is offered in the year.

    Examples
    --------
    $5 a month for 10,000 person-years:

    >>> float(monthly_benefit(10_000.0, pbpm=5.0, offered=True))
    600000.0
    """
    return np.where(offered, MONTHS * pbpm, 0.0) * person_years


def rewarded_benefit(person_years: Amount, *, dollars: Amount, limit: float, reach: float) -> Amount:
    """Return a year's cost of an incentive that only some beneficiaries take, in dollars.

    Chronic Disease Prevention Reward and Substance Access incentive are wholly at the ACO's expense (rule book
    section 13, grade A); what one beneficiary may be given in a year is limited (reward C, hemp products B).

    Parameters
    ----------
    dollars
        What the ACO gives each beneficiary who takes it, per year.
    limit
        The most that it may give.
    reach
        Share of beneficiaries who take it.

    Examples
    --------
    $100 planned, $75 allowed, for a tenth of 10,000:

    >>> float(rewarded_benefit(10_000.0, dollars=100.0, limit=75.0, reach=0.1))
    75000.0
    """
    cost: Amount = reach * np.minimum(dollars, limit) * person_years
    return cost


def ramped_effect(full: float, *, years_offered: ArrayLike, ramp_years: float) -> NDArray[np.float64]:
    """Return the share of cost that a benefit saves in each year: in equal steps to its full share.

    No effect is published; the scenario's shares are 0 (rule book section 13, grade C).

    Parameters
    ----------
    years_offered
        1 in the first year of the benefit, 2 in the second; 0 or less before it.
    ramp_years
        Years until the full share.

    Examples
    --------
    >>> ramped_effect(0.006, years_offered=[0, 1, 2, 3, 4], ramp_years=3).round(6).tolist()
    [0.0, 0.002, 0.004, 0.006, 0.006]
    """
    return full * np.clip(np.asarray(years_offered, dtype=np.float64) / ramp_years, 0.0, 1.0)


def benefit_cost(
    person_years: Amount, *, elected: Elected, benefits: Benefits, performance_years: ArrayLike, terms: Terms
) -> dict[str, Amount]:
    """Return what each elected benefit costs the ACO, outside the settlement, in dollars by line.

    Parameters
    ----------
    person_years
        All categories together, shape (..., year).
    elected
        Benefits elected under the contract.
    benefits
        What they cost, in dollars of the first performance year.
    performance_years
        Calendar years along the last axis.

    Examples
    --------
    Part D buy-down of $20 a month for 10,000 beneficiaries, costs level, from 2029 on:

    >>> from leadrisk.contract.terms import load_terms
    >>> from leadrisk.scenario.benefits_table import Benefits
    >>> from leadrisk.scenario.election_rules import Elected
    >>> cost = benefit_cost(
    ...     np.full(3, 10_000.0), elected=Elected(part_d_buydown=True), benefits=Benefits(cost_growth=0.0),
    ...     performance_years=[2027, 2028, 2029], terms=load_terms("lead"),
    ... )
    >>> {name: dollars.tolist() for name, dollars in cost.items()}
    {'part_d_buydown': [0.0, 0.0, 2400000.0]}
    """
    years = np.asarray(performance_years, dtype=np.int64)
    growth = cost_growth(benefits.cost_growth, years=years)
    lines: dict[str, Amount] = {}
    if elected.part_b_cost_sharing_support:
        lines["part_b_cost_sharing_support"] = monthly_benefit(
            person_years, pbpm=benefits.part_b_support_pbpm * growth, offered=True
        )
    if elected.part_d_buydown:
        lines["part_d_buydown"] = monthly_benefit(
            person_years,
            pbpm=benefits.part_d_buydown_pbpm * growth,
            offered=years >= _part_d_first_year(benefits, terms),
        )
    if elected.prevention_reward:
        lines["prevention_reward"] = rewarded_benefit(
            person_years,
            dollars=benefits.prevention_reward_dollars * growth,
            limit=terms.number("benefits.prevention_reward_limit"),
            reach=benefits.prevention_reward_reach,
        )
    if elected.substance_access:
        lines["substance_access"] = rewarded_benefit(
            person_years,
            dollars=benefits.substance_access_dollars * growth,
            limit=terms.number("benefits.substance_access_limit"),
            reach=benefits.substance_access_reach,
        )
    return lines


def nutrition_therapy_expenditure(
    person_years: Amount, *, elected: Elected, benefits: Benefits, performance_years: ArrayLike, terms: Terms
) -> Amount:
    """Return what Medical Nutrition Therapy adds to performance-year expenditure, in dollars.

    CMS covers the therapy for more conditions, for ACOs that take full risk; Medicare pays for it, so it raises
    expenditure instead of costing the ACO (rule book section 13, grade A; that it counts, C).

    Examples
    --------
    $0.50 a month for 10,000 person-years:

    >>> from leadrisk.contract.terms import load_terms
    >>> from leadrisk.scenario.benefits_table import Benefits
    >>> from leadrisk.scenario.election_rules import Elected
    >>> added = nutrition_therapy_expenditure(
    ...     10_000.0, elected=Elected(medical_nutrition_therapy=True), benefits=Benefits(),
    ...     performance_years=[2027], terms=load_terms("lead"),
    ... )
    >>> added.tolist()
    [60000.0]
    """
    if not (elected.medical_nutrition_therapy and terms.flag("benefits.nutrition_therapy_in_expenditure")):
        return 0.0 * person_years
    growth = cost_growth(benefits.cost_growth, years=np.asarray(performance_years, dtype=np.int64))
    return monthly_benefit(person_years, pbpm=benefits.medical_nutrition_therapy_pbpm * growth, offered=True)


def benefit_effect(
    *, elected: Elected, benefits: Benefits, performance_years: ArrayLike, terms: Terms
) -> NDArray[np.float64]:
    """Return the share of Part A and B cost that the elected benefits save together, by year.

    Each acts on what the others leave.

    Examples
    --------
    Two benefits that each save 1 % from the first year on:

    >>> from leadrisk.contract.terms import load_terms
    >>> from leadrisk.scenario.benefits_table import Benefits
    >>> from leadrisk.scenario.election_rules import Elected
    >>> saved = benefit_effect(
    ...     elected=Elected(part_b_cost_sharing_support=True, prevention_reward=True),
    ...     benefits=Benefits(part_b_support_saves=0.01, prevention_reward_saves=0.01, ramp_years=1),
    ...     performance_years=[2027, 2028], terms=load_terms("lead"),
    ... )
    >>> saved.round(6).tolist()
    [0.0199, 0.0199]
    """
    years = np.asarray(performance_years, dtype=np.int64)
    offered = years - years[0] + 1
    part_d_offered = offered
    if elected.part_d_buydown:
        part_d_offered = years - max(int(years[0]), round(_part_d_first_year(benefits, terms))) + 1
    left = np.ones(years.shape)
    for taken, full, counted in (
        (elected.part_b_cost_sharing_support, benefits.part_b_support_saves, offered),
        (elected.part_d_buydown, benefits.part_d_buydown_saves, part_d_offered),
        (elected.prevention_reward, benefits.prevention_reward_saves, offered),
        (elected.substance_access, benefits.substance_access_saves, offered),
        (elected.medical_nutrition_therapy, benefits.medical_nutrition_therapy_saves, offered),
    ):
        if taken:
            left = left * (1.0 - ramped_effect(full, years_offered=counted, ramp_years=benefits.ramp_years))
    return 1.0 - left


def cost_growth(rate: float, *, years: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what a dollar of the first year costs in each of neighbouring years.

    Examples
    --------
    >>> cost_growth(0.10, years=np.array([2027, 2028, 2029])).round(4).tolist()
    [1.0, 1.1, 1.21]
    """
    steps = np.full(years.shape, 1.0 + rate)
    steps[0] = 1.0
    return np.multiply.accumulate(steps)


def _part_d_first_year(benefits: Benefits, terms: Terms) -> float:
    return max(float(benefits.part_d_buydown_first_year), terms.number("benefits.part_d_first_year"))
