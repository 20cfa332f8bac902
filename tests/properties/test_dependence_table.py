"""Invariants of the table of correlations between systemic factors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leadrisk.errors import InputError
from leadrisk.experience.factors import FACTORS, MEASURES
from leadrisk.scenario import dependence_table
from leadrisk.scenario.dependence_table import (
    FACTORS_BY_SPAN,
    ONCE_FACTORS,
    PERSON_FACTORS,
    STATED,
    YEARLY_FACTORS,
    Dependence,
    lower_factor,
    stated_pairs,
)
from leadrisk.scenario.load import load_scenario

BASELINE = "scenarios/baseline.toml"
names = st.sampled_from(YEARLY_FACTORS)
values = st.floats(-0.99, 0.99).map(lambda value: round(value, 3))
pairs = st.dictionaries(names, st.dictionaries(names, values, max_size=4), max_size=4)


def test_the_names_are_those_of_the_table_of_factors() -> None:
    """The scenario may not import the factors, so their names stand twice: spans, sides and order must agree."""
    by_span: dict[str, list[str]] = {span: [] for span in FACTORS_BY_SPAN}
    for factor in FACTORS:
        if not factor.touches_persons:
            by_span[factor.span].append(factor.name)
    assert {span: tuple(found) for span, found in by_span.items()} == FACTORS_BY_SPAN
    assert tuple(factor.name for factor in FACTORS if factor.touches_persons) == PERSON_FACTORS
    assert dependence_table.MEASURES == MEASURES


def test_spans_lie_within_one_another_from_the_widest_to_the_narrowest() -> None:
    """One Cholesky factor serves every year only then."""
    sizes = [next(f for f in FACTORS if f.name == one[0]).size(10) for one in FACTORS_BY_SPAN.values()]
    assert sizes == sorted(sizes, reverse=True)


def test_every_stated_correlation_has_source_and_grade() -> None:
    assert all(pair.source and pair.grade in {"A", "B", "C"} for pair in STATED)
    assert len({frozenset((pair.first, pair.second)) for pair in STATED}) == len(STATED)
    assert Dependence(correlation={}).correlation == stated_pairs() == Dependence().correlation


@given(pairs)
def test_a_table_is_either_positive_definite_or_refused(given_pairs: dict[str, dict[str, float]]) -> None:
    try:
        table = Dependence(correlation=given_pairs)
    except ValidationError as error:
        kinds = {detail["type"] for detail in error.errors()}
        assert kinds == {"rule"}
        return
    matrix = np.array(table.matrix(YEARLY_FACTORS))
    assert np.linalg.eigvalsh(matrix)[0] > 0.0
    np.testing.assert_array_equal(matrix, matrix.T)
    for first, partners in given_pairs.items():
        for second, value in partners.items():
            place = YEARLY_FACTORS.index(first), YEARLY_FACTORS.index(second)
            assert matrix[place] == value


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_factor_gives_the_matrix_back(size: int, seed: int) -> None:
    columns = np.random.default_rng(seed).standard_normal((size, size + 2))
    columns /= np.linalg.norm(columns, axis=1)[:, None]
    matrix = columns @ columns.T
    factor, failed = lower_factor(matrix.tolist())
    if failed is None:
        np.testing.assert_allclose(np.array(factor) @ np.array(factor).T, matrix, atol=1e-12)
        assert np.all(np.triu(factor, 1) == 0.0)
    else:
        assert np.linalg.eigvalsh(matrix)[0] < 1e-5


@pytest.mark.parametrize(
    ("pair", "value", "told"),
    [
        ("quality_uamcc.efficency", 0.2, 'unknown factor "efficency" (did you mean "efficiency"?)'),
        ("national.zebra", 0.2, "factors are: score_trait, efficiency"),
        ("quality_uamcc.panel_growth", 0.1, "panel_growth touches persons"),
        ("quality_uamcc.true_level", 0.1, "quality.level_correlation_<measure>"),
        ("national.national", 0.1, "correlation 1 with itself"),
        ("national.region", 1.0, "must lie between -1 and 1, got 1"),
        ("national.region", "much", "must be a number"),
        ("quality_acr.improvement", 0.98, "lower the correlation of quality_acr and improvement, now 0.98 in size"),
        ("national", 3, "must be a table"),
    ],
)
def test_a_wrong_pair_is_told_in_words(pair: str, value: object, told: str) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario(BASELINE, set={f"dependence.correlation.{pair}": value})
    assert told in str(caught.value)


def test_a_pair_given_both_ways_must_agree() -> None:
    both = {"dependence.correlation.national.region": 0.2, "dependence.correlation.region.national": 0.2}
    scenario = load_scenario(BASELINE, set=both)
    assert ("region", "national", 0.2) in list(scenario.dependence.pairs())
    with pytest.raises(InputError, match="contradicts"):
        load_scenario(BASELINE, set={**both, "dependence.correlation.region.national": 0.3})


def test_zero_makes_a_stated_pair_independent() -> None:
    scenario = load_scenario(BASELINE, set={"dependence.correlation.efficiency.quality_uamcc": 0})
    assert not any(
        {"efficiency", "quality_uamcc"} == {first, second} for first, second, _ in scenario.dependence.pairs()
    )
    assert Dependence().correlated(ONCE_FACTORS) == ()
