"""Dollars and layers that a scenario sets without electing what they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.scenario.table import reject

if TYPE_CHECKING:
    from leadrisk.scenario.benefits_table import Benefits
    from leadrisk.scenario.elections_table import Elections
    from leadrisk.scenario.stop_loss_table import StopLoss
    from leadrisk.scenario.table import Table

_BENEFITS = {
    "part_b_support": "part_b_cost_sharing_support",
    "part_d_buydown": "part_d_buydown",
    "prevention_reward": "prevention_reward",
    "substance_access": "substance_access",
    "medical_nutrition_therapy": "medical_nutrition_therapy",
}
"""What keys of ``[benefits]`` begin with, and the election that reads them."""


def reject_unelected(*, benefits: Benefits, stop_loss: StopLoss, elections: Elections) -> None:
    """Refuse a scenario that sets a benefit or a layer it does not elect; defaults may stand.

    Examples
    --------
    >>> from leadrisk.scenario.benefits_table import Benefits
    >>> from leadrisk.scenario.elections_table import Elections
    >>> from leadrisk.scenario.stop_loss_table import StopLoss
    >>> dear = Benefits(part_b_support_pbpm=8.0)
    >>> reject_unelected(
    ...     benefits=dear, stop_loss=StopLoss(), elections=Elections(part_b_cost_sharing_support=True)
    ... )
    >>> reject_unelected(benefits=dear, stop_loss=StopLoss(), elections=Elections())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    pydantic_core._pydantic_core.PydanticCustomError: is not elected (write elections.part_b_cost_sharing_support ...
    """
    for beginning, election in _BENEFITS.items():
        if not getattr(elections, election):
            _reject_set(benefits, "benefits", election=f"elections.{election}", beginning=beginning)
    if not stop_loss.elected:
        _reject_set(stop_loss, "stop_loss", election="stop_loss.elected", beginning="")


def _reject_set(table: Table, name: str, *, election: str, beginning: str) -> None:
    for key, field in type(table).model_fields.items():
        if key.startswith(beginning) and getattr(table, key) != field.default:
            reject(f"{name}.{key}", f"is not elected (write {election} = true, or leave {key} out)")
