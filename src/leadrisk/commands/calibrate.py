"""``leadrisk calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from leadrisk.commands.options import AsJson, Whole, print_json, read_scenario

if TYPE_CHECKING:
    from typing import Any

Seed = Annotated[Whole, Parameter(validator=Number(gte=0, lt=2**63))]
Bootstraps = Annotated[Whole, Parameter(validator=Number(gte=50, lte=10_000))]


def calibrate(
    *roster: Path,
    base: Path | None = None,
    out: Path | None = None,
    seed: Seed = 1,
    bootstraps: Bootstraps = 400,
    as_json: AsJson = False,
) -> None:
    """Fit the assumptions about persons to an ACO's own beneficiaries and write a scenario with them.

    Parameters
    ----------
    roster
        Tables of beneficiaries by year (CSV or Parquet), or the Beneficiary Summary files of CMS DE-SynPUF.
    base
        Scenario (TOML) whose other values are kept and whose persons are the defaults.
    out
        Directory for the outputs; default results/calibration.
    seed
        Of the bootstrap and of the simulated rosters.
    bootstraps
        Replicates of the bootstrap over persons, from which the standard errors come.
    as_json
        Print calibration.json instead of tables.
    """
    from time import perf_counter

    from leadrisk.calibration.calibrate import calibrate as fit
    from leadrisk.calibration.roster import read_roster
    from leadrisk.report.calibration import terminal_calibration, write_calibration
    from leadrisk.run.directory import complete_or_absent
    from leadrisk.scenario.toml_file import read_toml

    started = perf_counter()
    scenario = None if base is None else read_scenario(base)
    tables: dict[str, Any] | None = None if base is None else read_toml(base)[0]
    target = out or Path("results") / "calibration"
    with complete_or_absent(target) as partial:
        found = fit(read_roster(roster), base=scenario, seed=seed, bootstraps=bootstraps)
        record = write_calibration(partial, found, base=tables, elapsed_s=perf_counter() - started)
    if as_json:
        print_json(record)
        return
    console = Console()
    terminal_calibration(record, console)
    console.print(f"Scenario: {target / 'scenario.toml'}", soft_wrap=True, highlight=False)
