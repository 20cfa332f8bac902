"""How much a fit counts against the default: the credibility of each parameter."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from leadrisk.calibration.fit_parameters import half_range

if TYPE_CHECKING:
    from leadrisk.calibration.fit_parameters import Parameter


@dataclass(frozen=True)
class Estimate:
    """One parameter: what was assumed, what was found, what is used.

    Attributes
    ----------
    key
        Dotted key of the scenario.
    default
        Value before the roster: of the base scenario, else of the program.
    half_range
        Half its plausible range, the standard deviation that the default is given.
    fitted, standard_error
        From the roster; None where it does not tell.
    credibility
        Weight of the fit, 0 to 1.
    used
        What the scenario is given.
    used_error
        Standard error of that; None where the default stays.
    count, of
        How many tell it, and of what.
    how
        How it was measured.
    limit
        Whether the fit ended at a limit of the scenario.
    """

    key: str
    default: float
    half_range: float
    fitted: float | None
    standard_error: float | None
    credibility: float
    used: float
    used_error: float | None
    count: int
    of: str
    how: str
    limit: bool = False


def credibility(standard_error: float, half_range: float) -> float:
    """Weight of a fit: ``tau^2 / (tau^2 + se^2)`` with ``tau`` half the plausible range of the default.

    Examples
    --------
    >>> credibility(0.05, 0.1), credibility(0.0, 0.1)
    (0.8, 1.0)
    """
    return half_range**2 / (half_range**2 + standard_error**2)


def weighed(
    parameter: Parameter, default: float, fitted: float, standard_error: float, *, count: int, limit: bool
) -> Estimate:
    """Weigh a fit against the default.

    Examples
    --------
    >>> from leadrisk.calibration.fit_parameters import MAIN_PARAMETERS
    >>> found = weighed(MAIN_PARAMETERS[0], 0.03, 0.05, 0.025, count=2000, limit=False)
    >>> round(found.credibility, 3), round(found.used, 4), round(found.used_error, 4)
    (0.5, 0.04, 0.0177)
    """
    tau = half_range(parameter.key)
    weight = credibility(standard_error, tau)
    return Estimate(
        key=parameter.key,
        default=default,
        half_range=tau,
        fitted=fitted,
        standard_error=standard_error,
        credibility=weight,
        used=default + weight * (fitted - default),
        used_error=sqrt(weight) * standard_error,
        count=count,
        of=parameter.of,
        how=parameter.how,
        limit=limit,
    )


def kept(parameter: Parameter, default: float, *, count: int) -> Estimate:
    """The default of a parameter that the roster does not tell."""
    return Estimate(
        key=parameter.key,
        default=default,
        half_range=half_range(parameter.key),
        fitted=None,
        standard_error=None,
        credibility=0.0,
        used=default,
        used_error=None,
        count=count,
        of=parameter.of,
        how=parameter.how,
    )
