"""A run's directory under every kind of name, with rivals, full disks and kills: complete or absent."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zarr.storage._local

from leadrisk.errors import InputError, LeadriskError
from leadrisk.run import directory
from leadrisk.run.directory import MANIFEST, complete_or_absent
from leadrisk.run.futures_choice import with_futures
from leadrisk.run.streamed import planned
from scenario_fixture import small_scenario


def manifest(run: str) -> str:
    """Text of a manifest that tells runs apart."""
    return json.dumps({"scenario_sha256": run})


def write_run(out, content="new"):
    with complete_or_absent(out) as partial:
        (partial / MANIFEST).write_text(manifest(content))


def fail_run(out):
    with complete_or_absent(out):
        raise RuntimeError


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_a_link_to_an_earlier_run_stays_and_its_target_is_replaced(tmp_path):
    target, link = tmp_path / "elsewhere" / "run", tmp_path / "link"
    write_run(target, "earlier")
    link.symlink_to(target)
    write_run(link)
    assert link.is_symlink()
    assert (target / MANIFEST).read_text() == manifest("new")
    assert names(tmp_path) == ["elsewhere", "link"]
    assert names(target.parent) == ["run"]


def test_a_link_to_nothing_gets_its_target(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "new" / "run")
    write_run(link)
    assert (tmp_path / "new" / "run" / MANIFEST).is_file()
    assert link.is_symlink()


def test_a_link_to_itself_is_refused(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(InputError, match="cannot be written"):
        write_run(link)


@pytest.mark.parametrize("name", ["run/", "a/b/c/run", "a/../run", "[x]*?", "run.v1"])
def test_names_of_every_kind(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for content in ("first", "second"):
        write_run(Path(name), content)
        assert ((tmp_path / name).resolve() / MANIFEST).read_text() == manifest(content)
    assert not [path for path in tmp_path.rglob("*") if ".partial-" in path.name]


def test_leftovers_are_found_under_a_name_of_wildcards(tmp_path):
    left = tmp_path / ".[r].partial-abc"
    left.mkdir()
    other = tmp_path / ".r.partial-abc"
    other.mkdir()
    write_run(tmp_path / "[r]")
    assert names(tmp_path) == [other.name, "[r]"]


def test_the_working_directory_and_those_around_it_are_refused(tmp_path, monkeypatch):
    out = tmp_path / "run"
    write_run(out, "earlier")
    (out / "figures").mkdir()
    for place in (out, out / "figures"):
        monkeypatch.chdir(place)
        with pytest.raises(InputError, match="working directory"):
            write_run(out)
    monkeypatch.chdir(out)
    with pytest.raises(InputError, match="working directory"):
        write_run(Path())
    assert (out / MANIFEST).read_text() == manifest("earlier")
    assert names(tmp_path) == ["run"]


def test_a_deleted_working_directory_is_no_error_of_input(tmp_path, monkeypatch):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    place.rmdir()
    with pytest.raises(LeadriskError, match="working directory was deleted") as caught:
        write_run(Path("run"))
    assert not isinstance(caught.value, InputError)
    write_run(tmp_path / "run")
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("name", ["file", "file/run", "file/deeper/run"])
def test_a_file_in_the_way_is_refused_and_named(tmp_path, name):
    (tmp_path / "file").write_text("keep")
    with pytest.raises(InputError, match="is a file"):
        write_run(tmp_path / name)
    assert (tmp_path / "file").read_text() == "keep"
    assert names(tmp_path) == ["file"]


def test_a_mount_point_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.is_mount", lambda path: path == tmp_path)
    with pytest.raises(InputError, match="mount point"):
        write_run(tmp_path)


def test_parents_made_for_a_run_go_when_it_fails(tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(RuntimeError):
        fail_run(tmp_path / "mine" / "a" / "b" / "run")
    assert names(tmp_path) == ["mine"]
    assert names(tmp_path / "mine") == []


def test_parents_made_for_a_refused_run_go(tmp_path):
    with pytest.raises(InputError, match="too long"):
        write_run(tmp_path / "a" / ("n" * 250))
    assert names(tmp_path) == []


def test_others_may_read_a_run(tmp_path):
    (tmp_path / "ordinary").mkdir()
    write_run(tmp_path / "run")
    assert (tmp_path / "run").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_a_living_rival_keeps_its_directory_and_the_last_to_finish_wins(tmp_path):
    """Two runs to one name in one process have one process id: only the lock can tell them apart."""
    out = tmp_path / "run"
    with complete_or_absent(out) as slow:
        (slow / MANIFEST).write_text(manifest("slow"))
        write_run(out, "fast")
        assert (slow / MANIFEST).read_text() == manifest("slow")
        assert (out / MANIFEST).read_text() == manifest("fast")
    assert (out / MANIFEST).read_text() == manifest("slow")
    assert names(tmp_path) == ["run"]


def test_a_leftover_under_a_living_process_id_is_cleared(tmp_path):
    for name in (".run.partial-1", ".run.partial-abcdefgh"):
        (tmp_path / name / "new").mkdir(parents=True)
    (tmp_path / ".run.partial-1" / "lock").write_text("")
    write_run(tmp_path / "run")
    assert names(tmp_path) == ["run"]


def test_something_else_that_came_meanwhile_is_not_replaced(tmp_path):
    out = tmp_path / "run"

    def write_beside_somebody():
        with complete_or_absent(out) as partial:
            (partial / MANIFEST).write_text(manifest("new"))
            out.mkdir()
            (out / "precious").write_text("keep")

    with pytest.raises(InputError, match="refusing"):
        write_beside_somebody()
    assert names(out) == ["precious"]
    assert names(tmp_path) == ["run"]


def test_a_file_system_without_locks_serves_and_nothing_is_cleared_there(tmp_path, monkeypatch):
    left = tmp_path / ".run.partial-abc"
    left.mkdir()

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(directory.fcntl, "flock", refuse)
    write_run(tmp_path / "run")
    assert names(tmp_path) == [left.name, "run"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(errno.EIO, "Input/output error")], ids=str)
def test_stopped_between_the_two_renames_the_earlier_run_keeps_its_name(tmp_path, monkeypatch, stop):
    out = tmp_path / "run"
    write_run(out, "earlier")
    rename = directory.Path.rename

    def stopped(path, target):
        if path.name == "new" and not out.exists():
            raise stop
        return rename(path, target)

    monkeypatch.setattr(directory.Path, "rename", stopped)
    with pytest.raises(type(stop) if isinstance(stop, OSError) else stop):
        write_run(out)
    assert (out / MANIFEST).read_text() == manifest("earlier")
    assert names(tmp_path) == ["run"]


KILLED = """
import pathlib, shutil, sys, time
from leadrisk.run.directory import complete_or_absent

