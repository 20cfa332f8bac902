"""What every table of a scenario has in common."""

from __future__ import annotations

from typing import Annotated, NoReturn

from pydantic import BaseModel, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

OWN_FIGURE = "the ACO's own figure"
"""Source of what only the user knows."""


PANEL = "MSSP public use files PY2021-2024"
"""Source of what the calibration notes measured across ACOs and years."""


class Table(BaseModel):
    """One TOML table: frozen, no unknown keys, no NaN or infinity, no silent change of type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Dollars = Annotated[float, Field(ge=0.0, le=1_000_000.0)]
"""Dollars per beneficiary per month, not negative."""

PositiveDollars = Annotated[float, Field(gt=0.0, le=1_000_000.0)]
"""Dollars per beneficiary per month, above zero."""

YearlyRates = Annotated[tuple[Annotated[float, Field(ge=-0.5, le=0.5)], ...], Strict(strict=False)]
"""One rate for each performance year, in order; years beyond the last one given have zero."""


def reject(key: str, message: str, *, cure: str | None = None) -> NoReturn:
    """Say that a rule between fields is broken; ``key`` is the dotted key at fault."""
    error_type = "rule"
    raise PydanticCustomError(error_type, "{message}", {"key": key, "message": message, "cure": cure})
