"""What brings dollars of a public use file to 2026, and what other ACOs scored, by year of the file."""

from __future__ import annotations

from math import prod
from statistics import fmean, stdev
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

BASE_YEAR_3 = 2026


class Growth(NamedTuple):
    """Growth of cost per person-year from one calendar year to the next, and where it comes from."""

    factor: float
    evidence: str


# The mean over ACOs of both years, all enrollment types together (calibration section 2.5); from 2024 section 6.1.
GROWTH = {
    2021: Growth(1.026, "2021-22, same ACOs, A"),
    2022: Growth(1.074, "2022-23, same ACOs, A"),
    2023: Growth(1.069, "2023-24, same ACOs, A"),
    2024: Growth(1.07, "2024-25, +9.5 % published less skin substitutes, which LEAD largely excludes, C"),
    2025: Growth(1.05, "2025-26, C"),
}
FIRST_FILE_YEAR = min(GROWTH)
LAST_FILE_YEAR = max(GROWTH)
NATIONAL_YEAR = 2022
NATIONAL = {"ESRD": 90_392.0, "DIS": 13_353.0, "AGDU": 20_765.0, "AGND": 11_610.0}
ENOUGH_SCORES = 2
QUALITY = {2021: (90.0, 7.7), 2022: (81.5, 6.2), 2023: (82.3, 6.9), 2024: (81.9, 9.4)}


def growth_to_base_year_3(year: int) -> float:
    """Growth of cost per person-year from a year to 2026, LEAD's last base year.

    Examples
    --------
    1.069 x 1.07 x 1.05, so that $10,000 of 2023 are $12,010 of 2026:

    >>> round(growth_to_base_year_3(2023), 4)
    1.201
    >>> growth_to_base_year_3(2026)
    1.0
    """
    return prod((GROWTH[at].factor for at in range(year, BASE_YEAR_3)), start=1.0)


def growth_in_words(year: int) -> str:
    """Write the factors of :func:`growth_to_base_year_3` with their evidence.

    Examples
    --------
    >>> growth_in_words(2025)
    'x 1.05 (2025-26, C)'
    """
    return " ".join(f"x {GROWTH[at].factor:g} ({GROWTH[at].evidence})" for at in range(year, BASE_YEAR_3))


def quality_across_acos(year: int, scores: Iterable[float]) -> tuple[float, float]:
    """Mean and standard deviation of the quality score over ACOs, in points.

    Parameters
    ----------
    year
        Performance year; 2021 to 2024 as published (calibration section 8.1).
    scores
        Scores of the file, for a later year; where they do not differ, 2024 stands in.

    Examples
    --------
    >>> quality_across_acos(2023, [])
    (82.3, 6.9)
    >>> quality_across_acos(2025, [80.0, 84.0, 88.0])
    (84.0, 4.0)
    """
    known = list(scores)
    if year in QUALITY or len(set(known)) < ENOUGH_SCORES:
        return QUALITY[min(year, max(QUALITY))]
    return fmean(known), stdev(known)
