"""The person kernel against exact means by quadrature: no twin, no shared random number, no shared formula of a sum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from leadrisk.cohort.panel import active_slots
from leadrisk.experience.person_kernel import QUANTITIES
from leadrisk.experience.simulate import simulate_block
from leadrisk.experience.stationary import ESRD, MAIN, segments
from leadrisk.experience.systemic import person_factors
from leadrisk.scenario.load import load_scenario
from reference.person_means import person_means, segment_means

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
COMMON = [QUANTITIES.index(name) for name in ("exposure", "expenditure", "score", "exits", "deaths")]
EXCESS = [QUANTITIES.index(name) for name in ("excess_low", "excess_mid", "residual_first")]


def stressed(name, **cohort):
    """A scenario with pandemics in half of its populations and large shocks of deaths and exits."""
    scenario = load_scenario(SCENARIOS / f"{name}.toml")
    return scenario.model_copy(
        update={
            "cohort": scenario.cohort.model_copy(update=cohort),
            "shocks": scenario.shocks.model_copy(update={"pandemic_probability": 0.07, "pandemic_death_factor": 1.5}),
            "exposure": scenario.exposure.model_copy(update={"death_shock_sd": 0.3, "exit_shock_sd": 0.3}),
        }
    )


def totals(experience):
    """Totals of an experience in the order of ``QUANTITIES``, shape (population, year, category, quantity)."""
    names = {"exposure": "person_years"}
    found = []
    for name in QUANTITIES:
        whole, _, node = name.partition("_")
        if whole in {"excess", "residual"}:
            variable = "excess" if whole == "excess" else "residual_excess"
            order = ("low", "mid", "high") if whole == "excess" else ("first", "second", "third")
            found.append(experience[variable].values[..., order.index(node)])
        else:
            found.append(experience[names.get(name, name)].values)
    return np.stack(found, axis=-1)


def compared(scenario, *, populations, seed, exact=None):
    """Relative difference of all populations' sums and its standard error, shape (year, category, quantity).

    ``exact`` is the scenario of the means where it is another. NaN where the totals are zero by nature (entries of the
    first year) or in many populations (the rarest excess).
    """
    drawn = {"populations": populations, "seed": seed}
    expected, simulated = [], []
    for first in range(0, populations, 50):
        expected.append(person_means(exact or scenario, person_factors(scenario, first=first, count=50, **drawn)))
        simulated.append(totals(simulate_block(scenario, first=first, count=50, **drawn)))
    mean, seen = np.concatenate(expected), np.concatenate(simulated)
    np.testing.assert_allclose(seen[:, mean.max(axis=0) == 0.0], 0.0)
    common = (seen != 0.0).mean(axis=0) > 0.9
    deviation, whole = seen - mean, np.where(common, np.abs(mean.sum(axis=0)), np.nan)
    return deviation.sum(axis=0) / whole, deviation.std(axis=0, ddof=1) * np.sqrt(populations) / whole


@pytest.mark.parametrize(
    ("scenario", "categories"),
    [
        (stressed("baseline", lives=5_000, high_needs_share=0.25, esrd_share=0.3), [0, 1, 2]),
        (stressed("high_needs", lives=5_000), [1]),
    ],
    ids=["three categories", "high needs"],
)
def test_totals_scatter_around_their_exact_means(scenario, categories):
    """Every year, category and quantity, over populations of which no two share their factors."""
    difference, error = (found[:, categories] for found in compared(scenario, populations=1_000, seed=3))
    z = difference / error
    assert np.nanmax(np.abs(z)) < 4.5
    assert 0.7 < np.sqrt(np.nanmean(z * z)) < 1.35
    assert np.isfinite(z[:, :, COMMON]).all()
    assert np.abs(difference[error < 0.0003]).max() < 0.001


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "category"),
    [
        (stressed("baseline", lives=20_000, high_needs_share=0.1, esrd_share=0.0), 0),
        (stressed("high_needs", lives=20_000), 1),
        (stressed("baseline", lives=20_000, high_needs_share=0.05, esrd_share=0.9), 2),
    ],
    ids=["aged and disabled", "high needs", "esrd"],
)
def test_totals_agree_within_a_thousandth(scenario, category):
    """Person-years, cost, score and exits in every year, all that is common over the years together."""
    difference, error = (found[:, category] for found in compared(scenario, populations=2_500, seed=4))
    assert np.nanmax(np.abs(difference / error)) < 4.5
    yearly = [QUANTITIES.index(name) for name in ("exposure", "expenditure", "score", "exits")]
    assert np.abs(difference[:, yearly]).max() < 0.001
    assert np.abs(difference[:, COMMON].mean(axis=0)).max() < 0.0005
    assert np.abs(np.nanmean(difference[:, EXCESS], axis=0)).max() < 0.005


@pytest.mark.parametrize("number", [MAIN, ESRD])
def test_a_finer_grid_changes_nothing(number):
    scenario = stressed("baseline")
    factors = person_factors(scenario, first=0, count=4, populations=4, seed=1)
    whole, coarse = (
        segment_means(
            segments(scenario)[number], active=active_slots(1_000, factors.panel), death_factor=factors.death_factor,
            exit_rate=factors.exit_rate, step=step,
        )
        for step in (1.0 / 32.0, 1.0 / 16.0)
    )  # fmt: skip
    np.testing.assert_allclose(coarse, whole, rtol=2e-5)
    assert whole[:, :, 0, 0].min() > 100.0


@pytest.mark.parametrize(
    ("table", "key", "factor"),
    [("persons", "health_persistence", 1.01), ("persons", "cost_slope", 1.01), ("exposure", "death_rate", 1.05)],
)
def test_a_kernel_a_little_off_would_fail(table, key, factor):
    scenario = stressed("baseline", lives=5_000)
    part = getattr(scenario, table)
    other = scenario.model_copy(update={table: part.model_copy(update={key: getattr(part, key) * factor})})
    difference, error = compared(scenario, populations=250, seed=3, exact=other)
    assert np.nanmax(np.abs(difference / error)) > 6.0
