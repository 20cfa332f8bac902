"""Plain-Python twin of a path: one population and one future, from neutral totals to dollars, year by year.

Scalars, loops and the ``math`` module only; nothing of the engine's paths, carrying or contract rules is used. The
LEAD terms are read straight from their file. Formulas, in the order of the code (logs are natural; t counts the three
base years first, then the performance years n = 1, 2, ...):

* score   S(t) = S(t-1) + trait(t) + mean + walk x normal, S(BY1) = 0; coding takes its share, the rest is real.
* cost    C(t) = efficiency walk(t) + real part of S(t); from PY1 also the true level and the ACO's part of an outbreak;
          each less half its variance, so that its exponential has mean one.
* churn   g(n) = relative change of the panel; level and mismatch are walks of SD g x their parameters, each step with
          mean one. Cost takes both, the re-run base years only the level.
* nation  error(n) = a error(n-1) + sqrt(1 - a^2) x regime SD x normal, plus stated misses; summed; plus the year's own
          outbreak or rebound. High Needs and ESRD walk apart from it, their regions with them.
* pin     known baseline / simulated baseline, each simulated base year at the score of BY3; of the population's own
          luck the part that is not credible is given back, and the level returns to the region as far.
* spend   pin x rate x exp C x projected growth x exp(nation + region) x (1 - care savings).
* update  two thirds two-way trend, one third the prospective trend kept within the guardrail around it.
* score   High Needs: times the persons' cost per score against BY3, neutral path, to the power of the response.
* PBPM    (baseline + max(REA, PSA)) or the regional rate by the rate book's weight, x update x capped risk ratio.
* dollars discount, quality, corridors, sequestration; Enhanced PCC and add-on on the benchmark before discount.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

from scipy.optimize import brentq

from leadrisk.experience.stationary import MAIN, segments

CATEGORIES = ("aged_disabled", "high_needs", "esrd")
CLAIMS_MEASURES = ("acr", "uamcc", "dah", "tfu")
SURVEY_MEASURES = ("cahps",)
ECQM_MEASURES = ("glycemic", "blood_pressure")
DRAWN_ONCE = ("true_level", "care_effect", "ai_shift", "pandemic_region")
LUCK_SD = 2.05  # of the log of cost per score of one person-year, as measured
TERMS_FOLDER = Path(__file__).parents[2] / "src" / "leadrisk" / "contract" / "terms" / "lead"

Terms = dict[str, Any]
Numbers = dict[str, list[float]]


def read_terms(overrides: Terms) -> Terms:
    """Values of the terms file by dotted name, single ones replaced."""
    values: Terms = {}

    def collect(table: Terms, prefix: str) -> None:
        for key, entry in table.items():
            if "grade" in entry:
                values[prefix + key] = entry["value"]
            else:
                collect(entry, f"{prefix}{key}.")

    for topic in sorted(TERMS_FOLDER.glob("*.toml")):
        collect(tomllib.loads(topic.read_text(encoding="utf-8")), "")
    for name, value in overrides.items():
        yearly = isinstance(values[name], dict) and "edges" not in values[name] and isinstance(value, dict)
        values[name] = {**values[name], **value} if yearly else value
    return values


def in_year(value: Any, year: int) -> float:
    """A term in one year: the entry of the latest year named so far."""
    if not isinstance(value, dict):
        return float(value)
    return float(value[str(max(int(named) for named in value if int(named) <= year))])


def stated(values: tuple[float, ...], n: int) -> float:
    """Value stated for performance year n = 0, 1, ..., zero after the last one."""
    return values[n] if n < len(values) else 0.0


def size_ratio(scenario: Any) -> float:
    return 10_000.0 / max(scenario.cohort.lives, 5_000)


def shares_at_start(scenario: Any) -> dict[str, float]:
    cohort = scenario.cohort
    plain = 1.0 - cohort.high_needs_share - cohort.esrd_share
    shares = dict(zip(CATEGORIES, (plain, cohort.high_needs_share, cohort.esrd_share), strict=True))
    return {name: share for name, share in shares.items() if share > 0.0}


def heavy(z: float, excess: float) -> float:
    """A standard normal number made heavy-tailed: a z + b z^3 with variance 1 and the excess kurtosis asked for.

    E z^4 = 3, E z^6 = 15, E z^8 = 105, E z^10 = 945, E z^12 = 10395.
    """

    def cubic(b: float) -> tuple[float, float]:
        a = math.sqrt(1.0 - 6.0 * b * b) - 3.0 * b
        return a, 3 * a**4 + 60 * a**3 * b + 630 * a**2 * b**2 + 3780 * a * b**3 + 10395 * b**4 - 3.0

    b = brentq(lambda b: cubic(b)[1] - excess, 0.0, 0.25, xtol=1e-16) if excess > 0.0 else 0.0
    return cubic(b)[0] * z + b * z**3


def score_path(scenario: Any, normals: Numbers) -> list[float]:
    drift = scenario.drift
    walk_sd = math.sqrt(drift.walk_variance + drift.walk_variance_size * size_ratio(scenario))
    trait = drift.trait_sd * normals["score_trait"][0]
    path = [0.0]
    for t in range(1, 3 + scenario.horizon.performance_years):
        fresh = drift.trait_sd * math.sqrt(1.0 - drift.trait_persistence**2)
        trait = drift.trait_persistence * trait + fresh * normals["score_trait"][t]
        step = heavy(normals["score_growth"][t - 1], drift.excess_kurtosis)
        path.append(path[-1] + trait + drift.mean_growth + walk_sd * step)
    return path


def efficiency_path(scenario: Any, normals: Numbers) -> list[float]:
    plan = scenario.efficiency
    sd = math.sqrt(plan.walk_variance + plan.walk_variance_size * size_ratio(scenario))
    path = [0.0]
    for step in normals["efficiency"]:
        path.append(path[-1] + sd * heavy(step, plan.excess_kurtosis) - 0.5 * sd**2)
    return path


def churn_path(sd: float, steps: list[float], panel: list[float]) -> list[float]:
    """Cumulative log shift of the level as the panel, given from PY1 on, changes."""
    path = [0.0]
    for step, before, now in zip(steps, panel[:-1], panel[1:], strict=True):
        spread = sd * abs(now / before - 1.0)
        path.append(path[-1] + spread * step - 0.5 * spread**2)
    return path


def trend_apart(scenario: Any, category: str, normals: Numbers) -> list[float]:
    """Log of national cost of a category over that of Aged & Disabled since BY3."""
    steps = normals.get(f"category_trend_{category}", [0.0] * scenario.horizon.performance_years)
    return [scenario.trend.category_sd * math.fsum(steps[: n + 1]) for n in range(len(steps))]


def concurrent_factor(scenario: Any, category: str, *, now: float, by3: float) -> float:
    """What a score of the same year sees of a move of cost per prospective score since BY3."""
    if category != "high_needs":
        return 1.0
    return 1.0 + scenario.drift.high_needs_concurrent_response * (min(max(now / by3, 0.25), 4.0) - 1.0)


def credible_part(scenario: Any, noise: float) -> float:
    """Weight of the known base years against the regional rate."""
    return scenario.level.credibility_tau**2 / (scenario.level.credibility_tau**2 + noise**2)


def national_path(scenario: Any, normals: Numbers, outbreak: list[float]) -> list[float]:
    """Log of actual over projected national cost since BY3."""
    trend, shocks = scenario.trend, scenario.shocks
    into_stress = trend.stress_probability * (1.0 - trend.stress_persistence) / (1.0 - trend.stress_probability)
    path, total, error, stressed = [], 0.0, 0.0, False
    for n in range(scenario.horizon.performance_years):
        chance = trend.stress_persistence if stressed else into_stress
        if n == 0:
            chance = trend.stress_probability
        stressed = NormalDist().cdf(normals["regime"][n]) < chance
        shock = (trend.stressed_sd if stressed else trend.calm_sd) * normals["national"][n]
        fresh = math.sqrt(1.0 - trend.autocorrelation**2) * shock
        error = shock if n == 0 else trend.autocorrelation * error + fresh
        total += error + stated(trend.projection_miss, n)
        before = outbreak[n - 1] if n > 0 else 0.0
        path.append(total + shocks.pandemic_cost_effect * outbreak[n] + shocks.pandemic_rebound * before)
    return path


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solution of a small system of linear equations, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        for below in range(i + 1, len(rows)):
            ratio = rows[below][i] / rows[i][i]
            rows[below] = [low - ratio * high for low, high in zip(rows[below], rows[i], strict=True)]
    found = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        known = math.fsum(rows[i][k] * found[k] for k in range(i + 1, len(rows)))
        found[i] = (rows[i][-1] - known) / rows[i][i]
    return found


def stated_correlation(scenario: Any, one: str, other: str) -> float:
    table = scenario.dependence.correlation
    return float(table.get(one, {}).get(other, table.get(other, {}).get(one, 0.0)))


def dependent(scenario: Any, normals: Numbers) -> Numbers:
    """Numbers of a future with the stated correlations; those with the longest history of numbers come first."""
    years = scenario.horizon.performance_years
    found = {name: list(numbers) for name, numbers in normals.items()}
    yearly = sorted((name for name in normals if name not in DRAWN_ONCE), key=lambda name: -len(normals[name]))
    for names, count in ((yearly, years + 3), (DRAWN_ONCE, 1)):
        for back in range(1, count + 1):  # the last year has number -1 of every factor
            before: list[str] = []
            for name in names:
                if len(normals[name]) < back:
                    continue
                linked = [one for one in before if any(stated_correlation(scenario, one, two) for two in names)]
                among = [[1.0 if i == j else stated_correlation(scenario, i, j) for j in linked] for i in linked]
                with_own = [stated_correlation(scenario, one, name) for one in linked]
                weights = solved(among, with_own)
                foretold = math.fsum(w * found[one][-back] for w, one in zip(weights, linked, strict=True))
                left = 1.0 - math.fsum(w * c for w, c in zip(weights, with_own, strict=True))
                found[name][-back] = foretold + math.sqrt(left) * normals[name][-back]
                before.append(name)
    return found


def rank_parts(scenario: Any, measure: str, lives: float) -> dict[str, float]:
    """Variance that fades, its persistence, variance of noise, and the effects of level and luck, at a size."""
    quality = scenario.quality
    if measure == "gateway":
        return {"fades": 1.0, "kept": quality.persistence_gateway, "noise": 0.0, "level": 0.0, "luck": 0.0}
    level, noise = getattr(quality, f"level_correlation_{measure}"), getattr(quality, f"noise_{measure}")
    luck = getattr(quality, f"luck_correlation_{measure}", 0.0)
    fades = 1.0 - level**2 - noise
    if measure not in SURVEY_MEASURES:
        noise *= quality.noise_reference_lives / max(lives, 2_000)
    return {
        "fades": fades,
        "kept": (getattr(quality, f"persistence_{measure}") - level**2) / fades,
        "noise": noise * (1.0 - luck**2),
        "level": level,
        "luck": luck * math.sqrt(noise),
    }


def rank_path(scenario: Any, measure: str, numbers: list[float], *, level: float, luck: list[float]) -> list[float]:
    """Rank of a measure, or what decides the gateway, by performance year."""
    parts = rank_parts(scenario, measure, scenario.cohort.lives)
    told = 0.0
    if measure != "gateway":
        told = getattr(scenario.quality, f"persistence_{measure}") * scenario.quality.composite_correlation
    belief, doubt = told * scenario.quality.relative_level, parts["fades"] - told**2
    path = []
    for number, befell in zip(numbers, luck, strict=True):
        shown = belief + math.sqrt(doubt + parts["noise"]) * number
        path.append(shown + parts["level"] * level + parts["luck"] * befell)
        trust = doubt / (doubt + parts["noise"])
        belief = parts["kept"] * (trust * shown + (1.0 - trust) * belief)
        doubt = parts["kept"] ** 2 * trust * parts["noise"] + (1.0 - parts["kept"] ** 2) * parts["fades"]
    return path


def rank_covariance(scenario: Any, one: str, other: str) -> float:
    """Covariance of two ranks across ACOs of the reference size, after many years."""
    lives = scenario.quality.noise_reference_lives
    a, b = rank_parts(scenario, one, lives), rank_parts(scenario, other, lives)
    names = ["improvement" if name == "gateway" else f"quality_{name}" for name in (one, other)]
    news = 1.0 if one == other else stated_correlation(scenario, *names)
    doubts, beliefs = [a["fades"], b["fades"]], 0.0
    for _ in range(400):
        spreads = [math.sqrt(doubt + part["noise"]) for doubt, part in zip(doubts, (a, b), strict=True)]
        trust = [doubt / (doubt + part["noise"]) for doubt, part in zip(doubts, (a, b), strict=True)]
        shown = beliefs + news * spreads[0] * spreads[1]
        learnt = news * spreads[0] * spreads[1] * trust[0] * trust[1]
        beliefs = a["kept"] * b["kept"] * (beliefs + learnt)
        doubts = [
            part["kept"] ** 2 * t * part["noise"] + (1.0 - part["kept"] ** 2) * part["fades"]
            for t, part in zip(trust, (a, b), strict=True)
        ]
    return shown + a["level"] * b["level"] + a["luck"] * b["luck"]


_COVARIANCES: dict[tuple[str, str], dict[tuple[str, str], float]] = {}


def rank_covariances(scenario: Any) -> dict[tuple[str, str], float]:
    """Covariances of all ranks, the gateway among them, kept for scenarios that share the assumptions behind them."""
    key = (scenario.quality.model_dump_json(), scenario.dependence.model_dump_json())
    if key not in _COVARIANCES:
        names = (*CLAIMS_MEASURES, *SURVEY_MEASURES, *ECQM_MEASURES, "gateway")
        _COVARIANCES[key] = {(one, two): rank_covariance(scenario, one, two) for one in names for two in names}
    return _COVARIANCES[key]


@cache
def composite_needed(share: float, passing: float, correlation: float) -> float:
    """Composite that a share of all ACOs exceeds who pass the gateway too: cuts on trial, trapezoids."""
    standard, gate = NormalDist(), NormalDist().inv_cdf(1.0 - passing)
    points = [gate + (9.0 - gate) * i / 2_000 for i in range(2_001)]
    low, high = -8.0, 8.0
    for _ in range(40):
        cut = 0.5 * (low + high)
        heights = [
            standard.pdf(g) * standard.cdf((correlation * g - cut) / math.sqrt(1.0 - correlation**2)) for g in points
        ]
        above = (math.fsum(heights) - 0.5 * (heights[0] + heights[-1])) * (points[1] - points[0])
        low, high = (cut, high) if above > share else (low, cut)
    return 0.5 * (low + high)


def persons_luck(
    scenario: Any, person_years: dict[str, list[float]], cost: dict[str, list[float]], score: dict[str, list[float]]
) -> list[float]:
    """What befell the persons beyond their scores, by performance year, ESRD left out."""
    names = [name for name in ("aged_disabled", "high_needs") if name in person_years]
    expected = segments(scenario)[MAIN].cost_per_score  # of such a mix of persons: a matter of the person layer
    found = []
    for t in range(3, 3 + scenario.horizon.performance_years):
        persons, spent, scored = (math.fsum(of[name][t] for name in names) for of in (person_years, cost, score))
        found.append(math.log(spent / scored / expected) * math.sqrt(persons) / LUCK_SD)
    return found


def quality_path(scenario: Any, normals: Numbers, luck: list[float], terms: Terms) -> list[tuple[float, bool]]:
    """Share of the quality points earned in each performance year, and whether the High Performers Pool pays."""
    quality = scenario.quality
    plan = terms["quality.prevention_plan_points"] if quality.prevention_quality_plan else 0.0
    measures = (*CLAIMS_MEASURES, *SURVEY_MEASURES, *ECQM_MEASURES)
    level = normals["true_level"][0]
    ranks = {
        measure: rank_path(scenario, measure, normals[f"quality_{measure}"], level=level, luck=luck)
        for measure in measures
    }
    gateway = rank_path(scenario, "gateway", normals["improvement"], level=level, luck=luck)
    covariance = rank_covariances(scenario)
    scores = []
    for n, year in enumerate(scenario.horizon.performance_year_list):
        passed = NormalDist().cdf(gateway[n]) >= 1.0 - quality.continuous_improvement_pass
        points = []
        for measure in measures:
            percentile = NormalDist().cdf(ranks[measure][n])
            earned = 0.0
            for edge, worth in zip(terms["quality.ladder_percentiles"], terms["quality.ladder_points"], strict=True):
                if percentile >= edge:
                    earned = worth
            if measure in CLAIMS_MEASURES and not passed:
                earned *= terms["quality.gateway_fail_multiplier"]
            if measure in ECQM_MEASURES:
                if year < terms["quality.ecqm_reporting_from"]:
                    continue
                if year < terms["quality.ecqm_performance_from"]:
                    earned = 1.0
            points.append(earned)
        performed = [
            measure
            for measure in measures
            if measure not in ECQM_MEASURES or year >= terms["quality.ecqm_performance_from"]
        ]
        spread = math.sqrt(math.fsum(covariance[one, two] for one in performed for two in performed))
        needed = composite_needed(
            terms["quality.high_performers_share"],
            quality.continuous_improvement_pass,
            math.fsum(covariance[measure, "gateway"] for measure in performed) / spread,
        )
        best = math.fsum(ranks[measure][n] for measure in performed) / spread >= needed
        scores.append((min(math.fsum(points) / len(points) + plan, 1.0), passed and best))
    return scores


def spending_class(scenario: Any, terms: Terms) -> str:
    """Class of the whole ACO at entry: baseline before adjustment against the region."""
    if scenario.contract.spending_class is not None:
        return str(scenario.contract.spending_class)
    own = region = 0.0
    for name, share in shares_at_start(scenario).items():
        category = getattr(scenario.categories, name)
        own += share * baseline(category.base_year_pbpm, base_weights(scenario, terms))
        region += share * category.region_pbpm
    return "higher" if own >= region else "lower"


def base_weights(scenario: Any, terms: Terms) -> list[float]:
    return terms[
        "baseline.weights_newly_entering"
        if scenario.contract.entrant == "newly_entering"
        else "baseline.weights_renewing"
    ]


def baseline(values: Any, weights: list[float]) -> float:
    return math.fsum(weight * value for weight, value in zip(weights, values, strict=True)) / math.fsum(weights)


def adjustment(category: Any, own: float, *, option: str, higher: bool, entrant: str, terms: Terms) -> float:
    """The higher of regional efficiency and prior savings adjustment, dollars per beneficiary per month."""
    rea = 0.0
    if not higher and (option == "global" or terms["professional_positive_rea"]):
        cap = terms["rea.cap_renewing_mssp" if entrant == "renewing_mssp" else "rea.cap"] * category.national_pbpm
        rea = min(max(terms["rea.weight"] * (category.region_pbpm - own), 0.0), cap)
    psa = min(terms["psa.weight"] * category.prior_savings_pbpm, terms["psa.cap"] * category.national_pbpm)
    if higher and not terms["psa_for_higher_spending"]:
        psa = 0.0
    return max(rea, psa)


def update(two_way: float, acpt: float, *, year: int, terms: Terms) -> float:
    lower, upper = two_way - in_year(terms["guardrail.down"], year), two_way + in_year(terms["guardrail.up"], year)
    weight = terms["update.acpt_weight"]
    if terms["guardrail_applies_to"] == "blend":
        return min(max((1.0 - weight) * two_way + weight * acpt, lower), upper)
    return (1.0 - weight) * two_way + weight * min(max(acpt, lower), upper)


def corridor(gross: float, *, benchmark: float, bands: Terms) -> float:
    """The ACO's part of a saving or loss, band by band."""
    left, part, floor = abs(gross), 0.0, 0.0
    for edge, share in zip([*bands["edges"], math.inf], bands["shares"], strict=True):
        width = min(left, edge * benchmark - floor)
        part += share * width
        left -= width
        floor = edge * benchmark
    return math.copysign(part, gross)


