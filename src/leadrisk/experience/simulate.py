"""Person-level runs of a block of populations on the neutral systemic path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from leadrisk.cohort.panel import active_slots, segment_lives
from leadrisk.experience.parameter_draws import own_parameters
from leadrisk.experience.person_kernel import N_QUANTITIES, QUANTITIES, simulate_segment
from leadrisk.experience.philox import split_seed
from leadrisk.experience.stationary import ATTACHMENT_FACTORS, ESRD, LAYER_ATTACHMENTS, MAIN, own_segments, segments
from leadrisk.experience.systemic import person_factors
from leadrisk.experience.variables import check_experience
from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadrisk.experience.parameter_draws import OwnParameters
    from leadrisk.experience.stationary import Segment
    from leadrisk.experience.systemic import PersonFactors
    from leadrisk.scenario.model import Scenario
    from leadrisk.scenario.stop_loss_table import StopLoss


_COSTS = [at for at, name in enumerate(QUANTITIES) if name.startswith(("expenditure", "excess", "residual"))]


def simulate_block(scenario: Scenario, *, first: int, count: int, populations: int, seed: int) -> xr.Dataset:
    """Experience of populations ``first`` to ``first + count - 1`` of a run of ``populations``.

    Every draw is addressed by population, year and slot, so a block's numbers do not depend on how a run is cut. Where
    the scenario's ``uncertainty`` has standard errors each population has parameters of its own.

    Returns
    -------
    xarray.Dataset
        Dimensions population, year, category, attachment, layer_attachment; variables as declared in
        ``experience.variables``.
    """
    lives, years = segment_lives(scenario), scenario.horizon.years
    if not scenario.uncertainty.names:
        factors = person_factors(scenario, first=first, count=count, populations=populations, seed=seed)
        totals = segment_totals(segments(scenario), factors, lives=lives, years=years, first=first, seed=seed)
    else:
        own = own_parameters(scenario, first=first, count=count, seed=seed)
        leave = np.array([[each.exposure.exit_rate] for each in own])
        factors = person_factors(
            scenario, first=first, count=count, populations=populations, seed=seed, exit_rate=leave
        )
        totals = np.concatenate(
            [_own_totals(scenario, each, factors.of(j), first=first + j, seed=seed) for j, each in enumerate(own)]
        )
    return labelled_totals(scenario.stop_loss, totals, factors, years=years, first=first)


def _own_totals(
    scenario: Scenario, own: OwnParameters, factors: PersonFactors, *, first: int, seed: int
) -> NDArray[np.float64]:
    """Totals of a population with parameters of its own, each category's cost brought to the scenario's level.

    What a category costs is known from its base years, whatever the parameters say of one category against another:
    left in, that would pass for luck of the base years and cost them credibility.
    """
    known, parts = segments(scenario), own_segments(scenario, *own)
    totals = segment_totals(
        parts, factors, lives=segment_lives(scenario), years=scenario.horizon.years, first=first, seed=seed
    )
    for category, (number, group) in enumerate(((MAIN, 0), (MAIN, 1), (ESRD, 0))):
        if number in parts and parts[number].mean_costs[group] > 0.0:
            level = known[number].mean_costs[group] / parts[number].mean_costs[group]
            totals[:, :, category, _COSTS] *= level
    return totals


def segment_totals(
    parts: dict[int, Segment],
    factors: PersonFactors,
    *,
    lives: tuple[int, int],
    years: Sequence[int],
    first: int,
    seed: int,
) -> NDArray[np.float64]:
    """Totals of populations with the same parameters, shape (population, year, category, quantity).

    Parameters
    ----------
    lives
        Persons at the start of the main segment and of ESRD.
    years
        Years, part of the address of every draw.
    """
    calendar = np.array(years, dtype=np.uint32)
    count = len(factors.panel)
    totals = np.zeros((count, calendar.size, len(CATEGORY_NAMES), N_QUANTITIES))
    key0, key1 = split_seed(seed)
    for number, persons in zip((MAIN, ESRD), lives, strict=True):
        segment = parts.get(number)
        if segment is None or persons == 0:
            continue
        out = np.zeros((count, calendar.size, 2, N_QUANTITIES))
        simulate_segment(
            out, first, key0, key1, number, calendar, active_slots(persons, factors.panel), factors.death_factor,
            factors.exit_rate, segment.high_needs_share, segment.pool, segment.n_plain, segment.parameters,
            segment.curve, segment.high_needs_share > 0,
        )  # fmt: skip
        if number == MAIN:
            totals[:, :, 0] = np.maximum(out[:, :, 0] - out[:, :, 1], 0.0)
            totals[:, :, 0, QUANTITIES.index("health")] = (out[:, :, 0] - out[:, :, 1])[..., QUANTITIES.index("health")]
            totals[:, :, 1] = out[:, :, 1]
        else:
            totals[:, :, 2] = out[:, :, 0]
    return totals


def labelled_totals(
    stop_loss: StopLoss,
    totals: NDArray[np.float64],
    factors: PersonFactors,
    *,
    years: Sequence[int],
    first: int,
) -> xr.Dataset:
    """Totals as a dataset with the variables of ``experience.variables``."""
    dims = ("population", "year", "category")
    quantity = {name: totals[..., at] for at, name in enumerate(QUANTITIES)}
    names = {"exposure": "person_years"}
    data = {
        names.get(name, name): (dims, values)
        for name, values in quantity.items()
        if not name.startswith(("excess", "residual"))
    }
    excess = np.stack([quantity["excess_low"], quantity["excess_mid"], quantity["excess_high"]], axis=-1)
    residual = np.stack([quantity[f"residual_{layer}"] for layer in LAYER_ATTACHMENTS], axis=-1)
    main, esrd = stop_loss.nodes, stop_loss.esrd_nodes
    return check_experience(
        xr.Dataset(
            {
                **data,
                "excess": ((*dims, "attachment"), excess),
                "residual_excess": ((*dims, "layer_attachment"), residual),
                "layer_node": (("category", "layer_attachment"), np.array([main, main, esrd])),
                "panel": (dims[:2], factors.panel),
                "pandemic": (dims[:2], factors.pandemic.astype(np.int8)),
            },
            coords={
                "population": np.arange(first, first + len(totals)),
                "year": np.array(years),
                "category": list(CATEGORY_NAMES),
                "attachment": np.array(ATTACHMENT_FACTORS),
                "layer_attachment": list(LAYER_ATTACHMENTS),
            },
        )
    )
