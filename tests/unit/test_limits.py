"""At every limit of every scenario field the engine gives finite and sane results, under every programme."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import annotated_types
import numpy as np
import pytest
from pydantic import ValidationError

import leadrisk as lr
from leadrisk.cohort.panel import segment_lives
from leadrisk.errors import InputError
from leadrisk.experience.stationary import ESRD, MAIN, segments
from leadrisk.experience.stationary_kernel import fresh_densities, stationary_densities
from leadrisk.run.check import persons_sha256
from leadrisk.scenario.assumption import table_class
from leadrisk.scenario.dependence_table import MEASURES
from leadrisk.scenario.model import Scenario
from scenario_fixture import small_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr

# Everything that may be elected together, so that each field is read.
ELECTED: dict[str, dict[str, Any]] = {
    "contract": {"names": ["lead_global", "lead_professional", "mssp_enhanced", "reach_global"]},
    "alignment": {"mode": "hybrid"},
    "stop_loss": {"elected": True},
    "aggregate_cover": {"bought": True, "premium_share": 0.01},
    "cara": {"elected": True},
    "elections": {
        **dict.fromkeys(("npcc", "apo", "provisional_settlement"), True),
        **{f"{mechanism}_providers": [mechanism] for mechanism in ("npcc", "apo", "cara")},
        "part_b_cost_sharing_support": True,
        "part_d_buydown": True,
        "prevention_reward": True,
        "medical_nutrition_therapy": True,
        "substance_access": True,
    },
    "participation": {"exit_rule": "after_cumulative_loss"},
}
TOTAL_CARE = {"capitation": "tcc", "npcc": False, "apo": False}
# Where rules between fields, or time, ask for more than the limit itself.
COMPANIONS: dict[str, dict[str, dict[str, Any]]] = {
    "elections.npcc_share=1.0": {"elections": {"apo_share": 0.0}},
    "elections.apo_share=1.0": {"elections": {"npcc_share": 0.0}},
    "elections.tcc_share=0.0": {"contract": {"names": ["lead_global"]}, "elections": TOTAL_CARE},
    "elections.tcc_share=1.0": {"contract": {"names": ["lead_global"]}, "elections": TOTAL_CARE},
    "stop_loss.first_attachment=40.0": {"stop_loss": {"second_attachment": 60.0}},
    "stop_loss.second_attachment=1.000001": {"stop_loss": {"first_attachment": 1.0}},
    "stop_loss.esrd_first_attachment=40.0": {"stop_loss": {"esrd_second_attachment": 60.0}},
    "stop_loss.esrd_second_attachment=0.500001": {"stop_loss": {"esrd_first_attachment": 0.5}},
    "reach.heba_up_share=1.0": {"reach": {"heba_down_share": 0.0}},
    "reach.heba_down_share=1.0": {"reach": {"heba_up_share": 0.0}},
    "horizon.first_performance_year=2036": {"horizon": {"performance_years": 1}},
    "horizon.performance_years=1": {"horizon": {"first_performance_year": 2030}},
    "cohort.lives=5000000": {
        "horizon": {"first_performance_year": 2030, "performance_years": 1},
        "run": {"populations": 4, "futures": 2},
    },
    "cohort.high_needs_share=1.0": {"cohort": {"esrd_share": 0.0}},
    "cohort.esrd_share=1.0": {"cohort": {"high_needs_share": 0.0}},
    "persons.cost_slope=1e-06": {"persons": {"cost_curvature": 0.0}},
    "persons.esrd_cost_slope=1e-06": {"persons": {"esrd_cost_curvature": 0.0}},
    "persons.esrd_cost_curvature=-0.4": {"persons": {"esrd_cost_slope": 2.5}},
    "run.futures=4096": {"run": {"populations": 4}},
}
LEFT_OUT = {"run.populations=1000000"}  # a matter of time alone
REFUSED = {  # with what the message names
    "mssp.disabled_share=1.0": "disabled_share and aged_dual_share must sum to less than 1",
    "mssp.aged_dual_share=1.0": "disabled_share and aged_dual_share must sum to less than 1",
}
ALMOST = 1e-6  # from a limit that is itself not allowed


def limits(table: type[Any], prefix: str = "") -> list[tuple[str, Any]]:
    """List (dotted key, value at a limit); ``key[]`` stands for every element of a list."""
    found: list[tuple[str, Any]] = []
    for name, field in table.model_fields.items():
        inner = table_class(field.annotation)
        if inner is not None:
            found += limits(inner, f"{prefix}{name}.")
            continue
        whole = int in (field.annotation, *get_args(field.annotation))
        found += [(f"{prefix}{name}", value) for value in _at_limits(field.metadata, whole=whole)]
        for part in get_args(field.annotation)[:1]:
            if get_origin(part) is Annotated:
                found += [(f"{prefix}{name}[]", value) for value in _at_limits(get_args(part)[1:], whole=False)]
    return found


def _at_limits(metadata: Any, *, whole: bool) -> list[Any]:
    values: list[Any] = []
    for limit in (inner for held in metadata for inner in getattr(held, "metadata", [held])):
        if isinstance(limit, annotated_types.Ge | annotated_types.Le):
            values.append(getattr(limit, "ge", None) if isinstance(limit, annotated_types.Ge) else limit.le)
        elif isinstance(limit, annotated_types.Gt):
            values.append(limit.gt + ALMOST)
        elif isinstance(limit, annotated_types.Lt):
            values.append(limit.lt - ALMOST)
    return [int(value) if whole else float(value) for value in values]


def _rest_of_a_rank(key: str, value: Any) -> dict[str, dict[str, Any]]:
    """Give the other parts of a measure's rank values that leave room for one at its limit."""
    for part, others in (
        ("persistence", {"noise": 0.0, "level_correlation": 0.0}),
        ("noise", {"persistence": 0.0, "level_correlation": 0.0}),
        ("level_correlation", {"persistence": 1.0 - ALMOST / 2.0, "noise": 0.0}),
    ):
        measure = key.removeprefix(f"quality.{part}_")
        if measure in MEASURES and value not in {0.0, -1.0} | ({1.0} if part == "noise" else set()):
            return {"quality": {f"{name}_{measure}": given for name, given in others.items()}}
        if measure in MEASURES and part == "persistence":
            return {"quality": {f"level_correlation_{measure}": 0.0}}
    return {}


