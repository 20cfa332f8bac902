"""A run end to end in small: the same bits however it is cut, and outputs that are complete or absent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

import leadrisk as lr
from leadrisk.errors import InputError
from leadrisk.experience.systemic import person_factors
from leadrisk.report.outputs import write_outputs
from leadrisk.run.directory import complete_or_absent
from leadrisk.run.executors import Threads
from leadrisk.run.job import run
from leadrisk.run.plan import plan_blocks
from leadrisk.run.resumable import run_directory, run_in_directory
from leadrisk.run.store import digest
from leadrisk.scenario.load import scenario_sha256
from scenario_fixture import small_scenario

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def scenario():
    return small_scenario()


@pytest.fixture(scope="module")
def result(scenario):
    return run(scenario, threads=2)


@pytest.mark.parametrize(("threads", "block"), [(1, None), (2, 1), (2, 3), (1, 5), (4, 16)])
def test_digest_does_not_depend_on_threads_or_blocks(scenario, result, threads, block):
    experience = lr.simulate(scenario, threads=threads, block=block)
    settlement = lr.settle(experience, scenario, threads=threads, block=block)
    assert digest(experience, settlement) == result.manifest["digest"]


def test_digest_depends_on_seed_and_scenario(scenario, result):
    for other in (
        small_scenario(run={"seed": 2}),
        small_scenario(trend={"calm_sd": 0.021}),
        small_scenario(contract={"base_pcc_share": 0.03}),
    ):
        assert run(other).manifest["digest"] != result.manifest["digest"]


def test_common_random_numbers_across_scenarios(scenario):
    """A change of terms or trend needs no new persons: the experience stays the same to the bit."""
    experience = lr.simulate(scenario)
    other = lr.simulate(small_scenario(trend={"calm_sd": 0.05}, quality={"relative_level": 1.0}))
    xr.testing.assert_identical(experience, other)


def test_more_futures_leave_the_persons_alone(scenario):
    experience = lr.simulate(scenario)
    few, many = (lr.settle(experience, scenario, futures=k) for k in (4, 8))
    np.testing.assert_array_equal(few["benchmark_final"], many["benchmark_final"].isel(future=slice(0, 4)))


def test_futures_are_pinned_to_the_known_base_years():
    """With nothing systemic at work, cost starts at the known level and follows the projected trend."""
    calm = small_scenario(
        run={"populations": 32, "futures": 2},
        level={"true_level_sd": 0.0},
        trend={"calm_sd": 0.0, "stressed_sd": 0.0, "regional_sd": 0.0},
        drift={
            "walk_variance": 0.0,
            "walk_variance_size": 0.0,
            "trait_sd": 0.0,
            "mean_growth": 0.0,
            "ai_shift_sd": 0.0,
        },
        efficiency={"walk_variance": 0.0, "walk_variance_size": 0.0, "care_management_savings": 0.0},
        shocks={"pandemic_probability": 0.0},
        exposure={"panel_growth_mean": 0.0, "panel_growth_sd": 0.0},
        cohort={"lives": 20_000, "high_needs_share": 0.0, "esrd_share": 0.0},
        categories={
            "aged_disabled": {
                "base_year_pbpm": [1000, 1020, 1060],
                "region_pbpm": 3080 / 3,
                "national_pbpm": 1100,
            },
            "high_needs": None,
            "esrd": None,
        },
    )
    experience = lr.simulate(calm)
    settlement = lr.settle(experience, calm)
    months = 12 * experience["person_years"].sel(category="aged_disabled", year=2027)
    pbpm = (settlement["expenditure"].sel(contract="lead_global", year=2027).mean("future") / months).mean("population")
    known = np.mean(calm.categories.aged_disabled.base_year_pbpm)
    assert float(pbpm) == pytest.approx(known * 1.05, rel=0.01)


def test_outputs_are_complete(scenario, tmp_path):
    out = tmp_path / "run"
    with run_directory(scenario, out) as partial:
        write_outputs(partial, run_in_directory(scenario, partial, executor=Threads(2)))
    names = {path.name for path in out.iterdir()}
    assert names == {
        "results.zarr",
        "plan.json",
        "identity.json",
        "layout.json",
        "ledger",
        "summary.json",
        "summary.csv",
        "report.html",
        "figures",
        "scenario.toml",
        "manifest.json",
        "outputs.json",
    }
    manifest = json.loads((out / "manifest.json").read_text())
    keys = "digest scenario_sha256 seed populations futures lives years beneficiary_years elapsed_s beneficiary_years_per_s version environment unverified_terms"  # noqa: E501
    assert set(keys.split()) <= set(manifest)
    with (
        xr.open_zarr(out / "results.zarr", group="experience", consolidated=False) as experience,
        xr.open_zarr(out / "results.zarr", group="settlement", consolidated=False) as settlement,
    ):
        assert digest(experience.load(), settlement.load()) == manifest["digest"]
    assert scenario_sha256(lr.load_scenario(out / "scenario.toml")) == manifest["scenario_sha256"]
    assert list(tmp_path.iterdir()) == [out]


def test_a_failure_leaves_the_earlier_run_alone(result, tmp_path):
    out = tmp_path / "run"
    with complete_or_absent(out) as partial:
        (partial / "manifest.json").write_text('{"scenario_sha256": ""}')

    def fail(partial: Path) -> None:
        (partial / "half").write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError), complete_or_absent(out) as partial:
        fail(partial)
    assert [path.name for path in out.iterdir()] == ["manifest.json"]
    assert list(tmp_path.iterdir()) == [out]


def test_a_directory_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / "precious.txt").write_text("keep")
    with pytest.raises(InputError, match="refusing to replace"), complete_or_absent(tmp_path):
        pass
    assert (tmp_path / "precious.txt").read_text() == "keep"


def test_leftovers_of_killed_runs_are_cleared(tmp_path):
    stale = tmp_path / ".run.partial-999999999"
    stale.mkdir()
    with complete_or_absent(tmp_path / "run") as partial:
        (partial / "manifest.json").write_text('{"scenario_sha256": ""}')
    assert not stale.exists()


def test_a_plan_covers_every_population_once():
    blocks = plan_blocks(103, size=10)
    assert [p for b in blocks for p in range(b.first, b.first + b.size)] == list(range(103))


def test_summary_names_what_architecture_promises(result):
    for contract in result.summary["contracts"].values():
        assert {"mean", "mean_se", "p05", "p50", "p95", "tvar_99_loss"} <= set(contract["net_settlement_total"])
        assert {"value", "se"} == set(contract["reserve_99"])
        assert set(contract["years"]) == {"2027", "2028", "2029"}
        assert 0 <= contract["prob_loss_any_year"] <= 1
    assert result.summary["digest"] == result.manifest["digest"]


@pytest.mark.parametrize(
    ("populations", "futures", "seed", "key"),
    [
        (7, 8, 1, "populations"),
        (2, 8, 1, "populations"),
        (8, 6, 1, "futures"),
        (8, 8, -1, "seed"),
        (8, 8, 2**64, "seed"),
    ],
)
def test_sizes_and_seeds_given_in_code_are_checked(scenario, populations, futures, seed, key):
    with pytest.raises(InputError, match=key):
        lr.settle(lr.simulate(scenario, populations=populations, seed=seed), scenario, futures=futures)


def test_experience_of_other_persons_is_refused(scenario):
    experience = lr.simulate(scenario, populations=4)
    with pytest.raises(InputError, match="simulate again"):
        lr.settle(experience, small_scenario(lives=1_100))


def test_weights_of_base_years_may_be_given_on_any_scale(scenario):
    experience = lr.simulate(scenario, populations=4)
    halved = small_scenario(contract={"terms": {"baseline.weights_renewing": [0.5, 0.5, 0.5]}})
    np.testing.assert_allclose(
        lr.settle(experience, halved)["net_settlement"], lr.settle(experience, scenario)["net_settlement"], rtol=1e-9
    )


def test_populations_must_be_neighbours(scenario):
    experience = lr.simulate(scenario, populations=8)
    part = lr.settle(experience.isel(population=slice(2, 6)), scenario)
    assert part["population"].values.tolist() == [2, 3, 4, 5]
    for rows in ([0, 2, 4, 6], [1, 2, 3, 4]):
        with pytest.raises(InputError, match="neighbouring"):
            lr.settle(experience.isel(population=rows), scenario)


def test_pandemics_begin_at_their_rate_and_at_most_once():
    often = small_scenario(horizon={"performance_years": 10}, shocks={"pandemic_probability": 0.1})
    years = person_factors(often, first=0, count=4_000, populations=4_000, seed=1).pandemic[:, 3:]
    assert years.sum(axis=1).max() == 1
    expected = 0.1 * 0.9 ** np.arange(10)
    np.testing.assert_allclose(years.mean(axis=0), expected, atol=4 * np.sqrt(0.1 / 4_000))
