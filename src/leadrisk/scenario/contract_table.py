"""The contracts to settle (a scenario's ``contract``)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Strict, ValidationInfo, field_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.overlay import TERM_TABLES, flatten_terms
from leadrisk.scenario.table import OWN_FIGURE, Table, reject

ContractName = Literal[
    "lead_global", "lead_professional", "mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional"
]
Entrant = Literal["renewing_reach", "renewing_mssp", "newly_entering"]
SpendingClass = Literal["lower", "higher"]

OverriddenTerms = Annotated[dict[str, Any], BeforeValidator(flatten_terms)]


def _overridden(program: str) -> Any:
    return assumption(
        {},
        meaning=f"single terms of {program} to override, by dotted name",
        unit="as the term",
        source="the user's choice",
        grade="user",
    )


class Contract(Table):
    """The contracts to settle and what they know about the ACO."""

    names: Annotated[tuple[ContractName, ...], Strict(strict=False)] = assumption(
        ("lead_global", "lead_professional"),
        meaning="contracts to settle on the same paths",
        unit="names",
        source="the user's choice",
        grade="user",
        min_length=1,
    )
    entrant: Entrant = assumption(
        meaning="where the ACO comes from: sets base-year weights and the cap on the regional adjustment",
        unit="name",
        source=OWN_FIGURE,
        grade="user",
    )
    spending_class: SpendingClass | None = assumption(
        None,
        meaning="spending class at entry; left out: derived from the baseline against the region",
        unit="name",
        source="derived",
        grade="user",
    )
    base_pcc_share: float = assumption(
        0.03164,
        meaning="Base Primary Care Capitation as a share of the benchmark",
        unit="share of benchmark",
        source="a public LEAD workbook, from ACO REACH 2025-26 data",
        grade="B*",
        ge=0.0,
        le=1.0,
    )
    terms: OverriddenTerms = _overridden("LEAD")
    mssp_terms: OverriddenTerms = _overridden("Shared Savings Program")
    reach_terms: OverriddenTerms = _overridden("ACO REACH")

    @property
    def overrides(self) -> dict[str, dict[str, Any]]:
        """Overridden terms by programme."""
        return {"lead": self.terms, "mssp": self.mssp_terms, "reach": self.reach_terms}

    @field_validator(*TERM_TABLES)
    @classmethod
    def _terms_are_plain(cls, terms: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        for name, value in terms.items():
            if not _is_plain(value):
                reject(
                    f"contract.{info.field_name}.{name}",
                    f"must be made of finite numbers, texts, true or false, got {str(value)[:60]}",
                )
        return terms

    @field_validator("names")
    @classmethod
    def _names_differ(cls, names: tuple[ContractName, ...]) -> tuple[ContractName, ...]:
        if len(set(names)) < len(names):
            reject("contract.names", f"each contract may be named once, got {list(names)}")
        return names


def _is_plain(value: Any, *, depth: int = 3) -> bool:
    """Whether a term is written in plain values, at most ``depth`` levels of tables and lists deep."""
    if isinstance(value, Mapping | list | tuple):
        held = value.values() if isinstance(value, Mapping) else value
        return depth > 0 and all(_is_plain(inner, depth=depth - 1) for inner in held)
    return isinstance(value, bool | int | str) or (isinstance(value, float) and isfinite(value))
