"""Checks that need more than one layer: the contract terms that a scenario overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.toml_file import read_toml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from leadrisk.scenario.model import Scenario


def check_terms(scenario: Scenario, *, files: Sequence[str | PathLike[str]]) -> None:
    """Check ``contract.terms`` against the terms file and say in which file and line a wrong one stands.

    Parameters
    ----------
    files
        Scenario file and overlays, in the order they were laid.

    Raises
    ------
    InputError
        If a term is unknown or its value is of another kind or out of range.
    """
    try:
        load_terms("lead", overrides=scenario.contract.terms)
    except InputError as error:
        name = (error.key or "").removeprefix("terms.")
        for file in reversed(files):
            lines = read_toml(file)[1]
            for place in ((*name.split("."),), (name,)):
                line = lines.get(("contract", "terms", *place))
                if line is not None:
                    raise InputError(
                        error.problem, path=file, line=line, key=f"contract.terms.{name}", cure=error.cure
                    ) from None
        raise InputError(error.problem, path="--set", key=f"contract.terms.{name}", cure=error.cure) from None
