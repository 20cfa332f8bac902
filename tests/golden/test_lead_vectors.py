"""The rule book's test vectors T01 to T35, by their numbers there."""

from __future__ import annotations

import pytest

from leadrisk.contract.adjustments import (
    baseline_adjustment,
    prior_savings_adjustment,
    regional_efficiency_adjustment,
)
from leadrisk.contract.baseline import weighted_baseline
from leadrisk.contract.case import settle_case
from leadrisk.contract.exclusions import counted_pbpm, excluded_shares
from leadrisk.contract.guarantee import guarantee_amount
from leadrisk.contract.lead_settlement import settle_lead_benchmark
from leadrisk.contract.risk_cap import blended_score, capped_risk_ratio
from leadrisk.contract.terms import Terms, load_terms
from leadrisk.contract.update import update_factor

CENT = 0.005


@pytest.fixture
def terms() -> Terms:
    return load_terms("lead")


def _corridor(option: str, benchmark: float, gross: float, **terms: object) -> dict[str, object]:
    return settle_case(
        {
            "program": "lead",
            "option": option,
            "benchmark_final": benchmark,
            "gross_savings": gross,
            "terms": terms,
        }
    )


@pytest.mark.parametrize(
    ("option", "gross", "shared", "net"),
    [
        pytest.param("global", 8e6, 8_000_000.00, 7_840_000.00, id="T01"),
        pytest.param("global", 22e6, 18_500_000.00, 18_130_000.00, id="T02"),
        pytest.param("global", -40e6, -26_250_000.00, -26_775_000.00, id="T04"),
        pytest.param("global", -100e6, -33_750_000.00, -34_425_000.00, id="T05"),
        pytest.param("professional", 12e6, 6_700_000.00, 6_566_000.00, id="T06"),
        pytest.param("professional", -5e6, -2_500_000.00, -2_550_000.00, id="T09"),
    ],
)
def test_corridors(option: str, gross: float, shared: float, net: float) -> None:
    result = _corridor(option, 100e6, gross)
    assert result["shared_savings"] == pytest.approx(shared, abs=CENT)
    assert result["net_shared_savings"] == pytest.approx(net, abs=CENT)


def test_t04_without_sequestration_on_losses() -> None:
    result = _corridor("global", 100e6, -40e6, sequestration_on_losses=False)
    assert result["net_shared_savings"] == pytest.approx(-26_250_000.00, abs=CENT)


def test_t10_third_party_settlement() -> None:
    result = _corridor("global", 174_608_462.0, 4_765_803.0)
    assert result["net_shared_savings"] == pytest.approx(4_670_487, abs=1.0)


@pytest.mark.parametrize(
    ("spending_class", "after"),
    [pytest.param("higher", 1228.125, id="T12"), pytest.param("lower", 1212.5, id="T14")],
)
def test_discount(spending_class: str, after: float) -> None:
    result = settle_case(
        {
            "program": "lead",
            "option": "global",
            "performance_year": 2027,
            "spending_class": spending_class,
            "benchmark_before_discount": 1250.0 * 12 * 6000,
            "expenditure": 88e6,
        }
    )
    assert result["benchmark_after_discount"] == pytest.approx(after * 12 * 6000, abs=CENT)


@pytest.mark.parametrize(
    ("acpt", "update"),
    [pytest.param(1.0480, 1.05933333, id="T15"), pytest.param(1.0610, 1.06033333, id="T17")],
)
def test_update(acpt: float, update: float, terms: Terms) -> None:
    value = update_factor(
        1.06,
        acpt=acpt,
        acpt_weight=terms.number("update.acpt_weight"),
        guardrail_up=terms.by_year("guardrail.up", 2027),
        guardrail_down=terms.by_year("guardrail.down", 2027),
    )
    assert float(value) == pytest.approx(update, abs=5e-9)


def test_t19_risk_cap(terms: Terms) -> None:
    ratio = capped_risk_ratio(1.085, reference_score=1.02, cap=terms.number("risk_cap.aged_disabled"))
    assert ratio == pytest.approx(1.03)
    assert ratio * 1.02 == pytest.approx(1.0506)


