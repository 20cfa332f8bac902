"""Plain-Python twin of the peer programmes: one population in one future under MSSP and ACO REACH, year by year.

Scalars, loops and the ``math`` module only; nothing of the engine's contract rules is used, and terms are read straight
from their files. The twin starts from what CMS would see of each category (persons, cost, score and trends of every
performance year) and follows the rules as they are told in words:

* MSSP     a benchmark for each enrollment type and agreement period of five years: weighted base years at the risk and
           cost of the last of them, plus the higher of a share of (region - ACO) and a share of prior savings; in each
           year carried by a three-way trend and by the growth of scores, all types together at most 3 % up.
           From the sixth year on the base years are the third to fifth performance year.
* REACH    base years 10/30/60, regional blend, a projected trend that knows growth up to two years before, the capped
           growth of scores less coding intensity; corrected for what the nation spent beyond 1 %; then discount and
           the quality that was not earned.
* sharing  bands or rates of what is saved or lost against the final benchmark; 2 % sequestration off gains only.

``Seen`` holds one number for each performance year. Index n counts performance years from 0. Where the sources leave
room, or the engine takes a shortcut, ``Readings`` says which way the twin goes.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Numbers = list[float]
Terms = dict[str, Any]
Lines = dict[str, Numbers]

_TERMS = Path(__file__).parents[2] / "src" / "leadrisk" / "contract" / "terms"
MSSP_TYPES = ("disabled", "aged_dual", "aged_nondual")
RENEWED_EVERY = 5
RULES = "from_2024"  # agreement periods under MSSP that begin in 2024 or later


@dataclass
class Seen:
    """What CMS sees of one category in one path; a number for each performance year.

    ``base_truncation`` is the share of base-year cost above the 99th percentile, ``shift`` the level of the year's
    participant list against the first one's, which moves its base years as well, ``unexpected_cost`` cost per score
    against BY3, of which a concurrent score sees a part.
    """

    person_years: Numbers
    expenditure_pbpm: Numbers
    truncated_pbpm: Numbers
    base_truncation: float
    national_trend: Numbers
    regional_trend: Numbers
    acpt: Numbers
    score_ratio: Numbers
    unexpected_cost: Numbers
    shift: Numbers


@dataclass(frozen=True)
class Readings:
    """Where rules may be read in two ways.

    Parameters
    ----------
    mssp_region_follows_list
        Whether region and nation move with the ACO's participant list, so that the regional difference stays in
        proportion, or stand where they are.
    reach_base_follows_list
        Whether REACH works its base years out anew for each year's participants (PY2024 Financial Operating Guide
        4.1.1: "recalculated each performance year").
    reach_small_are_not_capped
        Whether small reference populations are free of the cap on scores; the first performance year's count.
    reach_high_needs_trend
        ``"pooled"``: high needs beneficiaries and the other aged and disabled have one trend; ``"own"``: each its own.
    tie_to_prior_savings
        Which adjustment counts under MSSP where both are equal: both at 5 % of national cost, but spread otherwise.
    """

    mssp_region_follows_list: bool = False
    reach_base_follows_list: bool = True
    reach_small_are_not_capped: bool = True
    reach_high_needs_trend: str = "pooled"
    tie_to_prior_savings: bool = False


@dataclass
class Type:
    """One enrollment type of MSSP, a number for each performance year; ``base`` holds BY1, BY2, BY3 of its list."""

    person_years: Numbers
    base: list[Numbers]
    region: Numbers
    national: Numbers
    national_trend: Numbers
    regional_trend: Numbers
    acpt: Numbers
    risk: Numbers
    cost: Numbers
    prior_savings: Numbers
    base_person_years: float


def read_terms(program: str, overrides: Terms | None = None) -> Terms:
    """Values of a programme's terms by their dotted names."""
    found: Terms = {}

    def collect(table: Terms, prefix: str) -> None:
        for key, entry in table.items():
            if isinstance(entry, dict) and "value" in entry:
                found[f"{prefix}{key}"] = entry["value"]
            elif isinstance(entry, dict):
                collect(entry, f"{prefix}{key}.")

    for path in sorted((_TERMS / program).glob("*.toml")):
        collect(tomllib.loads(path.read_text(encoding="utf-8")), "")
    return {**found, **(overrides or {})}


def in_year(schedule: Any, year: int) -> float:
    """Value of the last year of a schedule that is not after ``year``."""
    if not isinstance(schedule, dict):
        return float(schedule)
    return float(schedule[max((one for one in schedule if int(one) <= year), key=int)])


