"""The sweep file: where the cells come from, how large each is, and in what they differ."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, Strict, ValidationError, field_validator, model_validator

from leadrisk.errors import InputError
from leadrisk.scenario.contract_table import ContractName, Entrant  # noqa: TC001 pydantic reads them
from leadrisk.scenario.explain import input_error
from leadrisk.scenario.load import parsed, read_layers, with_values
from leadrisk.scenario.table import Table, reject
from leadrisk.sweep.keys import by_dotted_key, check_key, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

_OF_FILES = ("scenario", "acos.public_use_file", "overlays")
DESIGNS = ("grid", "latin_hypercube", "sobol", "cell")

Values = Annotated[dict[str, Any], BeforeValidator(by_dotted_key)]
Texts = Annotated[tuple[str, ...], Strict(strict=False)]


class Size(Table):
    """Size of every cell; the same seed for all, so that cells have their populations and futures in common."""

    populations: int = Field(512, ge=4, le=1_000_000, multiple_of=2, description="person-level populations of a cell")
    futures: int = Field(64, ge=2, le=4096, description="systemic paths of a population, a power of two")
    seed: int = Field(1, ge=0, le=2**63 - 1, description="seed of all cells")
    contracts: Annotated[tuple[ContractName, ...], Strict(strict=False)] | None = Field(
        None, min_length=1, description="contracts to settle; left out: those of the scenario"
    )

    @field_validator("futures")
    @classmethod
    def _power_of_two(cls, futures: int) -> int:
        if futures & (futures - 1):
            reject("run.futures", f"must be a power of two (2, 4, 8 ... 4096), got {futures}")
        return futures


class Acos(Table):
    """ACOs of CMS's public use file of the Shared Savings Program, each a scenario."""

    public_use_file: str = Field(min_length=1, description="CMS's public use file of one performance year (CSV)")
    identifiers: Texts = Field((), description="ACO_ID of those wanted; left out: all of the file")
    entrant: Entrant = Field("renewing_mssp", description="where they come from")
    year: int | None = Field(None, description="performance year, where the file does not tell it")
    minimum_lives: int = Field(0, ge=0, description="smaller ACOs are passed over")
    maximum_lives: int | None = Field(None, ge=1, description="larger ACOs are passed over")


class Span(Table):
    """From where to where a parameter of a design goes."""

    low: float = Field(description="lowest value")
    high: float = Field(description="highest value")
    scale: Literal["linear", "log"] = Field("linear", description="how points are spread between the two")


class LatinHypercube(Table):
    """Points of a Latin hypercube: each parameter's range is cut into as many parts as points, each met once."""

    points: int = Field(ge=2, le=65_536, description="number of points")
    seed: int = Field(1, ge=0, description="seed of the design")
    parameters: Annotated[dict[str, Span], BeforeValidator(by_dotted_key)] = Field(
        min_length=1, description="range by dotted key"
    )


class Sobol(LatinHypercube):
    """Points of a scrambled Sobol' sequence, which fill the ranges evenly together."""

    @field_validator("points")
    @classmethod
    def _power_of_two(cls, points: int) -> int:
        if points & (points - 1):
            near = 1 << round(math.log2(points))
            reject("sobol.points", f"must be a power of two, got {points}", cure=f"write {near}")
        return points


class Keep(Table):
    """What is kept beyond the figures."""

    totals: bool = Field(False, description="whether the ten-year total of every path is kept")


