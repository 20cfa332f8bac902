"""Performance years of the Shared Savings Program, one row an ACO, and the ACOs of two years side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadrisk.cohort.public_use_layout import read_public_use_file
from leadrisk.cohort.public_use_row import TYPES, figure, required, start_of, type_cost, type_shares
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from leadrisk.cohort.public_use_row import Row


@dataclass(frozen=True, slots=True)
class AcoYear:
    """One ACO in one performance year.

    Attributes
    ----------
    start_year
        First calendar year of the agreement period; base year 3 is the year before.
    lives, person_years
        Assigned beneficiaries, and their years.
    savings
        Savings rate, percent of the updated benchmark.
    historical_benchmark
        Dollars per person-year of base year 3.
    regional_adjustment
        What is in it of the regional adjustment, dollars per person-year; ``None`` where the file does not say.
    shares, relative_costs
        Person-years of each enrollment type over all, and its cost over the mean of all.
    """

    aco_id: str
    year: int
    start_year: int
    agreement_period: int
    lives: int
    person_years: float
    savings: float
    historical_benchmark: float
    regional_adjustment: float | None
    shares: Mapping[str, float]
    relative_costs: Mapping[str, float]

    @property
    def years_from_base(self) -> int:
        """Years since base year 3, at least 1."""
        return self.year - self.start_year + 1


@dataclass(frozen=True, slots=True)
class Pair:
    """One ACO in a known year and in the year to foretell."""

    known: AcoYear
    later: AcoYear

    @property
    def rebased(self) -> bool:
        """Whether a new agreement period began in between."""
        return self.later.start_year != self.known.start_year


def read_year(path: str | PathLike[str]) -> list[AcoYear]:
    """Read one performance year from the public use file as CMS publishes it.

    ACOs without a published savings rate, size or historical benchmark are left out.

    Raises
    ------
    InputError
        If the file cannot be read or is of another shape.

    Examples
    --------
    >>> read_year("no/such/file_2023.csv")
    Traceback (most recent call last):
    leadrisk.errors.InputError: no/such/file_2023.csv: cannot be read: No such file or directory
    """
    file = read_public_use_file(path)
    try:
        found = [_aco_year(row, file.year, regional_dollars=file.regional_dollars) for row in file.rows]
    except InputError as error:
        raise InputError(error.problem, path=path, key=error.key, cure=error.cure) from None
    kept = [one for one in found if one is not None]
    if not kept:
        msg = "has no ACO with a published savings rate, size and historical benchmark"
        raise InputError(msg, path=path, cure="download the file again")
    return kept


def pairs(known: Iterable[AcoYear], later: Iterable[AcoYear]) -> list[Pair]:
    """ACOs of two years, in the order of their identifiers.

    Examples
    --------
    >>> pairs([], [])
    []
    """
    by_id = {one.aco_id: one for one in later}
    return [Pair(one, by_id[one.aco_id]) for one in sorted(known, key=lambda one: one.aco_id) if one.aco_id in by_id]


def _aco_year(row: Row, year: int, *, regional_dollars: bool) -> AcoYear | None:
    savings, lives, person_years, benchmark = (
        figure(row, name) for name in ("Sav_rate", "N_AB", "N_AB_Year_PY", "HistBnchmk")
    )
    if savings is None or not lives or not person_years or not benchmark:
        return None
    shares = type_shares(row)
    costs = {name: type_cost(row, name, "PY") for name in TYPES}
    known = {name: cost for name, cost in costs.items() if cost is not None and cost > 0.0}
    weight = sum(shares[name] for name in known)
    mean = sum(shares[name] * cost for name, cost in known.items()) / weight if weight > 0.0 else 1.0
    return AcoYear(
        aco_id=row["ACO_ID"],
        year=year,
        start_year=start_of(row["Current_Start_Date"])[0],
        agreement_period=int(required(row, "Agreement_Period_Num")),
        lives=round(lives),
        person_years=person_years,
        savings=savings,
        historical_benchmark=benchmark,
        regional_adjustment=figure(row, "PosRegAdj") if regional_dollars else None,
        shares=shares,
        relative_costs={name: known.get(name, mean) / mean for name in TYPES},
    )
