"""The scenario that a calibration writes: fitted values with how each was found, and how sure they are."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic_core import PydanticCustomError

from leadrisk.calibration.fit_parameters import with_values
from leadrisk.scenario.category_tables import CATEGORY_NAMES
from leadrisk.scenario.overlay import merge
from leadrisk.scenario.uncertainty_table import DRAWN, Uncertainty
from leadrisk.scenario.write import scenario_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.calibration.calibrate import Calibration
    from leadrisk.calibration.credibility import Estimate

_DIGITS = 4
_LEAST_CORRELATION = 0.005  # written as 0.00 otherwise
_ENTRANT = "newly_entering"
SYNTHETIC = "SYNTHETIC PERSONS: shapes may be looked at, nothing here is evidence about an ACO."


def calibrated_tables(calibration: Calibration, base: Mapping[str, Any] | None) -> dict[str, Any]:
    """Tables of the scenario.

    Parameters
    ----------
    calibration
        What the roster says.
    base
        Tables of the scenario it was laid over, as read from its file.

    Returns
    -------
    dict
        Nested tables; those that the roster does not touch are those of ``base``.
    """
    roster, means = calibration.roster, calibration.means
    shares = means.shares[:, -1]
    values: dict[str, dict[str, float]] = {"persons": {}, "exposure": {}}
    for key, value in calibration.used.items():
        table, _, name = key.partition(".")
        values[table][name] = _rounded(value)
    about = f"calibrated on {roster.label}, {roster.years[0]}-{roster.years[-1]}"
    own: dict[str, Any] = {
        "name": f"{(base or {}).get('name', 'ACO')}, {about}"[:200],
        "description": (f"{SYNTHETIC} " if roster.synthetic else "") + f"Written by leadrisk calibrate, {about}",
        "cohort": {
            "lives": int(means.persons[:, -1].sum()),
            "high_needs_share": round(float(shares[1]), 5),
            "esrd_share": round(float(shares[2]), 5),
        },
        "categories": _categories(calibration, (base or {}).get("categories", {})),
        **{table: found for table, found in values.items() if found},
        "uncertainty": uncertainty(calibration),
    }
    if calibration.types is not None:
        own["mssp"] = {key: round(value, 4) for key, value in calibration.types.items()}
    if base is None:
        return {**own, "contract": {"entrant": _ENTRANT, "names": ["lead_global", "lead_professional"]}}
    kept = {key: value for key, value in base.items() if key not in {"uncertainty", "categories"}}
    return merge(kept, own)


def calibrated_scenario(calibration: Calibration, base: Mapping[str, Any] | None) -> str:
    """Text of the scenario file, each fitted value with a comment of how it was found.

    Parameters
    ----------
    calibration, base
        As of `calibrated_tables`.
    """
    roster = calibration.roster
    heading = [
        *([SYNTHETIC] if roster.synthetic else []),
        (
            f"Written by leadrisk calibrate from {roster.label}: {roster.persons:,} beneficiaries, "
            f"{roster.person_years.sum():,.0f} person-years of {', '.join(map(str, roster.years))}; "
            f"{calibration.bootstraps} bootstrap replicates, seed {calibration.seed}."
        ),
        (
            "Each fitted value is weighed against its default: Z = tau^2 / (tau^2 + se^2), with tau half the plausible "
            "range of the default and se the standard error of the fit. Behind each note stands the grade of its "
            "evidence: A a published figure or arithmetic on the roster, C a judgement or a fit."
        ),
    ]
    return scenario_toml(calibrated_tables(calibration, base), heading=heading, notes=_notes(calibration, base))


def uncertainty(calibration: Calibration) -> dict[str, Any]:
    """Standard errors and correlations that a run draws; without those whose draws would leave the scenario's limits.

    Parameters
    ----------
    calibration
        What the roster says.

    Returns
    -------
    dict
        Table ``uncertainty``: ``standard_error`` by dotted key, ``correlation`` by pairs of them.
    """
    drawable = {
        one.key: one.used_error
        for one in calibration.estimates
        if one.key in DRAWN and one.used_error is not None and one.used_error > 0 and not one.limit
    }
    start = with_values(calibration.scenario, {key: _rounded(value) for key, value in calibration.used.items()})
    while drawable:
        tables = _uncertainty_tables(calibration, drawable)
        try:
            Uncertainty(**tables).reject_implausible({"persons": start.persons, "exposure": start.exposure})
        except PydanticCustomError as error:
            named = str((error.context or {})["key"]).removeprefix("uncertainty.standard_error.")
            del drawable[named]
        else:
            return tables
    return {}


def _uncertainty_tables(calibration: Calibration, errors: Mapping[str, float]) -> dict[str, Any]:
    """Errors of the values used; only the fitted parts of two values hang together, their defaults do not."""
    pairs: dict[str, dict[str, float]] = {}
    weight = {one.key: one.credibility for one in calibration.estimates}
    for fit in calibration.fits:
        correlation = fit.covariance / np.outer(fit.standard_errors, fit.standard_errors)
        for row, first in enumerate(fit.keys):
            for column, second in enumerate(fit.keys[:row]):
                value = float(correlation[row, column]) * sqrt(weight[first] * weight[second])
                if first in errors and second in errors and abs(value) >= _LEAST_CORRELATION:
                    pairs.setdefault(first, {})[second] = round(value, 3)
    tables: dict[str, Any] = {"standard_error": {key: _rounded(value, 2) for key, value in errors.items()}}
    return {**tables, "correlation": pairs} if pairs else tables


def _categories(calibration: Calibration, base: Mapping[str, Any]) -> dict[str, Any]:
    means = calibration.means
    found: dict[str, Any] = {}
    for at, name in enumerate(CATEGORY_NAMES):
        if means.persons[at, -1] == 0:
            continue
        years = [round(value, 2) for value in means.base_years(at)]
        below = base.get(name)
        if below is None:
            found[name] = {"base_year_pbpm": years, "region_pbpm": years[-1], "national_pbpm": years[-1]}
            continue
        money = [key for key in ("region_pbpm", "national_pbpm", "prior_savings_pbpm") if key in below]
        factor = 1.0 if _same_dollars(calibration) else years[-1] / below["base_year_pbpm"][-1]
        found[name] = {**below, "base_year_pbpm": years, **{key: round(below[key] * factor, 2) for key in money}}
    return found


def _same_dollars(calibration: Calibration) -> bool:
    """Whether the roster ends with the scenario's BY3, so that dollars of both can stand beside each other."""
    return calibration.roster.years[-1] == calibration.scenario.horizon.base_years[-1]


