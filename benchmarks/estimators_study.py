"""How much work a figure's standard error takes, and whether its interval covers: the engine against plain Monte Carlo.

``python benchmarks/estimators_study.py`` repeats a run of 256 populations many times, each with a key of its own, and
writes ``docs/model/results/estimators.json``. The first ``K`` points of a Sobol' net are a net, so that every smaller
number of futures is read from the same runs. ``--experiments`` and ``--case`` make it smaller.

Plain Monte Carlo is one future for each population, neither stratified nor on a net. The pooled pairs of all runs have
its law, so its variance follows from them: that of the figure's influence, for one trial. Work is single-thread CPU
time of this process, of :func:`leadrisk.simulate` a population and of :func:`leadrisk.settle` a pair.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

import leadrisk as lr
from leadrisk.risk.estimate import Estimate, mean, population_share, probability, quantiles, rank_of, tail_mean
from leadrisk.risk.reserve import deepest_shortfall
from leadrisk.run.plan import plan_blocks
from leadrisk.run.setting import prepare
from leadrisk.run.settle import settle_block

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leadrisk.scenario.model import Scenario

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "docs" / "model" / "results" / "estimators.json"
CONTRACTS = ("lead_global", "lead_professional")
POPULATIONS, FUTURES, ENTROPY = 256, 64, 20261122
RUIN = 0.02  # chance of ruin at the fixed reserve, which is rounded to $0.1 M


class Case(NamedTuple):
    """A scenario to repeat, what it changes of the baseline, and how often and on how many futures."""

    changes: dict[str, object]
    experiments: int
    futures: int = FUTURES


STRONG_S1 = "10,000 lives, S1 three times stronger"
STRONGER = ("panel_growth_sd", "death_shock_sd", "exit_shock_sd")
CASES = {
    "10,000 lives": Case({"cohort.lives": 10_000}, experiments=200, futures=256),
    "1,000 lives": Case({"cohort.lives": 1_000}, experiments=200),
    "50,000 lives": Case({"cohort.lives": 50_000}, experiments=50, futures=256),
    STRONG_S1: Case({"cohort.lives": 10_000}, experiments=100),
}


class Pool(NamedTuple):
    """Both contracts' ten-year totals and deepest shortfalls, millions; shape (experiment, population, future)."""

    total: dict[str, np.ndarray]
    shortfall: dict[str, np.ndarray]


def scenario_of(name: str) -> Scenario:
    """The baseline under both LEAD options with a case's changes."""
    found = lr.load_scenario(
        ROOT / "scenarios" / "baseline.toml", set={"contract.names": CONTRACTS, **CASES[name].changes}
    )
    if name != STRONG_S1:
        return found
    stronger = {factor: 3.0 * getattr(found.exposure, factor) for factor in STRONGER}
    return found.model_copy(update={"exposure": found.exposure.model_copy(update=stronger)})


def repeat(scenario: Scenario, *, experiments: int, futures: int, populations: int = POPULATIONS) -> Pool:
    """Repeat a run with independent keys."""
    seeds = np.random.SeedSequence(ENTROPY).generate_state(experiments, np.uint64).tolist()
    shape = (experiments, populations, futures)
    pool = Pool({name: np.empty(shape) for name in CONTRACTS}, {name: np.empty(shape) for name in CONTRACTS})
    for number, seed in enumerate(seeds):
        experience = lr.simulate(scenario, populations=populations, seed=seed)
        settlement = lr.settle(experience, scenario, futures=futures)
        for name in CONTRACTS:
            net = settlement["net_settlement"].sel(contract=name).values / 1e6
            pool.total[name][number] = net.sum(axis=-1)
            pool.shortfall[name][number] = deepest_shortfall(net)
    return pool


FIRST, SECOND = CONTRACTS


class Figure(NamedTuple):
    """A figure: where its numbers stand, its estimate, and its influence on one plain trial."""

    sample: Callable[[Pool], np.ndarray]
    estimate: Callable[[np.ndarray], Estimate]
    influence: Callable[[np.ndarray], np.ndarray]


