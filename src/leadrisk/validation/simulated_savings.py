"""Savings rates of one ACO in the known and in the later year, simulated by the engine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from leadrisk.experience.philox import philox
from leadrisk.experience.simulate import simulate_block
from leadrisk.run.setting import prepare
from leadrisk.run.settle import settle_block
from leadrisk.validation.aco_scenario import CONTRACT, aco_scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.validation.panel import Pair

_STREAM_ACO = 101  # seeds of ACOs: a stream no other draw uses


def seed_of(aco_id: str, seed: int) -> int:
    """Seed of an ACO's own run: a Philox word pair at the address of its identifier, whoever else is in the file.

    Examples
    --------
    >>> seed_of("A1001", 1) == seed_of("A1001", 1), seed_of("A1001", 1) == seed_of("A1002", 1)
    (True, False)
    """
    digest = hashlib.sha256(aco_id.encode()).digest()
    address = np.array([[*np.frombuffer(digest[:12], dtype="<u4"), _STREAM_ACO]], dtype=np.uint32)
    low, high = philox(address, seed)[0, :2]
    return int(low) | int(high) << 32


def simulate_savings(pair: Pair, *, populations: int, futures: int, seed: int) -> NDArray[np.float64]:
    """Simulate an ACO's persons and futures and settle them under the rules of its agreement period.

    Parameters
    ----------
    populations, futures
        Person-level runs, even, and systemic paths of each, a power of two.
    seed
        Of the backtest; the ACO's own follows from it.

    Returns
    -------
    ndarray
        Percent of the updated benchmark, shape (population, future, year) from performance year 1 to the later year.
    """
    scenario = aco_scenario(pair)
    key = seed_of(pair.known.aco_id, seed)
    experience = simulate_block(scenario, first=0, count=populations, populations=populations, seed=key)
    experience = experience.assign_attrs(seed=str(key))
    levels = prepare(experience, scenario, futures=futures).levels
    scenario = aco_scenario(pair, kept={name: 1.0 - level.truncation for name, level in levels.items()})
    setting = prepare(experience, scenario, futures=futures)
    return 100.0 * settle_block(experience, setting)[CONTRACT]["gross_savings_rate"]
