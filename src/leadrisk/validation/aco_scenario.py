"""The scenario of one real ACO in the Shared Savings Program, from what was known before the year to foretell."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from leadrisk.contract.mssp_inputs import rules_of
from leadrisk.contract.terms import load_terms
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.person_tables import Exposure
from leadrisk.scenario.systemic_tables import Level
from leadrisk.validation.standard_aco import ADJUSTMENT_HELD, RULES_BEFORE_2024

if TYPE_CHECKING:
    from leadrisk.validation.panel import Pair

CONTRACT = "mssp_enhanced"
BASE_YEAR_3 = 2026  # the engine's clock begins later than the files: the base year 3 of every agreement stands for it
LEAST_YEARS_BEFORE_REBASING = 3
_MONTHS = 12.0
_LARGEST_ADJUSTMENT = 0.047  # of the benchmark: just within the cap, so that the rule returns what was published


def can_be_simulated(pair: Pair) -> bool:
    """Whether the engine can foretell a pair: a new agreement period needs three simulated years as base years.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> early = SimpleNamespace(rebased=True, known=SimpleNamespace(years_from_base=1))
    >>> can_be_simulated(early)
    False
    """
    return not pair.rebased or pair.known.years_from_base >= LEAST_YEARS_BEFORE_REBASING


def aco_scenario(pair: Pair, *, kept: dict[str, float] | None = None) -> Scenario:
    """Scenario of an ACO from its row of the last known year; of the later year only the agreement period is read.

    Performance year 1 is the first year of the agreement period that ran in the known year. Category base years are
    pinned so that the simulated historical benchmark is the published one. In an agreement period that goes on, the
    adjustments stay inside it: the level of cost is spread around the whole benchmark by ``level.spread_across_acos``,
    which contains what they do. In a new one they matter anew, so the region stands where the published adjustment
    says.

    Parameters
    ----------
    kept
        Share of each category's cost below the truncation threshold, from the simulated base years; ``None`` takes 1.

    Examples
    --------
    >>> from leadrisk.validation.panel import AcoYear, Pair
    >>> shares = {"ESRD": 0.0, "DIS": 0.1, "AGDU": 0.1, "AGND": 0.8}
    >>> row = AcoYear("A1", 2022, 2021, 1, 9_700, 9_500.0, 3.0, 12_000.0, 200.0, shares, dict.fromkeys(shares, 1.0))
    >>> scenario = aco_scenario(Pair(row, row))
    >>> scenario.horizon.performance_years, scenario.categories.aged_disabled.base_year_pbpm
    (2, (1000.0, 1000.0, 1000.0))
    """
    known, later = pair.known, pair.later
    years = known.years_from_base + later.year - known.year
    esrd = round(known.shares["ESRD"], 6)
    adjustment, region = _region(pair)
    categories = {}
    for name, share in (("aged_disabled", 1.0 - esrd), ("esrd", esrd)):
        if share > 0.0:
            cost = _relative_cost(pair, name)
            base = known.historical_benchmark / _MONTHS * cost * (1.0 - adjustment) / (kept or {}).get(name, 1.0)
            categories[name] = {
                "base_year_pbpm": [base] * 3,
                "region_pbpm": base * region,
                "national_pbpm": base,
            }
    others = 1.0 - known.shares["ESRD"]
    mean = _relative_cost(pair, "aged_disabled")
    table: dict[str, Any] = {
        "name": known.aco_id,
        "horizon": {"first_performance_year": BASE_YEAR_3 + 1, "performance_years": years},
        "cohort": {
            "lives": _lives_at_start(pair),
            "high_needs_share": 0.0,  # no category of the Shared Savings Program: its persons are among the others
            "esrd_share": esrd,
        },
        "categories": categories,
        "trend": {"calm_sd": 0.0, "stressed_sd": 0.0},  # a miss of the nation is every ACO's: in the year's mean
        "level": {"true_level_sd": Level().spread_across_acos},
        "drift": {"mean_growth": 0.0},
        "efficiency": {"care_management_savings": 0.0, "care_management_cost_pbpm": 0.0},
        "shocks": {"pandemic_probability": 0.0},
        "mssp": {
            "agreement_period": known.agreement_period,
            "rebasing": pair.rebased,
            "disabled_share": known.shares["DIS"] / others,
            "aged_dual_share": known.shares["AGDU"] / others,
            "disabled_cost": known.relative_costs["DIS"] / mean,
            "aged_dual_cost": known.relative_costs["AGDU"] / mean,
        },
        "contract": {
            "names": [CONTRACT],
            "entrant": "newly_entering" if known.agreement_period == 1 else "renewing_mssp",
            "mssp_terms": _terms(pair),
        },
    }
    return Scenario.model_validate(table)


def _present_rules(pair: Pair) -> bool:
    """Whether the later year's agreement period has them."""
    return rules_of(pair.later.start_year) == "from_2024"


def _terms(pair: Pair) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    if not _present_rules(pair):
        terms |= RULES_BEFORE_2024
    if pair.rebased:
        terms["agreement_period_years"] = pair.known.years_from_base
    else:
        terms |= ADJUSTMENT_HELD
    return terms


def _lives_at_start(pair: Pair) -> int:
    """Beneficiaries in performance year 1, so that the expected panel of the known year is the published one."""
    growth = 1.0 + Exposure().panel_growth_mean
    return max(200, round(pair.known.lives / growth ** (pair.known.years_from_base - 1)))


def _relative_cost(pair: Pair, name: str) -> float:
    """Cost of a category over the mean of all, at the known year's person-years."""
    known = pair.known
    if name == "esrd":
        return known.relative_costs["ESRD"]
    others = ("DIS", "AGDU", "AGND")
    total = sum(known.shares[one] for one in others)
    return sum(known.shares[one] * known.relative_costs[one] for one in others) / total


def _region(pair: Pair) -> tuple[float, float]:
    """Regional adjustment as a share of the benchmark, and the region's cost over the ACO's base years."""
    known = pair.known
    if not pair.rebased or not known.regional_adjustment:
        return 0.0, 1.0
    share = known.regional_adjustment / known.historical_benchmark
    if share < 0.0 and _present_rules(pair):  # they drop a negative adjustment, which would lift the benchmark
        return 0.0, 1.0
    share = min(max(share, -_LARGEST_ADJUSTMENT), _LARGEST_ADJUSTMENT)
    weights = _regional_weights("lower" if share > 0.0 else "higher")
    weight = weights[min(known.agreement_period, len(weights)) - 1]
    return share, 1.0 + share / (1.0 - share) / weight


@cache
def _regional_weights(side: str) -> tuple[float, ...]:
    return tuple(load_terms("mssp").weights(f"regional.weight_{side}_spending"))
