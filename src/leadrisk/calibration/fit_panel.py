"""One segment of a roster made comparable: cost over its year's mean, ranks as normal scores, who stays and who goes.

Everything is read off fine bins of log cost, so that millions of rows need no sorting and ties (zero cost above all)
share their middle rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.calibration.roster import Roster

MAIN_CATEGORIES, ESRD_CATEGORIES = (0, 1), (2,)  # of a roster: the two segments of the engine
LOWEST_LOG, BIN_WIDTH, BINS = -9.0, 1.0 / 16.0, 257  # bin 0 holds zero cost; the last reaches to e^7 times the mean
_MONTHS = 12.0


@dataclass(frozen=True)
class SegmentPanel:
    """Person-years of one segment, all arrays of shape (person, year).

    Attributes
    ----------
    exposure
        float32: share of the year in the segment; zero where absent.
    relative
        float32: annualised cost over the exposure-weighted mean of its year.
    cost_bin
        int16: bin of the log of it; zero where there is no cost.
    rank_score
        float32: normal score of its exposure-weighted rank among all of the year.
    full_score
        float32: normal score of its rank among the persons of twelve months who did not die in the year.
    full
        bool: twelve months and alive at the end.
    died
        bool: died in the year.
    anywhere
        bool: in the roster in that year, in this segment or another.
    score
        float32: risk score over the exposure-weighted mean of its year; NaN where not known.
    """

    exposure: NDArray[np.float32]
    relative: NDArray[np.float32]
    cost_bin: NDArray[np.int16]
    rank_score: NDArray[np.float32]
    full_score: NDArray[np.float32]
    full: NDArray[np.bool_]
    died: NDArray[np.bool_]
    anywhere: NDArray[np.bool_]
    score: NDArray[np.float32]

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether the person was in the segment in the year."""
        return self.exposure > 0


def segment_panel(roster: Roster, categories: tuple[int, ...]) -> SegmentPanel:
    """Person-years of the given categories of a roster; the same persons in rows, absent where of another category.

    Parameters
    ----------
    roster
        The roster.
    categories
        ``MAIN_CATEGORIES`` or ``ESRD_CATEGORIES``.

    Returns
    -------
    SegmentPanel
        Of years in which nobody was present, everything is zero.
    """
    within = np.isin(roster.category, categories) & (roster.months > 0)
    exposure = np.where(within, roster.months / np.float32(_MONTHS), np.float32(0.0))
    annualised = np.divide(np.maximum(roster.cost, 0.0), exposure, out=np.zeros(within.shape, np.float64), where=within)
    years = exposure.sum(axis=0, dtype=np.float64)
    mean = np.einsum("ij,ij->j", annualised, exposure) / np.maximum(years, 1.0)
    relative = (annualised / np.where(mean > 0, mean, 1.0)).astype(np.float32)
    del annualised
    cost_bin = log_bins(relative)
    died = roster.died & within
    full = within & (roster.months >= _MONTHS) & ~died
    score = np.where(within & (roster.score > 0), roster.score, np.float32(np.nan))
    known = np.isfinite(score)
    weight = (exposure * known).sum(axis=0, dtype=np.float64)
    mean_score = np.einsum("ij,ij->j", np.where(known, score, 0.0), exposure) / np.where(weight > 0, weight, 1.0)
    return SegmentPanel(
        exposure=exposure,
        relative=relative,
        cost_bin=cost_bin,
        rank_score=_normal_scores(cost_bin, exposure),
        full_score=_normal_scores(cost_bin, full.astype(np.float32)),
        full=full,
        died=died,
        anywhere=roster.months > 0,
        score=(score / np.where(mean_score > 0, mean_score, 1.0)).astype(np.float32),
    )


def log_bins(relative: NDArray[np.float32]) -> NDArray[np.int16]:
    """Bin of each relative cost.

    Examples
    --------
    >>> log_bins(np.array([0.0, 1.0, 2.0], "float32")).tolist()
    [0, 145, 156]
    """
    positive = relative > 0
    log_cost = np.log(relative, out=np.zeros_like(relative), where=positive)
    at = np.floor((log_cost - np.float32(LOWEST_LOG)) * np.float32(1.0 / BIN_WIDTH)) + 1.0
    return np.where(positive, np.clip(at, 1, BINS - 1), 0).astype(np.int16)


def bin_middles() -> NDArray[np.float64]:
    """Log of relative cost in the middle of each bin, float64, shape (bin,); minus infinity for the bin of zero."""
    middles: NDArray[np.float64] = LOWEST_LOG + (np.arange(BINS, dtype=np.float64) - 0.5) * BIN_WIDTH
    middles[0] = -np.inf
    return middles


def _normal_scores(cost_bin: NDArray[np.int16], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normal score of the middle rank of each bin, year by year, by weight."""
    scores = np.zeros(cost_bin.shape, np.float32)
    for year in range(cost_bin.shape[1]):
        mass = np.bincount(cost_bin[:, year], weights=weight[:, year], minlength=BINS)
        if mass.sum() > 0:
            middle = np.clip((mass.cumsum() - 0.5 * mass) / mass.sum(), 1e-9, 1.0 - 1e-9)
            scores[:, year] = ndtri(middle).astype(np.float32)[cost_bin[:, year]]
    return scores
