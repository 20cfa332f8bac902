"""Synthetic but plausible results to render: a ten-year settlement of one to six contracts and its summary."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr

YEARS = tuple(range(2027, 2037))
CASES = {"gain": 0.055, "loss": -0.03, "tie": 0.02, "single": 0.03}
QUANTILES = {"p01": 1, "p05": 5, "p10": 10, "p25": 25, "p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99}
LAYERS = {
    "starting_level": "Starting level",
    "trend": "Trend",
    "drift_and_efficiency": "Risk score drift and efficiency",
    "individuals": "Individual patients",
    "quality": "Quality",
}
#: The lines of a settlement with label and sign, as the summary holds them; optional ones stand where not zero.
LINES = (
    ("benchmark_before_discount", "Benchmark before discount", 1.0),
    ("discount", "Discount", -1.0),
    ("quality_adjustment", "Quality points not earned", -1.0),
    ("benchmark_final", "Final benchmark", 1.0),
    ("expenditure", "Expenditure", -1.0),
    ("stop_loss_charge", "Stop-loss charge", -1.0),
    ("stop_loss_payout", "Stop-loss payout", 1.0),
    ("gross_savings", "Gross savings or losses", 1.0),
    ("beyond_corridor", "CMS's part under the sharing rules", 1.0),
    ("shared_savings", "Shared savings or losses", 1.0),
    ("sequestration", "Sequestration", -1.0),
    ("net_shared_savings", "Net shared savings or losses", 1.0),
    ("high_performers_pool", "High performers pool", 1.0),
    ("enhanced_pcc_repayment", "Enhanced PCC paid back", -1.0),
    ("settlement_balance", "Settlement balance with CMS", 1.0),
)
OPTIONAL = {"stop_loss_charge", "stop_loss_payout", "high_performers_pool", "discount", "enhanced_pcc_repayment"}
SIX = ("lead_global", "lead_professional", "mssp_enhanced", "mssp_basic_e", "reach_global", "reach_professional")
#: Discount, share of savings, share of losses, minimum savings rate, yield given back when rebased.
RULES = {
    "lead_global": (0.03, 1.0, 1.0, 0.0, 0.0),
    "lead_professional": (0.0, 0.6, 0.5, 0.0, 0.0),
    "mssp_enhanced": (0.0, 0.75, 0.4, 0.01, 0.6),
    "mssp_basic_e": (0.0, 0.5, 0.3, 0.02, 0.6),
    "reach_global": (0.035, 1.0, 1.0, 0.0, 0.0),
    "reach_professional": (0.0, 0.5, 0.5, 0.0, 0.0),
}
REBASED_AT = 5


def _standard_error(values: np.ndarray) -> float:
    means = values.reshape(len(values), -1).mean(axis=1)
    return float(means.std(ddof=1) / np.sqrt(len(means)))


def _statistics(values: np.ndarray) -> dict[str, float]:
    """Moments and quantiles of (population, future) dollars; errors of the right order, not exact."""
    error = _standard_error(values)
    found = {"mean": float(values.mean()), "mean_se": error, "sd": float(values.std())}
    for name, level in QUANTILES.items():
        found[name] = float(np.percentile(values, level))
        found[f"{name}_se"] = error * (1 + abs(level - 50) / 25)
    return found


def _chance(events: np.ndarray) -> tuple[float, float]:
    return float(events.mean()), _standard_error(events.astype(float))


def _settle(
    level: float, names: tuple[str, ...], *, populations: int, futures: int
) -> dict[str, dict[str, np.ndarray]]:
    rng = np.random.default_rng(7)
    shape = (populations, futures)
    luck = rng.normal(0, 0.006, (populations, 1, len(YEARS)))
    walk = rng.normal(0, 0.012, (*shape, len(YEARS))).cumsum(axis=-1)
    rate = level + rng.normal(0, 0.018, shape)[..., None] + walk + luck
    benchmark = np.broadcast_to(140e6 * 1.05 ** np.arange(len(YEARS)), rate.shape) * (1 + walk / 3)
    expenditure = benchmark * (1 - rate)
    return {name: _settle_contract(name, benchmark, expenditure) for name in names}


def _settle_contract(name: str, benchmark: np.ndarray, expenditure: np.ndarray) -> dict[str, np.ndarray]:
    discount_rate, savings_share, losses_share, minimum, given_back = RULES[name]
    lead = name.startswith("lead")
    none = np.zeros_like(benchmark)

    def settled(before: np.ndarray) -> dict[str, np.ndarray]:
        discount = discount_rate * before
        quality = none if name.startswith("mssp") else 0.0036 * before
        final = before - discount - quality
        charge, payout = (0.004 * before, 0.003 * before) if name == "lead_professional" else (none, none)
        gross = final - expenditure - charge + payout
        share = np.where(gross > 0, savings_share, losses_share)
        shared = np.where(np.abs(gross) < minimum * final, 0.0, share * gross)
        sequestration = 0.02 * np.abs(shared)
        pool = 0.0013 * before * (gross > 0.05 * before) if lead else none
        advance = 0.02 * before if lead else none
        net = shared - sequestration
        return {
            "benchmark_before_discount": before,
            "discount": discount,
            "quality_adjustment": quality,
            "benchmark_final": final,
            "expenditure": expenditure,
            "stop_loss_charge": charge,
            "stop_loss_payout": payout,
            "gross_savings": gross,
            "shared_savings": shared,
            "sequestration": sequestration,
            "net_shared_savings": net,
            "high_performers_pool": pool,
            "enhanced_pcc_repayment": advance,
            "settlement_balance": net + pool - advance,
            "net_settlement": net + pool,
            "administrative_add_on": 0.015 * before * (np.arange(len(YEARS)) < 5) if lead else none,
            "benefit_cost": 0.001 * before if lead else none,
            "guarantee_fee": np.full_like(before, 5e4 if lead else 0.0),
        }

    lines = settled(benchmark)
    if given_back:
        saved = (1 - expenditure / benchmark)[..., :REBASED_AT].mean(axis=-1, keepdims=True)
        rebased = settled(benchmark * (1 - given_back * saved * (np.arange(len(YEARS)) >= REBASED_AT)))
        rebased["net_without_rebasing"] = lines["net_settlement"]
        return rebased
    return lines


MIDDLE = len(YEARS) // 2 - 1


def _median_path(lines: dict[str, np.ndarray]) -> tuple[int, int]:
    net = lines["net_settlement"][..., MIDDLE]
    population, future = np.unravel_index(np.argsort(net, axis=None)[net.size // 2], net.shape)
    return int(population), int(future)


def _waterfall(lines: dict[str, np.ndarray], at: tuple[int, int]) -> dict[str, Any]:
    middle = MIDDLE
    values = {name: float(line[at][middle]) for name, line in lines.items()}
    values["beyond_corridor"] = values["shared_savings"] - values["gross_savings"]
    return {
        "year": YEARS[middle],
        "population": at[0],
        "future": at[1],
        "lines": [
            {"name": name, "label": label, "dollars": sign * values[name]}
            for name, label, sign in LINES
            if name not in OPTIONAL or values[name]
        ],
    }


def _summarize(lines: dict[str, np.ndarray], *, shares: tuple[float, ...]) -> dict[str, Any]:
    net = lines["net_settlement"]
    total = net.sum(axis=-1)
    deepest = np.maximum(-net.cumsum(axis=-1).min(axis=-1), 0.0)
    found = _statistics(total)
    for level, name in ((1, "tvar_99_loss"), (5, "tvar_95_loss")):
        found[name] = float(-total[total <= np.percentile(total, level)].mean())
        found[f"{name}_se"] = 3 * found["mean_se"]
    result: dict[str, Any] = {"net_settlement_total": found}
    events = {
        "prob_loss_any_year": (net < 0).any(axis=-1),
        "prob_negative_total": total < 0,
        "prob_cheque_any_year": (lines["settlement_balance"] < 0).any(axis=-1),
    }
    for name, event in events.items():
        result[name], result[f"{name}_se"] = _chance(event)
    for level in (95, 99):
        result[f"reserve_{level}"] = {
            "value": float(np.percentile(deepest, level)),
            "se": 2.5 * found["mean_se"],
        }
    result["patient_luck_share"] = {"mean": 0.041, "reserve_99": 0.004}
    result["years"] = {}
    for t, year in enumerate(YEARS):
        rate = lines["gross_savings"][..., t] / lines["benchmark_final"][..., t]
        chance, error = _chance(net[..., t] < 0)
        result["years"][str(year)] = {
            "net_settlement": _statistics(net[..., t]),
            "prob_loss": chance,
            "prob_loss_se": error,
            "benchmark_final_mean": float(lines["benchmark_final"][..., t].mean()),
            "expenditure_mean": float(lines["expenditure"][..., t].mean()),
            "gross_savings_rate": {
                "mean": float(rate.mean()),
                "mean_se": _standard_error(rate),
                **{q: float(np.percentile(rate, QUANTILES[q])) for q in ("p05", "p50", "p95")},
            },
            "administrative_add_on_mean": float(lines["administrative_add_on"][..., t].mean()),
            "enhanced_pcc_mean": float(lines["enhanced_pcc_repayment"][..., t].mean()),
        }
    result["waterfall"] = _waterfall(lines, _median_path(lines))
    result["drivers"] = [
        {
            "layer": layer,
            "label": label,
            "sd_all": found["sd"],
            "sd_frozen": found["sd"] * float(np.sqrt(1 - share)),
            "variance_share": share,
            "variance_share_se": 0.01 + share / 20,
        }
        for (layer, label), share in zip(LAYERS.items(), shares, strict=True)
    ]
    return result


def _after_costs(lines: dict[str, np.ndarray], care: np.ndarray) -> np.ndarray:
    yearly = lines["net_settlement"] + lines["administrative_add_on"] - care - lines["benefit_cost"]
    return (yearly - lines["guarantee_fee"]).sum(axis=-1)


def _paired(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    found = _statistics(first - second)
    found["prob_first_better"], found["prob_first_better_se"] = _chance(first > second)
    return found


def _choice(totals: dict[str, np.ndarray]) -> dict[str, Any]:
    names = [*totals, "stay_out"]
    stacked = np.stack([*totals.values(), np.zeros_like(next(iter(totals.values())))])
    first, best = stacked.argmax(axis=0), stacked.max(axis=0)
    found: dict[str, Any] = {"best": {}, "regret": {}}
    for number, name in enumerate(names):
        value, error = _chance(first == number)
        found["best"][name] = {"value": value, "se": error}
        regret = _statistics(best - stacked[number])
        found["regret"][name] = {key: regret[key] for key in ("mean", "mean_se", "p95", "p95_se")}
    return found


def _liquidity(lines: dict[str, np.ndarray]) -> dict[str, Any]:
    net = lines["net_settlement"]
    cash = np.concatenate([np.zeros_like(net[..., :1]), net.cumsum(axis=-1)[..., :-1]], axis=-1)
    cash = cash - lines["benchmark_final"] * 0.012
    by_year = {
        str(year): {q: float(np.percentile(cash[..., t], QUANTILES[q])) for q in ("p01", "p05", "p50", "p95")}
        for t, year in enumerate(YEARS)
    }
    return {"lowest_cash": _statistics(cash.min(axis=-1)), "by_year": by_year}


def _widen(summary: dict[str, Any], lines: dict[str, dict[str, np.ndarray]], care: np.ndarray) -> None:
    """Add what a run of several programmes knows beyond the settlements."""
    after = {name: _after_costs(found, care) for name, found in lines.items()}
    path = _median_path(next(iter(lines.values())))
    for name, contract in summary["contracts"].items():
        contract["program"] = name.partition("_")[0]
        contract["net_of_costs_total"] = _statistics(after[name])
        contract["prob_below_minimum"], contract["prob_below_minimum_se"] = 0.031, 0.004
        if contract["program"] == "lead":
            contract["liquidity"] = _liquidity(lines[name])
        contract["care_cost_total_mean"] = float(care.sum(axis=-1).mean())
        contract["waterfall"] = _waterfall(lines[name], path)
    summary["waterfall_path"] = {
        "year": YEARS[MIDDLE],
        "population": path[0],
        "future": path[1],
        "chosen_by": next(iter(lines)),
    }
    summary["elected"] = ["CMS stop-loss", "episode arrangements (Global)"]
    summary["open_readings"] = open_readings([name for name in lines if name.startswith("lead")])
    summary["guarantee"] = {name: 5.2e6 for name in lines if name.startswith("lead")}
    summary["choice"] = _choice({name: total for name, total in after.items() if not name.startswith("reach")})
    summary["differences_after_costs"] = {
        f"{first}_minus_{second}": _paired(after[first], after[second]) for first, second in combinations(lines, 2)
    }
    changes = {
        name: found["net_settlement"] - found["net_without_rebasing"]
        for name, found in lines.items()
        if "net_without_rebasing" in found
    }
    if changes:
        summary["ratchet"] = {
            name: _statistics(change.sum(axis=-1))
            | {"cumulative_mean": change.cumsum(axis=-1).mean(axis=(0, 1)).tolist()}
            for name, change in changes.items()
        }


def open_readings(contracts: list[str]) -> list[dict[str, Any]]:
    """Twelve open readings of LEAD, the largest change first."""
    readings: list[tuple[str, object, object, str]] = [
        ("rate_book_weight", UNVERIFIED[1]["value"], {"2031": 0.0, "2032": 0.5, "2033": 1.0}, "C"),
        ("professional_positive_rea", False, True, "B*"),
        ("quality.high_performers_share", 0.18, 0.0, "C"),
        *((f"risk_cap.reading_{number}", 0.03, 0.05, "C") for number in range(9)),
    ]
    return [
        {
            "term": term,
            "value": value,
            "alternative": alternative,
            "grade": grade,
            "source": "rule book section 17",
            "change": {
                name: {"value": (-9.7e6 + 4e6 * i) / (1 + place), "se": 1e5} for i, name in enumerate(contracts)
            },
        }
        for place, (term, value, alternative, grade) in enumerate(readings)
    ]


def example(
    kind: str = "gain", *, populations: int = 64, futures: int = 16, contracts: tuple[str, ...] = ()
) -> tuple[dict[str, Any], xr.Dataset]:
    """Build (summary, settlement) of a gain, a loss, a tie between options, or one option only.

    With ``contracts`` it is a run of these, with all that a run of several programmes knows; without, the two options
    of LEAD with their settlements alone.
    """
    named = contracts or ("lead_global", "lead_professional")
    lines = _settle(CASES[kind], named, populations=populations, futures=futures)
    if kind == "tie":
        moved = lines["lead_global"]["net_settlement"] - lines["lead_professional"]["net_settlement"]
        lines["lead_professional"]["net_settlement"] = (
            lines["lead_professional"]["net_settlement"] + moved.mean() + 0.02 * moved.std() / np.sqrt(populations)
        )
    if kind == "single":
        lines = {named[0]: lines[named[0]]}
    shares = {
        "lead_global": (0.31, 0.34, 0.22, 0.041, 0.012),
        "lead_professional": (0.36, 0.22, 0.24, 0.045, 0.02),
        "mssp_enhanced": (0.29, 0.18, 0.21, 0.11, 0.004),
        "mssp_basic_e": (0.24, 0.17, 0.22, 0.14, 0.003),
    }
    totals = {name: found["net_settlement"].sum(axis=-1) for name, found in lines.items()}
    care = np.broadcast_to(0.98e6, (populations, 1, len(YEARS)))
    summary: dict[str, Any] = {
        "scenario": "Example ACO",
        "populations": populations,
        "futures": futures,
        "lives": 10_214,
        "seed": 1,
        "digest": "3f" * 32,
        "unverified_terms": ["corridor.professional.losses"],
        "contracts": {
            name: _summarize(found, shares=shares.get(name, shares["lead_global"])) for name, found in lines.items()
        },
        "differences": {
            f"{first}_minus_{second}": _paired(totals[first], totals[second])
            for first, second in combinations(lines, 2)
        },
        "guarantee": dict.fromkeys(lines, 5.2e6),
        "programme_cost_total_mean": 9.8e6,
    }
    if contracts:
        _widen(summary, lines, care)
    shared = [line for line in next(iter(lines.values())) if line != "net_without_rebasing"]
    settlement = xr.Dataset(
        {
            line: (
                ("contract", "population", "future", "year"),
                np.stack([found[line] for found in lines.values()]),
            )
            for line in shared
        }
        | {"care_management_cost": (("population", "year"), care[:, 0])},
        coords={"contract": list(lines), "year": list(YEARS)},
    )
    return summary, settlement


UNVERIFIED = [
    {
        "name": "corridor.professional.losses",
        "value": [[0.10, 0.50], [0.15, 0.35], [0.20, 0.15], [None, 0.05]],
        "grade": "C",
        "source": "lead_rules.md section 17, item 5: REACH bands + 5 points",
        "stress": "50% flat",
    },
    {
        "name": "rate_book_weight",
        "value": {"2031": 0.0, "2032": 1.0},
        "grade": "C",
        "source": "lead_rules.md section 17, item 1",
        "stress": "linear 0.2 per year from PY2032; never",
    },
    {
        "name": "sequestration_on_losses",
        "value": True,
        "grade": "B*",
        "source": "lead_rules.md section 8",
        "stress": None,
    },
]

MANIFEST = {
    "digest": "3f" * 32,
    "scenario_sha256": "ab" * 32,
    "seed": 1,
    "populations": 64,
    "futures": 16,
    "lives": 10_214,
    "years": list(YEARS),
    "beneficiary_years": 8_500_000,
    "elapsed_s": 14.2,
    "beneficiary_years_per_s": 5.9e6,
    "version": "0.1.0",
    "environment": {"python": "3.12.3", "numpy": "2.4.6"},
    "unverified_terms": ["corridor.professional.losses"],
}
