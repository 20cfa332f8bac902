"""How many populations a wanted error of the 99 % reserve takes: a pilot tells, one whole run reaches it.

A run is not added to until it looks good enough: that would stop where the error happens to be estimated low. A pilot
of the least size tells how many populations are needed, then one run of that size is made, from its own strata. Only
where that run misses is a larger one made. Where the pilot's size is enough, with the margin, that run is the pilot's
own. All sizes follow from scenario and seed, and the last run is the one that
``--populations`` with its size gives.
"""

from __future__ import annotations

import json
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from leadrisk.errors import InputError
from leadrisk.files import write_atomically
from leadrisk.risk.estimate import quantiles
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.run.api import settle, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from leadrisk.run.job import Result
    from leadrisk.scenario.model import Scenario

STEPS = "steps.json"
PILOT = 256  # below, the standard error of a tail is not to be trusted
MOST_POPULATIONS = 131_072
_STEP = 64  # populations are rounded up to a multiple
_MARGIN = 1.2  # of variance: the pilot's standard error is itself known within a tenth


class Step(NamedTuple):
    """What a run showed.

    Attributes
    ----------
    populations
        Of the run.
    contract
        The one whose reserve is known worst.
    error
        Standard error of its 99 % reserve, as a share of it.
    """

    populations: int
    contract: str
    error: float


def run_to_target(
    scenario: Scenario,
    target: float,
    *,
    run: Callable[[Scenario], Result],
    threads: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    steps_file: Path | None = None,
) -> tuple[Result, list[Step]]:
    """Run a scenario with as many populations as the error of its 99 % reserves asks for.

    The error of every contract that has a reserve must be at most ``target``.

    Parameters
    ----------
    target
        Standard error as a share of the reserve, above 0 and below 1.
    run
        Makes a whole run of a scenario, with the populations that the scenario names.
    threads
        Threads of the pilot. Results do not depend on it.
    progress
        Called with (label, done, total) after each block of the pilot.
    steps_file
        Where steps that missed the target are written down, and read from if it is there.

    Returns
    -------
    tuple
        The last run, with ``target_error`` in its summary, and the steps that led to it, pilot first.

    Raises
    ------
    InputError
        If the target is no such share, no contract has a reserve, or it takes more populations than 131,072.
    """
    if not 0.0 < target < 1.0:
        problem = f"must be a share above 0 and below 1, got {target:g}"
        raise InputError(problem, key="target error", cure="write for example 1% or 0.01")
    steps, spent = _read_steps(steps_file)
    if not steps:
        steps = [_worst(_pilot(scenario, threads=threads, progress=progress), populations=PILOT)]
    populations = PILOT if len(steps) == 1 else steps[-1].populations + _STEP
    while True:
        _write_steps(steps_file, steps, spent)
        populations = _needed(steps[-1], target, least=populations)
        sized = scenario.model_copy(update={"run": scenario.run.model_copy(update={"populations": populations})})
        result = run(sized)
        spent += result.manifest.get("forecast", {}).get("core_seconds", {}).get("taken", 0.0)
        contracts = result.summary["contracts"]
        reserves = {name: contract["reserve_99"] for name, contract in contracts.items()}
        if populations == PILOT:  # the same numbers once more
            steps.clear()
        steps.append(_worst(reserves, populations=populations))
        if steps[-1].error <= target:
            result.summary["target_error"] = {"target": target, "steps": [step._asdict() for step in steps]}
            return result, steps
        populations += _STEP


def _read_steps(path: Path | None) -> tuple[list[Step], float]:
    if path is not None:
        with suppress(OSError, ValueError, LookupError, TypeError):  # what cannot be read is found out once more
            found = json.loads(path.read_bytes())
            return [Step(*step) for step in found["steps"]], float(found["core_seconds"])
    return [], 0.0


def _write_steps(path: Path | None, steps: list[Step], spent: float) -> None:
    if path is not None:
        write_atomically(path, json.dumps({"steps": steps, "core_seconds": spent}).encode())


def spent_seconds(directory: Path) -> float:
    """Seconds on one core of runs that missed the target, whose tasks are gone."""
    return _read_steps(directory / STEPS)[1]


def _pilot(
    scenario: Scenario, *, threads: int | None, progress: Callable[[str, int, int], None] | None
) -> dict[str, dict[str, float]]:
    """99 % reserve of each contract from few populations."""
    experience = simulate(scenario, populations=PILOT, threads=threads, progress=progress)
    net = settle(experience, scenario, threads=threads, progress=progress)["net_settlement"]
    return {
        name: quantiles(deepest_shortfall(net.sel(contract=name).values), [0.99])[0]._asdict()
        for name in net["contract"].values.tolist()
    }


def _worst(reserves: Mapping[str, Mapping[str, float]], *, populations: int) -> Step:
    """Contract whose reserve is known worst, among those that have one."""
    errors = {name: found["se"] / found["value"] for name, found in reserves.items() if found["value"] > 0.0}
    if not errors:
        problem = "no contract of this run needs a reserve: none ever falls below zero"
        raise InputError(problem, key="target error", cure="give the number of populations instead")
    contract = max(errors, key=errors.__getitem__)
    return Step(populations, contract, errors[contract])


def _needed(step: Step, target: float, *, least: int) -> int:
    """Populations that reach the target with a margin, if the variance falls with their number.

    Examples
    --------
    >>> _needed(Step(256, "lead_global", 0.02), 0.01, least=256)
    1280
    """
    share = step.error / target
    wanted = _STEP * ceil(_MARGIN * step.populations * share * share / _STEP)
    populations = max(least, wanted)
    if populations > MOST_POPULATIONS:
        problem = (
            f"{100.0 * target:g}% of the reserve would take about {populations:,} populations under {step.contract} "
            f"(the most is {MOST_POPULATIONS:,}), {step.populations:,} leave {100.0 * step.error:.2g}%"
        )
        raise InputError(problem, key="target error", cure="ask for a larger error, or leave that contract out")
    return populations


def in_words(target: float, steps: list[Step], *, seconds: float) -> str:
    """What it took to reach a target.

    Examples
    --------
    >>> in_words(0.01, [Step(256, "lead_global", 0.0171), Step(960, "lead_global", 0.0091)], seconds=12.3)
    'Target error 1% of the 99% reserve: 0.91% reached with 960 populations in 12 s (256 had left 1.7%, lead_global).'
    """
    last = steps[-1]
    before = "".join(f"{step.populations:,} had left {100.0 * step.error:.2g}%, " for step in steps[:-1])
    return (
        f"Target error {100.0 * target:g}% of the 99% reserve: {100.0 * last.error:.2g}% reached with "
        f"{last.populations:,} populations in {seconds:.0f} s ({before}{last.contract})."
    )
