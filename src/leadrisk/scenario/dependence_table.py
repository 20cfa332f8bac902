"""Dependence between the systemic factors: correlations of their numbers in the same year."""

from __future__ import annotations

from difflib import get_close_matches
from math import isfinite, sqrt
from typing import TYPE_CHECKING, NamedTuple

from pydantic import field_validator

from leadrisk.scenario.assumption import Grade, assumption
from leadrisk.scenario.table import Table, reject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MEASURES = ("acr", "uamcc", "dah", "tfu", "cahps", "glycemic", "blood_pressure")
"""Measures of quality: readmission, unplanned admissions, days at home, follow-up, patient experience, two eCQMs."""

FACTORS_BY_SPAN = {
    "all_years": ("score_trait",),
    "after_first_base_year": ("efficiency", "score_growth"),
    "performance_years": (
        "region",
        "national",
        "regime",
        *(f"quality_{measure}" for measure in MEASURES),
        "improvement",
        "category_trend_high_needs",
        "category_trend_esrd",
        "episode_noise",
        "stop_loss_neutrality",
    ),
    "after_first_performance_year": ("tin_level", "tin_mismatch"),
    "once": ("true_level", "care_effect", "ai_shift", "pandemic_region"),
}
"""Factors drawn once a future, by the years they have a number for: each span lies within the one before it."""

YEARLY_FACTORS = tuple(name for span, names in FACTORS_BY_SPAN.items() if span != "once" for name in names)
ONCE_FACTORS = FACTORS_BY_SPAN["once"]
PERSON_FACTORS = ("panel_growth", "death_shock", "exit_shock", "pandemic")
"""Factors that touch persons: drawn once a population, before there are futures."""

_PLACES = {name: place for place, name in enumerate((*YEARLY_FACTORS, *ONCE_FACTORS))}
_LEAST_PIVOT = 1e-6  # of a correlation matrix that is taken for positive definite
_PANEL = "MSSP public use files PY2021-2023"


class StatedCorrelation(NamedTuple):
    """A correlation that holds where a scenario says nothing else."""

    first: str
    second: str
    value: float
    source: str
    grade: Grade


STATED = (
    StatedCorrelation("quality_acr", "quality_uamcc", 0.40, f"0.39, 0.34, 0.15 between ranks by year, {_PANEL}", "A"),
    StatedCorrelation(
        "quality_glycemic", "quality_blood_pressure", 0.50, f"0.58, 0.46, 0.37 between ranks by year, {_PANEL}", "A"
    ),
    StatedCorrelation("quality_cahps", "quality_glycemic", 0.25, f"0.23, 0.31, 0.23 by year, {_PANEL}", "A"),
    StatedCorrelation("quality_cahps", "quality_blood_pressure", 0.20, f"0.15, 0.20, 0.21 by year, {_PANEL}", "A"),
    StatedCorrelation("quality_acr", "quality_glycemic", 0.15, f"0.16, 0.12, 0.13 by year, {_PANEL}", "A"),
    StatedCorrelation(
        "quality_uamcc", "quality_dah", 0.40, "judgement: an admission is a day not at home; as readmissions", "C"
    ),
    StatedCorrelation("quality_acr", "quality_dah", 0.30, "judgement, as readmissions and admissions", "C"),
    StatedCorrelation("quality_acr", "quality_tfu", 0.20, "judgement: follow-up prevents some readmissions", "C"),
    StatedCorrelation("quality_uamcc", "quality_tfu", 0.20, "judgement, as readmissions", "C"),
    *(
        StatedCorrelation(
            f"quality_{measure}",
            "improvement",
            value,
            "judgement: CI/SEP rests on the claims-based measures; so large that ACOs that fail it score 36 of 100, as "
            "in ACO REACH PY2023",
            "C",
        )
        for measure, value in (("acr", 0.65), ("uamcc", 0.65), ("dah", 0.45), ("tfu", 0.65))
    ),
    StatedCorrelation(
        "efficiency",
        "quality_uamcc",
        -0.15,
        f"changes of admissions and of savings correlate by 0.07-0.13 the way of fewer admissions, {_PANEL}; judgement",
        "C",
    ),
    StatedCorrelation("efficiency", "quality_dah", -0.15, "judgement, as unplanned admissions", "C"),
)
"""All other pairs are independent: nothing is published of them, or, as for the region, no correlation is visible."""

Pairs = dict[str, dict[str, float]]


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if _PLACES[one] <= _PLACES[other] else (other, one)


def stated_pairs() -> Pairs:
    """Return the stated correlations as the scenario's table holds them."""
    found: Pairs = {}
    for pair in STATED:
        first, second = _ordered(pair.first, pair.second)
        found.setdefault(first, {})[second] = pair.value
    return found