def _rounded(value: float, digits: int = _DIGITS) -> float:
    return float(f"{value:.{digits}g}")


def _notes(calibration: Calibration, base: Mapping[str, Any] | None) -> dict[str, str]:
    means, last = calibration.means, calibration.roster.years[-1]
    standardised = "at the risk score of that year" if means.standardised else "not risk-standardised: no scores"
    region = "No figure of the region in the roster: taken as the ACO's own. C"
    if base is not None:
        taken = "as it is" if _same_dollars(calibration) else "in the same proportion to the ACO's own cost of BY3"
        region = f"Of the base scenario, {taken}. C"
    notes = {
        "cohort.lives": f"Beneficiaries of {last}. A",
        "cohort.high_needs_share": f"Persons of {last}. A"
        if means.persons[1].any()
        else "The roster marks no one as High Needs: they are among Aged & Disabled. C",
        "cohort.esrd_share": f"Persons of {last}. A",
        "categories": (
            f"Dollars per beneficiary per month of {last}, the roster's last year, which stands for BY3; each year "
            f"brought to it by the roster's own trend of {means.trend():+.1%} a year in all categories together, "
            f"{standardised}. A; that this trend is the nation's is a judgement. C"
        ),
        "region_pbpm": region,
        "national_pbpm": region.replace("the region", "the nation"),
        "mssp.disabled_share": f"Months of {last} by entitlement and dual eligibility, without ESRD. A",
        "exposure.death_offset": "Minus half the squared slope, which keeps death_rate the mean rate. A",
        "uncertainty": "What the fit leaves uncertain, after weighing: each population draws its own parameters.",
    }
    for at, name in enumerate(CATEGORY_NAMES):
        error = means.standard_error[at, -1]
        if np.isfinite(error):
            notes[f"categories.{name}.base_year_pbpm"] = (
                f"{means.persons[at, -1]:,} persons in {last}; standard error of that year {error:,.2f}. A"
            )
    notes |= {one.key: _note(one) for one in calibration.estimates if one.fitted is not None}
    return notes


def _note(estimate: Estimate) -> str:
    limit = ", at a limit of scenarios: the engine cannot follow the roster here" if estimate.limit else ""
    return (
        f"Fit {estimate.fitted:.4g} with standard error {estimate.standard_error:.2g} from {estimate.count:,} "
        f"{estimate.of}{limit}; default {estimate.default:.4g} within {estimate.half_range:.2g}: Z = "
        f"{estimate.credibility:.3f}. {estimate.how[:1].upper()}{estimate.how[1:]}. C"
    )
