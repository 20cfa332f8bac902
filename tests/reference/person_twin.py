"""Float64 NumPy twin of the person kernel: same addresses, library functions, no blocks, no lanes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from leadrisk.experience.person_kernel import PARAMETERS
from leadrisk.experience.philox import STREAM_START, STREAM_YEAR, philox
from leadrisk.experience.stationary import LAYER_ATTACHMENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.experience.stationary import Segment


@dataclass
class PersonYear:
    """What happened to every slot in one year."""

    health: NDArray[np.float64]
    coding: NDArray[np.float64]
    high_needs: NDArray[np.bool_]
    exposure: NDArray[np.float64]
    cost: NDArray[np.float64]
    score: NDArray[np.float64]
    residual_excess: NDArray[np.float64]  # shape (layer attachment, slot)
    entered: NDArray[np.bool_]
    died: NDArray[np.bool_]
    left: NDArray[np.bool_]
    margin: NDArray[np.float64]  # distance of the event's uniform from the nearest threshold


def normal(word: NDArray[np.uint32]) -> NDArray[np.float64]:
    tail = ((word >> np.uint32(1)).astype(float) + 0.5) / 2.0**31
    return np.where(word & 1, -1.0, 1.0) * -ndtri(tail / 2.0)


def words(slots: int, year: int, population: int, stream: int, seed: int) -> list[NDArray[np.uint32]]:
    counters = np.zeros((slots, 4), dtype=np.uint32)
    counters[:, 0], counters[:, 1], counters[:, 2], counters[:, 3] = (
        np.arange(slots),
        year,
        population,
        stream,
    )
    return list(philox(counters, seed).T)


def simulate_persons(
    segment: Segment, *, number: int, population: int, seed: int, years: list[int], active: list[int],
    death_factor: list[float], exit_rate: list[float],
) -> list[PersonYear]:  # fmt: skip
    p_ = dict(zip(PARAMETERS, segment.parameters.astype(float), strict=True))
    layers = np.array([p_[f"layer_{name}"] for name in LAYER_ATTACHMENTS])
    slots = max(active)
    w0, w1, w2, _ = words(slots, 0, population, number * 16 + STREAM_START, seed)
    high_needs = w0 / 2.0**32 < segment.high_needs_share
    size = np.where(high_needs, len(segment.pool) - segment.n_plain, segment.n_plain).astype(np.uint64)
    row = (w1.astype(np.uint64) * size >> np.uint64(32)) + np.where(high_needs, segment.n_plain, 0).astype(np.uint64)
    p, h = segment.pool[row.astype(int)].astype(float), normal(w2)
    vacant = np.zeros(slots, dtype=bool)
    found = []
    for t, year in enumerate(years):
        w0, w1, w2, w3 = words(slots, year, population, number * 16 + STREAM_YEAR, seed)
        n_p, n_h, n_e = normal(w0), normal(w1), normal(w2)
        u = ((w3 >> np.uint32(12)).astype(float) + 0.5) / 2.0**20
        entrant_high = (w3 & np.uint32(0xFFF)) / 2.0**12 < p_["entrant_high_needs_share"]
        if t > 0:
            p = p_["health_persistence"] * p + p_["health_innovation"] * n_p
            h = p_["coding_persistence"] * h + p_["coding_innovation"] * n_h
        entrant_p = n_p + np.where(entrant_high, p_["entrant_high_needs_health"], p_["entrant_health_mean"])
        p, h = np.where(vacant, entrant_p, p), np.where(vacant, n_h, h)
        high_needs = np.where(vacant, entrant_high, high_needs)
        present = np.arange(slots) < active[t]
        entered = (vacant | (np.arange(slots) >= active[max(t - 1, 0)])) & present

        hazard = np.exp(p_["death_slope"] * p + p_["death_log_level"])
        rate = np.minimum(death_factor[t] * hazard, 0.5)
        died = u < rate
        leave_from = 1.0 - exit_rate[t] * (1.0 - rate)
        left = u >= leave_from
        passage = np.minimum(p_["high_needs_rate"] * hazard**2, 0.2)
        passed = (u >= 0.5) & (u - 0.5 < passage)

        z = p_["latent_health_weight"] * p + p_["latent_shock_weight"] * n_e + np.where(died, p_["decedent_shift"], 0.0)
        x = (np.minimum(z, p_["curve_highest"]) - p_["curve_centre"]) * p_["curve_inverse_width"]
        cost = np.where(z > p_["curve_lowest"], np.exp(np.polyval(segment.curve.astype(float), x)), 0.0)
        xi = np.clip(p_["score_health_weight"] * p + p_["score_coding_weight"] * h, -4.0, 4.0)
        score = np.exp(p_["score_intercept"] + p_["score_slope"] * xi + p_["score_curvature"] * xi**2)
        margin = np.min(
            np.abs([u - rate, u - leave_from, u - 0.5 - passage, np.where(z > -9, z - p_["curve_lowest"], 1)]),
            axis=0,
        )
        found.append(
            PersonYear(
                health=p,
                coding=h,
                high_needs=high_needs.astype(bool),
                exposure=np.where(died, u / rate, 1.0) * present,
                cost=cost,
                score=score,
                residual_excess=np.maximum(cost - score - layers[:, None], 0.0),
                entered=entered,
                died=died & present,
                left=left & present,
                margin=margin,
            )
        )
        high_needs = high_needs | passed
        vacant = died | left
    return found