class Sweep(Table):
    """A sweep: the same run for many scenarios."""

    name: str = Field(min_length=1, description="short name")
    description: str = Field("", description="what it is for")
    scenario: str | None = Field(None, description="scenario file that all cells start from")
    acos: Acos | None = Field(None, description="ACOs that cells are made of")
    overlays: Texts = Field((), description="partial scenarios laid over every cell")
    set: Values = Field({}, description="values laid over every cell, by dotted key")
    stresses: dict[str, Texts] = Field({}, description="overlays by name of a stress, each a cell of its own")
    run: Size = Size()
    grid: Values = Field({}, description="values by dotted key; every combination is a cell")
    latin_hypercube: LatinHypercube | None = Field(None, description="a design")
    sobol: Sobol | None = Field(None, description="a design")
    cell: tuple[Values, ...] = Field((), description="cells one by one, each with its values by dotted key")
    keep: Keep = Keep()

    @property
    def design(self) -> str | None:
        """Which kind of design there is."""
        return next((name for name in DESIGNS if getattr(self, name)), None)

    @field_validator("cell", mode="before")
    @classmethod
    def _list_of_cells(cls, cells: Any) -> Any:
        return tuple(cells) if isinstance(cells, list) else cells

    @model_validator(mode="after")
    def _one_source_one_design(self) -> Self:
        if (self.scenario is None) == (self.acos is None):
            both = "both stand here" if self.acos else "neither stands here"
            reject("scenario", f"cells come from a scenario or from a list of ACOs; {both}", cure="keep one of the two")
        given = [name for name in DESIGNS if getattr(self, name)]
        if len(given) > 1:
            reject(given[1], f"a sweep has one design at most, got {' and '.join(given)}", cure="keep one of them")
        return self

    @model_validator(mode="after")
    def _keys_are_known(self) -> Self:
        for place, values in self.varied.items():
            for key in values:
                try:
                    check_key(key)
                except InputError as error:
                    reject(f"{place}.{key}", error.problem, cure=error.cure)
                if place != "set" and key in self.set:
                    where = f"{place} varies it, so its value here would change nothing"
                    reject(f"set.{key}", where, cure="keep one of the two")
        return self

    @model_validator(mode="after")
    def _ranges_are_ranges(self) -> Self:
        for key, values in self.grid.items():
            if not isinstance(values, list) or not values:
                reject(f"grid.{key}", "must be a list of values", cure=f'write "{key}" = [..., ...]')
        for name in ("latin_hypercube", "sobol"):
            design: LatinHypercube | None = getattr(self, name)
            for key, span in design.parameters.items() if design else ():
                if not span.low < span.high:
                    reject(f"{name}.parameters.{key}", f"low must be below high, got {span.low:g} and {span.high:g}")
                if is_whole(key) and not (span.low.is_integer() and span.high.is_integer()):
                    reject(f"{name}.parameters.{key}", f"takes whole numbers, got {span.low:g} and {span.high:g}")
                if span.scale == "log" and span.low <= 0.0:
                    reject(f"{name}.parameters.{key}", f"low must be above zero on a log scale, got {span.low:g}")
        return self

    @property
    def varied(self) -> dict[str, Mapping[str, Any]]:
        """Values or ranges by dotted key, by the table that they stand in."""
        found: dict[str, Mapping[str, Any]] = {"set": self.set, "grid": self.grid}
        for name in ("latin_hypercube", "sobol"):
            if (design := getattr(self, name)) is not None:
                found[f"{name}.parameters"] = design.parameters
        return found | {f"cell[{number}]": values for number, values in enumerate(self.cell)}


class SweepFile(NamedTuple):
    """A sweep and the file that it was read from, which paths in it are relative to."""

    sweep: Sweep
    path: Path

    def resolved(self, name: str) -> Path:
        """A path that the file names."""
        return self.path.parent / name


def read_sweep(path: str | PathLike[str], *, set: Mapping[str, object] | None = None) -> SweepFile:  # noqa: A002
    """Read and check a sweep file.

    Parameters
    ----------
    path
        The file (TOML).
    set
        Single values of the sweep by dotted key, laid over it; a file named here is relative to the working directory.

    Returns
    -------
    SweepFile
        Valid in itself; whether each cell's scenario is, :func:`leadrisk.sweep.plan.plan_sweep` says.

    Raises
    ------
    InputError
        If the file cannot be read or anything in it is wrong.

    Examples
    --------
    >>> read_sweep("scenarios/sweeps/size_and_efficiency.toml").sweep.design
    'grid'
    """
    values = {key: parsed(key, value) for key, value in (set or {}).items()}
    files = {key: value for key, value in values.items() if key in _OF_FILES or key.startswith("stresses.")}
    for key, names in files.items():
        values[key] = list(map(_absolute, names)) if isinstance(names, list) else _absolute(names)
    data, origins = with_values(*read_layers(path), values)
    try:
        return SweepFile(Sweep.model_validate(data), Path(path))
    except ValidationError as error:
        raise input_error(error, data, origins, root=Sweep) from None


def _absolute(name: object) -> str:
    return str(Path(str(name)).absolute())


def existing(paths: Iterable[Path], *, sweep: Path, key: str) -> list[Path]:
    """Check that files which a sweep names are there.

    Raises
    ------
    InputError
        If one is not.
    """
    found = list(paths)
    for path in found:
        if not path.is_file():
            problem = f"there is no file {path}"
            cure = "a path in the file is relative to it, one on the command line to where it runs"
            raise InputError(problem, path=sweep, key=key, cure=cure)
    return found
