"""The ACO that stands for many in the checks: neutral money, no programme of care, default parameters.

Every parameter is the scenario's default except for what is written here, and each exception holds for all targets:

- The money of a category is the same in base years, region and nation, and regional adjustments are capped at zero, so
  that no adjustment moves the benchmark: the spread of levels across ACOs contains what adjustments do, and what a
  changed participant list does to savings was measured with the adjustment in it.
- No care management: the targets were measured on ACOs whose programmes are part of their efficiency.
- ``level.spread_across_acos`` in place of ``level.true_level_sd``: a run stands for many ACOs, each with a level of its
  own, not for one ACO whose base years are known.
- No pandemic breaks out: the files behind the targets begin after the outbreak of 2020.
- The score grows with the nation's on average (``drift.mean_growth`` 0), as in the Shared Savings Program, where scores
  are renormalised; only the target on ACO REACH keeps the default.
- The Shared Savings Program settles a new entrant (10/30/60) by the rules of agreement periods that began before 2024,
  under which the targets were measured: no prospective trend, the cap on the risk score type by type.

A check may hold some of what moves at rest, by name (:data:`AT_REST`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.run.api import settle, simulate
from leadrisk.run.execute import map_blocks
from leadrisk.run.plan import plan_blocks, settled_block_size
from leadrisk.run.setting import prepare
from leadrisk.run.settle import carried_block
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.systemic_tables import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.futures.carry import Carried

CONTRACT = "mssp_enhanced"
BASE_YEARS = 3
MONEY = {"aged_disabled": 1000.0, "high_needs": 2500.0, "esrd": 9000.0}  # dollars per beneficiary per month
RULES_BEFORE_2024 = {
    "update.acpt_weight.from_2024": 0.0,
    "update.two_way_protection": False,
    "risk_cap.method.from_2024": "by_type",
    "regional.cap_negative.from_2024": 0.05,
    "regional.negative_overall.from_2024": "applied",
    "prior_savings.weight.from_2024": 0.0,
}
"""Terms of agreement periods that began before 2024, laid over those of the engine's years."""

ADJUSTMENT_HELD = {"regional.cap_positive": 0.0, "regional.cap_negative.from_2024": 0.0}
"""Terms under which regional adjustments stay inside the benchmark and move with nothing."""

_STILL_WALK = {"walk_variance": 0.0, "walk_variance_size": 0.0}
AT_REST: dict[str, dict[str, dict[str, float]]] = {
    "level": {"level": {"true_level_sd": 0.0}},
    "score": {"drift": {**_STILL_WALK, "trait_sd": 0.0, "mean_growth": 0.0, "ai_shift_sd": 0.0}},
    "efficiency": {"efficiency": _STILL_WALK},
    "trend": {"trend": {"calm_sd": 0.0, "stressed_sd": 0.0, "regional_sd": 0.0, "category_sd": 0.0}},
    "panel": {
        "exposure": {"panel_growth_mean": 0.0, "panel_growth_sd": 0.0, "death_shock_sd": 0.0, "exit_shock_sd": 0.0},
        "churn": {"level_sd": 0.0, "mismatch_sd": 0.0},
    },
}
"""What a check may hold at rest, and the parameters that do it. ``panel``: its size and the common shocks on it."""

