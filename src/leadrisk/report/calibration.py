"""What ``leadrisk calibrate`` leaves behind: a scenario, every estimate as JSON, figures; tables on the terminal."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

import leadrisk
from leadrisk.calibration.diagnostics import PUBLISHED_SHARES, PUBLISHED_SOURCE, QUANTILES, TOP_SHARES
from leadrisk.calibration.written_scenario import SYNTHETIC, calibrated_scenario, uncertainty
from leadrisk.files import write_atomically
from leadrisk.report.figure_calibration import draw_calibration
from leadrisk.report.figure_files import write_figures
from leadrisk.report.formatting import ABSENT
from leadrisk.run.directory import MANIFEST
from leadrisk.run.manifest import environment
from leadrisk.run.store import write_json
from leadrisk.scenario.category_tables import CATEGORY_NAMES
from leadrisk.scenario.load import load_scenario, scenario_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from leadrisk.calibration.calibrate import Calibration
    from leadrisk.calibration.credibility import Estimate
    from leadrisk.calibration.diagnostics import Portrait

_DIGITS = 6  # significant, of JSON: what lies beyond depends on the machine's own sums


def write_calibration(
    directory: Path, calibration: Calibration, *, base: Mapping[str, Any] | None, elapsed_s: float
) -> dict[str, Any]:
    """Write scenario.toml, calibration.json, figures/ and, last, manifest.json.

    Parameters
    ----------
    directory
        An empty directory.
    calibration
        What the roster says.
    base
        Tables of the scenario it was laid over.
    elapsed_s
        Seconds that reading and fitting took.

    Returns
    -------
    dict
        Content of calibration.json.
    """
    text = calibrated_scenario(calibration, base)
    scenario = write_atomically(directory / "scenario.toml", text.encode())
    sha256 = scenario_sha256(load_scenario(scenario))
    record = calibration_record(calibration)
    write_json(directory / "calibration.json", record)
    if calibration.data is not None and calibration.fitted is not None:
        drawings = draw_calibration(calibration.data, calibration.fitted, label=shown_label(calibration))
        write_figures(directory / "figures", drawings)
    said = {name: record[name] for name in ("roster", "synthetic", "years", "seed", "bootstraps", "version")}
    write_json(
        directory / MANIFEST,
        {**said, "scenario_sha256": sha256, "elapsed_s": round(elapsed_s, 3), "environment": environment()},
    )
    return record


def shown_label(calibration: Calibration) -> str:
    """What the roster is called under figures; synthetic persons are named as such."""
    roster = calibration.roster
    years = f"{roster.years[0]}\N{EN DASH}{roster.years[-1]}"
    named = roster.label if len(roster.label) <= 60 else f"{len(roster.files)} files"
    return f"{named}, {years}" + (", SYNTHETIC" if roster.synthetic and "synthetic" not in roster.label else "")


def calibration_record(calibration: Calibration) -> dict[str, Any]:
    """Every estimate, error and figure of a calibration as plain data; no person is in it."""
    roster, means = calibration.roster, calibration.means
    categories = {
        name: {
            str(year): {
                "persons": int(means.persons[at, column]),
                "person_years": means.person_months[at, column] / 12.0,
                "share": means.shares[at, column],
                "pbpm": means.pbpm[at, column],
                "standard_error": means.standard_error[at, column],
                "score": means.score[at, column],
            }
            for column, year in enumerate(means.years)
        }
        for at, name in enumerate(CATEGORY_NAMES)
        if means.persons[at].any()
    }
    record = {
        "roster": roster.label,
        "synthetic": roster.synthetic,
        "warning": SYNTHETIC if roster.synthetic else None,
        "years": list(roster.years),
        "persons": roster.persons,
        "person_years": roster.person_years.tolist(),
        "notes": list(roster.notes),
        "files": [{"name": file.name, "rows": file.rows, "ignored": list(file.ignored)} for file in roster.files],
        "seed": calibration.seed,
        "bootstraps": calibration.bootstraps,
        "version": leadrisk.__version__,
        "categories": categories,
        "trend": means.trend(),
        "enrollment_types": calibration.types,
        "estimates": [_estimate(one) for one in calibration.estimates],
        "uncertainty": uncertainty(calibration),
        "fits": [
            {
                "parameters": list(fit.keys),
                "at_limit": list(fit.at_limit),
                "converged": fit.converged,
                "distance": fit.distance,
                "statistics": {
                    name: {"roster": value, "engine": fit.simulated[name], "standard_error": fit.errors[name]}
                    for name, value in fit.measured.items()
                },
            }
            for fit in calibration.fits
        ],
        "diagnostics": _diagnostics(calibration.data, calibration.fitted),
    }
    plain: dict[str, Any] = _plain(record)
    return plain


def _estimate(one: Estimate) -> dict[str, Any]:
    return {
        "key": one.key,
        "default": one.default,
        "half_range": one.half_range,
        "fitted": one.fitted,
        "standard_error": one.standard_error,
        "credibility": one.credibility,
        "used": one.used,
        "used_standard_error": one.used_error,
        "count": one.count,
        "of": one.of,
        "how": one.how,
        "at_limit": one.limit,
    }


def _diagnostics(data: Portrait | None, fitted: Portrait | None) -> dict[str, Any] | None:
    if data is None or fitted is None:
        return None
    both = {"roster": data, "engine": fitted}
    return {
        "quantiles": {"share": list(QUANTILES), **{name: one.quantiles.tolist() for name, one in both.items()}},
        "top_shares": {
            "share": list(TOP_SHARES),
            **{name: one.top_shares.tolist() for name, one in both.items()},
            "published": list(PUBLISHED_SHARES),
            "published_source": PUBLISHED_SOURCE,
        },
        "score_deciles": {
            name: None if one.decile_ratios is None else one.decile_ratios.tolist() for name, one in both.items()
        }
        | {"roster_standard_error": None if data.decile_errors is None else data.decile_errors.tolist()},
        "lag_correlations": {
            **{name: {str(lag): value for lag, value in one.lag_correlations.items()} for name, one in both.items()},
            "roster_standard_error": {str(lag): value for lag, value in data.lag_errors.items()},
        },
        "figures": {
            name: {
                "roster": value,
                "roster_standard_error": data.figure_errors.get(name),
                "engine": fitted.figures.get(name),
                "engine_standard_error": fitted.figure_errors.get(name),
            }
            for name, value in data.figures.items()
        },
    }


def _plain(value: Any) -> Any:
    """Plain data with finite numbers only; what is not a number becomes null."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    number = float(value)
    return float(f"{number:.{_DIGITS}g}") if isfinite(number) else None


