"""What changes when one assumption changes: reserve, mean and tail on the same populations and futures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leadrisk.risk.estimate import Estimate, mean, quantile_difference, quantiles, tail_mean, tail_mean_difference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RESERVE_LEVEL, TAIL_LEVEL = 0.99, 0.01


class Outcome(NamedTuple):
    """One contract's paths.

    Attributes
    ----------
    total
        Net settlement over all years, dollars, shape (population, future).
    shortfall
        Cash that covers the deepest cumulative settlement, dollars, same shape, never negative.
    """

    total: Array
    shortfall: Array


def figures(outcome: Outcome) -> dict[str, Estimate]:
    """Reserve at 99 %, mean, and mean loss of the worst 1 % of paths (``tvar_99_loss``), each with its standard error.

    Examples
    --------
    >>> import numpy as np
    >>> total = np.arange(-50.0, 50.0).reshape(20, 5)
    >>> {name: round(one.value, 1) for name, one in figures(Outcome(total, np.maximum(-total, 0.0))).items()}
    {'reserve_99': 49.0, 'mean': -0.5, 'tvar_99_loss': 50.0}
    """
    tail = tail_mean(outcome.total, TAIL_LEVEL)
    return {
        "reserve_99": quantiles(outcome.shortfall, [RESERVE_LEVEL])[0],
        "mean": mean(outcome.total),
        "tvar_99_loss": Estimate(0.0 - tail.value, tail.se),
    }


def changes(varied: Outcome, base: Outcome) -> dict[str, Estimate]:
    """Figures of one outcome less those of another on the same populations and futures.

    The standard errors are those of the differences: what both share cancels, population by population.

    Examples
    --------
    >>> import numpy as np
    >>> total = np.arange(-50.0, 50.0).reshape(20, 5)
    >>> base, poorer = (Outcome(t, np.maximum(-t, 0.0)) for t in (total, total - 10.0))
    >>> {name: (one.value, one.se) for name, one in changes(poorer, base).items()}
    {'reserve_99': (10.0, 0.0), 'mean': (-10.0, 0.0), 'tvar_99_loss': (10.0, 0.0)}
    """
    tail = tail_mean_difference(varied.total, base.total, TAIL_LEVEL)
    return {
        "reserve_99": quantile_difference(varied.shortfall, base.shortfall, RESERVE_LEVEL),
        "mean": mean(varied.total - base.total),
        "tvar_99_loss": Estimate(0.0 - tail.value, tail.se),
    }