FEWEST = 16  # populations: eight groups for a jackknife
_PERSONS_EACH = 10_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a verification runs.

    Attributes
    ----------
    populations
        Of an ACO of 10,000 lives or fewer; larger ones have as many fewer as their populations are larger, so that a
        run of any size costs the same.
    seed
        Of every run.
    threads
        Threads; ``None`` takes all CPUs. Results do not depend on it.
    """

    populations: int = 4096
    seed: int = 1
    threads: int | None = None

    def populations_of(self, lives: int) -> int:
        """Even number of populations of so many lives, at least 16.

        Examples
        --------
        >>> [Sizes(1024).populations_of(lives) for lives in (5_000, 10_000, 60_000, 1_000_000)]
        [1024, 1024, 170, 16]
        """
        fewer = min(_PERSONS_EACH / lives, 1.0)
        return max(2 * int(self.populations * fewer / 2.0), FEWEST)

    def share(self, of: int, *, at_least: int) -> int:
        """Even number of populations, a part in ``of`` of all.

        Examples
        --------
        >>> Sizes(1024).share(64, at_least=8), Sizes(64).share(64, at_least=8)
        (16, 8)
        """
        return max(2 * (self.populations // of // 2), at_least)

    def at_most(self, populations: int) -> Sizes:
        """Return the same with no more populations than these."""
        return replace(self, populations=min(self.populations, populations))


def standard_aco(
    lives: int,
    *,
    performance_years: int = 4,
    at_rest: Collection[str] = (),
    mean_score_growth: float = 0.0,
    **tables: dict[str, Any],
) -> Scenario:
    """Return the scenario of the standard ACO.

    Parameters
    ----------
    lives
        Assigned beneficiaries.
    performance_years
        Four by default: as many as the files behind the targets span.
    at_rest
        Names in :data:`AT_REST`.
    mean_score_growth
        Against the nation, log points a year.
    tables
        Further values by table, laid over all else.

    Examples
    --------
    >>> aco = standard_aco(10_000, at_rest=("trend",))
    >>> aco.level.true_level_sd == aco.level.spread_across_acos, aco.trend.regional_sd, aco.efficiency.walk_variance > 0
    (True, 0.0, True)
    """
    written: dict[str, dict[str, Any]] = {
        "horizon": {"performance_years": performance_years},
        "cohort": {"lives": lives},
        "categories": {
            name: {"base_year_pbpm": [pbpm] * 3, "region_pbpm": pbpm, "national_pbpm": pbpm}
            for name, pbpm in MONEY.items()
        },
        "level": {"true_level_sd": Level().spread_across_acos},
        "drift": {"mean_growth": mean_score_growth},
        "efficiency": {"care_management_savings": 0.0, "care_management_cost_pbpm": 0.0},
        "shocks": {"pandemic_probability": 0.0},
        "mssp": {"agreement_period": 1},
        "contract": {
            "names": [CONTRACT],
            "entrant": "newly_entering",
            "mssp_terms": RULES_BEFORE_2024 | ADJUSTMENT_HELD,
        },
    }
    for laid in (*(AT_REST[name] for name in at_rest), tables):
        for table, values in laid.items():
            written[table] = {**written.get(table, {}), **values}
    return Scenario.model_validate({"name": "standard ACO", **written})


def experience_of(scenario: Scenario, sizes: Sizes) -> xr.Dataset:
    """Simulate the persons of a scenario."""
    return simulate(
        scenario,
        populations=sizes.populations_of(scenario.cohort.lives),
        seed=sizes.seed,
        threads=sizes.threads,
    )


def savings_rates(experience: xr.Dataset, scenario: Scenario, *, futures: int, sizes: Sizes) -> NDArray[np.float64]:
    """Gross savings in percent of the Shared Savings Program's benchmark, shape (population, future, year)."""
    settled = settle(experience, scenario, futures=futures, threads=sizes.threads).sel(contract=CONTRACT)
    rate = 100.0 * settled["gross_savings"] / settled["benchmark_final"]
    return np.asarray(rate.transpose("population", "future", "year").values)


def carried_figures(
    experience: xr.Dataset,
    scenario: Scenario,
    figure: Callable[[dict[str, Carried]], NDArray[np.float64]],
    *,
    futures: int,
    sizes: Sizes,
) -> NDArray[np.float64]:
    """Read a figure off what the engine carries to a settlement, shape (population, future, year)."""
    setting = prepare(experience, scenario, futures=futures)
    blocks = plan_blocks(experience.sizes["population"], size=settled_block_size(futures, setting.years.size))
    parts = map_blocks(
        lambda part: figure(carried_block(experience.isel(population=part.rows), setting)[0]),
        blocks,
        threads=sizes.threads,
    )
    return np.concatenate(parts)
