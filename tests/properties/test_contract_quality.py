"""Invariants of quality ladder, score and High Performers Pool."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.high_performers import is_high_performer
from leadrisk.contract.quality_rule import high_performers_bonus, quality_adjustment
from leadrisk.contract.quality_score import (
    REACH_MEASURES,
    ladder_points,
    passes_gateway,
    quality_ladder,
    quality_score,
)
from leadrisk.contract.terms import load_terms
from leadrisk.futures.quality_parameters import rank_correlation
from scenario_fixture import small_scenario

shares = st.floats(0.0, 1.0)
YEARS = np.arange(2027, 2037)


@given(st.lists(st.tuples(st.floats(1e6, 1e9), shares), min_size=2, max_size=40), st.integers(1, 39))
def test_the_pool_pays_out_what_all_did_not_earn(acos: list[tuple[float, float]], paid: int) -> None:
    benchmarks, scores = (np.array(column) for column in zip(*acos, strict=True))
    best = np.argsort(np.argsort(-scores)) < paid
    unearned = quality_adjustment(benchmarks, score=scores, at_risk=0.03)
    bonuses = high_performers_bonus(
        benchmarks,
        high_performer=best,
        at_risk=0.03,
        national_mean_score=float((benchmarks * scores).sum() / benchmarks.sum()),
        share=float(benchmarks[best].sum() / benchmarks.sum()),
    )
    assert np.sum(bonuses) == pytest.approx(np.sum(unearned), rel=1e-9, abs=1e-3)
    assert not np.any(np.asarray(bonuses)[~best])


@pytest.mark.parametrize("share", [0.0, 0.05, 0.18, 0.60, 0.95])
@pytest.mark.parametrize("pass_probability", [0.0, 0.5, 0.88, 1.0])
def test_the_stated_share_of_all_acos_is_paid(share: float, pass_probability: float) -> None:
    rng = np.random.default_rng(11)
    acos = 40_000
    ranks, gateway = rng.standard_normal((7, acos, 3)), rng.standard_normal((acos, 3))
    terms = load_terms("lead", {"quality.high_performers_share": share})
    years = [2028, 2030, 2033]
    best = is_high_performer(
        ranks, gateway=gateway, pass_probability=pass_probability, performance_years=years, terms=terms
    )
    assert best.mean(axis=0) == pytest.approx([min(share, pass_probability)] * 3, abs=0.009)
    assert not np.any(best & ~passes_gateway(gateway, pass_probability=pass_probability))
    better = is_high_performer(
        ranks + 0.5, gateway=gateway, pass_probability=pass_probability, performance_years=years, terms=terms
    )
    assert np.all(better >= best)


def correlated_acos(acos: int, *, years: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ranks and gateway as correlated across ACOs as the engine's, independent from year to year."""
    correlation = rank_correlation(small_scenario())
    draws = np.linalg.cholesky(correlation) @ np.random.default_rng(seed).standard_normal((8, acos * years))
    ranks = draws.reshape(8, acos, years)
    return ranks[:7], ranks[7], correlation


def test_the_mean_score_behind_the_pool_is_that_of_the_ladder() -> None:
    ranks, gateway, _ = correlated_acos(20_000, years=10, seed=12)
    terms = load_terms("lead")
    scores = quality_score(
        ranks, gateway=gateway, pass_probability=0.88, prevention_plan=True, performance_years=YEARS, terms=terms
    )
    assert scores.mean() == pytest.approx(terms.number("quality.national_mean_score"), abs=0.01)


@pytest.mark.parametrize("share", [0.05, 0.18, 0.60])
@pytest.mark.parametrize("pass_probability", [0.5, 0.88])
def test_the_stated_share_of_correlated_acos_is_paid(share: float, pass_probability: float) -> None:
    ranks, gateway, correlation = correlated_acos(60_000, years=2, seed=13)
    best = is_high_performer(
        ranks, gateway=gateway, pass_probability=pass_probability, performance_years=[2028, 2033],
        terms=load_terms("lead", {"quality.high_performers_share": share}), correlation=correlation,
    )  # fmt: skip
    assert best.mean(axis=0) == pytest.approx([min(share, pass_probability)] * 2, abs=0.009)


def test_reach_counts_four_measures_in_every_year() -> None:
    """Ranks of the third percentile earn nothing, of the fifteenth a half, of the median all; eCQMs do not count."""
    ranks = np.zeros((7, 1))
    ranks[0], ranks[1], ranks[5:] = -1.0, -2.0, -9.0
    score = quality_score(
        ranks, gateway=np.array([0.0]), pass_probability=0.88, prevention_plan=False, performance_years=[2035],
        terms=load_terms("reach"), measures=REACH_MEASURES,
    )  # fmt: skip
    assert score.tolist() == [(0.5 + 0.0 + 1.0 + 1.0) / 4.0]


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=20))
def test_the_ladder_rises_and_finds_the_step_a_search_finds(ranks: list[float]) -> None:
    terms = load_terms("lead")
    ladder = quality_ladder(terms)
    points = ladder_points(np.sort(ranks), ladder=ladder)
    assert np.all(np.diff(points) >= 0.0)
    steps = np.searchsorted(ladder.edges, np.sort(ranks), side="right")
    np.testing.assert_array_equal(points, np.array((0.0, *terms.weights("quality.ladder_points")))[steps])


def test_quality_of_one_aco_by_hand() -> None:
    """2029: ranks 0 earn 0.95, a failed gateway halves four of them, two eCQMs are reported, the plan adds 0.05."""
    score = quality_score(
        np.zeros((7, 1)), gateway=np.array([-3.0]), pass_probability=0.88, prevention_plan=True,
        performance_years=[2029], terms=load_terms("lead"),
    )  # fmt: skip
    assert score.tolist() == pytest.approx([(4 * 0.475 + 0.95 + 2 * 1.0) / 7 + 0.05])
