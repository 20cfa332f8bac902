"""Settle every (population, future) pair of a block under the contracts that the scenario names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.contract.high_performers import is_high_performer
from leadrisk.contract.quality_score import quality_score
from leadrisk.futures.carry import carry
from leadrisk.futures.paths import law_paths
from leadrisk.futures.quality_parameters import rank_correlation
from leadrisk.run.lead_inputs import LeadBlock, category_inputs
from leadrisk.run.lead_lines import lead_lines
from leadrisk.run.peer_lines import mssp_lines, reach_lines

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.experience.factors import Layer
    from leadrisk.futures.carry import Carried
    from leadrisk.futures.paths import Paths
    from leadrisk.run.setting import Setting

    Lines = dict[str, NDArray[np.float64]]


def settle_block(
    experience: xr.Dataset,
    setting: Setting,
    *,
    net: int = 0,
    frozen: Collection[Layer] = (),
    ratchet: bool = False,
) -> dict[str, Lines]:
    """Lines of the settlement by contract; arrays of shape (population, future, year), dollars.

    Parameters
    ----------
    experience
        A block of populations.
    net
        Number of the scrambled net of futures; results use net 0.
    frozen
        Systemic layers held at their median, to see what they contribute.
    ratchet
        Whether the Shared Savings Program is also settled without rebasing.
    """
    carried, paths = carried_block(experience, setting, net=net, frozen=frozen)
    found = {
        **_lead(experience, carried, paths, setting),
        **mssp_lines(carried, setting, ratchet=ratchet),
        **reach_lines(carried, paths, setting),
    }
    return {name: found[name] for name in setting.scenario.contract.names}


def carried_block(
    experience: xr.Dataset, setting: Setting, *, net: int = 0, frozen: Collection[Layer] = ()
) -> tuple[dict[str, Carried], Paths]:
    """Draw a block's futures and put its experience on them."""
    scenario = setting.scenario
    paths = law_paths(setting.path_law(frozen), scenario, experience, seed=setting.seed, net=net)
    carried = carry(
        experience,
        paths,
        scenario,
        levels=setting.levels,
        base_weights=setting.base_weights,
        truncated=bool(setting.contracts("mssp")),
    )
    return carried, paths


def lead_block(experience: xr.Dataset, carried: dict[str, Carried], paths: Paths, setting: Setting) -> LeadBlock:
    """Return what the LEAD contracts are told about a block."""
    quality = setting.scenario.quality
    return LeadBlock(
        setting=setting,
        experience=experience.isel(year=slice(3, None)),
        paths=paths,
        carried=carried,
        inputs=category_inputs(carried, setting),
        quality=quality_score(
            paths.quality,
            gateway=paths.improvement,
            pass_probability=quality.continuous_improvement_pass,
            prevention_plan=quality.prevention_quality_plan,
            performance_years=setting.years_by_future,
            terms=setting.terms["lead"],
        ),
        high_performer=is_high_performer(
            paths.quality,
            gateway=paths.improvement,
            pass_probability=quality.continuous_improvement_pass,
            performance_years=setting.years_by_future,
            terms=setting.terms["lead"],
            correlation=rank_correlation(setting.scenario),
        ),
    )


def _lead(experience: xr.Dataset, carried: dict[str, Carried], paths: Paths, setting: Setting) -> dict[str, Lines]:
    if not setting.contracts("lead"):
        return {}
    return lead_lines(lead_block(experience, carried, paths, setting))
