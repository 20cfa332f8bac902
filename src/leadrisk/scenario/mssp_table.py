"""Assumptions for the question what the same years would have paid under the Shared Savings Program."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table, reject

MINIMUM_SAVINGS_RATES = (0.0, 0.005, 0.01, 0.015, 0.02)

_FILE = "MSSP public use file 2023"
_TYPES = "MSSP public use file 2024: person-years and cost per person-year by enrollment type"


class Mssp(Table):
    """How the ACO would stand in the Shared Savings Program.

    Examples
    --------
    >>> mssp = Mssp()
    >>> round(mssp.aged_nondual_share, 4), round(mssp.aged_nondual_cost, 3)
    (0.8785, 0.966)
    """

    agreement_period: int = assumption(
        2,
        meaning="which agreement period begins with the first performance year; sets base-year and regional weights",
        unit="number, 1 for an ACO new to the programme",
        source=f"{_FILE}: 176 of 453 ACOs are in their second, more than in any other",
        grade="A",
        ge=1,
        le=10,
    )
    rebasing: bool = assumption(
        True,
        meaning="each later agreement period has a benchmark from the simulated years before it",
        unit="true or false",
        source="42 CFR 425.652(c); false shows on the same paths what rebasing costs",
        grade="B",
    )
    disabled_share: float = assumption(
        0.0683,
        meaning="share of the persons without end-stage renal disease who are entitled by disability",
        unit="share",
        source=_TYPES,
        grade="A",
        ge=0.0,
        le=1.0,
    )
    aged_dual_share: float = assumption(
        0.0532,
        meaning="share of the persons without end-stage renal disease who are aged and eligible for Medicaid",
        unit="share",
        source=_TYPES,
        grade="A",
        ge=0.0,
        le=1.0,
    )
    disabled_cost: float = assumption(
        0.987,
        meaning="cost of the disabled over that of all persons without end-stage renal disease",
        unit="factor",
        source=_TYPES,
        grade="A",
        gt=0.0,
        le=10.0,
    )
    aged_dual_cost: float = assumption(
        1.575,
        meaning="cost of the aged eligible for Medicaid over that of all persons without end-stage renal disease",
        unit="factor",
        source=_TYPES,
        grade="A",
        gt=0.0,
        le=10.0,
    )
    minimum_savings_rate: float | Literal["by_size"] = assumption(
        0.01,
        meaning='minimum savings and loss rate chosen under a two-sided track, or "by_size"',
        unit="share of the benchmark, 0 to 0.02 in steps of 0.005",
        source=f"{_FILE}: 80 of 302 two-sided ACOs chose 1 %, more than any other rate",
        grade="A",
    )
    revenue_share: float | None = assumption(
        None,
        meaning="the participants' Medicare fee-for-service revenue, which limits the losses of levels C to E; left "
        "out: the limit on the benchmark alone",
        unit="share of expenditure",
        source="the ACO's own figure; 5-19 % for the seven ACOs of 2021-2023 whose loss was limited by it",
        grade="user",
        gt=0.0,
        le=1.0,
    )

    @property
    def chosen_rate(self) -> float | None:
        """Minimum savings rate chosen; ``None`` where it goes by size."""
        return None if self.minimum_savings_rate == "by_size" else self.minimum_savings_rate

    @property
    def aged_nondual_share(self) -> float:
        """Share of the persons without end-stage renal disease who are aged and not eligible for Medicaid."""
        return 1.0 - self.disabled_share - self.aged_dual_share

    @property
    def aged_nondual_cost(self) -> float:
        """Cost of the aged not eligible for Medicaid over that of all, so that the mean over the types is 1."""
        others = self.disabled_share * self.disabled_cost + self.aged_dual_share * self.aged_dual_cost
        return (1.0 - others) / self.aged_nondual_share

    @model_validator(mode="after")
    def _types_leave_room(self) -> Self:
        if self.aged_nondual_share <= 0.0:
            reject(
                "mssp.disabled_share",
                f"disabled_share and aged_dual_share must sum to less than 1, "
                f"got {self.disabled_share:g} + {self.aged_dual_share:g}",
            )
        if self.aged_nondual_cost <= 0.0:
            reject(
                "mssp.aged_dual_cost",
                f"disabled and aged dual persons may not cost all there is, got {self.disabled_cost:g} times the mean "
                f"for {self.disabled_share:g} and {self.aged_dual_cost:g} times for {self.aged_dual_share:g}",
            )
        return self

    @model_validator(mode="after")
    def _rate_is_offered(self) -> Self:
        rate = self.minimum_savings_rate
        if rate != "by_size" and rate not in MINIMUM_SAVINGS_RATES:
            offered = ", ".join(f"{one:g}" for one in MINIMUM_SAVINGS_RATES)
            reject(
                "mssp.minimum_savings_rate",
                f'must be one of {offered} or "by_size" (42 CFR 425.605(b)(2)), got {rate:g}',
            )
        return self
