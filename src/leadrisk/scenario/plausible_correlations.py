"""Correlations of systemic factors that sensitivity tries: those stated on judgement, and some taken as zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.scenario.dependence_table import ONCE_FACTORS, STATED, YEARLY_FACTORS, lower_factor

if TYPE_CHECKING:
    from leadrisk.scenario.dependence_table import Dependence

PREFIX = "dependence.correlation."
_AROUND = 0.2  # a stated correlation of grade C; less where the others rule out so much
_BESIDE_ZERO = 0.3


class TakenAsIndependent(NamedTuple):
    """Two factors that are drawn independently for want of evidence, and why they might not be."""

    first: str
    second: str
    why: str


INDEPENDENT = (
    TakenAsIndependent(
        "efficiency", "national", "scarce staff or beds may raise the ACO's cost where the nation's rises"
    ),
    TakenAsIndependent("efficiency", "region", "what lifts a region may lift its ACOs by more, or by less"),
    TakenAsIndependent(
        "efficiency", "score_growth", "an ACO that codes better may also manage better, or do one instead"
    ),
    TakenAsIndependent("region", "national", "regions may differ more where the nation grows faster"),
    TakenAsIndependent("efficiency", "tin_level", "dear practices may join an ACO whose cost rises, or leave it"),
    TakenAsIndependent("tin_level", "tin_mismatch", "what base years show of new practices may say what they hide"),
    TakenAsIndependent("true_level", "care_effect", "an ACO above its known level may have more to save"),
)
"""Nothing is published of these pairs; that they are the ones that might matter is judgement."""


def tried_correlations(dependence: Dependence) -> list[dict[str, Any]]:
    """List the correlations that sensitivity moves, as records like those of assumptions.

    Examples
    --------
    >>> from leadrisk.scenario.dependence_table import Dependence
    >>> last = tried_correlations(Dependence())[-1]
    >>> last["key"], last["value"], last["low"], last["high"]
    ('dependence.correlation.true_level.care_effect', 0.0, -0.3, 0.3)
    """
    judged = [(one.first, one.second, one.value, _AROUND, one.source) for one in STATED if one.grade == "C"]
    assumed = [(one.first, one.second, 0.0, _BESIDE_ZERO, f"taken as independent; {one.why}") for one in INDEPENDENT]
    records = []
    for first, second, stated, distance, source in (*judged, *assumed):
        records.append(
            {
                "key": f"{PREFIX}{first}.{second}",
                "default": stated,
                "unit": "correlation",
                "meaning": f"correlation of {_words(first)} and {_words(second)} in the same draw",
                "source": source,
                "grade": "C",
                "low": _furthest(dependence, first, second, stated, -distance),
                "high": _furthest(dependence, first, second, stated, distance),
                "value": dependence.correlation.get(first, {}).get(second, 0.0),
            }
        )
    return records


def _furthest(dependence: Dependence, first: str, second: str, stated: float, distance: float) -> float:
    """Go as far from the stated correlation, in quarters of the distance, as the other correlations allow."""
    names = tuple(dict.fromkeys((first, second, *dependence.correlated((*YEARLY_FACTORS, *ONCE_FACTORS)))))
    matrix = dependence.matrix(names)
    for quarters in (4, 3, 2, 1):
        matrix[0][1] = matrix[1][0] = value = round(stated + distance * quarters / 4, 6)
        if lower_factor(matrix)[1] is None:
            return value
    return stated


def _words(factor: str) -> str:
    return factor.replace("_", " ")