class Dependence(Table):
    """Correlations between the systemic factors, which are otherwise independent."""

    correlation: Pairs = assumption(
        stated_pairs(),
        meaning="correlations of two factors' standard normal numbers in the same year, or of two that are drawn once, "
        "by the names of the two; given ones go over those stated, 0 makes a pair independent",
        unit="correlation",
        source="each pair has its own, see the table of the joint distribution",
        grade="C",
    )

    @field_validator("correlation")
    @classmethod
    def _correlations_hold_together(cls, given: Pairs) -> Pairs:
        pairs: dict[tuple[str, str], float] = {}
        for first, partners in given.items():
            for second, value in partners.items():
                _check_pair(first, second, value)
                pair = _ordered(first, second)
                if pairs.setdefault(pair, value) != value:
                    reject(
                        _key(first, second),
                        f"contradicts {_key(second, first)}: got {value:g} and {given[second][first]:g} for one pair",
                        cure="state each pair once",
                    )
        merged = stated_pairs()
        for (first, second), value in pairs.items():
            merged.setdefault(first, {})[second] = value
        for names in (YEARLY_FACTORS, ONCE_FACTORS):
            _reject_indefinite(names, merged, given)
        return merged

    def pairs(self) -> Iterator[tuple[str, str, float]]:
        """Pairs that are correlated, names in the order of the factors."""
        for first, partners in self.correlation.items():
            for second, value in partners.items():
                if value != 0.0:
                    yield first, second, value

    def correlated(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of ``names`` that are correlated with another one, in order.

        Examples
        --------
        >>> Dependence().correlated(ONCE_FACTORS), Dependence().correlated(YEARLY_FACTORS)[:2]
        ((), ('efficiency', 'quality_acr'))
        """
        named = {name for first, second, _ in self.pairs() for name in (first, second)}
        return tuple(name for name in names if name in named)

    def matrix(self, names: Sequence[str]) -> list[list[float]]:
        """Correlation matrix of factors.

        Examples
        --------
        >>> Dependence().matrix(("quality_glycemic", "quality_blood_pressure"))
        [[1.0, 0.5], [0.5, 1.0]]
        """
        return correlation_matrix(names, self.correlation)


def lower_factor(matrix: Sequence[Sequence[float]]) -> tuple[list[list[float]], int | None]:
    """Cholesky factor of a correlation matrix, worked out in a fixed order, and the first row that has none.

    Returns
    -------
    list of list of float
        Lower triangle L with L L' = matrix, up to the row that fails.
    int or None
        Row that lies within the span of those before it, so that the matrix is not positive definite.

    Examples
    --------
    >>> lower_factor([[1.0, 0.6], [0.6, 1.0]])
    ([[1.0, 0.0], [0.6, 0.8]], None)
    """
    size = len(matrix)
    factor = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            left = matrix[i][j]
            for k in range(j):
                left -= factor[i][k] * factor[j][k]
            if j < i:
                factor[i][j] = left / factor[j][j]
            elif left < _LEAST_PIVOT:
                return factor, i
            else:
                factor[i][i] = sqrt(left)
    return factor, None


def _check_pair(first: str, second: str, value: float) -> None:
    for name in (first, second):
        if name in PERSON_FACTORS:
            reject(
                _key(first, second),
                f"{name} touches persons: it is drawn once for a population and shared by all its futures, so it "
                f"cannot be correlated with what differs between them",
                cure="leave the pair out",
            )
        if name not in _PLACES:
            near = get_close_matches(name, _PLACES, n=1, cutoff=0.5)
            valid = f"factors are: {', '.join(_PLACES)}"
            reject(
                _key(first, second),
                f'unknown factor "{name}"',
                cure=f'did you mean "{near[0]}"?' if near else valid,
            )
    if first == second:
        reject(_key(first, second), "a factor has correlation 1 with itself", cure="leave the pair out")
    if (first in ONCE_FACTORS) != (second in ONCE_FACTORS):
        once = first if first in ONCE_FACTORS else second
        reject(
            _key(first, second),
            f"{once} is drawn once and the other has a number each year: only numbers of the same kind are correlated",
            cure="for a measure of quality and the starting level, see quality.level_correlation_<measure>",
        )
    if not isfinite(value) or abs(value) >= 1.0:
        reject(_key(first, second), f"must lie between -1 and 1, got {value:g}")


def _reject_indefinite(names: Sequence[str], pairs: Mapping[str, Mapping[str, float]], given: Pairs) -> None:
    matrix = correlation_matrix(names, pairs)
    _, row = lower_factor(matrix)
    if row is None:
        return
    own = {_ordered(first, second) for first, partners in given.items() for second in partners}
    involved = [
        (_ordered(names[i], names[j]) in own, abs(matrix[i][j]), i, j)
        for i in range(row + 1)
        for j in range(i)
        if matrix[i][j] != 0.0
    ]
    _, largest, i, j = max(involved)
    first, second = _ordered(names[i], names[j])
    reject(
        _key(first, second),
        f"correlations contradict one another: with all others, {names[row]} would be known for certain "
        f"(the matrix is not positive definite)",
        cure=f"lower the correlation of {first} and {second}, now {largest:g} in size",
    )


def correlation_matrix(names: Sequence[str], pairs: Mapping[str, Mapping[str, float]]) -> list[list[float]]:
    """Correlation matrix of factors, in the order of ``names``; pairs that are not given are independent."""
    places = {name: place for place, name in enumerate(names)}
    matrix = [[float(i == j) for j in places.values()] for i in places.values()]
    for first, partners in pairs.items():
        for second, value in partners.items():
            if first in places and second in places:
                i, j = places[first], places[second]
                matrix[i][j] = matrix[j][i] = value
    return matrix


def _key(first: str, second: str) -> str:
    return f"dependence.correlation.{first}.{second}"