def scenario_at(key: str, value: Any) -> Scenario:
    """Return the small scenario, with a good number of persons in each category and one field at a limit."""
    table, _, name = key.rpartition(".")
    given = value
    if name.endswith("[]"):
        given, name = [value] * 3, name[:-2]
    parts: list[tuple[str, dict[str, Any]]] = [("cohort", {"lives": 400, "esrd_share": 0.05}), *ELECTED.items()]
    if table == "shocks" and name != "pandemic_probability":
        parts.append(("shocks", {"pandemic_year": 2028}))
    if table == "aggregate_cover":
        parts.append((table, {"premium_share": None}))  # then the run sets it
    if table == "exclusions" or key.startswith("alignment.voluntary"):  # known to LEAD alone
        parts.append(("contract", {"names": ["lead_global", "lead_professional"]}))
    parts += COMPANIONS.get(f"{key}={value}", {}).items()
    parts += _rest_of_a_rank(key, value).items()
    if table.startswith("categories."):
        money = small_scenario().model_dump()["categories"]
        money[table.partition(".")[2]][name] = given
        parts.append(("categories", money))
    else:
        parts.append((table, {name: given}))
    changes: dict[str, dict[str, Any]] = {}
    for part, values in parts:
        changes[part] = {**changes.get(part, {}), **values}
    return small_scenario(**changes)


LIMITS = [(key, value) for key, value in limits(Scenario) if f"{key}={value}" not in {*LEFT_OUT, *REFUSED}]
_experiences: dict[tuple[str, int, int], xr.Dataset] = {}


def experience_of(scenario: Scenario) -> xr.Dataset:
    """Simulate once for all scenarios with the same persons."""
    key = persons_sha256(scenario), scenario.run.seed, scenario.run.populations
    if key not in _experiences:
        _experiences[key] = lr.simulate(scenario, threads=1)
    return _experiences[key]


def not_finite(table: Any, key: str = "") -> Iterator[str]:
    if isinstance(table, dict):
        for name, value in table.items():
            yield from not_finite(value, f"{key}.{name}")
    elif isinstance(table, list):
        for value in table:
            yield from not_finite(value, f"{key}[]")
    elif isinstance(table, float) and not math.isfinite(table):
        yield key