def weighted(values: Numbers, weights: Numbers) -> float:
    return math.fsum(w * v for w, v in zip(weights, values, strict=True)) / math.fsum(weights)


def within(value: float, lowest: float, highest: float) -> float:
    return min(max(value, lowest), highest)


# ---------------------------------------------------------------- Shared Savings Program


def mssp_types(scenario: Any, seen: dict[str, Seen], readings: Readings) -> dict[str, Type]:
    """Enrollment types: ESRD by itself, everybody else split by the scenario's shares and relative cost."""
    mssp = scenario.mssp
    found: dict[str, Type] = {}
    if "esrd" in seen:
        found["esrd"] = _type(scenario, {"esrd": seen["esrd"]}, readings, share=1.0, relative=1.0)
    others: dict[str, Seen] = {name: seen[name] for name in ("aged_disabled", "high_needs") if name in seen}
    if others:
        disabled, dual = mssp.disabled_share, mssp.aged_dual_share
        shares = {"disabled": disabled, "aged_dual": dual, "aged_nondual": 1.0 - disabled - dual}
        cost = {"disabled": mssp.disabled_cost, "aged_dual": mssp.aged_dual_cost}
        rest = 1.0 - disabled * cost["disabled"] - dual * cost["aged_dual"]
        cost["aged_nondual"] = rest / shares["aged_nondual"]
        for name in MSSP_TYPES:
            found[name] = _type(scenario, others, readings, share=shares[name], relative=cost[name])
    return found


def _type(scenario: Any, parts: dict[str, Seen], readings: Readings, *, share: float, relative: float) -> Type:
    years = range(scenario.horizon.performance_years)
    start = {name: getattr(scenario.cohort, f"{name}_share") for name in parts}
    known = {name: getattr(scenario.categories, name) for name in parts}
    left = {name: 1.0 - one.base_truncation for name, one in parts.items()}
    everybody = math.fsum(start.values())

    def at_entry(amounts: dict[str, float]) -> float:
        return relative * math.fsum(start[name] * left[name] * amounts[name] for name in parts) / everybody

    def elsewhere(field: str) -> Numbers:
        amount = at_entry({name: getattr(known[name], field) for name in parts})
        return [amount * (one.shift[n] if readings.mssp_region_follows_list else 1.0) for n in years]

    # who belongs to which category moves the mean score as their costs differ
    worth = {name: left[name] * sum(known[name].base_year_pbpm) / 3.0 for name in parts}
    at_first = math.fsum(start[name] * worth[name] for name in parts) / everybody
    persons = [math.fsum(one.person_years[n] for one in parts.values()) for n in years]
    score = [
        math.fsum(one.person_years[n] * worth[name] * one.score_ratio[n] for name, one in parts.items()) / persons[n]
        for n in years
    ]
    spent = [
        math.fsum(one.person_years[n] * one.truncated_pbpm[n] for one in parts.values()) / persons[n] for n in years
    ]
    dear = {name: start[name] * worth[name] for name in parts}

    def trended(of: Any) -> Numbers:  # CMS trends the aged and disabled as one, high needs among them
        return [weighted([of(part)[n] for part in parts.values()], list(dear.values())) for n in years]

    one = next(iter(parts.values()))
    base = [at_entry({name: known[name].base_year_pbpm[b] for name in parts}) for b in range(3)]
    return Type(
        person_years=[share * one for one in persons],
        base=[[amount * one.shift[n] for amount in base] for n in years],
        region=elsewhere("region_pbpm"),
        national=elsewhere("national_pbpm"),
        national_trend=trended(lambda part: part.national_trend),
        regional_trend=trended(lambda part: part.regional_trend),
        acpt=trended(lambda part: part.acpt),
        risk=[value / at_first for value in score],
        cost=[relative * value for value in spent],
        prior_savings=elsewhere("prior_savings_pbpm"),
        base_person_years=share * persons[0],
    )


def two_way(one: Type, share: float, now: int, since: int | None) -> float:
    """Growth in the nation and the region since base year 3 (``None``) or a performance year."""
    national, regional = one.national_trend[now], one.regional_trend[now]
    if since is not None:
        national, regional = national / one.national_trend[since], regional / one.regional_trend[since]
    return share * national + (1.0 - share) * regional


