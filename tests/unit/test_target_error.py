"""A run whose size follows from the error that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import leadrisk as lr
import leadrisk.run.resumable
from leadrisk.cli import main
from leadrisk.errors import InputError
from leadrisk.run.executors import Threads, made_anew
from leadrisk.run.job import run
from leadrisk.run.resumable import run_directory
from leadrisk.run.target_error import MOST_POPULATIONS, PILOT, STEPS, in_words, run_to_target, spent_seconds
from scenario_fixture import small_scenario

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.toml"
SMALL = ["--set", "cohort.lives=300", "--set", "horizon.performance_years=2", "--futures", "8"]


@pytest.fixture(scope="module")
def scenario():
    return small_scenario(lives=300, horizon={"performance_years": 2})


def answering(*errors):
    """Stand in for whole runs: the reserve's error, one answer a run, and the sizes asked for."""
    left, sizes = list(errors), []

    def whole(scenario):
        sizes.append(scenario.run.populations)
        reserve = {"value": 1.0, "se": left.pop(0)}
        manifest = {"forecast": {"tasks": 1, "core_seconds": {"taken": 400.0}}}
        return SimpleNamespace(summary={"contracts": {"lead_global": {"reserve_99": reserve}}}, manifest=manifest)

    return whole, sizes


def test_one_run_of_the_size_that_the_pilot_tells(scenario):
    result, steps = run_to_target(scenario, 0.02, run=run)
    pilot, *runs, last = steps
    assert pilot.populations == PILOT < last.populations
    assert last.error <= 0.02 < min(step.error for step in (pilot, *runs))
    expected = PILOT * (pilot.error / 0.02) ** 2
    assert expected < [*runs, last][0].populations < 1.3 * expected + 64
    again = run(scenario.model_copy(update={"run": scenario.run.model_copy(update={"populations": last.populations})}))
    assert again.summary["digest"] == result.summary["digest"]
    worst = max(c["reserve_99"]["se"] / c["reserve_99"]["value"] for c in result.summary["contracts"].values())
    assert worst == last.error
    assert result.summary["target_error"]["steps"][-1]["populations"] == last.populations


def test_a_pilot_that_is_enough_is_the_run(scenario):
    result, (only,) = run_to_target(scenario, 0.9, run=run)
    assert only.populations == PILOT == result.summary["populations"]
    assert in_words(0.9, [only], seconds=1.0).endswith(f"reached with {PILOT} populations in 1 s ({only.contract}).")


def test_a_run_that_misses_is_made_larger(scenario):
    whole, sizes = answering(0.024, 0.019)
    _, steps = run_to_target(scenario, 0.02, run=whole)
    assert sizes == [step.populations for step in steps[1:]]
    assert sizes[1] >= 1.2 * sizes[0] * 1.44
    assert [step.error for step in steps[1:]] == [0.024, 0.019]


def test_a_run_that_misses_by_a_hair_grows_all_the_same(scenario):
    whole, sizes = answering(0.0500001, 0.049)
    run_to_target(scenario, 0.05, run=whole)
    assert sizes[1] > sizes[0]


def test_a_target_out_of_reach_is_told_before_the_long_run(scenario):
    whole, sizes = answering()
    with pytest.raises(InputError, match=rf"the most is {MOST_POPULATIONS:,}"):
        run_to_target(scenario, 1e-5, run=whole)
    assert not sizes


@pytest.mark.parametrize("target", [0.0, 1.0, -0.1, float("nan")])
def test_a_target_is_a_share(scenario, target):
    with pytest.raises(InputError, match="share above 0 and below 1"):
        run_to_target(scenario, target, run=run)


def test_no_reserve_no_target(scenario):
    def safe(_):
        summary = {"contracts": {"lead_global": {"reserve_99": {"value": 0.0, "se": 0.0}}}}
        return SimpleNamespace(summary=summary, manifest={})

    with pytest.raises(InputError, match="no contract of this run needs a reserve"):
        run_to_target(scenario, 0.05, run=safe)