def settle(gross: float, benchmark: float, *, option: str, terms: Terms) -> tuple[float, float]:
    """Shared amount and what sequestration takes."""
    side = "savings" if gross >= 0.0 else "losses"
    reading = "" if option == "global" else f".{terms[f'professional_{side}']}"
    shared = corridor(gross, benchmark=benchmark, bands=terms[f"corridor.{option}.{side}{reading}"])
    base = gross if terms["sequestration_base"] == "gross" else shared
    taken = terms["sequestration.rate"] * abs(base) if base > 0.0 or terms["sequestration_on_losses"] else 0.0
    return shared, taken


def cost_and_score_logs(
    scenario: Any, normals: Numbers, outbreak: list[float], churn: list[float]
) -> tuple[list[float], list[float]]:
    """Logs of the ACO's cost against its region and of its score against the nation, base years first."""
    drift, efficiency = scenario.drift, efficiency_path(scenario, normals)
    level, hit = scenario.level.true_level_sd, scenario.shocks.pandemic_aco_sd
    cost_log, score_log = [], []
    for t, growth in enumerate(score_path(scenario, normals)):
        variance, real = score_variance(scenario, t), 1.0 - drift.coding_share
        cost_log.append(efficiency[t] + real * growth - 0.5 * real**2 * variance)
        if t >= 3:
            cost_log[t] += level * normals["true_level"][0] - 0.5 * level**2
            cost_log[t] += (hit * normals["pandemic_region"][0] - 0.5 * hit**2) * outbreak[t - 3]
            cost_log[t] += churn[t - 3]
        score_log.append(growth - 0.5 * variance)
    return cost_log, score_log


