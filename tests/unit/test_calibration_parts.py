"""The parts of a calibration: what is measured, how it is weighed, and what the scenario is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri

from leadrisk.calibration.bootstrap import bootstrap_weights, person_groups, resampled
from leadrisk.calibration.calibrate import calibrate
from leadrisk.calibration.category_means import category_means, enrollment_types
from leadrisk.calibration.cost_curve import cost_curve_statistics, cost_curve_sums
from leadrisk.calibration.credibility import credibility, kept, weighed
from leadrisk.calibration.fit_panel import MAIN_CATEGORIES, SegmentPanel, segment_panel
from leadrisk.calibration.fit_parameters import ESRD_PARAMETERS, MAIN_PARAMETERS, half_range, limits
from leadrisk.calibration.fit_segment import fit_segment
from leadrisk.calibration.fit_statistics import measure
from leadrisk.calibration.gauss_newton import Problem, covariance, solve
from leadrisk.calibration.persistence import correlation, paired_sums, staying
from leadrisk.calibration.roster import Roster
from leadrisk.calibration.simulated_roster import simulated_roster
from leadrisk.errors import InputError
from scenario_fixture import small_scenario


def made_up(months, cost, *, category=None, died=None, score=None, **other) -> Roster:
    months = np.asarray(months, np.float32)
    return Roster(
        **{
            "years": tuple(range(2024, 2024 + months.shape[1])),
            "months": months,
            "cost": np.asarray(cost, float),
            "score": np.full(months.shape, np.nan, np.float32) if score is None else np.asarray(score, np.float32),
            "category": np.asarray(np.where(months > 0, 0, -1) if category is None else category, np.int8),
            "died": np.zeros(months.shape, bool) if died is None else np.asarray(died, bool),
            "dual": None, "disabled": None, "age": None, "label": "made up", "synthetic": True, "files": (),
            "notes": (), **other,
        }
    )  # fmt: skip


def test_cost_is_annualised_before_it_is_ranked():
    panel = segment_panel(made_up([[12], [3], [12]], [[1200.0], [900.0], [0.0]]), MAIN_CATEGORIES)
    # 2,100 dollars in 2.25 years; 900 in a quarter is 3,600 a year
    np.testing.assert_allclose(panel.relative[:, 0] * 2100 / 2.25, [1200, 3600, 0], rtol=1e-6)
    assert panel.rank_score[1, 0] > panel.rank_score[0, 0] > panel.rank_score[2, 0]
    assert panel.full[:, 0].tolist() == [True, False, True]


def test_of_the_others_nothing_is_counted():
    roster = made_up([[12], [12]], [[1200.0], [90_000.0]], category=[[0], [2]])
    panel = segment_panel(roster, MAIN_CATEGORIES)
    assert panel.exposure[:, 0].tolist() == [1.0, 0.0]
    assert panel.relative[:, 0].tolist() == [1.0, 0.0]
    assert panel.anywhere.all()


@pytest.mark.parametrize(("slope", "curvature", "zero"), [(2.4, -0.3, 0.03), (1.5, -0.1, 0.2)])
def test_the_curve_is_read_back(slope, curvature, zero):
    rank = (np.arange(200_000) + 0.5) / 200_000
    w = ndtri(np.clip((rank - zero) / (1 - zero), 1e-9, None))
    cost = np.where(rank > zero, np.exp(slope * w + curvature * w * w), 0.0)
    panel = segment_panel(made_up(np.full((200_000, 1), 12.0), cost[:, None]), MAIN_CATEGORIES)
    sums = cost_curve_sums(panel, np.zeros(200_000, np.int32), 1)
    found = cost_curve_statistics({name: held[0] for name, held in sums.items()}, flat_beyond=4.1)
    assert found["zero_cost_share"] == pytest.approx(zero, abs=1e-4)
    assert found["cost_slope"] == pytest.approx(slope, abs=0.02)
    assert found["cost_curvature"] == pytest.approx(curvature, abs=0.01)
    truth = np.quantile(cost, 0.99) / cost.mean()
    assert found["truncation_multiple"] == pytest.approx(truth, rel=0.01)


def test_only_who_stayed_alive_for_full_years_makes_pairs():
    months = [[12, 12, 12], [12, 0, 12], [12, 6, 12], [12, 12, 6]]
    died = np.zeros((4, 3), bool)
    died[3, 2] = True
    panel = segment_panel(made_up(months, np.ones((4, 3)), died=died), MAIN_CATEGORIES)
    assert staying(panel, 1).tolist() == [[True, True], [False, False], [False, False], [True, False]]
    assert staying(panel, 2)[:, 0].tolist() == [True, False, True, False]


def test_a_replicate_of_pairs_is_a_weighted_correlation():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((300, 1)).astype(np.float32)
    y = (0.6 * x + 0.8 * rng.standard_normal((300, 1))).astype(np.float32)
    group = person_groups(300, seed=1)
    weights = bootstrap_weights(3, 300, seed=1)
    found = correlation(resampled({"pairs": paired_sums(x, y, np.ones((300, 1)), group, 300)}, weights)["pairs"])
    expected = [np.cov(x[:, 0], y[:, 0], aweights=w, ddof=0) for w in weights]
    np.testing.assert_allclose(found, [c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]) for c in expected], rtol=1e-5)


def test_no_data_keep_the_default_and_much_data_the_fit():
    parameter = MAIN_PARAMETERS[1]
    tau = half_range(parameter.key)
    assert weighed(parameter, 2.45, 2.0, 1e-9, count=10**9, limit=False).used == pytest.approx(2.0)
    none = weighed(parameter, 2.45, 2.0, 1e9, count=1, limit=False)
    assert none.used == pytest.approx(2.45)
    assert none.used_error == pytest.approx(tau)
    assert kept(parameter, 2.45, count=0).used == 2.45
    assert credibility(tau, tau) == 0.5


@pytest.mark.parametrize("parameter", [*MAIN_PARAMETERS, *ESRD_PARAMETERS], ids=lambda one: one.key)
def test_every_parameter_has_a_range_inside_its_limits(parameter):
    scenario = small_scenario()
    table, _, name = parameter.key.partition(".")
    low, high = limits(parameter.key, scenario)
    assert half_range(parameter.key) > 0
    assert low < getattr(getattr(scenario, table), name) < high


def test_the_curvature_leaves_room_for_cost_to_rise():
    scenario = small_scenario(persons={"cost_slope": 1.2, "cost_curvature": -0.1})
    low, _ = limits("persons.cost_curvature", scenario)
    assert 1.2 + 6 * low > 0
    assert low > -0.4


def test_a_parameter_at_its_limit_does_not_pull_the_others():
    matrix = np.array([[1.0, 0.5], [0.5, 1.0]])
    target = np.array([1.0, 10.0])
    problem = Problem(
        scales=np.ones(2),
        gap=lambda x: ({}, target - matrix @ x),
        derivatives=lambda x: matrix,
        room=lambda x: (-3.0 - x, 3.0 - x),
        possible=lambda x, move: move,
        smooth=np.ones(2, bool),
    )
    found = solve(problem, np.zeros(2))
    assert found.held.tolist() == [False, True]
    np.testing.assert_allclose(found.values, [1.0 - 0.5 * 3.0, 3.0], atol=1e-3)
    assert found.distance == pytest.approx(0.0, abs=1e-6)


def test_base_years_stand_at_the_level_and_score_of_the_last():
    roster = made_up(
        np.full((2, 3), 12.0),
        [[1200.0, 1320.0, 1452.0], [0.0, 0.0, 0.0]],
        score=[[1.0, 1.1, 1.21], [1.0, 1.1, 1.21]],
    )
    means = category_means(roster)
    assert means.standardised
    assert means.trend() == pytest.approx(0.0, abs=1e-6)  # all growth is that of the score
    np.testing.assert_allclose(means.base_years(0), 1452.0 / 24.0, rtol=1e-6)


def test_two_years_repeat_the_first():
    means = category_means(made_up(np.full((2, 2), 12.0), [[600.0, 600.0], [600.0, 600.0]]))
    assert means.base_years(0) == pytest.approx([50.0, 50.0, 50.0])
    assert not means.standardised


def test_types_of_mssp_come_from_months_and_dollars():
    roster = made_up(
        np.full((4, 1), 12.0), [[100.0], [300.0], [100.0], [100.0]],
        dual=np.array([True, True, False, False]), disabled=np.array([True, False, False, False]),
    )  # fmt: skip
    found = enrollment_types(roster)
    assert found == {
        "disabled_share": 0.25, "disabled_cost": pytest.approx(2 / 3), "aged_dual_share": 0.25, "aged_dual_cost": 2.0,
    }  # fmt: skip
    assert enrollment_types(replace(roster, dual=None)) is None


def test_without_deaths_nothing_is_said_of_who_left():
    roster = simulated_roster(small_scenario(), lives=1_000, years=2, seed=1)
    measured = measure(replace(roster, died=np.zeros_like(roster.died)), MAIN_CATEGORIES, flat_beyond=4.1, seed=1)
    estimates, fit = fit_segment(
        small_scenario(), MAIN_CATEGORIES, measured, lives=1_000, years=2, seed=1, bootstraps=60
    )
    kept_keys = {one.key for one in estimates if one.fitted is None}
    assert {"exposure.death_rate", "exposure.death_slope", "persons.decedent_shift", "exposure.exit_rate"} <= kept_keys
    assert fit is not None
    assert not kept_keys & set(fit.keys)


def test_a_parameter_without_effect_has_a_wide_error_and_touches_no_other():
    design, scales = np.array([[2.0, 0.0], [1.0, 0.0]]), np.array([0.1, 0.2])
    found = covariance(design, np.eye(2), scales)
    assert np.sqrt(found[1, 1]) == pytest.approx(100 * 0.2, rel=1e-6)
    assert np.sqrt(found[0, 0]) == pytest.approx(1 / np.sqrt(5.0), rel=1e-2)
    assert found[0, 1] == pytest.approx(0.0, abs=1e-9)


def test_a_handful_of_persons_is_no_scenario():
    with pytest.raises(InputError, match="has 2 beneficiaries in 2024, and a scenario needs 200"):
        calibrate(made_up([[12], [12]], [[1.0], [1.0]]))


def test_whole_months_and_rows_of_their_own():
    roster = simulated_roster(small_scenario(), lives=2_000, years=3, seed=1)
    months = roster.months[roster.months > 0]
    assert (months == np.round(months)).all()
    assert months.max() == 12
    first = (roster.months > 0).argmax(axis=1)
    last = 2 - (roster.months[:, ::-1] > 0).argmax(axis=1)
    assert ((roster.months > 0).sum(axis=1) == last - first + 1).all()  # nobody comes back
    assert not (roster.died & (roster.months == 0)).any()
    assert isinstance(segment_panel(roster, MAIN_CATEGORIES), SegmentPanel)