@pytest.mark.parametrize("share", ["6%", "0.06"])
def test_command_says_what_it_took(tmp_path, capsys, share):
    main(["run", str(BASELINE), *SMALL, "--target-error", share, "--out", str(tmp_path / "r")])
    out = " ".join(capsys.readouterr().out.split())
    summary = json.loads((tmp_path / "r" / "summary.json").read_text())
    reached = summary["target_error"]["steps"][-1]["error"]
    assert f"Target error 6% of the 99% reserve: {100 * reached:.2g}% reached" in out
    assert f"with {summary['populations']:,} populations in" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target-error", "0"], "share above 0 and below 1"),
        (["--target-error", "much"], "share above 0 and below 1"),
        (["--target-error", "1%", "--populations", "64"], "leave one of them out"),
    ],
)
def test_command_refuses(tmp_path, capsys, arguments, said):
    with pytest.raises(SystemExit) as ended:
        main(["run", str(BASELINE), *SMALL, *arguments, "--out", str(tmp_path / "r")])
    assert ended.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "r").exists()


def test_words_name_every_step():
    _, steps = run_to_target(small_scenario(lives=300), 0.05, run=answering(0.06, 0.04)[0])
    said = in_words(0.05, steps, seconds=7.4)
    assert "4% reached" in said
    assert "in 7 s" in said
    assert "256 had left" in said


def test_runs_that_missed_are_work_that_is_kept(scenario, tmp_path):
    """Their tasks are gone when the next size is planned; hours of them must not go unasked."""
    out, said = tmp_path / "run", []
    with run_directory(scenario, out, target_error=0.02, finish=False) as directory:
        (directory / STEPS).write_text(json.dumps({"steps": [[256, "lead_global", 0.05]], "core_seconds": 4000.0}))
    with (
        pytest.raises(ZeroDivisionError),
        run_directory(scenario, out, target_error=0.02, resume=True, say=said.append),
    ):
        1 / 0  # noqa: B018
    assert said[0].startswith("67 core-minutes of finished work are kept")
    with pytest.raises(InputError, match=r"67 core-minutes .*--restart"), run_directory(scenario, out):
        pass
    with run_directory(scenario, out, target_error=0.02, resume=True) as directory:
        assert spent_seconds(directory) == 4000.0
        (directory / "manifest.json").write_text("{}")


def test_workers_are_there_only_while_there_are_tasks(tmp_path, monkeypatch):
    order = []

    @made_anew
    def workers():
        order.append("come")
        yield Threads(2)
        order.append("go")

    def noted(*arguments, **options):
        order.append("statistics")
        return described(*arguments, **options)

    described = leadrisk.run.resumable.described
    monkeypatch.setattr(leadrisk.run.resumable, "described", noted)
    sizes = {"run.futures": 4, "cohort.lives": 500, "horizon.performance_years": 2}
    scenario = lr.load_scenario(BASELINE, set=sizes)
    lr.run_scenario(scenario, tmp_path / "r", executor=workers(), target_error=0.9)
    assert order == ["come", "go", "statistics"]


def test_a_stopped_search_goes_on_where_it_was(scenario, tmp_path):
    """What missed the target is not run again: its populations would take the place of those that are half done."""
    steps_file = tmp_path / "steps.json"
    whole, sizes = answering(0.05, 0.001)
    _, undisturbed = run_to_target(scenario, 0.02, run=whole)

    def stopped(sized):
        if sized.run.populations == sizes[1]:
            raise KeyboardInterrupt
        return first(sized)

    first, _ = answering(0.05)
    with pytest.raises(KeyboardInterrupt):
        run_to_target(scenario, 0.02, run=stopped, steps_file=steps_file)
    assert spent_seconds(tmp_path) == 400.0
    again, asked = answering(0.001)
    _, steps = run_to_target(scenario, 0.02, run=again, steps_file=steps_file)
    assert asked == sizes[1:]
    assert steps == undisturbed


@pytest.mark.parametrize("text", ["", "[1]", '{"steps": [[1]], "core_seconds": 0}'])
def test_steps_that_cannot_be_read_are_made_again(scenario, tmp_path, text):
    steps_file = tmp_path / "steps.json"
    whole, _ = answering(0.001)
    _, undisturbed = run_to_target(scenario, 0.02, run=whole)
    steps_file.write_text(text)
    again, _ = answering(0.001)
    assert run_to_target(scenario, 0.02, run=again, steps_file=steps_file)[1] == undisturbed
