"""Histories of single persons are those that a run adds up."""

from __future__ import annotations

import numpy as np
import pytest

from leadrisk.experience.person_histories import person_histories
from leadrisk.experience.simulate import simulate_block
from leadrisk.experience.stationary import ESRD
from scenario_fixture import small_scenario


@pytest.fixture(scope="module")
def scenario():
    return small_scenario(lives=1_500)


@pytest.fixture(scope="module")
def histories(scenario):
    return person_histories(scenario, populations=4, seed=3)


def test_sums_are_those_of_a_run(scenario, histories):
    block = simulate_block(scenario, first=0, count=4, populations=4, seed=3)
    by_name = {
        "person_years": histories.exposure,
        "expenditure": histories.expenditure,
        "score": histories.score * histories.exposure,
        "entries": histories.entered,
        "exits": histories.left,
        "deaths": histories.died,
    }
    segments = {"esrd": histories.segment == ESRD, "main": histories.segment != ESRD}
    for name, values in by_name.items():
        esrd = block[name].sel(category="esrd").values
        main = block[name].sum("category").values - esrd
        for segment, theirs in (("esrd", esrd), ("main", main)):
            ours = values[:, segments[segment]].sum(axis=1, dtype=np.float64)
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6, err_msg=f"{name}, {segment}")


def test_fewer_years_are_the_first_of_more(scenario, histories):
    few = person_histories(scenario, populations=4, seed=3, years=2)
    assert few.years == histories.years[:2]
    slots = few.exposure.shape[1]
    if slots == histories.exposure.shape[1]:
        np.testing.assert_array_equal(few.expenditure, histories.expenditure[:, :, :2])
    assert not few.entered[:, :, 0].any()


def test_whoever_dies_or_leaves_is_followed_by_somebody_new(histories):
    gone = (histories.died | histories.left)[:, :, :-1]
    open_next = histories.present[:, :, 1:]
    np.testing.assert_array_equal(histories.entered[:, :, 1:][gone & open_next], True)
    assert (histories.annualised[histories.died] >= histories.expenditure[histories.died]).all()
