"""Histories of single persons: what the run itself adds up, read person by person for calibration and checks.

The same kernel with the same addresses as `simulate_block`, so the sums over slots are those of a run with the same
seed. A run never keeps persons; this reader does, so populations are few and memory is the caller's choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.cohort.panel import active_slots, segment_lives
from leadrisk.experience.person_kernel import BLOCK, LANES, N_QUANTITIES, QUANTITIES, ROWS, block_year, start_block
from leadrisk.experience.philox import STREAM_START, STREAM_YEAR, split_seed
from leadrisk.experience.stationary import ESRD, MAIN, segments
from leadrisk.experience.systemic import person_factors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.experience.stationary import Segment
    from leadrisk.experience.systemic import PersonFactors
    from leadrisk.scenario.model import Scenario

_FIRST = ROWS - N_QUANTITIES - 1  # row of the first quantity: state rows stand before, who has High Needs after
_HEALTH, _CODING = 0, 1  # rows of the state
_FLOATS = ("exposure", "expenditure", "score", "health", "coding")
_FLAGS = ("high_needs", "entered", "left", "died")


@dataclass(frozen=True)
class PersonHistories:
    """Who was in each slot of each population, year by year.

    Attributes
    ----------
    years
        Calendar years, base years first.
    segment
        int8, shape (slot,): ``stationary.MAIN`` (aged and disabled with High Needs), then ``stationary.ESRD``.
    exposure
        float32, shape (population, slot, year): share of the year; zero where the slot is closed.
    expenditure
        float32, same shape: in-year cost in units of the segment's mean annualised cost.
    score
        float32, same shape: risk score, mean 1 in a typical panel.
    health, coding
        float32, same shape: the latent variables, whether the slot is open or not.
    high_needs, entered, left, died
        bool, same shape: High Needs during the year; somebody new in the slot; left at year-end; died in the year.
    """

    years: tuple[int, ...]
    segment: NDArray[np.int8]
    exposure: NDArray[np.float32]
    expenditure: NDArray[np.float32]
    score: NDArray[np.float32]
    health: NDArray[np.float32]
    coding: NDArray[np.float32]
    high_needs: NDArray[np.bool_]
    entered: NDArray[np.bool_]
    left: NDArray[np.bool_]
    died: NDArray[np.bool_]

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether the slot is open in the year; whoever is in it was exposed, if only for a moment."""
        return self.exposure > 0

    @property
    def annualised(self) -> NDArray[np.float32]:
        """Annualised cost in units of the segment's mean, float32, of the same shape; zero where closed."""
        found: NDArray[np.float32] = np.divide(
            self.expenditure, self.exposure, out=np.zeros_like(self.expenditure), where=self.present
        )
        return found


def person_histories(scenario: Scenario, *, populations: int, seed: int, years: int | None = None) -> PersonHistories:
    """Histories of the persons of populations 0 to ``populations - 1``, with the scenario's own parameters.

    Parameters
    ----------
    scenario
        Its panel path, shocks and exits are drawn as in a run of ``populations``.
    populations
        How many; memory is about 24 bytes a population, slot and year.
    seed
        As of a run.
    years
        Calendar years from the first base year on; all years of the scenario where left out.

    Returns
    -------
    PersonHistories
        On the neutral path: no trend, no drift.

    Examples
    --------
    >>> from leadrisk.scenario.model import Scenario
    >>> money = {"base_year_pbpm": [900, 920, 950], "region_pbpm": 980, "national_pbpm": 1000}
    >>> scenario = Scenario.model_validate(
    ...     {
    ...         "name": "small",
    ...         "cohort": {"lives": 1000, "high_needs_share": 0.0, "esrd_share": 0.0},
    ...         "categories": {"aged_disabled": money},
    ...         "contract": {"entrant": "newly_entering"},
    ...     }
    ... )
    >>> found = person_histories(scenario, populations=2, seed=1, years=3)
    >>> found.years, found.exposure.shape, bool(found.entered[:, :, 0].any())
    ((2024, 2025, 2026), (2, 1000, 3), False)
    """
    calendar = scenario.horizon.years[:years]
    factors = person_factors(scenario, first=0, count=populations, populations=populations, seed=seed)
    key = split_seed(seed)
    parts = []
    found = segments(scenario)
    for number, lives in zip((MAIN, ESRD), segment_lives(scenario), strict=True):
        if number in found and lives > 0:
            parts.append(_segment_histories(found[number], number, lives, calendar, factors, key))
    numbers = [np.full(part["exposure"].shape[1], number, np.int8) for number, part in zip(found, parts, strict=True)]
    whole = {name: np.concatenate([part[name] for part in parts], axis=1) for name in (*_FLOATS, *_FLAGS)}
    return PersonHistories(years=calendar, segment=np.concatenate(numbers), **whole)


def _segment_histories(
    segment: Segment,
    number: int,
    lives: int,
    calendar: tuple[int, ...],
    factors: PersonFactors,
    key: tuple[np.uint32, np.uint32],
) -> dict[str, NDArray[Any]]:
    """One segment of all populations: arrays by name, shape (population, slot, year)."""
    populations, years = factors.panel.shape[0], len(calendar)
    active = active_slots(lives, factors.panel)[:, :years]
    slots = int(active.max())
    blocks = -(-slots // BLOCK)
    arrays: dict[str, NDArray[Any]] = {
        **{name: np.zeros((populations, slots, years), np.float32) for name in _FLOATS},
        **{name: np.zeros((populations, slots, years), np.bool_) for name in _FLAGS},
    }
    rows = {name: _FIRST + QUANTITIES.index(name) for name in ("exposure", "expenditure")}
    rows |= {"health": _HEALTH, "coding": _CODING, "high_needs": _FIRST + N_QUANTITIES}
    rows |= {"entered": _FIRST + QUANTITIES.index("entries"), "left": _FIRST + QUANTITIES.index("exits")}
    rows |= {"died": _FIRST + QUANTITIES.index("deaths"), "score": _FIRST + QUANTITIES.index("score")}
    workspace = np.zeros(ROWS * BLOCK, np.float32)
    kept = workspace.reshape(ROWS, BLOCK)
    for population in range(populations):
        at = np.uint32(population)
        for block in range(blocks):
            first = block * BLOCK
            width = min(BLOCK, slots - first)
            start_block(
                workspace, BLOCK // LANES, first, at, np.uint32(number * 16 + STREAM_START), *key,
                segment.high_needs_share, segment.pool, segment.n_plain,
            )  # fmt: skip
            for y, year in enumerate(calendar):
                block_year(
                    workspace, BLOCK // LANES, first, np.uint32(year), at, np.uint32(number * 16 + STREAM_YEAR), *key,
                    active[population, max(y - 1, 0)], active[population, y], y > 0,
                    factors.death_factor[population, y], factors.exit_rate[population, y],
                    segment.parameters, segment.curve,
                )  # fmt: skip
                for name, row in rows.items():
                    arrays[name][population, first : first + width, y] = kept[row, :width]
    exposure, score = arrays["exposure"], arrays["score"]
    np.divide(score, exposure, out=score, where=exposure > 0)  # the kernel keeps score times exposure
    return arrays
