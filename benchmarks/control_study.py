"""What exact person means would save as control variates: variance with and without them, and coverage.

``python benchmarks/control_study.py`` repeats a run of 256 populations x 64 futures of ``scenarios/baseline.toml`` 200
times. What a population's totals differ from their exact means (``tests/reference/person_means.py``) has mean zero, and
so have the shocks of exits and panel growth. Populations get weights linear in seven such numbers, so that the weighted
numbers add up to zero; errors come from what the numbers leave of the differences in pairs of strata.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import stdtrit

import leadrisk as lr
from leadrisk.experience.person_kernel import QUANTITIES
from leadrisk.experience.systemic import person_factors
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.scenario.category_tables import CATEGORY_NAMES

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))
from reference.person_means import person_means  # noqa: E402

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from leadrisk.scenario.model import Scenario

    Array = NDArray[np.float64]

POPULATIONS, FUTURES, SEED = 256, 64, 1_000
COST, SCORE = QUANTITIES.index("expenditure"), QUANTITIES.index("score")


class Limits(NamedTuple):
    """A figure with its 95 % limits."""

    value: float
    low: float
    high: float


def controls(scenario: Scenario, experience: xr.Dataset, *, seed: int) -> Array:
    """Seven numbers of mean zero by population: base level of each category, cost, growth of scores, exits, growth."""
    n = experience.sizes["population"]
    factors = person_factors(scenario, first=0, count=n, populations=n, seed=seed)
    mean = person_means(scenario, factors)
    dollars = np.array([getattr(scenario.categories, name).base_year_pbpm[-1] for name in CATEGORY_NAMES])
    cost = (experience["expenditure"].values - mean[..., COST]) / mean[..., COST]
    score = (experience["score"].values - mean[..., SCORE]) / mean[..., SCORE]
    weight = mean[..., COST] / mean[:, :3, :, COST].mean(axis=(0, 1)) * (mean[:, :3, :, 0].mean(axis=(0, 1)) * dollars)
    later = weight[:, 3:]
    base = ((cost - score)[:, :3].mean(axis=1) + score[:, 2]) * later.sum(axis=1)
    spent = (cost[:, 3:] * later).sum(axis=(1, 2))
    grown = ((score[:, 3:] - score[:, 2:3]) * later).sum(axis=(1, 2))
    sd = scenario.exposure.exit_shock_sd
    left = np.arange(later.shape[1], 0, -1.0)  # years in which a shock counts
    exits = (np.log(factors.exit_rate[:, 3:] / scenario.exposure.exit_rate) + 0.5 * sd * sd) @ left
    median = np.log(1.0 + scenario.exposure.panel_growth_mean)
    growth = (np.diff(np.log(factors.panel[:, 3:]), axis=1) - median) @ left[1:] ** 2
    return np.column_stack([base, spent, grown, exits, growth])


class Weighted:
    """Figures from weights that are calibrated to controls; without controls those of the engine."""

    def __init__(self, control: Array, populations: int) -> None:
        self.weights = np.full(populations, 1.0 / populations)
        self.steps = (control[0::2] - control[1::2]) / np.maximum(control.std(axis=0), 1e-300)
        self.projection = np.linalg.pinv(self.steps)
        move = (control.mean(axis=0) / np.maximum(control.std(axis=0), 1e-300)) @ self.projection
        self.weights[0::2] -= move
        self.weights[1::2] += move
        self.leverage = np.einsum("ij,ji->i", self.steps, self.projection)
        self.t = float(stdtrit(populations // 2 - 1 - control.shape[1], 0.975))

    def error(self, per_population: Array) -> float:
        gap = per_population[0::2] - per_population[1::2]
        rest = gap - self.steps @ (self.projection @ gap)
        squares = 0.5 * (self.weights[0::2] ** 2 + self.weights[1::2] ** 2)
        return float(np.sqrt((squares * rest * rest / (1.0 - self.leverage)).sum()))

    def mean(self, sample: Array) -> Limits:
        value, reach = float(self.weights @ sample.mean(axis=1)), self.t * self.error(sample.mean(axis=1))
        return Limits(value, value - reach, value + reach)

    def quantile(self, sample: Array, level: float) -> Limits:
        order = np.argsort(sample, axis=None)
        share = np.cumsum(np.repeat(self.weights, sample.shape[1])[order] / sample.shape[1])
        share = np.maximum.accumulate(share)  # a weight may be below zero

        def at(wanted: float) -> float:
            return float(sample.ravel()[order[min(int(np.searchsorted(share, wanted - 1e-12)), order.size - 1)]])

        value = at(level)
        spread = np.exp(self.t * self.error((sample <= value).mean(axis=1)) / (level * (1.0 - level)))
        low, high = level / (level + (1.0 - level) * spread), level / (level + (1.0 - level) / spread)
        return Limits(value, at(low), at(high))

    def tail(self, sample: Array, level: float) -> Limits:
        value = self.quantile(sample, level).value
        return self.mean(value + np.minimum(sample - value, 0.0) / level)


def figures(by: Weighted, net: Array) -> dict[str, Limits]:
    """Figures of one experiment; ``net`` has shape (contract, population, future, year)."""
    total = net.sum(axis=-1)
    return {
        "mean, Global": by.mean(total[0]),
        "mean, Professional": by.mean(total[1]),
        "Global less Professional": by.mean(total[0] - total[1]),
        "median": by.quantile(total[0], 0.5),
        "5 % quantile": by.quantile(total[0], 0.05),
        "1 % quantile": by.quantile(total[0], 0.01),
        "99 % reserve": by.quantile(deepest_shortfall(net[0]), 0.99),
        "TVaR 99": by.tail(total[0], 0.01),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--experiments", type=int, default=200)
    count = asked.parse_args().experiments
    scenario = lr.load_scenario(ROOT / "scenarios" / "baseline.toml")
    contract = scenario.contract.model_copy(update={"names": ("lead_global", "lead_professional")})
    scenario = scenario.model_copy(update={"contract": contract})
    found: dict[str, list[dict[str, Limits]]] = {"without": [], "with": []}
    for seed in range(SEED, SEED + count):
        experience = lr.simulate(scenario, populations=POPULATIONS, seed=seed)
        net = lr.settle(experience, scenario, futures=FUTURES)["net_settlement"].values
        control = controls(scenario, experience, seed=seed)
        for name, used in (("without", control[:, :0]), ("with", control)):
            found[name].append(figures(Weighted(used, POPULATIONS), net))
    print("| figure | variance without / with | coverage without | coverage with |\n|---|---|---|---|")
    for figure in found["with"][0]:
        values = {name: np.array([one[figure] for one in runs]) for name, runs in found.items()}
        truth = values["with"][:, 0].mean()
        covered = [100 * np.mean((v[:, 1] <= truth) & (truth <= v[:, 2])) for v in values.values()]
        ratio = values["without"][:, 0].var() / values["with"][:, 0].var()
        print(f"| {figure} | {ratio:.1f} | {covered[0]:.0f} % | {covered[1]:.0f} % |")


if __name__ == "__main__":
    main()
