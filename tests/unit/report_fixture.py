"""Synthetic but plausible results to render: a ten-year settlement and the summary computed from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from leadrisk.risk.waterfall import LINES

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


def _settle(level: float, *, populations: int, futures: int) -> dict[str, dict[str, np.ndarray]]:
    rng = np.random.default_rng(7)
    shape = (populations, futures)
    luck = rng.normal(0, 0.006, (populations, 1, len(YEARS)))
    walk = rng.normal(0, 0.012, (*shape, len(YEARS))).cumsum(axis=-1)
    rate = level + rng.normal(0, 0.018, shape)[..., None] + walk + luck
    benchmark = np.broadcast_to(140e6 * 1.05 ** np.arange(len(YEARS)), rate.shape) * (1 + walk / 3)
    expenditure = benchmark * (1 - rate)
    lines = {}
    for name, discount_rate in (("lead_global", 0.03), ("lead_professional", 0.0)):
        discount = discount_rate * benchmark
        quality = 0.0036 * benchmark
        final = benchmark - discount - quality
        gross = final - expenditure
        share = np.ones_like(gross) if name == "lead_global" else np.where(gross > 0, 0.6, 0.5)
        shared = share * gross
        sequestration = 0.02 * np.abs(shared)
        lines[name] = {
            "benchmark_before_discount": benchmark,
            "discount": discount,
            "quality_adjustment": quality,
            "benchmark_final": final,
            "expenditure": expenditure,
            "gross_savings": gross,
            "shared_savings": shared,
            "sequestration": sequestration,
            "net_shared_savings": shared - sequestration,
            "enhanced_pcc_repayment": 0.02 * benchmark,
            "settlement_balance": shared - sequestration - 0.02 * benchmark,
            "net_settlement": shared - sequestration,
            "administrative_add_on": 0.015 * benchmark * (np.arange(len(YEARS)) < 5),
        }
    return lines


def _waterfall(lines: dict[str, np.ndarray]) -> dict[str, Any]:
    middle = len(YEARS) // 2 - 1
    net = lines["net_settlement"][..., middle]
    at = np.unravel_index(np.argsort(net, axis=None)[net.size // 2], net.shape)
    values = {name: line[at][middle] for name, line in lines.items()}
    values["beyond_corridor"] = values["shared_savings"] - values["gross_savings"]
    return {
        "year": YEARS[middle],
        "population": int(at[0]),
        "future": int(at[1]),
        "lines": [{"name": name, "label": label, "dollars": sign * float(values[name])} for name, label, sign in LINES],
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
    result["waterfall"] = _waterfall(lines)
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


def example(kind: str = "gain", *, populations: int = 64, futures: int = 16) -> tuple[dict[str, Any], xr.Dataset]:
    """Build (summary, settlement) of a gain, a loss, a tie between options, or one option only."""
    lines = _settle(CASES[kind], populations=populations, futures=futures)
    if kind == "tie":
        moved = lines["lead_global"]["net_settlement"] - lines["lead_professional"]["net_settlement"]
        lines["lead_professional"]["net_settlement"] = (
            lines["lead_professional"]["net_settlement"] + moved.mean() + 0.02 * moved.std() / np.sqrt(populations)
        )
    if kind == "single":
        del lines["lead_professional"]
    shares = {
        "lead_global": (0.31, 0.34, 0.22, 0.041, 0.012),
        "lead_professional": (0.36, 0.22, 0.24, 0.045, 0.02),
    }
    summary: dict[str, Any] = {
        "scenario": "Example ACO",
        "populations": populations,
        "futures": futures,
        "lives": 10_214,
        "seed": 1,
        "digest": "3f" * 32,
        "unverified_terms": ["corridor.professional.losses"],
        "contracts": {name: _summarize(found, shares=shares[name]) for name, found in lines.items()},
        "differences": {},
        "guarantee": dict.fromkeys(lines, 5.2e6),
        "programme_cost_total_mean": 9.8e6,
    }
    if len(lines) == 2:
        totals = [found["net_settlement"].sum(axis=-1) for found in lines.values()]
        paired = _statistics(totals[0] - totals[1])
        paired["prob_first_better"], paired["prob_first_better_se"] = _chance(totals[0] > totals[1])
        summary["differences"]["lead_global_minus_lead_professional"] = paired
    names = list(lines)
    settlement = xr.Dataset(
        {
            line: (("contract", "population", "future", "year"), np.stack([lines[n][line] for n in names]))
            for line in lines[names[0]]
        },
        coords={"contract": names, "year": list(YEARS)},
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