def figures(pool: Pool, *, reserve: float | None = None) -> dict[str, Figure]:
    """Every figure of the study; the reserve whose ruin is asked for, in millions, comes from the pool by default."""
    if reserve is None:
        reserve = round(_at(np.sort(pool.shortfall[FIRST], axis=None), 1.0 - RUIN), 1)

    def total(pool: Pool) -> np.ndarray:
        return pool.total[FIRST]

    def difference(pool: Pool) -> np.ndarray:
        return pool.total[FIRST] - pool.total[SECOND]

    def shortfall(pool: Pool) -> np.ndarray:
        return pool.shortfall[FIRST]

    def second(pool: Pool) -> np.ndarray:
        return pool.shortfall[SECOND]

    def tail(sample: np.ndarray) -> Estimate:
        return tail_mean(sample, 0.01)

    def ruin(sample: np.ndarray) -> Estimate:
        return probability(sample > reserve)

    return {
        "mean": Figure(total, mean, _itself),
        "Global less Professional": Figure(difference, mean, _itself),
        "5 % quantile": Figure(total, _quantile(0.05), _of_quantile(0.05)),
        "1 % quantile": Figure(total, _quantile(0.01), _of_quantile(0.01)),
        "TVaR 99": Figure(total, tail, _of_tail(0.01)),
        "99 % reserve": Figure(shortfall, _quantile(0.99), _of_quantile(0.99)),
        "99 % reserve, Professional": Figure(second, _quantile(0.99), _of_quantile(0.99)),
        f"ruin with ${reserve:.1f} M": Figure(shortfall, ruin, lambda sample: 1.0 * (sample > reserve)),
    }


def _itself(sample: np.ndarray) -> np.ndarray:
    return sample


def _quantile(level: float) -> Callable[[np.ndarray], Estimate]:
    return lambda sample: quantiles(sample, [level])[0]


def _of_quantile(level: float) -> Callable[[np.ndarray], np.ndarray]:
    """Indicator over density, the density from quantiles a fifth of the tail to either side."""

    def influence(sample: np.ndarray) -> np.ndarray:
        ordered, step = np.sort(sample, axis=None), 0.2 * min(level, 1.0 - level)
        slope = (_at(ordered, level + step) - _at(ordered, level - step)) / (2.0 * step)
        return slope * (sample <= _at(ordered, level))

    return influence