def renewed(one: Type, share: float, *, last: int, savings: Numbers, shift: Numbers) -> Type:
    """Put a type at the end of performance year ``last``, its base year 3 from now on."""
    years = range(last - 2, last + 1)
    base = [
        [one.cost[b] / shift[b] * shift[n] * two_way(one, share, last, b) * one.risk[last] / one.risk[b] for b in years]
        for n in range(len(shift))
    ]
    return Type(
        person_years=one.person_years,
        base=base,
        region=[value * one.regional_trend[last] * one.risk[last] for value in one.region],
        national=[value * one.national_trend[last] for value in one.national],
        national_trend=[value / one.national_trend[last] for value in one.national_trend],
        regional_trend=[value / one.regional_trend[last] for value in one.regional_trend],
        acpt=[value / one.acpt[last] for value in one.acpt],
        risk=[value / one.risk[last] for value in one.risk],
        cost=one.cost,
        prior_savings=savings,
        base_person_years=one.person_years[last],
    )


def historical(types: dict[str, Type], n: int, *, period: int, terms: Terms, readings: Readings) -> dict[str, float]:
    """Historical benchmark of each type, dollars per beneficiary per month."""
    weights = terms["baseline.weights_first_period" if period == 1 else "baseline.weights_later_periods"]
    own = {name: weighted(one.base[n], weights) for name, one in types.items()}
    persons = [one.base_person_years for one in types.values()]
    apart = weighted([one.region[n] - own[name] for name, one in types.items()], persons)
    side = "lower" if apart > 0.0 else "higher"
    weight = terms[f"regional.weight_{side}_spending"][min(period, 4) - 1]
    up, down = terms["regional.cap_positive"], terms[f"regional.cap_negative.{RULES}"]
    regional = {
        name: within(weight * (one.region[n] - own[name]), -down * one.national[n], up * one.national[n])
        for name, one in types.items()
    }
    overall = weighted(list(regional.values()), persons)
    if overall < 0.0 and terms[f"regional.negative_overall.{RULES}"] == "dropped":
        overall, regional = 0.0, dict.fromkeys(types, 0.0)
    national = weighted([one.national[n] for one in types.values()], persons)
    saved = weighted([one.prior_savings[n] for one in types.values()], persons)
    prior = min(terms[f"prior_savings.weight.{RULES}"] * max(saved, 0.0), terms["prior_savings.cap"] * national)
    equal = math.isclose(prior, overall, rel_tol=1e-12, abs_tol=1e-12)
    flat = readings.tie_to_prior_savings if equal else prior > overall
    return {name: own[name] + (prior if flat else regional[name]) for name in types}


def updated(
    types: dict[str, Type], n: int, *, share: float, period: int, terms: Terms, readings: Readings
) -> tuple[float, float]:
    """Updated benchmark in dollars of the year, by the three-way and by the two-way update."""
    before = historical(types, n, period=period, terms=terms, readings=readings)
    cap = 1.0 + terms["risk_cap.growth"]
    volume = {name: before[name] * one.person_years[n] for name, one in types.items()}
    together = math.fsum(volume[name] * one.risk[n] for name, one in types.items()) / math.fsum(volume.values())
    capped = terms[f"risk_cap.method.{RULES}"] == "by_type" or together > cap
    three, two = 0.0, 0.0
    for name, one in types.items():
        risk = min(one.risk[n], cap) if capped else one.risk[n]
        observed = two_way(one, share, n, None)
        prospective = within(
            one.acpt[n],
            one.national_trend[n] - terms["update.guardrail_down"],
            one.national_trend[n] + terms["update.guardrail_up"],
        )
        weight = terms[f"update.acpt_weight.{RULES}"]
        months = 12.0 * one.person_years[n]
        three += before[name] * risk * ((1.0 - weight) * observed + weight * prospective) * months
        two += before[name] * risk * observed * months
    return three, two


def size_rate(beneficiaries: float, terms: Terms) -> float:
    """Minimum savings rate of an ACO of a size."""
    sizes, rates = terms["minimum_savings_rate.sizes"], terms["minimum_savings_rate.rates"]
    if beneficiaries <= sizes[0]:
        return float(rates[0])
    for k in range(1, len(sizes)):
        if beneficiaries < sizes[k]:
            part = (beneficiaries - sizes[k - 1]) / (sizes[k] - sizes[k - 1])
            return float(rates[k - 1] + part * (rates[k] - rates[k - 1]))
    return float(rates[-1])


