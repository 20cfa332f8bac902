"""Ten years under the Shared Savings Program, against plain Python that knows the numbers of the rules by heart."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from leadrisk.contract.minimum_savings_rate import minimum_savings_rate
from leadrisk.contract.mssp_benchmark_years import benchmark_mssp_years
from leadrisk.contract.mssp_inputs import ENROLLMENT_TYPES, EnrollmentType
from leadrisk.contract.mssp_years import settle_mssp_benchmark, settle_mssp_years
from leadrisk.contract.terms import load_terms

TERMS = load_terms("mssp")
YEARS = np.arange(2027, 2037)
SHAPE = (3, 4, YEARS.size)
SIZE_AND_COST = {"esrd": (40.0, 7500.0), "disabled": (700.0, 1030.0), "aged_dual": (550.0, 1650.0)} | {
    "aged_nondual": (8700.0, 1000.0)
}
LINES = (
    "benchmark_before_discount",
    "discount",
    "benchmark_after_discount",
    "quality_adjustment",
    "benchmark_final",
    "expenditure",
    "gross_savings",
    "gross_savings_rate",
    "shared_savings",
    "sequestration",
    "net_shared_savings",
    "settlement_balance",
)


def draw_types(seed: int = 5) -> dict[str, EnrollmentType]:
    rng = np.random.default_rng(seed)

    def walk(mean: float, sd: float, *shape: int) -> np.ndarray:
        return np.cumprod(1.0 + mean + sd * rng.standard_normal(shape), axis=-1)

    _, futures, years = SHAPE
    national, acpt = walk(0.05, 0.02, 1, futures, years), walk(0.045, 0.01, 1, 1, years)
    regional = national * walk(0.0, 0.015, 1, futures, years)
    types = {}
    for name in ENROLLMENT_TYPES:
        size, cost = SIZE_AND_COST[name]
        esrd = name == "esrd"
        types[name] = EnrollmentType(
            person_years=size * walk(0.0, 0.02, SHAPE[0], 1, years),
            base_year_pbpm=(cost * rng.uniform(0.95, 1.05, (SHAPE[0], 1, 1)), 1.01 * cost, 0.99 * cost),
            region_pbpm=cost * rng.uniform(0.9, 1.1, (1, futures, 1)),
            national_pbpm=cost,
            national_trend=0.99 * national if esrd else national,
            regional_trend=0.99 * regional if esrd else regional,
            acpt=acpt,
            risk_ratio=walk(0.004, 0.02, *SHAPE),
            expenditure_pbpm=cost * walk(0.05, 0.03, *SHAPE),
            prior_savings_pbpm=float(rng.uniform(-20.0, 60.0)),
            aco_market_share=0.05,
            demographic_ratio=walk(0.001, 0.002, 1, 1, years),
        )
    return types


def pick(one: EnrollmentType, at: tuple[int, int]) -> dict[str, list[float]]:
    """All numbers of one path: a list by year, base years as a list of three lists."""

    def by_year(amount: object) -> list[float]:
        return np.broadcast_to(np.asarray(amount, dtype=np.float64), SHAPE)[at].tolist()

    picked = {field.name: getattr(one, field.name) for field in fields(one) if field.name != "base_person_years"}
    base_years = [by_year(amount)[0] for amount in picked.pop("base_year_pbpm")]
    return {name: by_year(amount) for name, amount in picked.items()} | {"base_years": base_years}


def plain_start(t: dict[str, list[float]], start: int) -> tuple[list[float], float, float, float]:
    """Base years, region and nation of one type at the start of an agreement period, and its base person-years."""
    if start == 0:
        return t["base_years"], t["region_pbpm"][0], t["national_pbpm"][0], t["person_years"][0]
    last, years = start - 1, []
    for y in (start - 3, start - 2, start - 1):
        share = t["aco_market_share"][last]
        national_growth = t["national_trend"][last] / t["national_trend"][y]
        regional_growth = t["regional_trend"][last] / t["regional_trend"][y]
        growth = share * national_growth + (1 - share) * regional_growth
        years.append(t["expenditure_pbpm"][y] * growth * t["risk_ratio"][last] / t["risk_ratio"][y])
    region = t["region_pbpm"][0] * t["regional_trend"][last] * t["risk_ratio"][last]
    return years, region, t["national_pbpm"][0] * t["national_trend"][last], t["person_years"][last]


def plain_benchmarks(
    types: list[dict[str, list[float]]], *, period: int, length: int
) -> tuple[list[float], list[bool]]:
    """Updated benchmark of each year in dollars, and whether the two-way update replaced the three-way update."""
    benchmarks: list[float] = []
    barred: list[bool] = []
    count = len(types[0]["person_years"])
    spent = [12.0 * sum(t["person_years"][y] * t["expenditure_pbpm"][y] for t in types) for y in range(count)]
    months = [12.0 * sum(t["person_years"][y] for t in types) for y in range(count)]
    for start in range(0, count, length):
        number = period + start // length
        weights = (0.1, 0.3, 0.6) if number == 1 else (1 / 3, 1 / 3, 1 / 3)
        lower, higher = {1: (0.35, 0.15), 2: (0.5, 0.25), 3: (0.5, 0.35)}.get(number, (0.5, 0.5))
        bases, regions, nationals, persons = [], [], [], []
        for t in types:
            years, region, national, person_years = plain_start(t, start)
            bases.append(sum(weight * year for weight, year in zip(weights, years, strict=True)))
            regions.append(region)
            nationals.append(national)
            persons.append(person_years)
        total = sum(persons)
        if start == 0:
            prior = sum(p * t["prior_savings_pbpm"][0] for p, t in zip(persons, types, strict=True)) / total
        else:
            prior = sum((benchmarks[y] - spent[y]) / months[y] for y in range(start - 3, start)) / 3
        prior = min(0.5 * max(prior, 0.0), 0.05 * sum(p * n for p, n in zip(persons, nationals, strict=True)) / total)
        over_all = sum(p * (r - b) for p, r, b in zip(persons, regions, bases, strict=True))
        weight = lower if over_all >= 0 else higher
        own = [
            min(max(weight * (r - b), -0.015 * n), 0.05 * n) for r, b, n in zip(regions, bases, nationals, strict=True)
        ]
        regional = sum(p * a for p, a in zip(persons, own, strict=True)) / total
        if not (regional > 0 and regional >= prior):
            own = [prior] * len(types)
        history = [b + a for b, a in zip(bases, own, strict=True)]

        def relative(series: list[float], year: int, start: int = start) -> float:
            return series[year] / (series[start - 1] if start else 1.0)

        for y in range(start, min(start + length, count)):
            dollars = [12.0 * h * t["person_years"][y] for h, t in zip(history, types, strict=True)]
            grown = sum(d * relative(t["risk_ratio"], y) for d, t in zip(dollars, types, strict=True)) / sum(dollars)
            demographic = sum(d * relative(t["demographic_ratio"], y) for d, t in zip(dollars, types, strict=True))
            limit = demographic / sum(dollars) + 0.03
            two_way = three_way = 0.0
            for d, t in zip(dollars, types, strict=True):
                ratio = relative(t["risk_ratio"], y)
                if grown > limit:
                    ratio = min(ratio, limit)
                share = t["aco_market_share"][y]
                trend = share * relative(t["national_trend"], y) + (1 - share) * relative(t["regional_trend"], y)
                two_way += d * ratio * trend
                three_way += d * ratio * (2 * trend + relative(t["acpt"], y)) / 3
            spared = three_way < spent[y] and three_way < two_way
            benchmarks.append(two_way if spared else three_way)
            barred.append(spared)
    return benchmarks, barred


@pytest.mark.parametrize("rebasing", [True, False])
@pytest.mark.parametrize("period", [1, 2, 4])
def test_benchmarks_are_those_of_plain_python(period: int, rebasing: bool) -> None:
    types = draw_types(seed=10 + period)
    lines = settle_mssp_years(
        types,
        track="ENHANCED",
        first_agreement_period=period,
        performance_years=YEARS,
        quality_met=True,
        quality_score=0.8,
        minimum_savings_rate=0.0,
        terms=TERMS,
        rebasing=rebasing,
    )
    assert {name: lines[name].shape for name in LINES} == dict.fromkeys(LINES, SHAPE)
    any_barred = 0
    for at in np.ndindex(SHAPE[:2]):
        plain, barred = plain_benchmarks(
            [pick(one, at) for one in types.values()], period=period, length=5 if rebasing else YEARS.size
        )
        np.testing.assert_allclose(lines["benchmark_final"][at], plain, rtol=1e-12)
        np.testing.assert_array_equal(lines["two_way_protected"][at], barred)
        any_barred += sum(barred)
    assert 0 < any_barred < lines["benchmark_final"].size


@pytest.mark.parametrize("track", ["B", "D", "ENHANCED"])
def test_sharing_follows_from_benchmark_and_expenditure(track: str) -> None:
    types = draw_types()
    rng = np.random.default_rng(3)
    score, met = rng.uniform(0.1, 1.0, SHAPE), rng.random(SHAPE) < 0.7
    lines = settle_mssp_years(
        types,
        track=track,  # type: ignore[arg-type]
        first_agreement_period=2,
        performance_years=YEARS,
        quality_met=met,
        quality_alternative=~met & (score > 0.4),
        quality_score=score,
        minimum_savings_rate=0.01,
        revenue_share=0.4,  # not low-revenue
        terms=TERMS,
    )
    person_years = np.broadcast_to(sum(one.person_years for one in types.values()), SHAPE)
    sizes, rates = TERMS.weights("minimum_savings_rate.sizes"), TERMS.weights("minimum_savings_rate.rates")
    share = {"B": 0.4, "D": 0.5, "ENHANCED": 0.75}[track]
    cap, limit = (0.2, 0.15) if track == "ENHANCED" else (0.1, 0.02)
    for at in np.ndindex(SHAPE):
        benchmark, spent = lines["benchmark_final"][at], lines["expenditure"][at]
        by_size = float(minimum_savings_rate(person_years[at] / 0.979, sizes=sizes, rates=rates))
        minimum = by_size if track == "B" else 0.01
        full = 1.0 if met[at] else score[at] if score[at] > 0.4 else 0.0
        net = 0.0
        if benchmark - spent >= minimum * benchmark and not lines["two_way_protected"][at]:
            net = 0.98 * min(share * full * (benchmark - spent), cap * benchmark)
        elif spent - benchmark >= minimum * benchmark and track != "B":
            rate = 0.3
            if track == "ENHANCED":
                rate = min(max(1 - 0.75 * score[at], 0.4), 0.75) if full else 0.75
            most = limit * benchmark if track == "ENHANCED" else min(limit * benchmark, 0.04 * 0.4 * spent)
            net = -min(rate * (spent - benchmark), most)
        assert lines["net_shared_savings"][at] == pytest.approx(net, rel=1e-12, abs=1e-6), at
    assert (lines["net_shared_savings"] > 0).any()
    assert (lines["net_shared_savings"] < 0).any() == (track != "B")


def test_shared_and_separate_trend_arrays_agree() -> None:
    types = draw_types()
    apart = {
        name: replace(one, **{key: getattr(one, key).copy() for key in ("national_trend", "regional_trend", "acpt")})
        for name, one in types.items()
    }
    given = {"track": "E", "first_agreement_period": 2, "performance_years": YEARS, "quality_met": True}
    together, separate = (
        settle_mssp_years(some, quality_score=0.8, terms=TERMS, **given)  # type: ignore[arg-type]
        for some in (types, apart)
    )
    for name in LINES:
        np.testing.assert_allclose(together[name], separate[name], rtol=1e-9, atol=1e-3)


def test_agreement_periods_before_2024_follow_the_earlier_rules() -> None:
    one = EnrollmentType(
        person_years=20_000.0, base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=800.0, national_pbpm=1000.0,
        national_trend=1.1, regional_trend=1.1, acpt=1.3, risk_ratio=1.06, expenditure_pbpm=900.0,
        prior_savings_pbpm=100.0,
    )  # fmt: skip
    earlier, present = (
        settle_mssp_years(
            {"aged_nondual": one},
            track="A",
            first_agreement_period=1,
            performance_years=[year],
            quality_met=True,
            quality_score=0.8,
            low_revenue=True,
            terms=TERMS,
        )["benchmark_final"][0]
        for year in (2023, 2024)
    )
    # Before: 15 % of -200, two-way update, growth of risk capped type by type. Now: half of prior savings instead of a
    # negative regional adjustment, two thirds of 10 % and one third of 30 %, and again 3 % as the only type is over.
    assert earlier == pytest.approx(12 * 20_000 * (1000 - 30) * 1.1 * 1.03)
    assert present == pytest.approx(12 * 20_000 * (1000 + 50) * (2 * 1.1 + 1.3) / 3 * 1.03)


def test_low_revenue_shares_by_half_below_the_minimum_from_2024() -> None:
    one = EnrollmentType(
        person_years=9_790.0, base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1000.0, national_pbpm=1000.0,
        national_trend=1.0, regional_trend=1.0, acpt=1.0, risk_ratio=1.0, expenditure_pbpm=980.0,
    )  # fmt: skip

    def net(year: int, track: str, low_revenue: bool) -> float:
        lines = settle_mssp_years(
            {"aged_nondual": one}, track=track, first_agreement_period=1, performance_years=[year],  # type: ignore[arg-type]
            quality_met=True, quality_score=0.8, low_revenue=low_revenue, terms=TERMS,
        )  # fmt: skip
        return float(lines["net_shared_savings"][0])

    half = 0.98 * 0.5 * 0.5 * 20 * 12 * 9_790
    assert net(2027, "E", True) == pytest.approx(half)
    assert net(2027, "E", False) == net(2023, "E", True) == net(2027, "ENHANCED", True) == 0.0


def test_a_later_period_may_vary_on_more_axes_than_the_first() -> None:
    # Without protection the first benchmark knows nothing of what was spent; the rebased one does.
    cost = np.full((3, 1, YEARS.size), 1000.0) * np.array([0.9, 0.95, 1.05])[:, None, None]
    one = EnrollmentType(
        person_years=20_000.0, base_year_pbpm=(1000.0, 1000.0, 1000.0), region_pbpm=1000.0, national_pbpm=1000.0,
        national_trend=1.0, regional_trend=1.0, acpt=1.0, risk_ratio=1.0, expenditure_pbpm=cost,
    )  # fmt: skip
    lines = settle_mssp_years(
        {"aged_nondual": one}, track="ENHANCED", first_agreement_period=1, performance_years=YEARS, quality_met=True,
        quality_score=0.8, terms=load_terms("mssp", {"update": {"two_way_protection": False}}),
    )  # fmt: skip
    benchmark = lines["benchmark_final"][:, 0] / 240_000
    np.testing.assert_allclose(benchmark[:, 0], 1000.0)
    # Half of the difference to the region or of prior savings where lower, nothing where higher.
    np.testing.assert_allclose(benchmark[:, 5], [950.0, 975.0, 1050.0])


def test_tracks_share_one_benchmark() -> None:
    types = draw_types()
    benchmark = benchmark_mssp_years(types, first_agreement_period=2, performance_years=YEARS, terms=TERMS)
    score = np.random.default_rng(2).uniform(0.5, 1.0, SHAPE)
    for track in ("B", "E", "ENHANCED"):
        given = {"track": track, "performance_years": YEARS, "quality_met": score > 0.6, "quality_score": score}
        shared = settle_mssp_benchmark(benchmark, terms=TERMS, **given)  # type: ignore[arg-type]
        alone = settle_mssp_years(types, first_agreement_period=2, terms=TERMS, **given)  # type: ignore[arg-type]
        assert shared.keys() == alone.keys()
        for name, amount in alone.items():
            np.testing.assert_array_equal(shared[name], amount)
