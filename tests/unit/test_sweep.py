"""A sweep has the figures of single runs, on common populations and futures, and survives what goes wrong in a cell."""

from __future__ import annotations

import csv
import errno
import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import leadrisk as lr
import leadrisk.sweep.task
from leadrisk.cli import main
from leadrisk.cohort.public_use_layout import read_public_use_file
from leadrisk.errors import InputError, LeadriskError
from leadrisk.report.whole_run import run_scenario
from leadrisk.run.executors import Threads
from leadrisk.run.speed import speed
from leadrisk.scenario.write import scenario_toml
from leadrisk.sweep import as_grid, load_sweep, load_totals, read_sweep, run_sweep
from leadrisk.sweep.design import points
from leadrisk.sweep.forecast import sweep_forecast
from leadrisk.sweep.outputs import failures
from leadrisk.sweep.plan import plan_sweep
from leadrisk.sweep.spec import Sweep
from leadrisk.sweep.task import cell_tasks, read_result, run_cell
from scenario_fixture import small_scenario

SIZE = "[run]\npopulations = 8\nfutures = 4\nseed = 7\n"
GRID = '[grid]\n"cohort.lives" = [400, 600]\n"trend.calm_sd" = [0.015, 0.025]\n'
PUF = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "mssp"
    / "PY_Financial_and_Quality_Results_2023.csv"
)
with_puf = pytest.mark.skipif(not PUF.is_file(), reason=f"{PUF} is not there")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a small scenario to sweep over."""
    path = tmp_path_factory.mktemp("sweep")
    tables = small_scenario().model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    (path / "small.toml").write_text(scenario_toml(tables, heading=["Small."], notes={}))
    return path


def written(folder, text, *, name="sweep.toml", source='scenario = "small.toml"'):
    file = folder / name
    file.write_text(f'name = "test"\n{source}\n{SIZE}{text}')
    return file


@pytest.fixture(scope="module")
def grid(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "grid"
    dataset = run_sweep(written(folder, GRID, name="grid.toml"), out, executor=Threads(2))
    return dataset, out


def summary(folder, **values):
    named = {key.replace("__", "."): value for key, value in values.items()}
    scenario = lr.load_scenario(folder / "small.toml", set=named)
    settlement = lr.settle(lr.simulate(scenario, populations=8, seed=7, threads=1), scenario, futures=4, threads=1)
    return lr.summarize(settlement)


def test_a_cell_has_the_figures_of_a_run_bit_for_bit(grid, folder):
    cell = as_grid(grid[0]).sel({"cohort.lives": 600, "trend.calm_sd": 0.025})
    found = summary(folder, cohort__lives=600, trend__calm_sd=0.025)
    for name, figures in found["contracts"].items():
        own = cell.sel(contract=name)
        for prefix, of in (("total", "net_settlement_total"), ("after_costs", "net_of_costs_total")):
            for figure in ("mean", "mean_se", "sd"):
                assert float(own[f"{prefix}_{figure}"]) == figures[of][figure]
            for level in ("p01", "p50", "p95"):
                assert float(own[f"{prefix}_quantile"].sel(level=level)) == figures[of][level]
                assert float(own[f"{prefix}_quantile_se"].sel(level=level)) == figures[of][f"{level}_se"]
        for figure in ("tvar_95_loss", "tvar_99_loss_se"):
            assert float(own[figure]) == figures["net_settlement_total"][figure]
        for figure in ("prob_loss_any_year", "prob_negative_total_se"):
            assert float(own[figure]) == figures[figure]
        assert (float(own["reserve_99"]), float(own["reserve_99_se"])) == tuple(figures["reserve_99"].values())
        for year, of_year in figures["years"].items():
            at = own.sel(year=int(year))
            assert float(at["year_net_settlement_mean"]) == of_year["net_settlement"]["mean"]
            assert float(at["year_net_settlement_mean_se"]) == of_year["net_settlement"]["mean_se"]
            for line in ("benchmark_final", "expenditure", "administrative_add_on", "enhanced_pcc"):
                assert float(at[f"year_{line}_mean"]) == of_year[f"{line}_mean"]
    for pair, figures in found["differences_after_costs"].items():
        own = cell.sel(difference=pair)
        assert float(own["difference_after_costs_mean"]) == figures["mean"]
        assert float(own["difference_after_costs_mean_se"]) == figures["mean_se"]
        assert float(own["difference_after_costs_prob_first_better"]) == figures["prob_first_better"]


def test_an_aco_that_may_leave_has_the_figures_of_a_run(folder, tmp_path):
    rule = 'participation.exit_rule = "after_cumulative_loss"\n'
    overlay = tmp_path / "leave.toml"
    overlay.write_text(rule)
    found = run_sweep(written(folder, "", source=f'scenario = "small.toml"\noverlays = ["{overlay}"]'), tmp_path / "o")
    single = summary(folder, participation__exit_rule="after_cumulative_loss")
    for name, figures in single["contracts"].items():
        own = found.isel(cell=0).sel(contract=name)
        for year, of_year in figures["years"].items():
            at = own.sel(year=int(year))
            assert float(at["year_benchmark_final_mean"]) == of_year["benchmark_final_mean"]
            assert float(at["year_share_in_model"]) == of_year.get("share_in_model", 1.0)


def test_cells_have_populations_and_futures_in_common(grid, folder, tmp_path):
    alone = run_sweep(written(folder, '[[cell]]\n"cohort.lives" = 600\ntrend.calm_sd = 0.025\n'), tmp_path / "alone")
    same = grid[0].isel(cell=3)
    assert alone["digest"].item() == same["digest"].item()
    np.testing.assert_array_equal(alone["total_mean"].values[0], same["total_mean"].values)


def test_what_is_written_is_what_is_returned(grid):
    dataset, out = grid
    back = load_sweep(out)
    for name in dataset.data_vars:
        np.testing.assert_array_equal(dataset[name].values, back[name].values)
    assert back["cohort.lives"].values.tolist() == [400, 400, 600, 600]
    with (out / "cells.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert float(rows[-1]["total_mean"]) == float(dataset["total_mean"][-1, -1])
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["done"], manifest["failed"], manifest["seed"]) == (4, 0, 7)
    assert len(manifest["scenario_sha256"]) == 64


def test_one_thread_or_two(grid, folder, tmp_path):
    again = run_sweep(folder / "grid.toml", tmp_path / "again", executor=Threads(1))
    assert again["digest"].values.tolist() == grid[0]["digest"].values.tolist()
    digests = [json.loads((path / "manifest.json").read_text())["digest"] for path in (grid[1], tmp_path / "again")]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("harm", ["missing", "truncated", "flipped", "other version", "not JSON"])
def test_a_damaged_cell_is_done_again(grid, folder, tmp_path, harm):
    shutil.copytree(grid[1], tmp_path / "out")
    file = tmp_path / "out" / "cells" / "0002.json"
    whole = file.read_bytes()
    if harm == "missing":
        file.unlink()
    elif harm == "truncated":
        file.write_bytes(whole[: len(whole) // 2])
    elif harm == "flipped":
        at = whole.index(b'"total_mean": ') + 15
        file.write_bytes(whole[:at] + (b"9" if whole[at : at + 1] != b"9" else b"1") + whole[at + 1 :])
    elif harm == "other version":
        file.write_bytes(whole.replace(lr.__version__.encode(), b"0.0.0", 1))
    else:
        file.write_bytes(b"\xff\x00")
    again = run_sweep(folder / "grid.toml", tmp_path / "out", resume=True)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["reused"] == 3
    for name in set(grid[0].data_vars) - {"seconds"}:
        np.testing.assert_array_equal(again[name].values, grid[0][name].values)


def test_another_sweep_is_refused(grid, folder, tmp_path):
    shutil.copytree(grid[1], tmp_path / "out")
    changed = read_sweep(folder / "grid.toml", set={"grid.cohort.lives": "[400, 500]"})
    with pytest.raises(
        InputError,
        match=r"sweep of something else: grid\.cohort\.lives was \[400, 600\], is now \[400, 500\]; 2 of 4",
    ):
        run_sweep(changed, tmp_path / "out", resume=True)
    assert load_sweep(tmp_path / "out").sizes["cell"] == 4


def test_a_sweep_may_get_further_cells(grid, folder, tmp_path):
    shutil.copytree(grid[1], tmp_path / "out")
    longer = read_sweep(folder / "grid.toml", set={"grid.cohort.lives": "[400, 600, 800]"})
    found = run_sweep(longer, tmp_path / "out", resume=True)
    assert found["digest"].values[:4].tolist() == grid[0]["digest"].values.tolist()
    assert found.sizes["cell"] == 6
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["reused"] == 4
    with pytest.raises(InputError, match=r"is now \[400, 600\]; 2 of 6 cells are others, the first 0005"):
        run_sweep(folder / "grid.toml", tmp_path / "out", resume=True)


@pytest.mark.parametrize("names", [["lead_global"], ["lead_global", "mssp_enhanced", "reach_global"]], ids=len)
@pytest.mark.parametrize("totals", [False, True])
def test_a_sweep_says_what_it_takes_and_took(folder, tmp_path, names, totals):
    said = []
    keep = f"[keep]\ntotals = {str(totals).lower()}\n"
    sweep = written(folder, f'[grid]\n"cohort.lives" = [400, 600]\n{keep}')
    file = read_sweep(sweep, set={"run.contracts": str(names)})
    run_sweep(file, tmp_path / "out", say=said.append)
    assert said[0].startswith("Expected: 2 cells of ")
    found = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert found["forecast"]["tasks"] == 2
    assert 0.0 < found["forecast"]["core_seconds"]["taken"] < found["elapsed_s"] * 2
    assert found["forecast"]["disk_bytes"]["taken"] == pytest.approx(
        found["forecast"]["disk_bytes"]["expected"], rel=0.1
    )
    (tmp_path / "out" / "cells" / "0001.json").unlink()
    run_sweep(file, tmp_path / "out", resume=True, say=said.append)
    assert said[1] == "Going on: 1 of 2 cells are done."
    assert said[2].startswith("Expected: 1 cell of ")


def test_workers_are_asked_for_only_where_cells_are_missing(grid, folder, tmp_path):
    shutil.copytree(grid[1], tmp_path / "out")

    @contextmanager
    def workers():
        pytest.fail("nothing is left to do")
        yield

    found = run_sweep(folder / "grid.toml", tmp_path / "out", executor=workers(), resume=True)
    assert found["digest"].values.tolist() == grid[0]["digest"].values.tolist()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["forecast"] == {"tasks": 0}


def test_a_run_and_a_sweep_do_not_take_each_others_place(grid, folder, tmp_path):
    shutil.copytree(grid[1], tmp_path / "out")
    scenario = small_scenario()
    for resume in (False, True):
        with pytest.raises(InputError, match="holds a sweep, refusing to replace it"):
            run_scenario(scenario, tmp_path / "out", resume=resume)
    run_scenario(scenario, tmp_path / "run", threads=1)
    with pytest.raises(InputError, match="holds a run, refusing to replace it"):
        run_sweep(folder / "grid.toml", tmp_path / "run")
    assert load_sweep(tmp_path / "out").sizes["cell"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run"]


def test_a_sweep_that_is_refused_stays(grid, folder, tmp_path):
    shutil.copytree(grid[1], tmp_path / "out")
    longer = read_sweep(folder / "grid.toml", set={"grid.cohort.lives": "[400, 600, 800]"})

    @contextmanager
    def workers():
        problem = "no such partition"
        raise InputError(problem, key="--slurm")
        yield

    with pytest.raises(InputError, match="no such partition"):
        run_sweep(longer, tmp_path / "out", executor=workers(), resume=True)
    assert load_sweep(tmp_path / "out").sizes["cell"] == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in grid[1].iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_worker_elsewhere_computes_nothing(folder, tmp_path, monkeypatch):
    """Without the directory of the sweep, or in that of another one that was begun in its place."""
    plan = plan_sweep(read_sweep(written(folder, GRID)))
    (tmp_path / "cells").mkdir()
    (tmp_path / "identity.json").write_text("{}")
    (task,) = cell_tasks(plan.valid[:1], directory=tmp_path, keep_totals=False).values()
    with pytest.raises(LeadriskError, match="a file system that all share"):
        run_cell(task._replace(directory=str(tmp_path / "elsewhere")))
    assert not (tmp_path / "elsewhere").exists()

    def begun_anew(scenario):
        (tmp_path / "identity.json").write_text("{ }")
        return settled(scenario)

    settled = leadrisk.sweep.task.settled_paths
    monkeypatch.setattr(leadrisk.sweep.task, "settled_paths", begun_anew)
    with pytest.raises(LeadriskError, match="is not the directory of this sweep"):
        run_cell(task)
    assert not list((tmp_path / "cells").iterdir())


def test_a_stopped_sweep_keeps_its_cells(grid, folder, tmp_path):
    def stop(label, done, total):
        if done == 3:
            raise KeyboardInterrupt

    said = []
    with pytest.raises(KeyboardInterrupt):
        run_sweep(folder / "grid.toml", tmp_path / "out", executor=Threads(1), progress=stop, say=said.append)
    assert "--resume goes on" in said[-1]
    assert not (tmp_path / "out").exists()
    again = run_sweep(folder / "grid.toml", tmp_path / "out", resume=True)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["reused"] == 3
    assert again["digest"].values.tolist() == grid[0]["digest"].values.tolist()


def test_what_the_machine_lacks_stops_the_sweep(folder, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("leadrisk.sweep.task.write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        run_sweep(written(folder, GRID), tmp_path / "out", executor=Threads(1))


def test_totals_of_all_paths_are_kept_where_asked_for(folder, tmp_path, grid):
    found = run_sweep(written(folder, '[grid]\n"cohort.lives" = [400, 600]\n[keep]\ntotals = true\n'), tmp_path / "out")
    totals = load_totals(tmp_path / "out")
    assert dict(totals.sizes) == {"cell": 2, "contract": 2, "population": 8, "future": 4}
    np.testing.assert_allclose(totals.mean(["population", "future"]), found["total_mean"], rtol=1e-12)
    (tmp_path / "out" / "cells" / "0001.npy").write_bytes(b"broken")
    run_sweep(folder / "sweep.toml", tmp_path / "out", resume=True)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["reused"] == 1
    with pytest.raises(InputError, match="kept no totals"):
        load_totals(grid[1])
    array = tmp_path / "out" / "cells" / "0002.npy"
    whole = array.read_bytes()
    plan = plan_sweep(read_sweep(folder / "sweep.toml"))
    task = cell_tasks(plan.valid, directory=tmp_path / "out", keep_totals=True)["0002"]
    assert read_result(task) is not None
    for bit in range(8 * 130):  # of its header, which NumPy reads as text of Python, and of the first numbers
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        array.write_bytes(content)
        assert read_result(task) is None


def test_cells_have_the_same_contracts(folder, tmp_path):
    """Paths are kept by number of the contract."""
    (folder / "other_order.toml").write_text('[contract]\nnames = ["lead_professional", "lead_global"]\n')
    sweep = written(folder, '[stresses]\na = []\nb = ["other_order.toml"]\n')
    with pytest.raises(InputError, match=r"cell 0002 has other contracts than 0001.*contracts = \["):
        run_sweep(sweep, tmp_path / "out")
    file = read_sweep(sweep, set={"run.contracts": '["lead_global", "lead_professional"]'})
    assert run_sweep(file, tmp_path / "out")["contract"].values.tolist() == ["lead_global", "lead_professional"]


def test_what_killed_workers_left_is_not_published(grid, folder, tmp_path):
    shutil.copytree(grid[1], tmp_path / "out")
    (tmp_path / "out" / "cells" / "0001.json").unlink()
    (tmp_path / "out" / "cells" / ".0001.npy.1f2e").write_bytes(bytes(100))
    run_sweep(folder / "grid.toml", tmp_path / "out", resume=True)
    assert {path.suffix for path in (tmp_path / "out" / "cells").iterdir()} == {".json"}


def test_where_every_cell_fails_a_trace_is_told(folder, tmp_path, monkeypatch):
    def fails(_):
        message = "out of luck"
        raise RuntimeError(message)

    monkeypatch.setattr("leadrisk.sweep.task.settled_paths", fails)
    said = []
    with pytest.raises(LeadriskError, match="every cell failed; the first, 0001: RuntimeError: out of luck"):
        run_sweep(written(folder, GRID), tmp_path / "out", executor=Threads(1), say=said.append)
    assert said[-1].startswith("Traceback")
    assert "in fails" in said[-1]


def test_pricing_a_cover_is_expected(folder):
    said = []
    for premium in ("", "aggregate_cover.premium_share = 0.01\n"):
        overlay = folder / "cover.toml"
        overlay.write_text(f"aggregate_cover.bought = true\n{premium}")
        file = read_sweep(written(folder, "", source='scenario = "small.toml"\noverlays = ["cover.toml"]'))
        (_, scenario), *_ = plan_sweep(file).valid
        said.append(sweep_forecast([scenario], slots=1, threads=1, keep_totals=False).core_seconds)
    settling = 8 * speed().settlement(scenario, futures=4)
    assert said[0] - said[1] == pytest.approx(settling)


def test_a_failing_cell_is_recorded_and_the_rest_finished(folder, tmp_path, monkeypatch, capsys):
    from leadrisk.sweep import task

    def settled(scenario):
        if scenario.cohort.lives == 600:
            message = "out of luck"
            raise RuntimeError(message)
        return before(scenario)

    before = task.settled_paths
    monkeypatch.setattr(task, "settled_paths", settled)
    file = written(folder, '[grid]\n"cohort.lives" = [400, 600, 10]\n')
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main(["sweep", str(file), "--out", str(out), "--threads", "1"])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "1 of 3 cells are not valid and will fail; the first, 0003: " in said
    assert said.index("not valid") < said.index("Expected: 2 cells")
    assert "2 of 3 cells failed" in said
    found = load_sweep(out)
    assert found["status"].values.tolist() == ["done", "failed", "failed"]
    assert np.isnan(found["total_mean"].values[1:]).all()
    told = json.loads((out / "failures.json").read_text())["failures"]
    assert told[0]["reason"] == "RuntimeError: out of luck"
    assert "must be at least 200" in told[1]["reason"]
    assert "out of luck" in (out / "failures" / "0002.txt").read_text()
    monkeypatch.setattr(task, "settled_paths", before)
    again = run_sweep(file, out, resume=True)
    assert again["status"].values.tolist() == ["done", "done", "failed"]
    assert json.loads((out / "manifest.json").read_text())["reused"] == 1


def test_a_task_is_plain_data(folder, tmp_path):
    import pickle

    plan = plan_sweep(read_sweep(written(folder, GRID)))
    (tmp_path / "cells").mkdir()
    (tmp_path / "identity.json").write_text("{}")
    (task,) = cell_tasks(plan.valid[:1], directory=tmp_path, keep_totals=False).values()
    outcome = run_cell(pickle.loads(pickle.dumps(task)))
    assert outcome.error == ""
    assert read_result(task) is not None
    assert read_result(task._replace(scenario_sha256="0" * 64)) is None
    other = run_cell(task._replace(identifier="other", scenario_sha256="0" * 64))
    assert "not the one that was sent" in other.error
    assert failures(plan, {"0001": other}, {})[0]["status"] == "failed"
    assert "cannot be read" in failures(plan, {}, {})[0]["reason"]


def test_files_of_the_command_line_are_relative_to_where_it_runs(folder, tmp_path, monkeypatch):
    (tmp_path / "here.toml").write_text("trend.calm_sd = 0.03\n")
    monkeypatch.chdir(tmp_path)
    here = dict.fromkeys(("overlays", "stresses.bad"), '["here.toml"]')
    file = read_sweep(written(folder, "", name="plain.toml"), set=here)
    assert file.sweep.overlays == file.sweep.stresses["bad"] == (str(tmp_path / "here.toml"),)
    with pytest.raises(InputError, match="one on the command line to where it runs"):
        plan_sweep(read_sweep(folder / "plain.toml", set={"overlays": '["there.toml"]'}))


def test_stresses_are_a_dimension(folder, tmp_path):
    (folder / "bad_years.toml").write_text("[trend]\ncalm_sd = 0.03\n")
    text = '[stresses]\nnone = []\nbad = ["bad_years.toml"]\n[grid]\n"cohort.lives" = [400, 600]\n'
    found = as_grid(run_sweep(written(folder, text), tmp_path / "out"))
    assert found["total_sd"].sizes == {"contract": 2, "stress": 2, "cohort.lives": 2}
    assert float(found["total_sd"].sel(stress="bad").mean()) != float(found["total_sd"].sel(stress="none").mean())


def test_points_of_designs():
    span = {"low": 1000, "high": 100_000, "scale": "log"}
    parameters = {"cohort.lives": span, "trend.calm_sd": {"low": 0.01, "high": 0.03}}
    for name in ("latin_hypercube", "sobol"):
        design = {name: {"points": 16, "seed": 3, "parameters": parameters}}
        found = points(Sweep(name="a", scenario="a.toml", **design))
        assert found == points(Sweep(name="a", scenario="a.toml", **design))
        assert all(isinstance(point["cohort.lives"], int) for point in found)
        strata = [int(16 * (point["trend.calm_sd"] - 0.01) / 0.02) for point in found]
        assert sorted(strata) == list(range(16))
        strata = [int(16 * np.log(point["cohort.lives"] / 1000) / np.log(100)) for point in found]
        assert sorted(strata) == list(range(16))
        design[name]["seed"] = 4
        assert found != points(Sweep(name="a", scenario="a.toml", **design))


def test_whole_numbers_of_a_design_are_met_alike():
    parameters = {
        "efficiency.care_management_ramp_years": {"low": 1, "high": 4},
        "participation.exit_year": {"low": 2028, "high": 2035},
    }
    for name in ("latin_hypercube", "sobol"):
        found = points(Sweep(name="a", scenario="a.toml", **{name: {"points": 64, "parameters": parameters}}))
        for key, span in parameters.items():
            values = [point[key] for point in found]
            assert all(isinstance(value, int) for value in values)
            counts = np.bincount(values)[span["low"] :]
            assert counts.tolist() == [64 // counts.size] * (span["high"] - span["low"] + 1)


NEAREST = 'did you mean "cohort.lives"?'
BAD = {
    "nested unknown key": (
        "[grid]\ncohort.live = [1]\n",
        f"grid.cohort.live: unknown key ({NEAREST})",
    ),
    "unknown key": ('[grid]\n"trend.calm_s" = [1]\n', "sweep.toml:8: grid.trend.calm_s: unknown key"),
    "own unknown key": ("[gird]\n", 'gird: unknown key (did you mean "grid"?)'),
    "a table": ('[grid]\n"cohort" = [1]\n', "is a table, not a value"),
    "sizes": ('[grid]\n"run.populations" = [4]\n', "cannot be varied (write it in [run]"),
    "set and varied": (
        '[set]\n"cohort.lives" = 900\n[grid]\n"cohort.lives" = [400]\n',
        "set.cohort.lives: grid varies it, so its value here would change nothing (keep one of the two)",
    ),
    "no list": ('[grid]\n"cohort.lives" = 400\n', "must be a list of values"),
    "term": ('[grid]\n"contract.terms.quality.at_rsk" = [0.03]\n', "no such term"),
    "two designs": ('[grid]\n"cohort.lives" = [400]\n[[cell]]\n"cohort.lives" = 500\n', "has one design at most"),
    "not a power": ('[sobol]\npoints = 6\nparameters."trend.calm_sd" = {low = 0.01, high = 0.02}\n', "power of two"),
    "upside down": (
        '[latin_hypercube]\npoints = 4\nparameters."trend.calm_sd" = {low = 0.02, high = 0.01}\n',
        "low must be below high",
    ),
    "no whole end": (
        '[latin_hypercube]\npoints = 4\nparameters."cohort.lives" = {low = 500.5, high = 900}\n',
        "takes whole numbers, got 500.5 and 900",
    ),
    "log of zero": (
        '[latin_hypercube]\npoints = 4\nparameters."trend.calm_sd" = {low = 0.0, high = 0.01, scale = "log"}\n',
        "above zero on a log scale",
    ),
    "no overlay": ('[stresses]\nbad = ["no.toml"]\n', "there is no file"),
    "all invalid": ('[grid]\n"cohort.lives" = [1, 2]\n', "no cell is valid"),
    "not TOML": ("[grid\n", "is not TOML"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_clear_error(folder, tmp_path, capsys, name):
    text, said = BAD[name]
    with pytest.raises(SystemExit) as ended:
        main(["sweep", str(written(folder, text)), "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_sweep_needs_one_source(folder):
    for source in ("", 'scenario = "small.toml"\n[acos]\npublic_use_file = "a.csv"'):
        with pytest.raises(InputError, match="from a scenario or from a list of ACOs"):
            read_sweep(written(folder, "", source=source))
    with pytest.raises(InputError, match="there is no file"):
        plan_sweep(read_sweep(written(folder, "", source='scenario = "no.toml"')))


def test_terms_can_be_varied(folder, tmp_path):
    file = written(folder, '[grid]\n"contract.terms.quality.at_risk" = [0.03, 0.05]\n')
    found = run_sweep(file, tmp_path / "out")
    assert found["contract.terms.quality.at_risk"].values.tolist() == [0.03, 0.05]
    assert found["digest"].values[0] != found["digest"].values[1]


def test_the_command_prints_and_draws(folder, tmp_path, capsys):
    file = written(folder, GRID)
    main(["sweep", str(file), "--out", str(tmp_path / "out"), "--set", "run.seed=7", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed["done"] == 4
    assert (tmp_path / "out" / "figures" / "response.svg").stat().st_size > 1000
    main(["sweep", str(file), "--out", str(tmp_path / "out"), "--resume"])
    assert "LEAD Global" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["reused"] == 4


@with_puf
def test_acos_of_a_public_use_file(folder, tmp_path, capsys):
    rows = read_public_use_file(PUF).rows
    first, hidden = (rows[number]["ACO_ID"] for number in (0, 1))
    some = tmp_path / PUF.name
    with PUF.open(encoding="utf-8-sig", newline="") as whole, some.open("w", newline="") as copy:
        reader = csv.DictReader(whole)
        writer = csv.DictWriter(copy, reader.fieldnames)
        writer.writeheader()
        for row in reader:
            shown = row["ACO_ID"] != hidden
            writer.writerow(row if shown else {key: "*" if key == "HistBnchmk" else row[key] for key in row})
    file = folder / "acos.toml"
    file.write_text(
        f'name = "acos"\n[acos]\npublic_use_file = "{some}"\nidentifiers = ["A4950", "{hidden}", "{first}"]\n'
        f'{SIZE}contracts = ["lead_global", "lead_professional"]\n'
    )
    main(["sweep", str(file), "--out", str(tmp_path / "out")])
    assert hidden in capsys.readouterr().out
    found = load_sweep(tmp_path / "out")
    assert found["status"].values.tolist() == ["done", "left out", "done"]
    assert found["lives"].values[0] == 9608
    assert (tmp_path / "out" / "figures" / "acos.png").stat().st_size > 1000
    main(["scenario", "--from-puf", str(PUF), "--aco", "A4950", "--out", str(tmp_path / "a4950.toml")])
    scenario = lr.load_scenario(tmp_path / "a4950.toml", set={"contract.names": ["lead_global", "lead_professional"]})
    settlement = lr.settle(lr.simulate(scenario, populations=8, seed=7, threads=1), scenario, futures=4, threads=1)
    for name, figures in lr.summarize(settlement)["contracts"].items():
        own = found.isel(cell=0).sel(contract=name)
        assert float(own["total_mean"]) == figures["net_settlement_total"]["mean"]
        assert float(own["after_costs_mean"]) == figures["net_of_costs_total"]["mean"]


@with_puf
def test_an_aco_that_is_not_in_the_file_is_told_before_anything_runs(folder, tmp_path, capsys):
    file = folder / "unknown.toml"
    file.write_text(f'name = "a"\n[acos]\npublic_use_file = "{PUF}"\nidentifiers = ["A4950", "A495"]\n{SIZE}')
    with pytest.raises(SystemExit) as ended:
        main(["sweep", str(file), "--out", str(tmp_path / "out")])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "unknown.toml: acos.identifiers: there is no ACO 'A495' among the 453" in said
    assert "did you mean" in said
    assert not (tmp_path / "out").exists()


@with_puf
def test_acos_and_a_grid_make_a_product(folder):
    source = f'[acos]\npublic_use_file = "{PUF}"\nminimum_lives = 100_000\n'
    file = folder / "product.toml"
    file.write_text(f'name = "product"\n{source}{SIZE}[grid]\n"trend.calm_sd" = [0.02, 0.03]\n')
    plan = plan_sweep(read_sweep(file))
    assert plan.dimensions == ("aco", "trend.calm_sd")
    assert len(plan.valid) == len(plan.cells) > 2
    assert min(scenario.cohort.lives for _, scenario in plan.valid) >= 100_000
    assert plan.cells[1].identifier.endswith("-0002")
