"""Checks that need more than one layer: overridden contract terms, sizes, and experience against scenario."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, cast

import numpy as np

from leadrisk.contract.participation import check_option_switch
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.toml_file import read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from os import PathLike

    import xarray as xr

    from leadrisk.contract.participation import OptionSwitch
    from leadrisk.scenario.model import Scenario


def check_terms(scenario: Scenario, *, files: Sequence[str | PathLike[str]], values: Collection[str] = ()) -> None:
    """Check overridden contract terms against the terms files and say in which file and line a wrong one stands.

    Parameters
    ----------
    files
        Scenario file and overlays, in the order they were laid.
    values
        Dotted keys given by ``--set``, laid over all files.

    Raises
    ------
    InputError
        If a term is unknown or its value is of another kind or out of range.
    """
    for program, overrides in scenario.contract.overrides.items():
        key = "terms" if program == "lead" else f"{program}_terms"
        try:
            load_terms(program, overrides=overrides)
        except InputError as error:
            name = (error.key or "").removeprefix("terms.")
            at = f"contract.{key}.{name}"
            for file in reversed(files if at not in values else ()):
                lines = read_toml(file)[1]
                for place in ((*name.split("."),), (name,)):
                    line = lines.get(("contract", key, *place))
                    if line is not None:
                        raise InputError(error.problem, path=file, line=line, key=at, cure=error.cure) from None
            raise InputError(error.problem, path="--set", key=at, cure=error.cure) from None


def check_switch(scenario: Scenario) -> None:
    """Check that an option may be changed as the scenario wants it.

    Raises
    ------
    InputError
        If ``participation.switch_year`` is set while the term ``participation.option_switch`` is ``"fixed"``.
    """
    year = scenario.participation.switch_year
    if year is not None:
        reading = load_terms("lead", overrides=scenario.contract.terms).choice("participation.option_switch")
        check_option_switch(year, reading=cast("OptionSwitch", reading))


def check_size(*, populations: int, futures: int) -> None:
    """Check the size of a sample given in code; scenario files are checked when they are read.

    Raises
    ------
    InputError
        If populations are odd or fewer than four, or futures no power of two.

    Examples
    --------
    >>> check_size(populations=256, futures=60)
    Traceback (most recent call last):
    ...
    leadrisk.errors.InputError: futures: must be a power of two from 2 to 4096, got 60
    """
    if populations < 4 or populations % 2:
        problem = f"must be even and at least 4 (populations come in pairs), got {populations}"
        raise InputError(problem, key="populations")
    if not 2 <= futures <= 4096 or futures & (futures - 1):
        problem = f"must be a power of two from 2 to 4096, got {futures}"
        raise InputError(problem, key="futures")


def check_seed(seed: int) -> None:
    """Check a seed given in code.

    Raises
    ------
    InputError
        If it does not fit 64 bits.

    Examples
    --------
    >>> check_seed(-1)
    Traceback (most recent call last):
    ...
    leadrisk.errors.InputError: seed: must be from 0 to 2**64 - 1, got -1
    """
    if not 0 <= seed < 2**64:
        problem = f"must be from 0 to 2**64 - 1, got {seed}"
        raise InputError(problem, key="seed")


def check_experience_fits(experience: xr.Dataset, scenario: Scenario) -> None:
    """Check that an experience was simulated for the persons that a scenario describes, and is in one piece.

    Raises
    ------
    InputError
        If horizon, cohort, persons, exposure, uncertainty or pandemics differ: such a change needs a new simulation. If
        the populations are not neighbours that begin with an even number: futures and standard errors go by number.
    """
    numbers = experience["population"].values
    if int(numbers[0]) % 2 or bool((np.diff(numbers) != 1).any()):
        problem = "must hold neighbouring populations, the first with an even number"
        raise InputError(problem, key="experience", cure="take a slice such as isel(population=slice(0, 256))")
    if experience.attrs.get("persons_sha256") != persons_sha256(scenario):
        differ = "horizon, cohort, persons, exposure, uncertainty or pandemics"
        problem = f"was simulated for other persons ({differ} differ)"
        raise InputError(problem, key="experience", cure="simulate again with this scenario")


def persons_sha256(scenario: Scenario) -> str:
    """Fingerprint of everything that touches persons; other changes need no new simulation."""
    tables = scenario.model_dump(mode="json")
    touching = {name: tables[name] for name in ("horizon", "cohort", "persons", "exposure", "uncertainty")}
    touching["shocks"] = {
        name: tables["shocks"][name] for name in ("pandemic_probability", "pandemic_year", "pandemic_death_factor")
    }
    layers = ("first_attachment", "second_attachment", "esrd_first_attachment", "esrd_second_attachment")
    touching["stop_loss"] = {name: tables["stop_loss"][name] for name in layers}
    return hashlib.sha256(json.dumps(touching, sort_keys=True).encode()).hexdigest()
