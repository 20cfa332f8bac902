"""One whole run: simulate, settle, summarise, and everything a manifest needs to know."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadrisk.risk.summary import summarize
from leadrisk.run.api import settle, simulate
from leadrisk.run.attribution import patient_luck, variance_drivers
from leadrisk.run.elected import elected_in_words
from leadrisk.run.futures_choice import with_futures
from leadrisk.run.lead_beside import guarantee
from leadrisk.run.manifest import manifest
from leadrisk.run.readings import open_readings
from leadrisk.run.setting import described_terms, prepare, run_terms
from leadrisk.run.store import digest
from leadrisk.scenario.load import scenario_sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from leadrisk.contract.terms import UnverifiedTerm
    from leadrisk.scenario.model import Scenario


@dataclass(frozen=True)
class Result:
    """A finished run; its numbers in memory, or read from its store when they are asked for.

    ``scenario`` states its futures, also where they were chosen, so that it tells what was run.
    """

    scenario: Scenario
    experience: xr.Dataset
    settlement: xr.Dataset
    summary: dict[str, Any]
    manifest: dict[str, Any]
    unverified_terms: list[UnverifiedTerm]


def run(
    scenario: Scenario,
    *,
    threads: int | None = None,
    block: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Result:
    """Run a scenario in memory with the populations, futures and seed that it names.

    Parameters
    ----------
    threads, block
        Threads and populations a task; no result depends on them.
    progress
        Called with (label, done, total) after each block of work.
    """
    started = time.perf_counter()
    scenario = with_futures(scenario)
    experience = simulate(scenario, threads=threads, block=block, progress=progress)
    settlement = settle(experience, scenario, threads=threads, block=block, progress=progress)
    return described(scenario, experience, settlement, started=started, threads=threads, progress=progress)


def described(
    scenario: Scenario,
    experience: xr.Dataset,
    settlement: xr.Dataset,
    *,
    started: float,
    threads: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Result:
    """Work out what a simulated and settled run means.

    Parameters
    ----------
    scenario
        That states its futures.
    experience, settlement
        In memory, or opened from a store.
    started
        Reading of ``time.perf_counter`` when the run began.
    """
    found = digest(experience, settlement)
    setting = prepare(experience, scenario, futures=settlement.sizes["future"])
    drivers = variance_drivers(experience, settlement, setting, threads=threads, progress=progress)
    luck = patient_luck(experience, settlement, setting, threads=threads, progress=progress)

    terms = run_terms(scenario)
    pledged = {name: float(guarantee(name, setting).max()) for name in setting.contracts("lead")}
    unverified = described_terms(settlement.attrs["unverified_terms"], terms)

    summary: dict[str, Any] = {
        "scenario": scenario.name,
        "populations": experience.sizes["population"],
        "futures": settlement.sizes["future"],
        "lives": scenario.cohort.lives,
        "seed": int(experience.attrs["seed"]),
        "digest": found,
        "unverified_terms": [term["name"] for term in unverified],
        **summarize(settlement),
        "guarantee": pledged,
        "elected": elected_in_words(scenario),
        "unread_overrides": settlement.attrs["unread_overrides"],
        "open_readings": open_readings(
            experience, scenario, unverified, futures=settlement.sizes["future"], threads=threads
        ),
        "programme_cost_total_mean": float(settlement["care_management_cost"].sum("year").mean()),
    }
    for name, contract in summary["contracts"].items():
        contract["drivers"] = drivers[name]
        contract["patient_luck_share"] = {
            key: figure
            for of, share in luck[name].items()
            for key, figure in ((of, share.value), (f"{of}_se", share.se))
        }
    return Result(
        scenario=scenario,
        experience=experience,
        settlement=settlement,
        summary=summary,
        manifest=manifest(
            scenario,
            experience=experience,
            settlement=settlement,
            digest=found,
            scenario_sha256=scenario_sha256(scenario),
            unverified_terms=summary["unverified_terms"],
            elapsed_s=time.perf_counter() - started,
        ),
        unverified_terms=unverified,
    )
