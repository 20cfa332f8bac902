"""How long the ACO stays in LEAD and whether it changes its risk option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.table import Table, reject

if TYPE_CHECKING:
    from collections.abc import Sequence

ExitRule = Literal["never", "after_year", "after_cumulative_loss"]

_CHOICE = "the ACO's choice"


def refuse_medicaid_partnership(asked: bool) -> None:
    """Refuse a scenario with a Medicaid partnership: its payment terms are not published.

    CMS plans with two partner states until December 2027; arrangements come after (rule book section 14, grade A).

    Examples
    --------
    >>> refuse_medicaid_partnership(False)
    >>> refuse_medicaid_partnership(True)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    pydantic_core._pydantic_core.PydanticCustomError: cannot be simulated: no payment terms are published ...
    """
    if asked:
        reject(
            "participation.medicaid_partnership",
            "cannot be simulated: no payment terms are published "
            "(CMS plans with two states until December 2027; CMS LEAD page, grade A; write false)",
        )


class Participation(Table):
    """Exit, change of risk option, Medicaid partnership; later cohorts: ``horizon.first_performance_year``."""

    exit_rule: ExitRule = assumption(
        "never",
        meaning="whether and when the ACO leaves the model, always at a year-end",
        unit="name",
        source=_CHOICE,
        grade="user",
    )
    exit_year: int | None = assumption(
        None,
        meaning="last performance year, with exit_rule after_year",
        unit="calendar year",
        source=_CHOICE,
        grade="user",
    )
    exit_loss_share: float = assumption(
        0.05,
        meaning="cumulative net settlement loss at which the ACO gives notice, with exit_rule after_cumulative_loss",
        unit="share of the year's final benchmark",
        source=_CHOICE,
        grade="user",
        gt=0.0,
        le=1.0,
    )
    switch_year: int | None = assumption(
        None,
        meaning="first performance year in which lead_professional is settled as Global; left out: never",
        unit="calendar year",
        source=_CHOICE,
        grade="user",
    )
    medicaid_partnership: bool = assumption(
        False,
        meaning="partnership with a Medicaid organisation; refused, since no payment terms are published",
        unit="true or false",
        source="CMS LEAD page: planning with two states until December 2027",
        grade="A",
    )

    @model_validator(mode="after")
    def _exit_is_whole(self) -> Self:
        if self.exit_rule == "after_year" and self.exit_year is None:
            reject("participation.exit_year", "is missing; exit_rule after_year needs the last performance year")
        if self.exit_rule != "after_year" and self.exit_year is not None:
            reject("participation.exit_year", f"has no effect with exit_rule {self.exit_rule}; write after_year")
        return self

    @model_validator(mode="after")
    def _no_medicaid(self) -> Self:
        refuse_medicaid_partnership(self.medicaid_partnership)
        return self

    def reject_outside(self, years: Sequence[int], *, contracts: Sequence[str]) -> None:
        """Refuse an exit or a change of option that the scenario's years and contracts do not allow."""
        first, last = years[0], years[-1]
        if self.exit_year is not None and not first <= self.exit_year <= last:
            reject("participation.exit_year", f"must be a performance year ({first} to {last}), got {self.exit_year}")
        if self.switch_year is None:
            return
        if not first < self.switch_year <= last:
            reject(
                "participation.switch_year",
                f"must be a performance year after the first ({first + 1} to {last}), got {self.switch_year}",
            )
        if "lead_professional" not in contracts:
            reject(
                "participation.switch_year",
                "has no effect: contract.names has no lead_professional "
                "(only Professional may change, to Global; by analogy with ACO REACH, grade C)",
            )
