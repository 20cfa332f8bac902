"""V16: settlements that CMS published, and printed vectors, through the engine's contract functions.

Nothing here is random: a result is the largest error over the rows of a file or over printed vectors.
"""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.contract.case import settle_case
from leadrisk.contract.mssp_risk import capped_growth
from leadrisk.contract.retrospective_trend import reach_trend_factor
from leadrisk.contract.terms import load_terms
from leadrisk.errors import InputError
from leadrisk.validation.targets import Estimates, Measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

REACH_FILE = "settlement_py2021_py2022.csv"
REACH_ROWS = 152


def check_settlements(reach: Path | None) -> Estimates:
    """Measure V16.

    Parameters
    ----------
    reach
        CMS's ACO REACH results of 2021 and 2022; without it the parts on its rows are left out.
    """
    given = tomllib.loads((files("leadrisk.validation") / "vectors.toml").read_text(encoding="utf-8"))
    found = {
        "REACH retrospective trend, 6 vectors": _largest(map(_trend_error, given["retrospective_trend"])),
        "MSSP risk ratios, 4 vectors": _largest(map(_ratio_error, given["risk_ratio"])),
        "MSSP settlement of A1540 in 2022, dollars": _largest(_case_errors(given["settlement"], given["settled"])),
    }
    if reach is not None:
        rows = reach_rows(reach)
        found["REACH gross savings, 152 rows, dollars"] = _largest(map(_gross_error, rows))
        found["REACH shared savings, 152 rows, dollars"] = _largest(map(_shared_error, rows))
    return found


def reach_rows(path: Path) -> list[dict[str, str]]:
    """Rows of CMS's ACO REACH results.

    Raises
    ------
    InputError
        If the file has another number of rows than CMS published.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if len(rows) != REACH_ROWS:
        problem = f"must have the {REACH_ROWS} rows that CMS published, got {len(rows)}"
        raise InputError(problem, path=path)
    return rows


def _gross_error(row: Mapping[str, str]) -> float:
    settled = _settle(row, expenditure=float(row["tot_cost_care"]), stop_loss_net=float(row["stop_loss_net"]))
    return _error(settled["gross_savings"], row["gross_savings"])


def _shared_error(row: Mapping[str, str]) -> float:
    settled = _settle(row, gross_savings=float(row["gross_savings"]))
    return _error(settled["shared_savings"], row["shared_savings"])


def _settle(row: Mapping[str, str], **given: float) -> dict[str, Any]:
    return settle_case(
        {
            "program": "reach",
            "option": row["risk_arrangement"].lower(),
            "performance_year": int(row["perf_year"]),
            "benchmark_final": float(row["final_benchmark"]),
            "heba_net": float(row["heba_net"]),
            **given,
        }
    )


def _trend_error(vector: Mapping[str, float]) -> float:
    year = np.array([vector["year"]])
    factor = reach_trend_factor(vector["actual"], projected=1.0, years=year, terms=load_terms("reach"))
    return _error(np.ravel(factor)[0], vector["factor"])


def _ratio_error(vector: Mapping[str, float]) -> float:
    cap = load_terms("mssp").number("risk_cap.growth")
    return _error(capped_growth(vector["performance_year"] / vector["base_year_3"], cap=cap), vector["ratio"])


def _case_errors(case: dict[str, Any], expected: Mapping[str, float]) -> list[float]:
    settled = settle_case(case)
    return [_error(settled[line], dollars) for line, dollars in expected.items()]


def _error(found: Any, published: Any) -> float:
    return abs(float(found) - float(published))


def _largest(errors: Iterable[float]) -> Measured:
    return Measured(max(errors))
