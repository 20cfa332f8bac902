"""The distribution of one figure over all paths, as statistics under their names, each with its standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrisk.risk.estimate import Estimate, mean, probability, quantiles, tail_mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVELS = {
    "p01": 0.01, "p05": 0.05, "p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95, "p99": 0.99,
}  # fmt: skip
Summary = dict[str, Any]


def distribution(sample: NDArray[np.float64]) -> Summary:
    """Mean, standard deviation and quantiles of a sample of shape (population, future), with standard errors.

    Examples
    --------
    >>> import numpy as np
    >>> found = distribution(np.arange(20.0).reshape(4, 5))
    >>> found["mean"], found["p50"]
    (9.5, 9.0)
    """
    found = {**named("mean", mean(sample)), "sd": float(sample.std())}
    for name, estimate in zip(LEVELS, quantiles(sample, list(LEVELS.values())), strict=True):
        found |= named(name, estimate)
    return found


def tail(sample: NDArray[np.float64]) -> Summary:
    """Mean loss in the worst 5 % and 1 % of a sample of shape (population, future)."""
    found: Summary = {}
    for name, level in (("tvar_95_loss", 0.05), ("tvar_99_loss", 0.01)):
        worst = tail_mean(sample, level)
        found |= named(name, Estimate(-worst.value, worst.se))
    return found


def difference(first: NDArray[np.float64], second: NDArray[np.float64]) -> Summary:
    """First minus second on the same population and future: the paths cancel, standard errors are never subtracted."""
    gap = first - second
    return distribution(gap) | named("prob_first_better", probability(gap > 0))


def named(name: str, estimate: Estimate) -> Summary:
    """Write an estimate under its name.

    Examples
    --------
    >>> named("mean", Estimate(3.0, 0.5))
    {'mean': 3.0, 'mean_se': 0.5}
    """
    return {name: estimate.value, f"{name}_se": estimate.se}