def mssp_shared(
    scenario: Any, benchmark: float, spent: float, *, track: str, persons: float, protected: bool, terms: Terms
) -> float:
    """Shared savings (losses negative) before sequestration; ``persons`` are beneficiaries."""
    minimum = scenario.mssp.chosen_rate
    minimum = size_rate(persons, terms) if minimum is None else minimum
    basic, gross = track != "ENHANCED", benchmark - spent
    score, met = terms["quality.score_if_not_given"], terms["quality.standard_met"]
    rate = terms[f"share_rate.{track}"]
    if gross >= 0.0:
        if protected:
            return 0.0
        share = rate if met else rate * score
        if gross < minimum * benchmark:
            low = basic and (scenario.mssp.revenue_share or math.inf) < terms["reduced_sharing.low_revenue"]
            share *= terms["reduced_sharing.factor"] if low else 0.0
        return float(min(share * gross, terms["share_cap.basic" if basic else "share_cap.enhanced"] * benchmark))
    if -gross < minimum * benchmark:
        return 0.0
    if basic:
        limit = min(
            terms[f"loss_limit.revenue.{track}"] * (scenario.mssp.revenue_share or math.inf) * spent,
            terms[f"loss_limit.benchmark.{track}"] * benchmark,
        )
        return -float(min(terms["loss_rate.basic"] * -gross, limit))
    owed = within(1.0 - rate * score, terms["loss_rate.enhanced_lowest"], terms["loss_rate.enhanced_highest"])
    return -float(min(owed * -gross, terms["loss_limit.benchmark.ENHANCED"] * benchmark))


def after_sequestration(shared: float, terms: Terms) -> float:
    """What is paid or owed."""
    if shared > 0.0:
        return float(shared * (1.0 - terms["sequestration.rate"]))
    return float(shared * (1.0 + terms["sequestration.rate"])) if terms["sequestration_on_losses"] else shared


def mssp_path(
    scenario: Any, seen: dict[str, Seen], *, track: str, rebasing: bool, terms: Terms, readings: Readings
) -> Lines:
    """Lines of ten years under the Shared Savings Program."""
    share, period = scenario.trend.market_share, scenario.mssp.agreement_period
    types = mssp_types(scenario, seen, readings)
    shift = next(iter(seen.values())).shift
    moves = shift if readings.mssp_region_follows_list else [1.0] * len(shift)
    lines: Lines = {}
    for n in range(scenario.horizon.performance_years):
        if rebasing and n > 0 and n % RENEWED_EVERY == 0:
            saved = math.fsum(
                (lines["benchmark_final"][b] - lines["expenditure"][b])
                / (12.0 * math.fsum(one.person_years[b] for one in types.values()) * moves[b])
                for b in range(n - 3, n)
            )
            period += 1
            savings = [saved / 3.0 * move for move in moves]
            types = {name: renewed(one, share, last=n - 1, savings=savings, shift=shift) for name, one in types.items()}
        three, two = updated(types, n, share=share, period=period, terms=terms, readings=readings)
        spent = 12.0 * math.fsum(one.person_years[n] * one.cost[n] for one in types.values())
        protected = terms["update.two_way_protection"] and three < spent and two > three
        benchmark = two if protected else three
        persons = math.fsum(one.person_years[n] for one in types.values())
        shared = mssp_shared(
            scenario, benchmark, spent, track=track, protected=protected, terms=terms,
            persons=persons / terms["expenditure.person_years_per_beneficiary"],
        )  # fmt: skip
        _add(lines, benchmark=benchmark, spent=spent, shared=shared, net=after_sequestration(shared, terms))
    return lines


def _add(lines: Lines, *, benchmark: float, spent: float, shared: float, net: float) -> None:
    for name, value in {
        "benchmark_final": benchmark,
        "expenditure": spent,
        "shared_savings": shared,
        "net_shared_savings": net,
    }.items():
        lines.setdefault(name, []).append(value)


# ---------------------------------------------------------------- ACO REACH


def projection(one: Seen, n: int, years_before: int) -> float:
    """Growth since base year 3 as projected with what was known some years before performance year n."""
    known = n - years_before
    return one.acpt[n] if known < 0 else one.national_trend[known] * one.acpt[n] / one.acpt[known]


def trend_factor(actual: float, projected: float, *, year: int, terms: Terms) -> float:
    """Retrospective trend adjustment."""
    off = actual / projected - 1.0
    if abs(off) <= terms["retrospective_trend.trigger"]:
        return 1.0
    bands = terms[f"retrospective_trend.corridor.{'from' if year >= 2024 else 'before'}_2024"]
    return 1.0 + math.copysign(banded(abs(off), bands), off)


def banded(amount: float, bands: Terms) -> float:
    """Each band of an amount times its share."""
    found, lower = 0.0, 0.0
    for upper, share in zip([*bands["edges"], math.inf], bands["shares"], strict=True):
        found += share * max(min(amount, upper) - lower, 0.0)
        lower = upper
    return found


