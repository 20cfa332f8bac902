"""Runs that are stopped, damaged and gone on with: only what is missing is done again, and the digest is the same."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version

import numpy as np
import pytest
import xarray as xr

import leadrisk.run.identity
import leadrisk.run.streamed
import leadrisk.run.task
import leadrisk.run.work_directory
from leadrisk.errors import InputError, LeadriskError
from leadrisk.run.array_part import Part, do_part
from leadrisk.run.executors import Threads
from leadrisk.run.futures_choice import with_futures
from leadrisk.run.ledger import LEDGER, done_seconds, entries, write_entry
from leadrisk.run.resumable import prepare_directory, run_directory, run_in_directory
from leadrisk.run.run_plan import PLAN
from leadrisk.run.store import RESULTS, digest
from leadrisk.run.streamed import do_tasks, finished, planned, state
from leadrisk.run.task import do_task
from leadrisk.run.work_directory import unfinished
from run_fixture import streamed
from scenario_fixture import small_scenario

CHUNK = 2
LEFT_OUT = 3


@pytest.fixture(scope="module")
def scenario():
    return with_futures(small_scenario())


@pytest.fixture(scope="module")
def undisturbed(scenario, tmp_path_factory):
    return digest(*streamed(scenario, tmp_path_factory.mktemp("undisturbed"), chunk=CHUNK))


class StoppedError(Exception):
    """What stops a run in these tests."""


def stop_after(tasks):
    def progress(label, done, total):
        if label == "simulating and settling" and done == tasks:
            raise StoppedError

    return progress


def begin(scenario, out, **options):
    """Begin a run that stops before its last tasks."""
    with run_directory(scenario, out, **options) as directory:
        plan = planned(scenario, directory, slots=1, chunk=CHUNK)
        missing = state(directory, plan).missing
        do_tasks(directory, plan, missing, executor=Threads(1), progress=stop_after(len(missing) - LEFT_OUT))


def begun(scenario, out):
    with pytest.raises(StoppedError):
        begin(scenario, out)
    return unfinished(out) / "new"


def go_on(scenario, out, monkeypatch, **options):
    """Complete a run; return its digest and the tasks that were done."""
    done = []

    def counted(number, **where):
        done.append(number)
        return do_task(number, **where)

    monkeypatch.setattr(leadrisk.run.streamed, "do_task", counted)
    with run_directory(scenario, out, resume=True, **options) as directory:
        plan = planned(scenario, directory, slots=3)
        do_tasks(directory, plan, state(directory, plan).missing, executor=Threads(2))
        found = digest(*finished(directory, plan))
        (directory / "manifest.json").write_text('{"scenario_sha256": ""}')
    return found, sorted(done)


def chunks(directory):
    return sorted((directory / RESULTS).rglob("c.*"))


def missing(scenario, directory):
    done = {entry.task for entry in entries(directory)}
    return [task for task in range(scenario.run.populations // CHUNK) if task not in done]


def of_task(directory, task):
    entry = next(entry for entry in entries(directory) if entry.task == task)
    return [directory / RESULTS / name for name in sorted(entry.files)]


def test_a_stopped_run_is_gone_on_with(scenario, undisturbed, tmp_path, monkeypatch):
    out = tmp_path / "run"
    directory = begun(scenario, out)
    assert not out.exists()
    left = missing(scenario, directory)
    assert len(left) == LEFT_OUT
    assert go_on(scenario, out, monkeypatch) == (undisturbed, left)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def truncate(path):
    os.truncate(path, path.stat().st_size - 8)


def flip(path):
    content = bytearray(path.read_bytes())
    at = random.Random(path.name).randrange(8 * len(content))
    content[at // 8] ^= 1 << at % 8
    path.write_bytes(content)


def zero(path):
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize("damage", [truncate, flip, zero, os.remove], ids=lambda function: function.__name__)
def test_damaged_chunks_are_done_again(scenario, undisturbed, tmp_path, monkeypatch, damage):
    directory = begun(scenario, tmp_path / "run")
    left = missing(scenario, directory)
    hit = [entry.task for entry in entries(directory)][:2]
    for task in hit:
        damage(next(path for path in of_task(directory, task) if any(path.read_bytes())))
    assert go_on(scenario, tmp_path / "run", monkeypatch) == (undisturbed, sorted(left + hit))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"task": 0}', b"\xff\xfe"])
def test_an_entry_that_cannot_be_read_counts_for_nothing(scenario, undisturbed, tmp_path, monkeypatch, text):
    directory = begun(scenario, tmp_path / "run")
    left, hit = missing(scenario, directory), next(entries(directory)).task
    (directory / LEDGER / f"{hit:08d}.json").write_bytes(text)
    assert go_on(scenario, tmp_path / "run", monkeypatch) == (undisturbed, sorted([*left, hit]))


def test_an_entry_that_was_altered_counts_for_nothing(scenario, undisturbed, tmp_path, monkeypatch):
    """Also where its chunks are as they were: what else it says is read at the end."""
    directory = begun(scenario, tmp_path / "run")
    left, path = missing(scenario, directory), directory / LEDGER / "00000001.json"
    term = next(name for names in json.loads(path.read_bytes())["terms"].values() for name in names)
    path.write_text(path.read_text().replace(term, f"x{term[1:]}"))
    assert go_on(scenario, tmp_path / "run", monkeypatch) == (undisturbed, sorted([*left, 1]))


def test_further_names_of_its_files_cost_no_work(scenario, undisturbed, tmp_path, monkeypatch):
    """A snapshot of hard links, such as a backup makes, beside a run that is stopped once more or begun anew."""
    out = tmp_path / "run"
    directory = begun(scenario, out)
    left = missing(scenario, directory)
    shutil.copytree(unfinished(out), tmp_path / "snapshot", copy_function=os.link)
    with pytest.raises(StoppedError), run_directory(scenario, out, resume=True):
        raise StoppedError
    assert missing(scenario, directory) == left
    monkeypatch.setattr(leadrisk.run.work_directory, "GUARDED_SECONDS", 0.0)
    with pytest.raises(InputError, match="of finished work"), run_directory(scenario, out):
        pass
    assert go_on(scenario, out, monkeypatch) == (undisturbed, left)


def test_what_a_killed_task_left_is_removed(scenario, undisturbed, tmp_path, monkeypatch):
    directory = begun(scenario, tmp_path / "run")
    left = chunks(directory)[0]
    left.with_name(f"{left.name}~abc").write_bytes(b"half")
    assert go_on(scenario, tmp_path / "run", monkeypatch)[0] == undisturbed
    assert not list((tmp_path / "run").rglob("*~*"))


@pytest.mark.parametrize("moment", [0, 1, 2**31, 2**33])
def test_clocks_do_not_matter(scenario, undisturbed, tmp_path, monkeypatch, moment):
    """Files from a machine whose clock is wrong by decades, and a client whose clock is."""
    directory = begun(scenario, tmp_path / "run")
    for path in [directory, *directory.rglob("*")][::2]:
        os.utime(path, (moment, moment))
    monkeypatch.setattr("time.time", lambda: 1.0)
    found, done = go_on(scenario, tmp_path / "run", monkeypatch)
    assert (found, len(done)) == (undisturbed, LEFT_OUT)


def test_a_second_client_is_refused_and_named(scenario, tmp_path):
    with run_directory(scenario, tmp_path / "run") as directory:
        with pytest.raises(InputError, match=f"being worked on by process {os.getpid()} on"):
            begin(scenario, tmp_path / "run", resume=True)
        with pytest.raises(InputError, match="worked on by a client"):
            do_part(tmp_path / "run", Part(1, 1), executor=Threads(1))
        (directory / "manifest.json").write_text('{"scenario_sha256": ""}')
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_complete_run_is_checked_and_mended(scenario, undisturbed, tmp_path, monkeypatch):
    out = tmp_path / "run"
    begun(scenario, out)
    go_on(scenario, out, monkeypatch)
    assert go_on(scenario, out, monkeypatch) == (undisturbed, [])
    flip(of_task(out, 3)[0])
    with pytest.raises(InputError, match="a complete run of something else"):
        begin(with_seed(scenario, 5), out, resume=True)
    assert go_on(scenario, out, monkeypatch) == (undisturbed, [3])
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def contents(out):
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_a_complete_run_stays_while_it_is_mended(scenario, undisturbed, tmp_path, monkeypatch):
    """Whatever stops that, before or after some of it was done."""
    out = tmp_path / "run"
    begun(scenario, out)
    go_on(scenario, out, monkeypatch)
    for task in range(6):
        flip(of_task(out, task)[0])
    (out / RESULTS / "settlement" / "guarantee_fee" / "c.0.0").write_bytes(b"")
    before = contents(out)
    with pytest.raises(StoppedError), run_directory(scenario, out, resume=True):
        raise StoppedError
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    with pytest.raises(StoppedError):
        begin(scenario, out, resume=True)
    assert contents(out) == before
    found, done = go_on(scenario, out, monkeypatch)
    assert (found, len(done)) == (undisturbed, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_without_links_a_complete_run_is_copied(scenario, undisturbed, tmp_path, monkeypatch):
    out = tmp_path / "run"
    begun(scenario, out)
    go_on(scenario, out, monkeypatch)
    flip(of_task(out, 2)[1])

    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    with monkeypatch.context() as without:
        without.setattr(os, "link", refuse)
        assert go_on(scenario, out, without) == (undisturbed, [2])


def test_what_was_killed_before_it_had_an_identity_is_begun_anew(scenario, undisturbed, tmp_path, monkeypatch):
    (unfinished(tmp_path / "run") / "new" / RESULTS).mkdir(parents=True)
    assert go_on(scenario, tmp_path / "run", monkeypatch) == (undisturbed, [0])


def test_who_leaves_takes_nothing_of_who_comes(scenario, tmp_path, monkeypatch):
    out, staging = tmp_path / "run", unfinished(tmp_path / "run")
    clear, second = leadrisk.run.work_directory.clear, run_directory(scenario, tmp_path / "run")

    def and_another_comes(*arguments):
        monkeypatch.undo()
        clear(*arguments)
        second.__enter__()

    with run_directory(scenario, out) as directory:
        monkeypatch.setattr(leadrisk.run.work_directory, "clear", and_another_comes)
        (directory / "manifest.json").write_text('{"scenario_sha256": ""}')
    assert sorted(path.name for path in staging.iterdir()) == ["lock", "new", "owner.json"]
    with pytest.raises(InputError, match="is being worked on by process"):
        begin(scenario, out)
    (staging / "new" / "manifest.json").write_text('{"scenario_sha256": ""}')
    second.__exit__(None, None, None)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(
    "file", ["settlement/guarantee_fee/c.0.0", "settlement/net_settlement/zarr.json", "experience/year/zarr.json"]
)
@pytest.mark.parametrize("damage", [flip, os.remove], ids=lambda function: function.__name__)
def test_what_was_laid_out_is_mended(scenario, undisturbed, tmp_path, monkeypatch, file, damage):
    directory = begun(scenario, tmp_path / "run")
    left = missing(scenario, directory)
    damage(directory / RESULTS / file)
    assert go_on(scenario, tmp_path / "run", monkeypatch) == (undisturbed, left)


def test_nothing_is_published_without_all_its_chunks(scenario, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(leadrisk.run.streamed, "_LOOK_EVERY_S", 0.0)
    plan = planned(scenario, tmp_path, slots=1, chunk=CHUNK)
    do_tasks(tmp_path, plan, list(range(len(plan.blocks))), executor=Threads(2))
    path = of_task(tmp_path, 2)[5]
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(LeadriskError, match="chunks of 1 tasks are not there any more; go on with --resume"):
        finished(tmp_path, plan)
    path.write_bytes(content[:-8])
    with pytest.raises(LeadriskError, match="not there any more"):
        finished(tmp_path, plan)
    monkeypatch.setattr("time.sleep", lambda _: path.write_bytes(content))  # a shared file system shows it late
    assert digest(*finished(tmp_path, plan)) == undisturbed


def test_a_task_whose_files_were_removed_ends_without_a_trace(scenario, tmp_path, monkeypatch):
    """Its worker slept while another did the task, and what it had left was cleared away."""
    plan = planned(scenario, tmp_path, slots=1, chunk=6)
    settle = leadrisk.run.task.settle_block

    def cleared(block, setting, **options):
        for left in (tmp_path / RESULTS).rglob("*~*"):
            left.unlink()
        return settle(block, setting, **options)

    monkeypatch.setattr(leadrisk.run.task, "settled_block_size", lambda *_: 2)
    monkeypatch.setattr(leadrisk.run.task, "settle_block", cleared)
    with pytest.raises(FileNotFoundError):
        do_task(0, directory=str(tmp_path), plan_sha256=plan.sha256)
    assert list(entries(tmp_path)) == []
    assert not list((tmp_path / RESULTS).rglob("*~*"))


def test_a_plan_that_cannot_be_read_costs_nothing(scenario, tmp_path):
    directory = begun(scenario, tmp_path / "run")
    text = (directory / PLAN).read_text()
    (directory / PLAN).write_text(text[:100])
    with pytest.raises(LeadriskError, match="cannot be read"):
        begin(scenario, tmp_path / "run", resume=True)
    assert len(list(entries(directory))) == scenario.run.populations // CHUNK - LEFT_OUT


def test_both_ways_at_once_are_refused(scenario, tmp_path):
    with pytest.raises(InputError, match="--restart: cannot be given beside --resume"):
        begin(scenario, tmp_path / "run", resume=True, restart=True)


def with_seed(scenario, seed):
    return scenario.model_copy(update={"run": scenario.run.model_copy(update={"seed": seed})})


def test_something_else_is_refused_and_the_difference_shown(scenario, tmp_path, monkeypatch):
    begun(scenario, tmp_path / "run")
    seed = scenario.run.seed
    with pytest.raises(InputError, match=rf"scenario\.run\.seed was {seed}, is now {seed + 1}"):
        begin(with_seed(scenario, seed + 1), tmp_path / "run", resume=True)
    larger = scenario.model_copy(update={"cohort": scenario.cohort.model_copy(update={"lives": 123})})
    with pytest.raises(InputError, match=r"scenario\.cohort\.lives was \d+, is now 123"):
        begin(larger, tmp_path / "run", resume=True)
    monkeypatch.setattr("leadrisk.__version__", "9.9")
    with pytest.raises(InputError, match=r"version was .*, is now 9\.9"):
        begin(scenario, tmp_path / "run", resume=True)
    monkeypatch.undo()
    monkeypatch.setattr(leadrisk.run.identity, "code_sha256", lambda: "other")
    with pytest.raises(InputError, match=r"code was .*, is now other"):
        begin(scenario, tmp_path / "run", resume=True)
    monkeypatch.undo()
    monkeypatch.setattr(leadrisk.run.identity, "installed", lambda name: "1.0" if name == "numba" else version(name))
    with pytest.raises(InputError, match=r"something else: libraries\.numba was \d[\d.]*, is now 1\.0 "):
        begin(scenario, tmp_path / "run", resume=True)
    monkeypatch.undo()
    assert list(entries(unfinished(tmp_path / "run") / "new"))


def test_little_work_makes_way_and_much_is_guarded(scenario, undisturbed, tmp_path, monkeypatch):
    said = []
    directory = begun(scenario, tmp_path / "run")
    with pytest.raises(StoppedError):
        begin(with_seed(scenario, 99), tmp_path / "run", say=said.append)
    assert "Discarding" in said[0]
    assert "core-seconds" in said[0]
    assert "--resume goes on" in said[1]
    first = next(entries(directory))
    write_entry(directory, first._replace(cpu_seconds=4000.0))
    assert done_seconds(directory) > 4000.0
    with pytest.raises(InputError, match=r"67 core-minutes of finished work .add --resume"):
        begin(with_seed(scenario, 99), tmp_path / "run")
    with pytest.raises(StoppedError):
        begin(scenario, tmp_path / "run", restart=True)
    assert go_on(scenario, tmp_path / "run", monkeypatch)[0] == undisturbed


def test_parts_without_a_client_do_a_run_together(scenario, undisturbed, tmp_path, monkeypatch):
    out = tmp_path / "run"
    with pytest.raises(InputError, match="no prepared run"):
        do_part(out, Part(1, 3), executor=Threads(1))
    with run_directory(scenario, out, finish=False) as directory:
        tasks = prepare_directory(scenario, directory, slots=1, chunk=CHUNK)
    counts = [do_part(out, Part(number, 3), executor=Threads(1)) for number in (3, 1, 1)]
    assert counts[2] == (counts[1][0], 0)
    found, done = go_on(scenario, out, monkeypatch)
    assert (found, done) == (undisturbed, list(range(tasks))[1::3])


def test_parts_without_locks_keep_off_a_run_that_has_an_owner(scenario, tmp_path, monkeypatch):
    out = tmp_path / "run"
    with run_directory(scenario, out, finish=False) as directory:
        prepare_directory(scenario, directory, slots=1, chunk=CHUNK)

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(leadrisk.run.directory.fcntl, "flock", refuse)
    owner = unfinished(out) / "owner.json"
    owner.write_text('{"process": 4711, "host": "node7"}')
    with pytest.raises(InputError, match=r"worked on by process 4711 on node7; .* no locks to tell"):
        do_part(out, Part(1, 3), executor=Threads(1))
    owner.unlink()
    (owner.parent / "part-a.json").write_text('{"process": 4712, "host": "node8"}')
    with (
        pytest.raises(InputError, match=r"worked on by process 4712 on node8; .* delete part-a\.json there"),
        run_directory(scenario, out, resume=True),
    ):
        pass
    assert not owner.exists()
    assert do_part(out, Part(1, 3), executor=Threads(1)) == (3, 3)  # beside another part
    assert [path.name for path in owner.parent.glob("part-*")] == ["part-a.json"]
    (owner.parent / "part-a.json").unlink()
    with run_directory(scenario, out, resume=True):
        with pytest.raises(InputError, match=f"worked on by process {os.getpid()} on "):
            do_part(out, Part(1, 3), executor=Threads(1))
        with pytest.raises(InputError, match="no locks to tell"), run_directory(scenario, out, restart=True):
            pass
        assert owner.exists()
    assert not owner.exists()


def test_workers_are_there_only_while_there_are_tasks(scenario, undisturbed, tmp_path, monkeypatch):
    """Jobs of a cluster wait neither for what is done before tasks nor for what is done after."""
    order = []

    @contextmanager
    def workers():
        order.append("workers come")
        yield Threads(2)
        order.append("workers go")

    def noting(name):
        function = getattr(leadrisk.run.resumable, name)

        def noted(*arguments, **options):
            order.append(name)
            return function(*arguments, **options)

        monkeypatch.setattr(leadrisk.run.resumable, name, noted)

    for name in ("state", "do_tasks", "finished", "described"):
        noting(name)
    said = []
    run = partial(run_in_directory, scenario, tmp_path, chunk=CHUNK, say=said.append)
    assert run(executor=workers()).manifest["digest"] == undisturbed
    assert order == ["workers come", "do_tasks", "workers go", "finished", "described"]
    order.clear()
    chunks(tmp_path)[-1].write_bytes(b"")
    assert run(executor=workers()).manifest["digest"] == undisturbed
    assert order == ["state", "workers come", "do_tasks", "workers go", "finished", "described"]
    order.clear()
    assert run(executor=workers()).manifest["digest"] == undisturbed
    assert order == ["state", "finished", "described"]
    assert said[-1].startswith("Going on: 8 of 8 tasks")


def test_a_run_can_be_read_while_it_goes_on(scenario, tmp_path):
    """By xarray alone: what is not there yet is zero, what is there is final."""
    plan = planned(scenario, tmp_path, slots=1, chunk=CHUNK)
    seen = []

    def look(label, done, total):
        if done == 3:
            tasks = [entry.task for entry in entries(tmp_path)]
            with xr.open_zarr(tmp_path / RESULTS, group="settlement") as settlement:
                seen.append((tasks, settlement["expenditure"].values))

    do_tasks(tmp_path, plan, state(tmp_path, plan).missing, executor=Threads(1), progress=look)
    settlement = finished(tmp_path, plan)[1]
    ((tasks, read),) = seen
    assert len(tasks) == 3
    there = np.isin(np.arange(plan.populations) // CHUNK, tasks)
    np.testing.assert_array_equal(read[:, there], settlement["expenditure"].values[:, there])
    assert not read[:, ~there].any()


def test_a_task_done_twice_at_once_leaves_the_same_bits(scenario, tmp_path):
    plan = planned(scenario, tmp_path, slots=1, chunk=CHUNK)
    task = partial(do_task, directory=str(tmp_path), plan_sha256=plan.sha256)
    task(0)
    before = {path: path.read_bytes() for path in chunks(tmp_path)}
    (tmp_path / LEDGER / "00000000.json").unlink()
    Threads(4).map(task, [0, 0, 0, 0])
    assert {path: path.read_bytes() for path in chunks(tmp_path)} == before


def test_a_worker_of_other_code_or_without_the_directory_does_nothing(scenario, tmp_path, monkeypatch):
    plan = planned(scenario, tmp_path, slots=1, chunk=CHUNK)
    with pytest.raises(LeadriskError, match="is not the plan of this run"):
        do_task(0, directory=str(tmp_path), plan_sha256="of another run")
    with pytest.raises(LeadriskError, match="file system that all share"):
        do_task(0, directory=str(tmp_path / "elsewhere"), plan_sha256=plan.sha256)
    said = json.loads((tmp_path / PLAN).read_text())
    said["identity"]["code"] = "other"
    (tmp_path / PLAN).write_text(json.dumps(said, indent=1))
    with pytest.raises(LeadriskError, match="made by another program: code was other"):
        do_task(0, directory=str(tmp_path), plan_sha256=planned_sha256(tmp_path))


def test_what_an_earlier_run_still_does_there_is_not_taken(scenario, tmp_path, monkeypatch):
    """A worker that was given up for lost ends its task after another run was begun in the same place."""
    first = planned(scenario, tmp_path, slots=1, chunk=CHUNK)
    late = leadrisk.run.task.simulate_block

    def replaced(*arguments, **options):
        monkeypatch.undo()
        planned(with_seed(scenario, 7), tmp_path, slots=1, chunk=CHUNK)
        return late(*arguments, **options)

    monkeypatch.setattr(leadrisk.run.task, "simulate_block", replaced)
    with pytest.raises(LeadriskError, match="is not the plan of this run"):
        do_task(0, directory=str(tmp_path), plan_sha256=first.sha256)
    assert not [path for path in chunks(tmp_path) if "population" not in path.parent.name and path.name != "c.0.0"]
    second = planned(with_seed(scenario, 7), tmp_path, slots=1)
    assert list(entries(tmp_path)) == []
    do_task(0, directory=str(tmp_path), plan_sha256=second.sha256)
    (entry,) = entries(tmp_path)
    write_entry(tmp_path, entry._replace(plan=first.sha256))
    assert 0 in state(tmp_path, second).missing


def planned_sha256(directory):
    from leadrisk.run.run_plan import read_plan

    return read_plan(directory).sha256
