"""What in a case looks like a slip of the pen: amounts far from their neighbours. Nothing here is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from leadrisk.contract.case.lines import cents, money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leadrisk.contract.inputs import CategoryInputs
    from leadrisk.contract.reach_inputs import ReachCategory

    _Category = CategoryInputs | ReachCategory

FACTOR = 2.0
"""How many times as large an amount may be before a note asks about it."""


class Spending(NamedTuple):
    """Amounts of one category or enrollment type that should not lie far from each other.

    Parameters
    ----------
    at
        Dotted key of the table.
    unit
        End of its keys, ``"pbpm"`` or ``"per_capita"``.
    base_years, region, nation
        In the unit of the case; empty and ``None`` where the case gives none.
    spent, benchmark
        Expenditure of the performance year and the updated benchmark.
    """

    at: str
    unit: str
    base_years: tuple[float, ...]
    region: float | None
    nation: float | None
    spent: float
    benchmark: float


def category_notes(categories: Mapping[str, _Category], benchmarks: Mapping[str, float]) -> list[str]:
    """Return notes on the categories of a LEAD or ACO REACH case; benchmarks are dollars a month, by category."""
    return [
        note
        for name, category in categories.items()
        for note in spending_notes(
            Spending(
                at=f"categories.{name}",
                unit="pbpm",
                base_years=tuple(map(float, category.base_year_pbpm)),
                region=float(category.region_pbpm),
                nation=float(category.national_pbpm),
                spent=float(category.expenditure_pbpm),
                benchmark=benchmarks[name],
            )
        )
    ]


def spending_notes(spending: Spending) -> list[str]:
    """Return a note for each amount more than a factor 2 from its neighbours.

    Examples
    --------
    A digit too many in base year 2, a region in dollars a year:

    >>> for note in spending_notes(Spending(
    ...     at="categories.esrd", unit="pbpm", base_years=(1000.0, 10200.0, 1060.0), region=13440.0, nation=1100.0,
    ...     spent=1100.0, benchmark=1150.0,
    ... )):
    ...     print(note)
    categories.esrd.base_year_pbpm: base year 1 is $1,000.00 and base year 2 is $10,200.00, 10.2 times as much
    categories.esrd.base_year_pbpm: base year 3 is $1,060.00 and base year 2 is $10,200.00, 9.6 times as much
    categories.esrd.region_pbpm: the nation is $1,100.00 and the region is $13,440.00, 12.2 times as much
    categories.esrd.region_pbpm: base year 3 is $1,060.00 and the region is $13,440.00, 12.7 times as much
    """
    years = [(f"base year {number}", amount) for number, amount in enumerate(spending.base_years, start=1)]
    pairs = [("base_year", one, other) for one, other in pairwise(years)]
    if spending.region is not None and spending.nation is not None:
        region = ("the region", spending.region)
        pairs += [("region", region, other) for other in (("the nation", spending.nation), *years[-1:])]
    pairs.append(("expenditure", ("expenditure", spending.spent), ("the updated benchmark", spending.benchmark)))
    return [f"{spending.at}.{key}_{spending.unit}: {said}" for key, said in _apart(pairs)]


def total_notes(result: Mapping[str, object]) -> list[str]:
    """Return a note where the year's expenditure is under half or over twice the benchmark.

    Examples
    --------
    >>> total_notes({"expenditure": 9.5e6, "benchmark_final": 100e6})
    ['expenditure: $9.50 M is 0.10 times the final benchmark of $100.00 M']
    """
    spent, benchmark = result.get("expenditure"), result.get("benchmark_final")
    if not isinstance(spent, float) or not isinstance(benchmark, float) or benchmark <= 0.0:
        return []
    ratio = spent / benchmark
    if 1.0 / FACTOR <= ratio <= FACTOR:
        return []
    return [f"expenditure: {money(spent)} is {ratio:.2f} times the final benchmark of {money(benchmark)}"]


def _apart(pairs: Iterable[tuple[str, tuple[str, float], tuple[str, float]]]) -> Iterator[tuple[str, str]]:
    """Say which of two named amounts is how many times the other, where it is too many."""
    for key, one, other in pairs:
        (less, low), (more, high) = sorted((one, other), key=lambda named: named[1])
        if high > FACTOR * low:
            times = f", {high / low:.1f} times as much" if low > 0.0 else ""
            yield key, f"{less} is {cents(low)} and {more} is {cents(high)}{times}"
