"""How many futures a population carries where a scenario does not say: the least work for a given error.

With ``p`` the share of a figure's variance that a population's main effect makes up, and ``c`` the work of a
population over that of a pair, the variance of an estimate times the work for it is least at
``K = sqrt(c * (1 - p) / p)`` futures, here rounded down to a power of two: results then take half the room. Both come
from a stated model, not from a clock, so that results depend on the scenario alone. Near its optimum the product is
flat: a factor of two in ``K`` costs a tenth to a fifth.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from leadrisk.scenario.model import Scenario

#: Work of a year of a pair in beneficiary-years, both options of LEAD. The same whatever contracts are named, so that
#: naming one more moves nobody's figures.
PAIR_YEAR = 40.0
#: ``p / (1 - p)`` at 10,000 lives, the geometric mean of those of the ten-year mean and of the 99 % reserve; it falls
#: with the square root of the lives. Measured from 1,000 to 50,000 lives (docs/explanation/estimators.md).
POPULATION_ODDS = 1.0 / 30.0
LEAST, MOST = 4, 256


class FuturesChoice(NamedTuple):
    """Futures of a population, and why so many.

    Attributes
    ----------
    futures
        A power of two.
    why
        One sentence.
    """

    futures: int
    why: str


def futures_choice(scenario: Scenario) -> FuturesChoice:
    """Futures of a population: those that the scenario states, else by the formula above.

    Examples
    --------
    >>> import leadrisk as lr
    >>> for lives in (1_000, 9_608, 50_000):
    ...     choice = futures_choice(lr.load_scenario("scenarios/baseline.toml", set={"cohort.lives": lives}))
    ...     print(choice.futures)
    16
    64
    256
    >>> choice.why.partition(": ")[2]
    "a population takes the work of 1,625 settlements, and makes up about 1.5% of a figure's variance"
    >>> futures_choice(lr.load_scenario("scenarios/baseline.toml", set={"run.futures": 8})).why
    '8 futures, as the scenario states'
    """
    if scenario.run.futures is not None:
        return FuturesChoice(scenario.run.futures, f"{scenario.run.futures} futures, as the scenario states")
    lives, horizon = scenario.cohort.lives, scenario.horizon
    work = lives * len(horizon.years) / (PAIR_YEAR * horizon.performance_years)
    odds = POPULATION_ODDS * sqrt(10_000.0 / lives)
    best = min(max(int(sqrt(work / odds)), LEAST), MOST)
    futures = 1 << (best.bit_length() - 1)
    share = odds / (1.0 + odds)
    return FuturesChoice(
        futures,
        f"{futures} futures, chosen for {lives:,} lives: a population takes the work of {work:,.0f} settlements, and "
        f"makes up about {100.0 * share:.1f}% of a figure's variance",
    )


def with_futures(scenario: Scenario) -> Scenario:
    """Scenario that states its number of futures.

    Examples
    --------
    >>> import leadrisk as lr
    >>> with_futures(lr.load_scenario("scenarios/baseline.toml")).run.futures
    64
    """
    stated = {"futures": futures_of(scenario)}
    return scenario.model_copy(update={"run": scenario.run.model_copy(update=stated)})


def futures_of(scenario: Scenario, futures: int | None = None) -> int:
    """Futures of a population: those asked for, else the scenario's, else by the formula.

    Examples
    --------
    >>> import leadrisk as lr
    >>> baseline = lr.load_scenario("scenarios/baseline.toml")
    >>> futures_of(baseline), futures_of(baseline, 16)
    (64, 16)
    """
    return futures_choice(scenario).futures if futures is None else futures