@pytest.mark.parametrize(
    ("region", "prior", "rea", "psa"),
    [
        pytest.param(1300.0, 70.0, 57.5, 35.0, id="T21"),
        pytest.param(1100.0, 0.0, 0.0, 0.0, id="T23"),
    ],
)
def test_adjustments(region: float, prior: float, rea: float, psa: float, terms: Terms) -> None:
    got_rea = regional_efficiency_adjustment(
        1180.0,
        region_pbpm=region,
        national_pbpm=1150.0,
        weight=terms.number("rea.weight"),
        cap=terms.number("rea.cap"),
    )
    got_psa = prior_savings_adjustment(
        prior, national_pbpm=1150.0, weight=terms.number("psa.weight"), cap=terms.number("psa.cap")
    )
    assert (got_rea, got_psa) == pytest.approx((rea, psa))
    assert baseline_adjustment(rea=got_rea, psa=got_psa) == pytest.approx(rea)


def test_t24_base_year_weights(terms: Terms) -> None:
    years = [1050.0, 1110.0, 1150.0]
    renewing = weighted_baseline(years, weights=terms.weights("baseline.weights_renewing"))
    entering = weighted_baseline(years, weights=terms.weights("baseline.weights_newly_entering"))
    assert (renewing, entering) == pytest.approx((1103.333333, 1128.0), abs=5e-7)


def test_t25_exclusions(terms: Terms) -> None:
    counted = counted_pbpm(1200.0, parts={"sahs": 6.0, "skin_substitutes": 20.0}, excluded=excluded_shares(terms))
    assert counted == pytest.approx(1181.0)


def test_t26_t28_t29_higher_spending_global(terms: Terms) -> None:
    lines = settle_lead_benchmark(
        1250.0 * 12 * 6000,
        expenditure=88e6,
        option="global",
        performance_years=[2027],
        quality_score=0.85,
        terms=terms,
        higher_spending=True,
        base_pcc_share=39.55 / 1250.0,
    )
    expected = {
        "enhanced_pcc_repayment": 3_452_400.00,
        "benchmark_before_discount": 90_000_000.00,
        "administrative_add_on": 1_350_000.00,
        "benchmark_after_discount": 88_425_000.00,
        "benchmark_final": 88_027_087.50,
    }
    assert {name: float(lines[name][0]) for name in expected} == pytest.approx(expected, abs=CENT)


def test_t31_guarantee(terms: Terms) -> None:
    assert guarantee_amount(80e6, option="professional", terms=terms) == pytest.approx(1_600_000.00)
    assert guarantee_amount(80e6, option="global", terms=terms) == pytest.approx(3_200_000.00)


def test_t32_ai_blend(terms: Terms) -> None:
    weight = terms.by_year("ai_score_weight", 2029)
    assert float(blended_score(1.08, ai_score=1.02, ai_weight=weight)) == pytest.approx(1.06)


def test_t35_reach_cap() -> None:
    ratio = capped_risk_ratio(
        1.0110, reference_score=0.9379, cap=0.03, demographic_growth=0.030612, coding_intensity_factor=1.010
    )
    assert ratio * 0.9379 == pytest.approx(0.9848, abs=0.0002)
    assert ratio * 0.9379 * 1.010 == pytest.approx(0.9947, abs=0.0002)


@pytest.mark.parametrize(("spending_class", "threshold"), [("lower", 0.075), ("higher", 0.04375)])
def test_break_even_between_global_and_professional(spending_class: str, threshold: float) -> None:
    """Rule book section 0, item 12: equal adjustments, first corridors, quality left aside."""
    nets = []
    for option in ("global", "professional"):
        result = settle_case(
            {
                "program": "lead",
                "option": option,
                "performance_year": 2027,
                "spending_class": spending_class,
                "quality_score": 1.0,
                "benchmark_before_discount": 100e6,
                "expenditure": 100e6 * (1.0 - threshold),
            }
        )
        nets.append(result["net_shared_savings"])
    assert nets[0] == pytest.approx(nets[1], abs=CENT)


@pytest.mark.parametrize(
    ("share", "global_shared"), [(0.20, 0.175), (-0.40, -0.2625), (1.00, 0.3375), (-1.00, -0.3375)]
)
def test_public_notes_on_the_global_corridor(share: float, global_shared: float) -> None:
    assert _corridor("global", 100e6, share * 100e6)["shared_savings"] == pytest.approx(global_shared * 100e6)