def _with_error(value: float | None, error: float | None) -> str:
    if value is None:
        return ABSENT
    return f"{value:.4g}" + ("" if error is None else f" ± {error:.2g}")


def terminal_calibration(record: Mapping[str, Any], console: Console) -> None:
    """Print what was fitted, parameter by parameter, and what did not go well."""
    if record["warning"]:
        console.print(record["warning"], style="bold")
    table = Table(
        title="Fitted and used, ± standard error", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for head in ("parameter", "default", "fitted", "Z", "used"):
        table.add_column(head, justify="left" if head == "parameter" else "right", no_wrap=True)
    for one in record["estimates"]:
        if one["fitted"] is None:
            continue
        mark = " *" if one["at_limit"] else ""
        table.add_row(
            f"{one['key']}{mark}",
            f"{one['default']:.4g}",
            f"{one['fitted']:.4g} ± {one['standard_error']:.2g}",
            f"{one['credibility']:.3f}",
            f"{one['used']:.4g}",
        )
    console.print(table)
    if any(one["at_limit"] for one in record["estimates"]):
        console.print("* at a limit of what a scenario may have: the engine cannot follow the roster here.")
    kept = [one["key"] for one in record["estimates"] if one["fitted"] is None]
    if kept:
        console.print(f"Not told by this roster, default kept: {', '.join(kept)}.", highlight=False)
    if record["diagnostics"]:
        figures = record["diagnostics"]["figures"]
        shown = Table(title="Roster against fitted engine", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for head in ("figure", "roster", "engine"):
            shown.add_column(head, justify="left" if head == "figure" else "right", no_wrap=True)
        for name, one in figures.items():
            cells = (_with_error(one[side], one[f"{side}_standard_error"]) for side in ("roster", "engine"))
            shown.add_row(name.replace("_", " "), *cells)
        console.print(shown)
    for fit in record["fits"]:
        if not fit["converged"]:
            console.print(f"The fit did not converge (squared distance {fit['distance']:.3g}).", style="bold")
    for note in record["notes"]:
        console.print(f"Roster: {note}.", highlight=False)