def score_variance(scenario: Any, t: int) -> float:
    """Variance of the summed score growth after t steps: t walks, and the sum of t steps of a stationary AR(1)."""
    drift = scenario.drift
    walk = drift.walk_variance + drift.walk_variance_size * size_ratio(scenario)
    pairs = math.fsum(drift.trait_persistence ** abs(i - k) for i in range(t) for k in range(t))
    return t * walk + drift.trait_sd**2 * pairs


def risk_ratio(scenario: Any, hcc: float, *, category: str, year: int, normals: Numbers, terms: Terms) -> float:
    """Growth of the score since BY3, AI-inferred scores phased in, capped."""
    shift = math.exp(scenario.drift.ai_shift_mean + scenario.drift.ai_shift_sd * normals["ai_shift"][0])
    weight, cap = in_year(terms["ai_score_weight"], year), terms[f"risk_cap.{category}"]
    blended = (1.0 - weight) * hcc + weight * hcc * shift
    normalised = blended / in_year(terms[f"normalisation_factor.{category}"], year)
    capped = min(max(normalised, 1.0 - cap), 1.0 + cap)
    return capped / in_year(terms[f"coding_intensity_factor.{category}"], year)


def lines_of_year(
    scenario: Any, before: float, spent: float, *, option: str, year: int, quality: tuple[float, bool], terms: Terms
) -> dict[str, float]:
    """From the benchmark before discount to the balance with CMS, in dollars."""
    higher = spending_class(scenario, terms) == "higher"
    rate = terms["discount.professional"]
    if option == "global":
        rate = terms["discount.global_higher" if higher else "discount.global_lower"]
    discount = in_year(rate, year) * before
    score, high_performer = quality
    unearned = terms["quality.at_risk"] * (1.0 - score) * (before - discount)
    left = terms["quality.at_risk"] * (1.0 - terms["quality.national_mean_score"]) * (before - discount)
    pool = left / terms["quality.high_performers_share"] if high_performer else 0.0
    final = before - discount - unearned
    shared, taken = settle(final - spent, final, option=option, terms=terms)
    epcc = max(terms["payments.epcc_target"] - scenario.contract.base_pcc_share, terms["payments.epcc_floor"]) * before
    paid = higher and year <= terms["payments.addon_last_year"] and in_year(terms["rate_book_weight"], year) < 1.0
    return {
        "benchmark_before_discount": before,
        "discount": discount,
        "benchmark_after_discount": before - discount,
        "quality_adjustment": unearned,
        "benchmark_final": final,
        "expenditure": spent,
        "gross_savings": final - spent,
        "gross_savings_rate": (final - spent) / final,
        "shared_savings": shared,
        "sequestration": taken,
        "net_shared_savings": shared - taken,
        "high_performers_pool": pool,
        "enhanced_pcc_repayment": epcc,
        "administrative_add_on": terms["payments.addon_rate"] * before if paid else 0.0,
        "settlement_balance": shared - taken - epcc + pool,
    }