def _of_tail(level: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda sample: np.minimum(sample - _at(np.sort(sample, axis=None), level), 0.0) / level


def _at(ordered: np.ndarray, level: float) -> float:
    return float(ordered[rank_of(level, ordered.size)])


class Work(NamedTuple):
    """Single-thread CPU seconds of a population's persons and of one pair."""

    person: float
    pair: float


def work(scenario: Scenario, *, repeats: int = 5) -> Work:
    """Least of several repeats, in turn."""
    experience = lr.simulate(scenario, populations=128, threads=1)
    persons, pairs = [], []
    for _ in range(repeats):
        began = time.process_time()
        lr.simulate(scenario, populations=128, threads=1)
        between = time.process_time()
        lr.settle(experience, scenario, futures=FUTURES, threads=1)
        persons.append((between - began) / 128)
        pairs.append((time.process_time() - between) / 128 / FUTURES)
    return Work(min(persons), min(pairs))


def compared(figure: Figure, pool: Pool, *, futures: int, cost: Work) -> dict[str, Any]:
    """Effective speed-up of so many futures over plain Monte Carlo, and how often the 95 % interval covers."""
    everything = figure.sample(pool)
    estimates = [figure.estimate(one[:, :futures]) for one in everything]
    values, errors = (np.array(part) for part in zip(*estimates, strict=True))
    pooled = figure.estimate(everything.reshape(-1, everything.shape[-1])).value
    count, populations = everything.shape[:2]
    off = (values - pooled) * np.sqrt(count / (count - 1))  # the pooled value has these runs in it
    squares = off * off
    plain = figure.influence(everything).reshape(count, -1)
    of_groups = np.array([group.var() for group in plain])
    ratio = plain.var() * (cost.person + cost.pair)
    ratio /= squares.mean() * populations * (cost.person + futures * cost.pair)
    relative = np.hypot(
        squares.std(ddof=1) / squares.mean() / np.sqrt(count), of_groups.std(ddof=1) / plain.var() / np.sqrt(count)
    )
    covered = float((np.abs(off) <= stdtrit(populations // 2 - 1, 0.975) * errors).mean())
    return {
        "value": pooled,
        "bias": float(values.mean() - pooled),
        "standard_error": float(np.sqrt(squares.mean())),
        "standard_error_claimed": float(np.sqrt((errors * errors).mean())),
        "plain_standard_deviation": float(plain.std()),
        "speed_up": float(ratio),
        "speed_up_se": float(ratio * relative),
        "coverage": covered,
        "coverage_se": float(np.sqrt(max(covered * (1.0 - covered), 0.95 * 0.05) / count)),
    }


def shares(scenario: Scenario, *, populations: int = 4_096) -> dict[str, dict[str, float]]:
    """Share of a population's main effect, apart from its panel's size, in the variance of mean and 99 % reserve."""
    seed = int(np.random.SeedSequence(ENTROPY).generate_state(1, np.uint64)[0])
    experience = lr.simulate(scenario, populations=populations, seed=seed)
    setting = prepare(experience, scenario, futures=FUTURES)
    nets = [[], []]
    for part in plan_blocks(populations, size=128):
        for net, found in enumerate(nets):
            found.append(settle_block(experience.isel(population=part.rows), setting, net=net)["lead_global"])
    totals = [np.concatenate([lines["net_settlement"] for lines in found]) for found in nets]
    short = [deepest_shortfall(net) for net in totals]
    reserve = quantiles(short[0], [0.99])[0].value
    samples = {"mean": [net.sum(axis=-1) for net in totals], "99 % reserve": [1.0 * (net > reserve) for net in short]}
    panel = experience["panel"].values[:, 3:].mean(axis=1)
    found = {}
    for name, (one, other) in samples.items():
        share = population_share(
            one.mean(axis=1), other.mean(axis=1), variance=float(one.var()), apart_from=np.log(panel)[:, None]
        )
        found[name] = {"share": share.value, "se": share.se}
    return found


def study(names: Sequence[str], *, experiments: int | None) -> dict[str, Any]:
    """Every case: work, shares, and each figure for every number of futures."""
    found: dict[str, Any] = {"version": lr.__version__, "populations": POPULATIONS, "futures": FUTURES, "cases": {}}
    for name in names:
        case, scenario = CASES[name], scenario_of(name)
        count = experiments or case.experiments
        began = time.perf_counter()
        pool = repeat(scenario, experiments=count, futures=case.futures)
        cost = work(scenario)
        sizes = [k for k in (1, 4, 16, 32, 64, 128, 256) if k <= case.futures]
        found["cases"][name] = {
            "experiments": count,
            "person_ms": 1e3 * cost.person,
            "pair_us": 1e6 * cost.pair,
            "shares": shares(scenario),
            "figures": {
                label: {str(k): compared(figure, pool, futures=k, cost=cost) for k in sizes}
                for label, figure in figures(pool).items()
            },
        }
        show(name, found["cases"][name], seconds=time.perf_counter() - began)
    return found


def show(name: str, case: dict[str, Any], *, seconds: float) -> None:
    """Print a case."""
    print(
        f"\n{name}: {case['experiments']} runs of {POPULATIONS} populations, {case['person_ms']:.2f} ms a population, "
        f"{case['pair_us']:.2f} us a pair; {seconds:.0f} s"
    )
    for figure, share in case["shares"].items():
        print(f"  share of a population's main effect, {figure}: {share['share']:.4f} +- {share['se']:.4f}")
    for label, by_futures in case["figures"].items():
        chosen = by_futures[str(FUTURES)]
        sizes = "  ".join(f"{k}: {one['speed_up']:.1f}" for k, one in by_futures.items())
        print(
            f"  {label:28} {chosen['speed_up']:6.1f} +- {chosen['speed_up_se']:4.1f} x, "
            f"covers {100 * chosen['coverage']:5.1f} %, error claimed / found "
            f"{chosen['standard_error_claimed'] / chosen['standard_error']:.2f}; by futures {sizes}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=CASES, help="one of the cases; may be repeated")
    parser.add_argument("--experiments", type=int, help="runs of each case")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    found = study(options.case or list(CASES), experiments=options.experiments)
    options.out.write_text(json.dumps(found, indent=2, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