def reach_risk(ratio: float, name: str, *, year: int, capped: bool, terms: Terms) -> float:
    """Growth of the score after cap, coding intensity and the limit since base year 3."""
    ceiling = 1.0 + in_year(terms[f"coding_intensity.ceiling.{name}"], year)
    coding = min(in_year(terms[f"coding_intensity.factor.{name}"], year), ceiling)
    if not capped:
        return ratio / coding
    cap = in_year(terms[f"risk_cap.{name}"], year)
    limit = 1.0 + in_year(terms[f"risk_cap.since_base_year.{name}"], year)
    return min(within(ratio, 1.0 - cap, 1.0 + cap) / coding, limit)


def large_and_steady(one: Seen, name: str, n: int, terms: Terms) -> bool:
    """Whether the reference population is large enough for a cap on scores, and has not tripled."""
    large = one.person_years[0] >= terms[f"risk_cap.minimum_reference.{name}"]
    return bool(large and one.person_years[n] < terms["risk_cap.population_multiple"] * one.person_years[0])


def aged_and_disabled(scenario: Any, seen: dict[str, Seen]) -> Any:
    """Trend of all but those with ESRD, by what the categories cost in base year 3; none where nobody is."""
    parts = {name: one for name, one in seen.items() if name != "esrd"}
    dear = [
        getattr(scenario.cohort, f"{name}_share") * math.fsum(getattr(scenario.categories, name).base_year_pbpm)
        for name in parts
    ]
    if not parts:
        return None
    years = range(scenario.horizon.performance_years)
    return SimpleNamespace(
        national_trend=[weighted([one.national_trend[n] for one in parts.values()], dear) for n in years],
        acpt=[weighted([one.acpt[n] for one in parts.values()], dear) for n in years],
    )


def reach_path(
    scenario: Any, seen: dict[str, Seen], *, option: str, quality: Numbers, terms: Terms, readings: Readings
) -> Lines:
    """Lines of ten years under ACO REACH."""
    table, year = scenario.reach, scenario.reach.rules_year
    blend = in_year(terms["regional_blend.weight"], year)
    up, down = in_year(terms["regional_blend.ceiling"], year), in_year(terms["regional_blend.floor"], year)
    equity = table.heba_up_share * in_year(terms["heba.up_pbpm"], year)
    equity -= table.heba_down_share * in_year(terms["heba.down_pbpm"], year)
    corridor = f"global.{'from' if year >= 2026 else 'before'}_2026" if option == "global" else option
    lines: Lines = {}
    pooled = aged_and_disabled(scenario, seen)
    for n in range(scenario.horizon.performance_years):
        benchmark, spent, months = 0.0, 0.0, 0.0
        for name, one in seen.items():
            category = getattr(scenario.categories, name)
            moved = one.shift[n] if readings.reach_base_follows_list else 1.0
            base = moved * weighted(category.base_year_pbpm, terms["baseline.weights"])
            national = category.national_pbpm
            base += within(blend * (category.region_pbpm - base), -down * national, up * national)
            measured, score = one, one.score_ratio[n]
            if name != "esrd" and readings.reach_high_needs_trend == "pooled":
                measured = pooled
            if name == "high_needs":
                score *= 1.0 + scenario.drift.high_needs_concurrent_response * (one.unexpected_cost[n] - 1.0)
            projected = projection(measured, n, table.projection_years)
            factor = trend_factor(measured.national_trend[n], projected, year=year, terms=terms)
            capped = large_and_steady(one, name, n, terms) or not readings.reach_small_are_not_capped
            risk = reach_risk(score, name, year=year, capped=capped, terms=terms)
            person_months = 12.0 * one.person_years[n]
            benchmark += base * projected * risk * factor * person_months
            spent += one.expenditure_pbpm[n] * person_months
            months += person_months
        benchmark *= 1.0 - in_year(terms[f"discount.{option}"], year)
        benchmark *= 1.0 - in_year(terms["quality.withhold"], year) * (1.0 - quality[n])
        judged = benchmark + equity * months
        gross = judged - spent
        bands = terms[f"corridor.{corridor}"]
        scaled = {"edges": [edge * judged for edge in bands["edges"]], "shares": bands["shares"]}
        shared = math.copysign(banded(abs(gross), scaled), gross)
        _add(lines, benchmark=benchmark, spent=spent, shared=shared, net=after_sequestration(shared, terms))
    return lines