def pause():
    print("paused", flush=True)
    time.sleep(600)

point, out = sys.argv[1], pathlib.Path(sys.argv[2])
rename, rmtree = pathlib.Path.rename, shutil.rmtree

def paused_rename(path, target):
    done = rename(path, target)
    if point == "between the renames" and path == out:
        pause()
    return done

def paused_rmtree(path, **options):
    if point == "removing" and path.name == "earlier" and path.exists():
        pause()
    return rmtree(path, **options)

pathlib.Path.rename, shutil.rmtree = paused_rename, paused_rmtree
with complete_or_absent(out) as partial:
    (partial / "results").write_text("half")
    if point == "writing":
        pause()
    (partial / "manifest.json").write_text('{"scenario_sha256": "new"}')
"""


@pytest.mark.parametrize(
    ("point", "earlier"),
    [("writing", False), ("writing", True), ("between the renames", True), ("removing", True)],
)
def test_killed_at_any_point_a_whole_run_has_the_name(tmp_path, point, earlier):
    out = tmp_path / "run"
    if earlier:
        write_run(out, "earlier")
        (out / "results").write_text("whole")
    process = subprocess.Popen([sys.executable, "-c", KILLED, point, out], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "paused\n"
        process.kill()
    assert len(names(tmp_path)) == 1 + (earlier and point != "between the renames")
    if point == "removing":
        assert (out / MANIFEST).read_text() == manifest("new")
    # The next run to the same name, even one that comes to nothing, finds things as they should be.
    with pytest.raises(RuntimeError):
        fail_run(out)
    assert names(tmp_path) == (["run"] if earlier else [])
    if earlier:
        assert (out / MANIFEST).read_text() == manifest("new" if point == "removing" else "earlier")
        assert (out / "results").read_text() == ("half" if point == "removing" else "whole")


def test_a_half_removed_earlier_run_never_comes_back(tmp_path):
    """Killed while the earlier run was deleted, and the new one was then moved away by its owner."""
    left = tmp_path / ".run.partial-abc" / "earlier"
    left.mkdir(parents=True)
    (left / "results").write_text("half")
    with pytest.raises(RuntimeError):
        fail_run(tmp_path / "run")
    assert names(tmp_path) == []


def test_chunks_still_on_their_way_do_not_bring_a_failed_run_back(tmp_path, monkeypatch):
    put, failed = zarr.storage._local._put, []

    def full(path, value, *arguments, **options):
        if "/c/" in str(path) and not failed:  # chunks of the labels, which Zarr writes; test_stream has the numbers
            failed.append(path)
            raise OSError(errno.ENOSPC, "No space left on device")
        if "/c/" in str(path):
            time.sleep(0.3)
        return put(path, value, *arguments, **options)

    monkeypatch.setattr(zarr.storage._local, "_put", full)
    scenario = with_futures(small_scenario())
    with pytest.raises(OSError, match="No space"), complete_or_absent(tmp_path / "run") as partial:
        planned(scenario, partial, slots=1)
    time.sleep(1.0)
    assert failed
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", ["{}", '{"name": "web app"}', "[]", "not JSON"])
def test_a_manifest_of_another_program_is_not_a_run(tmp_path: Path, content: str) -> None:
    out = tmp_path / "app"
    out.mkdir()
    (out / MANIFEST).write_text(content)
    with pytest.raises(InputError, match="without a run"), complete_or_absent(out):
        pass
    assert (out / MANIFEST).read_text() == content


def test_the_lock_of_a_directory_that_was_replaced_is_no_lock(tmp_path, monkeypatch):
    staging = tmp_path / "work"
    staging.mkdir()
    wait = directory.fcntl.flock

    def replaced(number, how):
        monkeypatch.undo()
        (staging / "lock").unlink()
        (staging / "lock").touch()
        wait(number, how)

    monkeypatch.setattr(directory.fcntl, "flock", replaced)
    with pytest.raises(FileNotFoundError):
        directory.locked(staging)
