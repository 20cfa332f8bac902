"""A roster simulated at known parameters gives them back, within the intervals that the fit states."""

from __future__ import annotations

import numpy as np
import pytest

from leadrisk.calibration.calibrate import calibrate
from leadrisk.calibration.fit_parameters import with_values
from leadrisk.calibration.simulated_roster import simulated_roster
from scenario_fixture import small_scenario

TRUE = {
    "persons.zero_cost_share": 0.05,
    "persons.cost_slope": 2.25,
    "persons.cost_curvature": -0.25,
    "persons.health_weight": 0.60,
    "persons.health_persistence": 0.90,
    "persons.decedent_shift": 0.70,
    "persons.entrant_health_mean": 0.0,
    "persons.score_slope": 0.70,
    "persons.score_curvature": -0.03,
    "persons.score_health_weight": 0.65,
    "persons.coding_persistence": 0.60,
    "exposure.death_rate": 0.05,
    "exposure.death_slope": 0.70,
    "exposure.death_offset": -0.245,
    "exposure.exit_rate": 0.10,
}
ESRD_TRUE = {
    "persons.esrd_zero_cost_share": 0.02,
    "persons.esrd_cost_slope": 1.10,
    "persons.esrd_cost_curvature": -0.12,
    "exposure.esrd_death_rate": 0.12,
    "persons.esrd_score_slope": 0.45,
    "persons.esrd_score_curvature": 0.0,
}


def drawn(lives: int, years: int, seed: int, *, esrd_share: float = 0.0, scores: bool = True):
    scenario = small_scenario(cohort={"lives": 1000, "high_needs_share": 0.1, "esrd_share": esrd_share})
    return simulated_roster(with_values(scenario, TRUE | ESRD_TRUE), lives=lives, years=years, seed=seed, scores=scores)


def deviations(calibration) -> dict[str, float]:
    """Fitted less true values, in standard errors."""
    true = TRUE | ESRD_TRUE
    return {
        one.key: (one.fitted - true[one.key]) / one.standard_error
        for one in calibration.estimates
        if one.fitted is not None
    }


def test_parameters_come_back():
    """Fourteen parameters at once: a sum of squares beyond 36.1 has a chance of 0.1 %."""
    found = calibrate(drawn(30_000, 3, seed=21), seed=4, bootstraps=200)
    off = deviations(found)
    assert set(off) == set(TRUE) - {"exposure.death_offset"}
    assert sum(value**2 for value in off.values()) < 36.1 + 10.0, off  # estimates hang together: not quite chi-squared
    assert max(abs(value) for value in off.values()) < 4.0, off
    assert all(fit.converged and not fit.at_limit for fit in found.fits)
    far = [abs(TRUE[one.key] - one.default) / one.standard_error for one in found.estimates if one.fitted is not None]
    assert np.median(far) > 4.0  # the truth is far from the defaults, so coming back is no accident
    assert found.data is not None
    assert found.fitted is not None
    np.testing.assert_allclose(found.fitted.top_shares, found.data.top_shares, atol=0.02)


def test_two_years_tell_the_product_and_leave_persistence():
    found = calibrate(drawn(10_000, 2, seed=22, scores=False), seed=4, bootstraps=100)
    by_key = {one.key: one for one in found.estimates}
    persistence, weight = by_key["persons.health_persistence"], by_key["persons.health_weight"]
    assert persistence.fitted is None
    assert persistence.used == persistence.default == 0.93
    product = weight.fitted * persistence.used
    assert product == pytest.approx(0.60 * 0.90, abs=4 * weight.standard_error)
    assert by_key["persons.score_slope"].fitted is None


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say():
    """Ten rosters, twenty parameters each: 95 % intervals cover 188 to 200 of 200 but for 5 % of tries."""
    off = [
        deviations(calibrate(drawn(60_000, 3, seed=100 + seed, esrd_share=0.05), seed=50 + seed)) for seed in range(10)
    ]
    values = np.array([list(one.values()) for one in off])
    assert values.shape == (10, len(TRUE) - 1 + len(ESRD_TRUE))
    covered = float((np.abs(values) < 1.96).mean())
    assert 0.90 <= covered <= 0.99, covered
    mean = values.mean(axis=0) * np.sqrt(10)
    assert np.abs(mean).max() < 4.0, dict(zip(off[0], mean.round(2), strict=True))
    spread = values.std(axis=0, ddof=1)
    assert 0.75 < np.sqrt((spread**2).mean()) < 1.25, spread
