"""How sure the parameters of persons are: standard errors and correlations of a fit (a scenario's ``uncertainty``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from math import sqrt
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.person_tables import Exposure, Persons
from leadrisk.scenario.table import Table, reject

_TABLES: dict[str, type[Table]] = {"persons": Persons, "exposure": Exposure}
_SHOCK = "shapes a path that the populations are stratified on or share, and no person: its spread is drawn already"
NOT_DRAWN = {
    "persons.truncation_multiple": "is CMS's published figure, and the attachments of a run are the same for all",
    "persons.esrd_truncation_multiple": "is CMS's published figure, and the attachments of a run are the same for all",
    **{f"exposure.{name}": _SHOCK for name in ("panel_growth_mean", "panel_growth_sd")},
    **{f"exposure.{name}": _SHOCK for name in ("death_shock_sd", "exit_shock_sd")},
}
"""Parameters of persons and exposure that are the same for all populations, with the reason."""

DRAWN = tuple(
    key
    for table, model in _TABLES.items()
    for name, field in model.model_fields.items()
    if field.annotation is float and (key := f"{table}.{name}") not in NOT_DRAWN
)
"""Parameters that each population may have of its own: all that act inside the person kernel."""

_SMALLEST_PIVOT = 1e-9  # of a correlation matrix; below it rounding decides whether there is a root
_FAR = 2.0  # standard errors at which a parameter must still be a possible one

_Key = Annotated[str, Field(json_schema_extra={"enum": list(DRAWN)})]
_Numbers = dict[_Key, float]


def flatten_errors(given: Any) -> Any:
    """Write standard errors under their dotted names, however nested they were given.

    Examples
    --------
    >>> flatten_errors({"persons": {"cost_slope": 0.02}, "exposure.death_rate": 0.001})
    {'persons.cost_slope': 0.02, 'exposure.death_rate': 0.001}
    """
    if not isinstance(given, Mapping):
        return given
    flat: dict[str, Any] = {}
    for name, value in given.items():
        inner = flatten_errors(value)
        flat.update({f"{name}.{below}": held for below, held in inner.items()} if isinstance(inner, dict) else {})
        flat.update({} if isinstance(inner, dict) else {str(name): inner})
    return flat


def flatten_correlations(given: Any) -> Any:
    """Write correlations under the dotted names of their two parameters, however nested they were given.

    Examples
    --------
    >>> flatten_correlations({"persons": {"cost_slope": {"persons": {"cost_curvature": -0.9}}}})
    {'persons.cost_slope': {'persons.cost_curvature': -0.9}}
    """
    if not isinstance(given, Mapping):
        return given
    pairs: dict[str, Any] = {}
    for name, value in flatten_errors(given).items():
        parts = name.split(".")
        first, second = ".".join(parts[:2]), ".".join(parts[2:])
        if second:
            pairs.setdefault(first, {})[second] = value
        else:
            pairs[first] = value
    return pairs


BY_NAME = {"standard_error": flatten_errors, "correlation": flatten_correlations}
"""Tables of the uncertainty that hold parameters by dotted name, and how they are brought into that form."""


class Uncertainty(Table):
    """What a fit left uncertain: each population draws its own parameters from a normal around the scenario's.

    Examples
    --------
    >>> errors = {"persons.cost_slope": 0.02, "persons.cost_curvature": 0.01}
    >>> fitted = Uncertainty(
    ...     standard_error=errors, correlation={"persons.cost_slope": {"persons.cost_curvature": -0.6}}
    ... )
    >>> [tuple(round(part, 6) for part in row) for row in fitted.loadings]
    [(0.02, 0.0), (-0.006, 0.008)]
    """

    drawn: bool = assumption(
        True,
        meaning="whether each population has parameters of its own; false: all have the scenario's",
        unit="yes or no",
        source="the user's choice",
        grade="user",
    )
    standard_error: Annotated[_Numbers, BeforeValidator(flatten_errors)] = assumption(
        {},
        meaning="standard errors by dotted name, such as persons.cost_slope; none: the parameters count as known",
        unit="as the parameter",
        source="a fit to claims (leadrisk calibrate)",
        grade="user",
    )
    correlation: Annotated[dict[_Key, _Numbers], BeforeValidator(flatten_correlations)] = assumption(
        {},
        meaning="correlations of those errors, each pair once; a pair left out: 0",
        unit="correlation",
        source="a fit to claims (leadrisk calibrate)",
        grade="user",
    )

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters with a standard error, in the order of the tables; empty where nothing is drawn."""
        return tuple(name for name in DRAWN if name in self.standard_error) if self.drawn else ()

    @property
    def loadings(self) -> tuple[tuple[float, ...], ...]:
        """Lower root of the covariance matrix of `names`: normal numbers times it are the errors of a draw."""
        return _root(self.names, self.standard_error, self.correlation)

    @model_validator(mode="after")
    def _errors_are_of_parameters(self) -> Uncertainty:
        for name, error in self.standard_error.items():
            _reject_unknown(f"uncertainty.standard_error.{name}", name, DRAWN)
            if not error > 0.0:
                reject(
                    f"uncertainty.standard_error.{name}",
                    f"must be above 0, got {error:g}",
                    cure="leave out what is known, or set uncertainty.drawn = false to draw nothing",
                )
        return self

    @model_validator(mode="after")
    def _correlations_make_a_covariance(self) -> Uncertainty:
        given = tuple(name for name in DRAWN if name in self.standard_error)
        seen: set[frozenset[str]] = set()
        for first, others in self.correlation.items():
            _reject_unknown(f"uncertainty.correlation.{first}", first, given)
            for second, value in others.items():
                key = f"uncertainty.correlation.{first}.{second}"
                _reject_unknown(key, second, given)
                if first == second or frozenset((first, second)) in seen:
                    what = "is of a parameter with itself" if first == second else "is given twice, once either way"
                    reject(key, what, cure="leave it out")
                seen.add(frozenset((first, second)))
                if not -1.0 < value < 1.0:
                    reject(
                        key,
                        f"must lie between -1 and 1, got {value:g}",
                        cure="give only one of the two a standard error",
                    )
        _root(given, self.standard_error, self.correlation)
        return self

    def reject_implausible(self, tables: Mapping[str, Table]) -> None:
        """Refuse standard errors under which parameters two of them away are none that a scenario may have.

        Each parameter is moved by two standard errors, the others as they go with it; the set must be a valid one.

        Parameters
        ----------
        tables
            The scenario's ``persons`` and ``exposure``.
        """
        given = tuple(name for name in DRAWN if name in self.standard_error)
        root = _root(given, self.standard_error, self.correlation)
        for at, name in enumerate(given):
            error = self.standard_error[name]
            for side in (-_FAR, _FAR):
                moved = {other: side * _inner(root[at], root[k]) / error for k, other in enumerate(given)}
                try:
                    with_errors(tables, moved)
                except ValidationError as broken:
                    table, _, own = name.partition(".")
                    reject(
                        f"uncertainty.standard_error.{name}",
                        f"is too wide: two standard errors of {error:g} {'below' if side < 0 else 'above'} {name} = "
                        f"{getattr(tables[table], own):g} give {broken_rule(broken)}",
                        cure="give a smaller one, or a value further from its limit",
                    )


