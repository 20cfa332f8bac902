"""The plan of a sweep: every cell with its coordinates and its scenario, checked before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from leadrisk.errors import InputError
from leadrisk.run.check import check_switch
from leadrisk.run.setting import run_terms
from leadrisk.scenario.explain import input_error
from leadrisk.scenario.load import with_files, with_values
from leadrisk.scenario.model import Scenario
from leadrisk.sweep.design import points
from leadrisk.sweep.keys import value_at
from leadrisk.sweep.sources import sources
from leadrisk.sweep.spec import existing

if TYPE_CHECKING:
    from leadrisk.sweep.design import Point
    from leadrisk.sweep.sources import Source
    from leadrisk.sweep.spec import Sweep, SweepFile

STRESS = "stress"


class Cell(NamedTuple):
    """One scenario of a sweep.

    Attributes
    ----------
    identifier
        Name of its files; the ACO's identifier, a number, or both.
    coordinates
        What tells it from the others: ACO, stress, values by dotted key.
    scenario
        ``None`` where it is not valid; ``reason`` then says why.
    left_out
        Whether the ACO's published figures do not make a scenario, which is no failure of the sweep.
    """

    identifier: str
    coordinates: dict[str, Any]
    scenario: Scenario | None
    reason: str = ""
    left_out: bool = False


class SweepPlan(NamedTuple):
    """All cells of a sweep, in the order of their coordinates.

    Attributes
    ----------
    dimensions
        Coordinates that span a full grid, the slowest first; empty where cells do not fill one.
    """

    sweep: Sweep
    cells: list[Cell]
    dimensions: tuple[str, ...]

    @property
    def valid(self) -> list[tuple[Cell, Scenario]]:
        """Cells that can be run."""
        return [(cell, cell.scenario) for cell in self.cells if cell.scenario is not None]

    @property
    def invalid(self) -> list[Cell]:
        """Cells that fail before they are run."""
        return [cell for cell in self.cells if cell.scenario is None and not cell.left_out]


def plan_sweep(file: SweepFile) -> SweepPlan:
    """List the cells of a sweep: sources by stresses by points of the design.

    Raises
    ------
    InputError
        If a file cannot be read, or no cell at all is valid: the message is then that of the first.

    Examples
    --------
    >>> from leadrisk.sweep import read_sweep
    >>> plan = plan_sweep(read_sweep("scenarios/sweeps/size_and_efficiency.toml"))
    >>> plan.cells[0].identifier, plan.cells[0].coordinates["cohort.lives"], plan.cells[0].scenario.cohort.lives
    ('0001', 5000, 5000)
    """
    sweep = file.sweep
    starts, design = sources(file), points(sweep)
    stresses: dict[str, tuple[str, ...]] = sweep.stresses or {"": ()}
    for name, overlays in {"overlays": sweep.overlays, **sweep.stresses}.items():
        key = name if name == "overlays" else f"stresses.{name}"
        existing(map(file.resolved, overlays), sweep=file.path, key=key)
    keys = list(dict.fromkeys(key for point in design for key in point))
    several = len(stresses) * len(design) > 1 or (len(starts) == 1 and not starts[0].identifier)
    cells = []
    for start in starts:
        number = 0
        for stress in stresses:
            labels = {**start.labels, **({STRESS: stress} if sweep.stresses else {})}
            for point in design:
                number += 1
                identifier = "-".join(part for part in (start.identifier, f"{number:04d}" if several else "") if part)
                cell = _cell(file, start, stress, point)._replace(identifier=identifier)
                where = {key: point.get(key, cell.scenario and value_at(cell.scenario, key)) for key in keys}
                cells.append(cell._replace(coordinates={**labels, **where}))
    plan = SweepPlan(sweep, cells, _dimensions(sweep))
    if not plan.valid:
        problem = f"no cell is valid; the first: {cells[0].reason}"
        raise InputError(problem, path=file.path)
    _check_contracts(file, plan)
    return plan


def _check_contracts(file: SweepFile, plan: SweepPlan) -> None:
    """Refuse cells with other contracts than the first: figures and paths of a sweep are by contract."""
    first, scenario = plan.valid[0]
    for cell, other in plan.valid:
        if other.contract.names != scenario.contract.names:
            problem = f"cell {cell.identifier} has other contracts than {first.identifier}, or in another order"
            cure = "name those of all cells in [run], contracts = [...]"
            raise InputError(problem, path=file.path, key="run.contracts", cure=cure)


def _dimensions(sweep: Sweep) -> tuple[str, ...]:
    if sweep.design not in {None, "grid"}:
        return ()
    return (*(["aco"] if sweep.acos else []), *([STRESS] if sweep.stresses else []), *sweep.grid)


def _cell(file: SweepFile, start: Source, stress: str, point: Point) -> Cell:
    """Lay over a source what makes it this cell: overlays, stress, values of all cells, its own values, sizes."""
    if start.reason:
        return Cell("", {}, None, start.reason, left_out=True)
    sweep = file.sweep
    overlays = [file.resolved(name) for name in (*sweep.overlays, *sweep.stresses.get(stress, ()))]
    sizes = {f"run.{name}": getattr(sweep.run, name) for name in ("populations", "futures", "seed")}
    if sweep.run.contracts is not None:
        sizes["contract.names"] = list(sweep.run.contracts)
    data, origins = with_files(start.data, start.origins, overlays)
    try:
        data, origins = with_values(data, origins, {**sweep.set, **point, **sizes}, source=file.path)
        scenario = Scenario.model_validate(data)
        if any(scenario.contract.overrides.values()):
            run_terms(scenario)
        check_switch(scenario)
    except ValidationError as error:
        return Cell("", {}, None, str(input_error(error, data, origins)), left_out=_is_plain(sweep))
    except InputError as error:
        said = error if error.path else InputError(error.problem, path=file.path, key=error.key, cure=error.cure)
        return Cell("", {}, None, str(said))
    return Cell("", {}, scenario)


def _is_plain(sweep: Sweep) -> bool:
    """Whether only the published figures of an ACO can be at fault."""
    return sweep.acos is not None and sweep.design is None and not (sweep.set or sweep.stresses or sweep.overlays)