@pytest.mark.parametrize(("key", "value"), LIMITS)
def test_results_are_sane_at_every_limit(key: str, value: Any) -> None:
    scenario = scenario_at(key, value)
    experience = experience_of(scenario)
    settlement = lr.settle(experience, scenario, threads=1)
    for dataset in (experience, settlement):
        assert [name for name in dataset.data_vars if not np.isfinite(dataset[name].values).all()] == []
    assert list(not_finite(lr.summarize(settlement))) == []
    base = experience.isel(year=slice(0, 3)).sum(("population", "year"))
    persons = base["person_years"] > 0
    for name, (low, high) in {"expenditure": (0.5, 5.0), "score": (0.5, 5.0)}.items():
        rate = (base[name] / base["person_years"].where(persons)).fillna(1.0)
        assert ((low < rate) & (rate < high)).all(), (name, rate.values)
        assert 0.5 < float(rate.sel(category="aged_disabled")) < 2.0, name


@pytest.mark.parametrize(("at", "message"), REFUSED.items())
def test_a_limit_that_other_fields_forbid_is_refused(at: str, message: str) -> None:
    key, _, value = at.partition("=")
    with pytest.raises(ValidationError, match=message):
        scenario_at(key, float(value))


def test_every_table_with_numbers_is_walked() -> None:
    found = limits(Scenario)
    keys = {key for key, _ in found}
    assert len(keys) > 160
    assert {"categories.esrd.base_year_pbpm[]", "trend.projection_miss[]", "contract.base_pcc_share"} < keys
    given = {name for name, field in Scenario.model_fields.items() if table_class(field.annotation) is not None}
    by_name = {"uncertainty", "dependence"}  # their numbers stand by name; they have tests of their own
    assert given - by_name == {key.partition(".")[0] for key in keys}
    assert {*COMPANIONS, *LEFT_OUT, *REFUSED} <= {f"{key}={value}" for key, value in found}


@pytest.mark.parametrize("zero_cost_share", [0.0, 1e-6, 1e-4, 0.5])
def test_cost_is_kept_whatever_the_share_without_cost(zero_cost_share: float) -> None:
    persons = {"zero_cost_share": zero_cost_share, "esrd_zero_cost_share": zero_cost_share, "health_weight": 0.99}
    experience = lr.simulate(small_scenario(persons=persons), threads=1)
    base = experience.isel(year=slice(0, 3)).sum(("population", "year", "category"))
    assert float(base["expenditure"] / base["person_years"]) == pytest.approx(1.0, abs=0.04)


def test_a_cost_curve_that_cannot_be_followed_is_refused() -> None:
    persons = {"cost_slope": 3.0, "cost_curvature": 0.0, "cost_flat_beyond": 6.0, "decedent_shift": 4.0}
    scenario = small_scenario(persons={**persons, "health_weight": 0.0, "health_persistence": 0.99})
    with pytest.raises(InputError, match=r"persons\.cost_slope: no cost curve fits"):
        segments(scenario)


@pytest.mark.parametrize("death_rate", [0.0, 1e-300, 1e-30])
def test_nobody_needs_to_die_or_leave(death_rate: float) -> None:
    exposure = {"death_rate": death_rate, "esrd_death_rate": death_rate, "exit_rate": 0.0}
    experience = lr.simulate(small_scenario(exposure=exposure), threads=1)
    assert float(experience["deaths"].sum()) == 0.0
    assert all(np.isfinite(experience[name].values).all() for name in experience.data_vars)


@pytest.mark.parametrize("prevalence", [0.001, 0.02, 0.1, 0.6])
@pytest.mark.parametrize("incidence", [0.01, 0.15])
def test_high_needs_prevalence_is_held_by_incidence_first(incidence: float, prevalence: float) -> None:
    health, entrants, death = (0.93, math.sqrt(1.0 - 0.93**2)), (0.13, 1.0), (0.9, math.log(0.044) - 0.405)
    start = (fresh_densities(prevalence, entrants[0]), 1.0, incidence)
    until = (120, 0.0, 1000.0)
    now, _, state = stationary_densities(until, start, incidence, prevalence, health, entrants, death, 0.13)
    level, _, share, _ = state
    assert now[1].sum() == pytest.approx(prevalence, rel=1e-6)
    assert level > 0.0
    if incidence > prevalence:  # then nobody has to enter as High Needs
        assert share == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("lives", "esrd_share", "expected"),
    [(200, 0.0, (200, 0)), (200, 1e-9, (199, 1)), (200, 0.9999, (1, 199)), (200, 1.0, (0, 200))],
)
def test_a_segment_with_a_share_has_a_person(lives: int, esrd_share: float, expected: tuple[int, int]) -> None:
    scenario = small_scenario(lives=lives, cohort={"lives": lives, "esrd_share": esrd_share, "high_needs_share": 0.0})
    assert segment_lives(scenario) == expected
    assert set(segments(scenario)) == {number for number, n in zip((MAIN, ESRD), expected, strict=True) if n}
