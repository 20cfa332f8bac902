"""CMS Administered Risk Arrangements: episodes of Preferred Providers, settled inside performance-year expenditure.

An arrangement binds a Global ACO and a Preferred Provider; for the same provider it excludes non-primary-care
capitation (NPCC) and the advanced payment option (APO). There is no cap on an episode's gain or loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from leadrisk.contract.amount import Amount
    from leadrisk.contract.terms import Terms
    from leadrisk.scenario.cara_table import Cara


def target_price(expected: Amount, *, discount: float) -> Amount:
    """Return what the episodes should cost, in dollars.

    The risk-adjusted price that ACO and provider negotiate, less a discount that the ACO keeps or plus a premium that
    it pays (rule book section 12, grade B*; the levels are the parties' own).

    Parameters
    ----------
    expected
        Risk-adjusted price of the year's episodes before discount, in dollars.
    discount
        Share of the price; negative for a premium.

    Examples
    --------
    $3.6 M of episodes at a discount of 3 %:

    >>> target_price(3_600_000.0, discount=0.03)
    3492000.0
    """
    return expected * (1.0 - discount)


def provider_payment(
    target: Amount, *, actual: Amount, performance_adjustment: float, quality: Amount, scales: str = "gains"
) -> Amount:
    """Return what the provider is paid (positive) or repays (negative), in dollars.

    A gain is (target - actual) x (1 - adjustment x (1 - quality)), with an adjustment of 10-100 %; a provider that
    spent more repays the difference. No cap applies to an episode (rule book section 12, grade B*; the formula is
    invented, section 17, item 25, grade C). Payments add to the ACO's expenditure, repayments reduce it.

    Parameters
    ----------
    target, actual
        Target price and actual cost of the year's episodes, in dollars.
    performance_adjustment
        Share of the gain that stands or falls with quality.
    quality
        Share of the quality points earned.
    scales
        ``"gains"``, or ``"gains_and_repayments"`` where the same factor falls on what is repaid.

    Examples
    --------
    $240,000 below target with 90 % of the points and an adjustment of 50 %: 95 % of it.

    >>> round(float(provider_payment(3.60e6, actual=3.36e6, performance_adjustment=0.5, quality=0.9)), 2)
    228000.0
    >>> round(float(provider_payment(3.60e6, actual=3.84e6, performance_adjustment=0.5, quality=0.9)), 2)
    -240000.0
    """
    difference = target - actual
    factor = 1.0 - performance_adjustment * (1.0 - quality)
    if scales == "gains_and_repayments":
        return factor * difference
    paid: Amount = factor * np.maximum(difference, 0.0) + np.minimum(difference, 0.0)
    return paid


def episode_cost(expected: Amount, *, episodes: Amount, variation: float, noise: Amount) -> Amount:
    """Return the actual cost of the year's episodes, in dollars.

    One episode's cost varies; the relative spread of the total falls with the square root of their number (grade C).

    Parameters
    ----------
    expected
        The episodes' share of the cost that was actually spent, in dollars.
    episodes
        Number of episodes; with none the expected cost is returned.
    variation
        Standard deviation of one episode's cost as a share of its mean.
    noise
        Standard normal number, positive for dear episodes.

    Examples
    --------
    200 episodes at $18,000 with a variation of 0.9: one standard deviation is 6.36 % or $229,103.

    >>> round(float(episode_cost(3_600_000.0, episodes=200.0, variation=0.9, noise=1.0)), 2)
    3829102.6
    """
    spread = np.where(np.greater(episodes, 0.0), variation / np.sqrt(np.maximum(episodes, 1e-9)), 0.0)
    cost: Amount = expected * np.maximum(1.0 + spread * noise, 0.0)
    return cost


def saved_share(years: ArrayLike, *, savings: float, ramp_years: int, first_year: float) -> NDArray[np.float64]:
    """Return the share of the episodes' cost that the arrangement saves, by year.

    It rises in equal steps from the first year of episodes to the end of the ramp (a judgement, grade C).

    Examples
    --------
    6 % after three years, episodes from 2028:

    >>> saved_share([2027, 2028, 2029, 2030, 2031], savings=0.06, ramp_years=3, first_year=2028).round(4).tolist()
    [0.0, 0.02, 0.04, 0.06, 0.06]
    """
    steps = np.clip((np.asarray(years, dtype=np.float64) - first_year + 1.0) / ramp_years, 0.0, 1.0)
    share: NDArray[np.float64] = savings * steps
    return share


def cara_amounts(
    expenditure: Amount,
    episode_noise: Amount,
    *,
    benchmark: Amount,
    person_years: Amount,
    years: ArrayLike,
    arrangement: Cara,
    terms: Terms,
) -> dict[str, NDArray[np.float64]]:
    """Return the lines of a Global ACO's episode arrangements, in dollars; zero before the first year of episodes.

    The episodes are a share of the expenditure given, and the noise says how dear they were within it: expenditure
    before the arrangement stays what it is, so that noise is not counted twice. What a dear year of episodes costs
    is then borne by the provider, and the rest of expenditure is the smaller for it.

    Parameters
    ----------
    expenditure
        Performance-year expenditure without the arrangement, shape (population, future, year).
    episode_noise
        Independent standard normal numbers, shape (population, future, year).
    benchmark
        Benchmark before discount, on which the risk-adjusted target price stands, in dollars.
    person_years
        Aligned person-years; the number of episodes follows from them.
    years
        Performance years along the last axis.
    arrangement
        Table ``[cara]`` of the scenario.

    Returns
    -------
    dict
        Signed dollars added to expenditure: ``cara_provider_payment``, negative where providers repay, and
        ``cara_savings``, negative by what the episodes' cost falls.

    Examples
    --------
    3 % of $120.0 M are episodes, 200 of them, as dear as expected: 97 % of their price is paid, $108,000 owed.

    >>> from leadrisk.contract.terms import load_terms
    >>> from leadrisk.scenario.cara_table import Cara
    >>> lines = cara_amounts(
    ...     120e6, 0.0, benchmark=120e6, person_years=10_000.0, years=[2027, 2028], arrangement=Cara(elected=True),
    ...     terms=load_terms("lead"),
    ... )
    >>> {name: dollars.round(2).tolist() for name, dollars in lines.items()}
    {'cara_provider_payment': [0.0, -108000.0], 'cara_savings': [0.0, 0.0]}
    """
    first_year = terms.number("cara.first_year")
    under_way = np.asarray(years) >= first_year
    before = arrangement.episode_share * expenditure
    saved = saved_share(
        years, savings=arrangement.episode_savings, ramp_years=arrangement.ramp_years, first_year=first_year
    )
    actual = episode_cost(
        before * (1.0 - saved),
        episodes=person_years * arrangement.episodes_per_1000 / 1000.0,
        variation=arrangement.episode_variation,
        noise=episode_noise,
    )
    price = arrangement.target_level * arrangement.episode_share * benchmark
    payment = provider_payment(
        target_price(price, discount=arrangement.target_discount),
        actual=actual,
        performance_adjustment=arrangement.performance_adjustment,
        quality=arrangement.quality_score,
        scales=terms.choice("cara.quality_scales"),
    )
    return {
        "cara_provider_payment": np.where(under_way, payment, 0.0),
        "cara_savings": np.where(under_way, -before * saved, 0.0) + 0.0,
    }
