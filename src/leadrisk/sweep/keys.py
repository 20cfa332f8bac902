"""Keys that a sweep may vary: single values of a scenario, or terms of its contracts, by dotted key."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.scenario.assumption import table_class
from leadrisk.scenario.overlay import TERM_TABLES, flatten_terms
from leadrisk.scenario.valid_keys import field_at, nearest_key, table_at

if TYPE_CHECKING:
    from leadrisk.scenario.model import Scenario

_OF_THE_SWEEP = {
    "name": "every cell has a name of its own",
    "description": "it changes no result",
    "run": "write it in [run], all cells have the same",
    "contract.names": "write contracts in [run], all cells have the same",
}
_PROGRAMS = dict(zip(TERM_TABLES, ("lead", "mssp", "reach"), strict=True))


def by_dotted_key(table: Any, *, prefix: str = "") -> Any:
    """Write nested tables of scenario values under dotted keys.

    Examples
    --------
    >>> by_dotted_key({"cohort": {"lives": [5000, 10000]}, "trend.calm_sd": [0.02]})
    {'cohort.lives': [5000, 10000], 'trend.calm_sd': [0.02]}
    """
    if not isinstance(table, Mapping):
        return table
    found: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and table_at(tuple(key.split("."))) is not None:
            found |= by_dotted_key(value, prefix=f"{key}.")
        elif isinstance(value, Mapping) and key in {f"contract.{terms}" for terms in TERM_TABLES}:
            found |= {f"{key}.{term}": held for term, held in flatten_terms(value).items()}
        else:
            found[key] = value
    return found


def check_key(key: str) -> None:
    """Check that a key names one value of a scenario that cells may differ in.

    Raises
    ------
    InputError
        If it does not; it says what may have been meant.

    Examples
    --------
    >>> check_key("cohort.lives")
    >>> check_key("cohort.live")
    Traceback (most recent call last):
    leadrisk.errors.InputError: cohort.live: unknown key (did you mean "cohort.lives"?)
    """
    parts = tuple(key.split("."))
    for taken, cure in _OF_THE_SWEEP.items():
        if key == taken or key.startswith(f"{taken}."):
            problem = "cannot be varied"
            raise InputError(problem, key=key, cure=cure)
    if parts[0] == "contract" and len(parts) > 2 and parts[1] in _PROGRAMS:
        _check_term(key, ".".join(parts[2:]), program=_PROGRAMS[parts[1]])
        return
    field = field_at(parts)
    if field is None and _is_named_value(parts):
        return
    if field is None:
        problem = "unknown key"
        raise InputError(problem, key=key, cure=nearest_key(parts))
    if (table := table_class(field.annotation)) is not None:
        problem = "is a table, not a value"
        raise InputError(problem, key=key, cure=f"name a key in it: {', '.join(table.model_fields)}")


def is_whole(key: str) -> bool:
    """Whether a key takes whole numbers only.

    Examples
    --------
    >>> is_whole("cohort.lives"), is_whole("participation.exit_year"), is_whole("trend.calm_sd")
    (True, True, False)
    """
    field = field_at(tuple(key.split(".")))
    if field is None:
        return False
    kinds = get_args(field.annotation) if get_origin(field.annotation) in {Union, UnionType} else (field.annotation,)
    return int in kinds and float not in kinds


def value_at(scenario: Scenario, key: str) -> Any:
    """Value that a scenario has at a key; a term that it does not override has none."""
    found: Any = scenario
    parts = key.split(".")
    for at, part in enumerate(parts):
        if isinstance(found, Mapping):
            return found.get(".".join(parts[at:]))
        found = getattr(found, part, None)
    return found


def _check_term(key: str, term: str, *, program: str) -> None:
    if term in load_terms(program).table:
        return
    try:
        load_terms(program, overrides={term: 0.0})
    except InputError as error:
        raise InputError(error.problem, key=key, cure=error.cure) from None


def _is_named_value(parts: tuple[str, ...]) -> bool:
    """Whether a key lies in a field that holds values by name, such as correlations."""
    fields = [field_at(parts[:depth]) for depth in range(2, len(parts))]
    return any(field is not None and get_origin(field.annotation) is dict for field in fields)
