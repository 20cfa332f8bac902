"""Invariants of the corridor and of sequestration."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.contract.corridor import Corridor, shared_amount
from leadrisk.contract.sequestration import sequestration_amount
from leadrisk.contract.terms import load_terms

TERMS = {program: load_terms(program) for program in ("lead", "reach")}
CORRIDORS = {
    name: (terms.corridor(name), terms.corridor(name))
    for terms in TERMS.values()
    for name in terms.table
    if name.startswith("corridor.")
}
CORRIDORS["lead professional"] = (
    TERMS["lead"].corridor("corridor.professional.savings.py2027_paper"),
    TERMS["lead"].corridor("corridor.professional.losses.banded"),
)
any_corridor = st.sampled_from(list(CORRIDORS.values()))
dollars = st.floats(-3e8, 3e8)
benchmarks = st.floats(1e5, 1e9)


def _shared(gross: float, benchmark: float, corridor: tuple[Corridor, Corridor]) -> float:
    savings, losses = corridor
    return float(shared_amount(gross, benchmark=benchmark, savings=savings, losses=losses))


@given(any_corridor, benchmarks)
def test_continuous_at_every_edge(corridor: tuple[Corridor, Corridor], benchmark: float) -> None:
    for edge in (0.0, *corridor[0].edges):
        for sign in (1.0, -1.0):
            at = sign * edge * benchmark
            below, above = _shared(at - 0.01, benchmark, corridor), _shared(at + 0.01, benchmark, corridor)
            assert 0.0 <= above - below <= 0.02 + 1e-6


@given(any_corridor, benchmarks, dollars, dollars)
def test_rises_with_gross_savings_and_never_faster(
    corridor: tuple[Corridor, Corridor], benchmark: float, first: float, second: float
) -> None:
    low, high = sorted((first, second))
    step = _shared(high, benchmark, corridor) - _shared(low, benchmark, corridor)
    assert -1e-6 <= step <= high - low + 1e-6


@given(any_corridor, benchmarks, dollars)
def test_a_share_is_never_more_than_the_whole(
    corridor: tuple[Corridor, Corridor], benchmark: float, gross: float
) -> None:
    shared = _shared(gross, benchmark, corridor)
    assert abs(shared) <= abs(gross) * (1.0 + 1e-12)
    assert shared * gross >= 0.0


@given(benchmarks, dollars)
def test_global_treats_gains_and_losses_alike(benchmark: float, gross: float) -> None:
    corridor = CORRIDORS["corridor.global.savings"]
    assert _shared(-gross, benchmark, corridor) == -_shared(gross, benchmark, corridor)


@given(any_corridor, benchmarks, dollars, st.floats(0.01, 100.0))
def test_scales_with_the_money(
    corridor: tuple[Corridor, Corridor], benchmark: float, gross: float, factor: float
) -> None:
    scaled = _shared(factor * gross, factor * benchmark, corridor)
    np.testing.assert_allclose(scaled, factor * _shared(gross, benchmark, corridor), rtol=1e-9, atol=1e-4)


@given(any_corridor, benchmarks, dollars)
def test_agrees_with_a_walk_through_the_bands(
    corridor: tuple[Corridor, Corridor], benchmark: float, gross: float
) -> None:
    edges, shares = corridor[0] if gross >= 0.0 else corridor[1]
    walked, floor = 0.0, 0.0
    for edge, share in zip((*edges, np.inf), shares, strict=True):
        walked += share * max(min(abs(gross), edge * benchmark) - floor, 0.0)
        floor = edge * benchmark
    np.testing.assert_allclose(_shared(gross, benchmark, corridor), np.sign(gross) * walked, rtol=1e-9, atol=1e-5)


@given(dollars, dollars, st.booleans(), st.sampled_from(["shared_amount", "gross"]))
def test_sequestration_is_never_in_the_acos_favour(shared: float, gross: float, on_losses: bool, base: str) -> None:
    taken = float(sequestration_amount(shared, gross=gross, rate=0.02, on_losses=on_losses, base=base))
    assert taken >= 0.0
    if not on_losses and (shared if base == "shared_amount" else gross) <= 0.0:
        assert taken == 0.0