def settled_path(
    scenario: Any,
    *,
    person_years: dict[str, list[float]],
    expenditure: dict[str, list[float]],
    score: dict[str, list[float]],
    panel: list[float],
    pandemic: list[int],
    base_expected: dict[str, float],
    base_noise: dict[str, float],
    normals: Numbers,
) -> dict[str, dict[str, list[float]]]:
    """Lines of the settlement by contract and performance year, for one population in one future.

    ``person_years``, ``expenditure`` and ``score`` are the population's neutral totals by category and year;
    ``base_expected`` and ``base_noise`` mean and relative spread of the neutral baseline, from the pilot.
    """
    terms = read_terms(scenario.contract.terms)
    trend, plan = scenario.trend, scenario.efficiency
    outbreak = [float(one) for one in pandemic[3:]]
    normals = dependent(scenario, normals)
    luck = persons_luck(scenario, person_years, expenditure, score)
    nation, quality = national_path(scenario, normals, outbreak), quality_path(scenario, normals, luck, terms)
    shift = churn_path(scenario.churn.level_sd, normals["tin_level"], panel[3:])
    mismatch = churn_path(scenario.churn.mismatch_sd, normals["tin_mismatch"], panel[3:])
    churn = [first + second for first, second in zip(shift, mismatch, strict=True)]
    cost_log, score_log = cost_and_score_logs(scenario, normals, outbreak, churn)
    weights, higher = base_weights(scenario, terms), spending_class(scenario, terms) == "higher"
    effect = 1.0 + plan.care_management_effect_sd * normals["care_effect"][0]
    contracts: dict[str, dict[str, list[float]]] = {name: {} for name in scenario.contract.names}
    region = 0.0
    for n, year in enumerate(scenario.horizon.performance_year_list):
        region += trend.regional_sd * normals["region"][n]
        followed = trend.market_share + (1.0 - trend.market_share) * math.exp(region)
        care = min(plan.care_management_savings * min((n + 1) / plan.care_management_ramp_years, 1.0) * effect, 0.5)
        spent, before = 0.0, dict.fromkeys(contracts, 0.0)
        for name in CATEGORIES:
            category = getattr(scenario.categories, name)
            if category is None:
                continue
            persons = person_years[name]
            costs = [expenditure[name][t] / persons[t] * math.exp(cost_log[t]) for t in (0, 1, 2, 3 + n)]
            risks = [score[name][t] / persons[t] * math.exp(score_log[t]) for t in (0, 1, 2, 3 + n)]
            simulated = baseline([costs[b] / risks[b] * risks[2] for b in range(3)], weights)
            own = baseline(category.base_year_pbpm, weights)
            projected, months = (1.0 + getattr(trend, f"growth_{name}")) ** (n + 1), 12.0 * persons[3 + n]
            persons_rates = [expenditure[name][b] / score[name][b] * score[name][2] / persons[2] for b in range(3)]
            luck = math.log(baseline(persons_rates, weights) / base_expected[name])
            doubt = 1.0 - credible_part(scenario, base_noise[name])
            regional = math.log(category.region_pbpm / own) if category.region_pbpm > 0.0 else 0.0
            level = math.exp(doubt * (luck + (1.0 - 0.43 * 0.7**n) * regional))
            national = projected * math.exp(nation[n] + trend_apart(scenario, name, normals)[n])
            trended = national * math.exp(region)
            pbpm = own / simulated * costs[3] * level * trended * (1.0 - care)
            spent += pbpm * months
            seen = [expenditure[name][t] / score[name][t] for t in (2, 3 + n)]
            hcc = risks[3] / risks[2] * concurrent_factor(scenario, name, now=seen[1], by3=seen[0])
            ratio = risk_ratio(scenario, hcc, category=name, year=year, normals=normals, terms=terms)
            growth = update(national * followed, projected, year=year, terms=terms)
            rerun = own * math.exp(shift[n])
            book = in_year(terms["rate_book_weight"], year)
            for contract, lines in contracts.items():
                extra = adjustment(
                    category, rerun, option=contract.removeprefix("lead_"), higher=higher,
                    entrant=scenario.contract.entrant, terms=terms,
                )  # fmt: skip
                updated = ((1.0 - book) * (rerun + extra) + book * category.region_pbpm) * growth * ratio
                lines.setdefault(f"updated_pbpm_{name}", []).append(updated)
                before[contract] += updated * months
        for contract, lines in contracts.items():
            settled = lines_of_year(
                scenario, before[contract], spent, option=contract.removeprefix("lead_"), year=year,
                quality=quality[n], terms=terms,
            )  # fmt: skip
            for line, value in settled.items():
                lines.setdefault(line, []).append(value)
    return contracts