def with_errors(tables: Mapping[str, Table], errors: Mapping[str, float]) -> dict[str, Any]:
    """Return ``persons`` and ``exposure`` with the errors added to their values.

    Raises
    ------
    pydantic.ValidationError
        If the values are none that a scenario may have.

    Examples
    --------
    >>> round(with_errors({"persons": Persons()}, {"persons.cost_slope": 0.02})["persons"].cost_slope, 6)
    2.47
    """
    found = {}
    for table, values in tables.items():
        own = {name.partition(".")[2]: error for name, error in errors.items() if name.startswith(f"{table}.")}
        moved = {name: getattr(values, name) + error for name, error in own.items()}
        found[table] = type(values).model_validate({**dict(values), **moved})
    return found


def broken_rule(error: ValidationError) -> str:
    """Say in words which rule the values of :func:`with_errors` break."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "rule":
        return f"{first['ctx']['key']}: {first['msg']}"
    said = first["msg"][:1].lower() + first["msg"][1:]
    return f"{first['loc'][-1]} = {first['input']:g}, {said}"


def _reject_unknown(key: str, name: str, valid: tuple[str, ...]) -> None:
    if name in valid:
        return
    if name in NOT_DRAWN:
        reject(key, f"may not be drawn: {name} {NOT_DRAWN[name]}", cure="leave it out")
    if name in DRAWN:
        reject(key, f"{name} has no standard error", cure=f"add uncertainty.standard_error.{name}")
    near = get_close_matches(name, valid, n=1, cutoff=0.5)
    table = key[: len(key) - len(name)]
    listed = ", ".join(valid) if valid else "none, as there are no standard errors"
    reject(key, "unknown key", cure=f'did you mean "{table}{near[0]}"?' if near else f"valid keys here: {listed}")


def _root(
    names: tuple[str, ...], errors: Mapping[str, float], correlation: Mapping[str, Mapping[str, float]]
) -> tuple[tuple[float, ...], ...]:
    """Lower root (Cholesky) of the covariance matrix, in a fixed order of additions."""
    rows: list[list[float]] = []
    for at, name in enumerate(names):
        row: list[float] = []
        for k, other in enumerate(names[:at]):
            pair = correlation.get(name, {}).get(other, correlation.get(other, {}).get(name, 0.0))
            row.append((pair - _inner(row, rows[k])) / rows[k][k])
        pivot = 1.0 - _inner(row, row)
        if pivot < _SMALLEST_PIVOT:
            first = name if name in correlation else next(key for key in correlation if name in correlation[key])
            reject(
                f"uncertainty.correlation.{first}",
                f"the correlations of {name} with {', '.join(names[:at])} contradict each other: "
                f"the matrix is not positive definite (pivot {pivot:.3g})",
                cure="bring them closer to 0, or take all of them from one fit",
            )
        rows.append([*row, sqrt(pivot)])
    return tuple(
        (*(errors[name] * part for part in row), *[0.0] * (len(names) - at - 1))
        for at, (name, row) in enumerate(zip(names, rows, strict=True))
    )


def _inner(first: Sequence[float], second: Sequence[float]) -> float:
    """Sum of products over the shorter one, in a fixed order; Python's own sum differs between versions."""
    total = 0.0
    for a, b in zip(first, second, strict=False):
        total += a * b
    return total
