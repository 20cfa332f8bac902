"""One assumption at a time from end to end of its plausible range, on the same populations and futures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import ValidationError

import leadrisk
from leadrisk.errors import InputError
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.risk.sensitivity import Outcome, changes, figures
from leadrisk.run.api import simulate
from leadrisk.run.check import check_size, persons_sha256
from leadrisk.run.cover import premium_shares
from leadrisk.run.execute import map_blocks
from leadrisk.run.plan import Block, plan_blocks, settled_block_size
from leadrisk.run.setting import prepare, program_of
from leadrisk.run.settle import settle_block
from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.load import scenario_sha256
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.overlay import merge
from leadrisk.scenario.plausible_correlations import tried_correlations
from leadrisk.scenario.valid_keys import nearest_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.risk.estimate import Estimate

    Progress = Callable[[str, int, int], None]
    Record = dict[str, Any]

POPULATIONS, FUTURES = 512, 64
ENDS = ("low", "high")

_BENEFITS = (
    "part_b_cost_sharing_support",
    "part_d_buydown",
    "prevention_reward",
    "medical_nutrition_therapy",
    "substance_access",
)
#: Keys, or whole tables, that a run reads only where the scenario asks for them.
_READ_IF: dict[str, Callable[[Scenario], bool]] = {
    "alignment.voluntary_cost_ratio": lambda s: s.alignment.voluntary_share > 0.0,
    "alignment.voluntary_additions": lambda s: s.alignment.mode == "hybrid",
    "alignment.midyear_additions": lambda s: s.alignment.mode == "hybrid",
    "aggregate_cover": lambda s: s.aggregate_cover.bought,
    "benefits": lambda s: any(getattr(s.elections, name) for name in _BENEFITS),
    "cara": lambda s: s.cara.elected,
    "elections.apo_share": lambda s: s.elections.apo,
    "elections.npcc_share": lambda s: s.elections.npcc,
    "elections.tcc_share": lambda s: any(s.elections.under(name).capitation == "tcc" for name in s.contract.names),
    "level.spread_across_acos": lambda _: False,
    "reach": lambda s: any(program_of(name) == "reach" for name in s.contract.names),
    "stop_loss": lambda s: s.stop_loss.elected,
    "trend.stop_loss_neutrality_sd": lambda s: s.stop_loss.elected,
}


class Variant(NamedTuple):
    """The scenario with one assumption at one end of its range."""

    key: str
    end: str
    scenario: Scenario


class Plan(NamedTuple):
    """What is to be settled.

    Attributes
    ----------
    records
        Assumptions by key, as in :func:`leadrisk.scenario.assumption.assumptions`, correlations of factors among them.
    variants
        Both ends of every assumption that is read, except where an end is the value itself.
    not_read
        Keys that a run of this scenario does not read.
    refused
        Ends that contradict the rest of the scenario: ``key, end, reason``.
    """

    records: dict[str, Record]
    variants: list[Variant]
    not_read: list[str]
    refused: list[Record]


def sensitivity(
    scenario: Scenario,
    *,
    populations: int = POPULATIONS,
    futures: int = FUTURES,
    seed: int | None = None,
    threads: int | None = None,
    only: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Record:
    """Change of reserve, mean and tail with each grade C assumption at the low and the high end of its range.

    Correlations of systemic factors are among them: those stated on judgement, and some that are taken as zero. Every
    variant is settled on the same seed, populations and futures as the scenario as it is. Assumptions that touch
    no person reuse its experience; the others are simulated anew.

    Parameters
    ----------
    populations, futures
        Size of each of the runs.
    seed
        Run seed; default the scenario's.
    threads
        Threads. Results do not depend on it.
    only
        Keys to vary, of any grade that has a plausible range; default every grade C assumption that has one.
    progress
        Called with (label, done, total) after each variant.

    Returns
    -------
    dict
        ``base``: by contract ``reserve_99``, ``mean`` and ``tvar_99_loss`` of the ten-year net settlement, dollars,
        with standard errors. ``assumptions``: records with ``key, meaning, unit, source, grade, value, low, high,
        persons`` (whether persons were simulated anew) and ``change``, by contract and end the same three figures
        less those of ``base``, with the standard error of the difference; the largest change of a reserve first.
        ``no_change``: keys that move none of the figures. ``not_read``: keys that this scenario does not ask for.
        ``refused``: ends that contradict the rest of the scenario, with the reason.

    Raises
    ------
    InputError
        If a key of ``only`` is unknown or has no plausible range, or sizes are wrong.

    Examples
    --------
    >>> import leadrisk as lr
    >>> scenario = lr.load_scenario("scenarios/baseline.toml", set={"cohort.lives": 500})
    >>> found = sensitivity(scenario, populations=4, futures=4, only=["trend.calm_sd", "level.true_level_sd"])
    >>> sorted(record["key"] for record in found["assumptions"])
    ['level.true_level_sd', 'trend.calm_sd']
    """
    check_size(populations=populations, futures=futures)
    records, variants, not_read, refused = plan(scenario, only=only)
    settled = _Settled(populations=populations, futures=futures, seed=seed, threads=threads)
    base = settled.outcomes(scenario)
    found: dict[str, dict[str, dict[str, dict[str, Estimate]]]] = {}
    for done, variant in enumerate(variants, start=1):
        for contract, outcome in settled.outcomes(variant.scenario).items():
            change = changes(outcome, base[contract])
            found.setdefault(variant.key, {}).setdefault(contract, {})[variant.end] = change
        if progress is not None:
            progress("varying assumptions", done, len(variants))
    kept = sorted((key for key in found if any(_largest(found[key]))), key=lambda key: -_largest(found[key])[0])
    persons = persons_sha256(scenario)
    anew = {variant.key for variant in variants if persons_sha256(variant.scenario) != persons}
    return {
        "scenario": scenario.name,
        "scenario_sha256": scenario_sha256(scenario),
        "version": leadrisk.__version__,
        "populations": populations,
        "futures": futures,
        "seed": scenario.run.seed if seed is None else seed,
        "contracts": list(scenario.contract.names),
        "base": {contract: _plain(figures(outcome)) for contract, outcome in base.items()},
        "assumptions": [
            {
                **{name: records[key][name] for name in ("key", "meaning", "unit", "source", "grade")},
                **{name: records[key][name] for name in ("value", *ENDS)},
                "persons": key in anew,
                "change": {c: {end: _plain(one) for end, one in ends.items()} for c, ends in found[key].items()},
            }
            for key in kept
        ],
        "no_change": [key for key in found if key not in kept],
        "not_read": not_read,
        "refused": refused,
    }


def is_read(scenario: Scenario, key: str) -> bool:
    """Whether a run of the scenario reads an assumption at all.

    Examples
    --------
    >>> import leadrisk as lr
    >>> scenario = lr.load_scenario("scenarios/baseline.toml")
    >>> is_read(scenario, "cara.episode_share"), is_read(scenario, "trend.calm_sd")
    (False, True)
    """
    return all(asked(scenario) for name in (key, key.partition(".")[0]) if (asked := _READ_IF.get(name)) is not None)


def plan(scenario: Scenario, *, only: Collection[str] | None = None) -> Plan:
    """List the variants of a scenario; see :func:`sensitivity`.

    Examples
    --------
    >>> import leadrisk as lr
    >>> found = plan(lr.load_scenario("scenarios/baseline.toml"), only=["trend.calm_sd"])
    >>> [(variant.end, variant.scenario.trend.calm_sd) for variant in found.variants]
    [('low', 0.015), ('high', 0.025)]
    """
    every = {record["key"]: record for record in (*assumptions(scenario), *tried_correlations(scenario.dependence))}
    for key in only or ():
        if key not in every:
            problem = "is no assumption of this scenario"
            raise InputError(problem, key=key, cure=nearest_key(tuple(key.split("."))))
        if every[key]["low"] is None:
            problem = "has no plausible range"
            raise InputError(problem, key=key, cure="try a value of your own with leadrisk run --set")
    records = {
        key: record
        for key, record in every.items()
        if record["low"] is not None and (record["grade"] == "C" if only is None else key in only)
    }
    found = Plan(records, [], [key for key in records if not is_read(scenario, key)], [])
    tables = scenario.model_dump()
    for key, record in records.items():
        for end in ENDS if key not in found.not_read else ():
            if record[end] == record["value"]:
                continue
            change: Any = record[end]
            for part in reversed(key.split(".")):
                change = {part: change}
            try:
                found.variants.append(Variant(key, end, Scenario.model_validate(merge(tables, change))))
            except ValidationError as error:
                found.refused.append({"key": key, "end": end, "reason": error.errors()[0]["msg"]})
    return found


class _Settled:
    """Settles scenarios of one size and seed, and keeps the experience of the first for all with the same persons."""

    def __init__(self, *, populations: int, futures: int, seed: int | None, threads: int | None) -> None:
        self._populations, self._futures, self._seed, self._threads = populations, futures, seed, threads
        self._kept: xr.Dataset | None = None

    def outcomes(self, scenario: Scenario) -> dict[str, Outcome]:
        """Totals and shortfalls by contract."""
        experience = self._experience(scenario)
        setting = prepare(experience, scenario, futures=self._futures)
        premiums = premium_shares(
            lambda part: experience.isel(population=part.rows),
            setting,
            populations=self._populations,
            threads=self._threads,
        )
        setting = setting.with_premiums(premiums)
        names: list[str] = list(scenario.contract.names)
        found = {
            name: Outcome(*(np.empty((self._populations, self._futures)) for _ in Outcome._fields)) for name in names
        }

        def task(part: Block) -> None:
            lines = settle_block(experience.isel(population=part.rows), setting)
            for name in names:
                net: NDArray[np.float64] = lines[name]["net_settlement"]
                found[name].total[part.rows] = net.sum(axis=-1)
                found[name].shortfall[part.rows] = deepest_shortfall(net)

        size = settled_block_size(self._futures, scenario.horizon.performance_years)
        map_blocks(task, plan_blocks(self._populations, size=size), threads=self._threads)
        return found

    def _experience(self, scenario: Scenario) -> xr.Dataset:
        if self._kept is not None and self._kept.attrs["persons_sha256"] == persons_sha256(scenario):
            return self._kept
        found = simulate(scenario, populations=self._populations, seed=self._seed, threads=self._threads)
        if self._kept is None:
            self._kept = found
        return found


def _largest(change: dict[str, dict[str, dict[str, Estimate]]]) -> tuple[float, float]:
    """Largest change of a reserve, then of any figure, under any contract and end; zeros where nothing moves."""
    reserves, rest = [0.0], [0.0]
    for ends in change.values():
        for one in ends.values():
            reserves.append(abs(one["reserve_99"].value))
            rest.extend(abs(figure.value) for figure in one.values())
    return max(reserves), max(rest)


def _plain(found: dict[str, Estimate]) -> dict[str, dict[str, float]]:
    return {name: estimate._asdict() for name, estimate in found.items()}
