"""The points of a design: which values the parameters take in each cell. Pure; it runs nothing."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import qmc

from leadrisk.sweep.keys import is_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadrisk.sweep.spec import LatinHypercube, Span, Sweep

Point = dict[str, Any]
_WIDE = 8.0


def points(sweep: Sweep) -> list[Point]:
    """Values by dotted key of each cell of a design; one cell without values where there is no design.

    Examples
    --------
    >>> from leadrisk.sweep.spec import Sweep
    >>> points(Sweep(name="a", scenario="a.toml", grid={"cohort.lives": [5000, 10000], "trend.calm_sd": [0.02]}))
    [{'cohort.lives': 5000, 'trend.calm_sd': 0.02}, {'cohort.lives': 10000, 'trend.calm_sd': 0.02}]
    """
    if sweep.grid:
        return [dict(zip(sweep.grid, values, strict=True)) for values in product(*sweep.grid.values())]
    if sweep.latin_hypercube is not None:
        return _spread(sweep.latin_hypercube, latin_hypercube(sweep.latin_hypercube))
    if sweep.sobol is not None:
        return _spread(sweep.sobol, sobol(sweep.sobol))
    return [dict(values) for values in sweep.cell] or [{}]


def log_scales(sweep: Sweep) -> list[str]:
    """Keys whose values are spread by their ratios, of a grid those that go from one to eight times as much.

    Examples
    --------
    >>> from leadrisk.sweep.spec import Sweep
    >>> log_scales(Sweep(name="a", scenario="a.toml", grid={"cohort.lives": [5000, 40000], "trend.calm_sd": [0.02]}))
    ['cohort.lives']
    """
    spread = sweep.latin_hypercube or sweep.sobol
    if spread is not None:
        return [key for key, span in spread.parameters.items() if span.scale == "log"]
    return [key for key, values in sweep.grid.items() if _is_wide(values)]


def _is_wide(values: list[Any]) -> bool:
    if not all(isinstance(value, int | float) and value > 0 for value in values):
        return False
    return bool(max(values) >= _WIDE * min(values))


def latin_hypercube(design: LatinHypercube) -> NDArray[np.float64]:
    """Points of a Latin hypercube in the unit cube, shape (point, parameter)."""
    drawn = qmc.LatinHypercube(len(design.parameters), rng=np.random.default_rng(design.seed)).random(design.points)
    return np.asarray(drawn, dtype=np.float64)


def sobol(design: LatinHypercube) -> NDArray[np.float64]:
    """Points of a scrambled Sobol' sequence in the unit cube, shape (point, parameter)."""
    drawn = qmc.Sobol(len(design.parameters), rng=np.random.default_rng(design.seed)).random(design.points)
    return np.asarray(drawn, dtype=np.float64)


def _spread(design: LatinHypercube, unit: NDArray[np.float64]) -> list[Point]:
    """Bring points of the unit cube to the ranges."""
    columns = [
        (whole_within if is_whole(key) else within)(span, unit[:, at]).tolist()
        for at, (key, span) in enumerate(design.parameters.items())
    ]
    return [dict(zip(design.parameters, row, strict=True)) for row in zip(*columns, strict=True)]


def within(span: Span, unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring numbers between 0 and 1 to a range.

    Examples
    --------
    >>> import numpy as np
    >>> from leadrisk.sweep.spec import Span
    >>> within(Span(low=1.0, high=100.0, scale="log"), np.array([0.0, 0.5])).round(6).tolist()
    [1.0, 10.0]
    """
    if span.scale == "log":
        return span.low * (span.high / span.low) ** unit
    return span.low + (span.high - span.low) * unit


def whole_within(span: Span, unit: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bring numbers between 0 and 1 to the whole numbers of a range, both ends among them.

    Examples
    --------
    >>> import numpy as np
    >>> from leadrisk.sweep.spec import Span
    >>> whole_within(Span(low=1, high=4), np.arange(8) / 8).tolist()
    [1, 1, 2, 2, 3, 3, 4, 4]
    """
    found = np.floor(within(span.model_copy(update={"high": span.high + 1.0}), unit))
    return np.minimum(found, span.high).astype(np.int64)
