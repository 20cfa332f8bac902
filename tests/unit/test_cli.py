"""The command line as a user meets it: outputs, exit codes, one clear message, nothing half-written."""

from __future__ import annotations

import errno
import io
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from leadrisk.cli import main
from leadrisk.experience.compilation import ONCE
from leadrisk.run.progress import progress_bar

REPOSITORY = Path(__file__).resolve().parents[2]
BASELINE = REPOSITORY / "scenarios" / "baseline.toml"
LEADRISK = [sys.executable, "-m", "leadrisk"]
SMALL = [
    "--set",
    "cohort.lives=500",
    "--populations",
    "8",
    "--futures",
    "4",
    "--set",
    "horizon.performance_years=2",
]


def without_notice(err: str) -> str:
    """Leave out that kernels are compiled, which the first command on a machine says, and what a run will take."""
    lines = err.replace(f"{ONCE}\n", "").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("Expected: ", "Tasks took ")))


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        main([str(argument) for argument in arguments])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, without_notice(err)


@pytest.mark.parametrize(
    ("option", "named"),
    [
        (["--workers", "2"], "--workers has nothing to do"),
        (["--slurm", "slurm.toml"], "--slurm has nothing to do"),
        (["--json"], "no summary yet"),
        (["--target-error", "1%"], "--prepare cannot be given too"),
    ],
)
def test_prepare_alone_plans_a_run(capsys, tmp_path, option, named):
    code, _, err = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r", "--prepare", "2", *option)
    assert code == 2
    assert named in err.replace("\n", " ")
    assert list(tmp_path.iterdir()) == []
    code, _, err = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r", "--prepare", "2")
    assert code == 0
    assert "leadrisk work" in err
    assert [path.name for path in tmp_path.iterdir()] == [".r.unfinished"]


def test_run_writes_everything_and_prints_the_summary(capsys, tmp_path):
    code, out, err = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r", "--json")
    assert (code, err) == (0, "")
    printed = json.loads(out)
    assert printed == json.loads((tmp_path / "r" / "summary.json").read_text())
    assert printed["digest"] == json.loads((tmp_path / "r" / "manifest.json").read_text())["digest"]
    assert (tmp_path / "r" / "report.html").stat().st_size > 10_000


def test_run_prints_a_table(capsys, tmp_path):
    code, out, _ = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r")
    assert code == 0
    assert "Global" in out
    assert "Digest" in out


def test_overlays_and_values_are_laid_over(capsys, tmp_path):
    overlay = REPOSITORY / "scenarios" / "stress" / "pandemic.toml"
    code, out, _ = call(
        capsys, "run", BASELINE, "--overlay", overlay, *SMALL, "--set", "horizon.performance_years=3", "--out",
        tmp_path / "r", "--json",
    )  # fmt: skip
    assert code == 0
    assert list(json.loads(out)["contracts"]["lead_global"]["years"]) == ["2027", "2028", "2029"]


def test_settle_explains_what_open_readings_are_worth(capsys):
    case = REPOSITORY / "scenarios" / "cases" / "corridor_only_professional_gain.toml"
    code, out, _ = call(capsys, "settle", case, "--explain", "--json")
    assert code == 0
    explained = json.loads(out)
    assert explained["explained_line"] == "net_shared_savings"
    first = explained["explain"][0]
    assert set(first) == {"term", "value", "alternative", "grade", "source", "dollars"}
    code, out, _ = call(capsys, "settle", case, "--explain")
    assert code == 0
    assert f"{first['dollars']:+,.2f}" in out
    code, out, _ = call(capsys, "settle", case, "--json")
    assert code == 0
    assert json.loads(out) == {key: value for key, value in explained.items() if not key.startswith("explain")}


def test_a_case_from_a_pipe_is_explained(tmp_path):
    case = REPOSITORY / "scenarios" / "cases" / "corridor_only_professional_gain.toml"
    command = [*LEADRISK, "settle", "/dev/stdin", "--explain"]
    done = subprocess.run(command, input=case.read_text(), capture_output=True, text=True, check=False)
    assert (done.returncode, without_notice(done.stderr)) == (0, "")
    assert "Open readings" in done.stdout


def test_settle_prints_the_same_numbers_as_json(capsys):
    case = REPOSITORY / "scenarios" / "cases" / "global_lower_renewing_reach.toml"
    code, out, _ = call(capsys, "settle", case, "--json")
    assert code == 0
    balance = json.loads(out)["settlement_balance"]
    code, out, _ = call(capsys, "settle", case)
    assert code == 0
    assert f"{balance:,.2f}" in out


def test_schema_is_json_schema(capsys):
    code, out, _ = call(capsys, "schema")
    assert code == 0
    assert "cohort" in json.loads(out)["properties"]


@pytest.mark.parametrize("name", ["baseline", "higher_spending", "high_needs", "newly_entering"])
@pytest.mark.parametrize("stress", [None, "pandemic", "prolonged_trend_miss", "coding_clampdown"])
def test_shipped_scenarios_are_valid(capsys, name, stress):
    overlay = [] if stress is None else ["--overlay", REPOSITORY / "scenarios" / "stress" / f"{stress}.toml"]
    code, out, err = call(capsys, "validate", REPOSITORY / "scenarios" / f"{name}.toml", *overlay)
    assert (code, err) == (0, "")
    assert "valid" in out


BAD_FILES = {
    "misspelt key": ("[cohort]\nlives = 500\nhigh_need_share = 0.1\n", "high_needs_share"),
    "wrong type": ('[cohort]\nlives = "many"\n', "lives"),
    "shares above one": ("[cohort]\nlives = 500\nhigh_needs_share = 0.8\nesrd_share = 0.4\n", "share"),
    "negative cost": ("[categories.esrd]\nbase_year_pbpm = [-1, 2, 3]\n", "base_year_pbpm"),
    "unreadable": ("[cohort\n", "TOML"),
    "unknown term": ("[contract.terms]\nrea_capp = 0.1\n", "rea_cap"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_bad_overlays_give_one_clear_message_and_write_nothing(capsys, tmp_path, kind):
    text, hint = BAD_FILES[kind]
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    code, out, err = call(capsys, "run", BASELINE, "--overlay", bad, "--out", tmp_path / "r")
    assert code == 2
    assert out == ""
    assert err.startswith("leadrisk: ")
    assert hint in err.replace(".", "_") or hint in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "absent.toml"),
        ("run", REPOSITORY / "scenarios"),
        ("run", BASELINE, "--no-such-option", "1"),
        ("run", BASELINE, "--set", "cohort.lives"),
        ("run", BASELINE, "--set", "cohort.lives=-5"),
        ("run", BASELINE, "--populations", "7"),
        ("run", BASELINE, "--futures", "60"),
        ("run", BASELINE, "--threads", "0"),
        ("run", BASELINE, "--out", BASELINE),
        ("run", BASELINE, "--out", REPOSITORY / "src"),
        ("run", BASELINE, "--out", "/proc/leadrisk"),
        ("settle", "absent.toml"),
        ("nonsense",),
    ],
    ids=lambda arguments: " ".join(str(a).rpartition("/")[2] for a in arguments),
)
def test_bad_arguments_exit_with_two(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert err.startswith("leadrisk: ")
    assert "Traceback" not in err
    assert out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--threads", "1.5"),
        ("--threads", "-1"),
        ("--threads", "many"),
        ("--threads", "100000"),
        ("--block", "0"),
        ("--block", "2.5"),
        ("--seed", "1.5"),
        ("--futures", "8.0"),
    ],
)
def test_numbers_are_whole_and_in_range(capsys, tmp_path, option, value):
    code, out, err = call(capsys, "run", BASELINE, *SMALL[:2], option, value, "--out", tmp_path / "r")
    assert (code, out) == (2, "")
    assert option in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


NO_ROOM = (OSError(errno.ENOSPC, "No space left on device", "/a/b"), "No space left on device (/a/b)")
STOPPED = (KeyboardInterrupt(), "interrupted")


@pytest.mark.parametrize(
    ("place", "error", "message"),
    [
        ("leadrisk.run.resumable.described", *NO_ROOM),
        ("leadrisk.run.resumable.described", OSError(errno.EFBIG, "File too large"), "File too large"),
        (
            "leadrisk.run.resumable.described",
            MemoryError("Unable to allocate 9 TiB"),
            "not enough memory: Unable to allocate 9 TiB",
        ),
        ("leadrisk.run.resumable.described", MemoryError(), "not enough memory (lower run.populations"),
        ("leadrisk.run.resumable.described", *STOPPED),
        ("leadrisk.report.outputs.write_figures", *NO_ROOM),
        ("leadrisk.report.outputs.write_figures", *STOPPED),
    ],
    ids=repr,
)
def test_what_the_machine_refuses_is_one_line_after_what_is_kept(capsys, tmp_path, monkeypatch, place, error, message):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(place, refuse)
    code, out, err = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "made" / "r")
    assert (code, out) == (1, "")
    kept, told = err.splitlines()
    assert kept.endswith("/made/.r.unfinished; the same command with --resume goes on.")
    assert told.startswith(f"leadrisk: {message}")
    assert [path.name for path in (tmp_path / "made").iterdir()] == [".r.unfinished"]


def test_what_was_kept_is_gone_on_with(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("leadrisk.report.outputs.write_figures", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r")
    monkeypatch.undo()
    assert "--resume goes on" in capsys.readouterr().err
    code, _, err = call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r", "--resume")
    assert (code, err) == (0, "Going on: 1 of 1 tasks are done.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_complete_run_is_left_alone(capsys, tmp_path):
    out = tmp_path / "r"
    first = call(capsys, "run", BASELINE, *SMALL, "--out", out)
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in out.rglob("*")}
    code, _, err = call(capsys, "run", BASELINE, *SMALL, "--out", out, "--resume", "--workers", "2", "--slurm", "x")
    assert code == 2
    assert "--slurm: cannot be combined with --workers" in err
    again = call(capsys, "run", BASELINE, *SMALL, "--out", out, "--resume")
    assert again == (0, first[1], "Complete already: the chunks of all 1 tasks are what they were.\n")
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in out.rglob("*")} == before
    assert list(tmp_path.iterdir()) == [out]


def test_a_bug_keeps_its_traceback(capsys, tmp_path, monkeypatch):
    def wrong(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("leadrisk.run.resumable.described", wrong)
    with pytest.raises(ZeroDivisionError):
        call(capsys, "run", BASELINE, *SMALL, "--out", tmp_path / "r")
    assert [path.name for path in tmp_path.iterdir()] == [".r.unfinished"]


def test_files_of_limited_size_are_one_line_and_leave_nothing(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))

    done = subprocess.run(
        [*LEADRISK, "run", BASELINE, *SMALL, "--out", "a/r"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert (done.returncode, done.stdout) == (1, "")
    said = without_notice(done.stderr)
    assert said.startswith("leadrisk: File too large")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("schema",), ("validate", BASELINE), ("--help",), ("--version",)], ids=str)
def test_a_full_device_behind_standard_output_is_one_line(arguments):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*LEADRISK, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "leadrisk: No space left on device\n")


@pytest.mark.parametrize("arguments", [("schema",), ("validate", BASELINE), ("--help",)], ids=str)
def test_a_closed_pipe_is_silent(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as pipe:
        done = subprocess.run([*LEADRISK, *arguments], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_deleted_working_directory_is_one_line(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    command = f'rmdir "{place}"; exec "{sys.executable}" -m leadrisk run "{BASELINE}" --populations 8'
    done = subprocess.run(["sh", "-c", command], cwd=place, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "leadrisk: the working directory was deleted; change into another one\n"


PAUSED = """
import signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)  # nohup and & would have them ignored
import leadrisk.report.outputs as outputs
from leadrisk.cli import main

def pause(*_, **__):
    print("paused", flush=True)
    time.sleep(600)

if sys.argv.pop(1) == "writing":
    outputs.write_figures = pause
else:
    import leadrisk.run.resumable
    leadrisk.run.resumable.do_tasks = pause
main(sys.argv[1:])
"""


def stop_a_run(out: Path, *, while_: str, with_: signal.Signals) -> tuple[int, str]:
    """Start a run in a process of its own, send it a signal at a known point; gives exit code and standard error."""
    process = subprocess.Popen(
        [sys.executable, "-c", PAUSED, while_, "run", BASELINE, *SMALL, "--out", out],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "paused\n"
        assert list(out.parent.glob(f".{out.name}.unfinished/new"))
        process.send_signal(with_)
        _, err = process.communicate(timeout=60)
    return process.returncode, without_notice(err)


@pytest.mark.parametrize(
    ("number", "while_"),
    [
        (signal.SIGINT, "computing"),
        (signal.SIGTERM, "computing"),
        (signal.SIGHUP, "computing"),
        (signal.SIGINT, "writing"),
        pytest.param(signal.SIGTERM, "writing", marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, "writing", marks=pytest.mark.slow),
    ],
)
def test_a_stopped_run_says_so_and_leaves_what_is_finished(tmp_path, number, while_):
    code, err = stop_a_run(tmp_path / "results" / "r", while_=while_, with_=number)
    *kept, told = err.splitlines()
    assert (code, told) == (1, "leadrisk: interrupted; outputs are complete or absent")
    if while_ == "computing":
        assert not kept
        assert list(tmp_path.iterdir()) == []
    else:
        assert "the same command with --resume goes on" in kept[0]
        assert [path.name for path in (tmp_path / "results").iterdir()] == [".r.unfinished"]


@pytest.mark.slow
def test_a_killed_run_leaves_the_earlier_one_whole(capsys, tmp_path):
    """Killed after results.zarr and summary.json were written; the points of the renames are in test_directory."""
    out = tmp_path / "r"
    assert call(capsys, "run", BASELINE, *SMALL, "--seed", "7", "--out", out)[0] == 0
    whole = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    code, _ = stop_a_run(out, while_="writing", with_=signal.SIGKILL)
    assert code == -signal.SIGKILL
    (left,) = tmp_path.glob(".r.unfinished")
    assert (left / "new" / "summary.json").is_file()
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == whole
    assert call(capsys, "run", BASELINE, *SMALL, "--seed", "8", "--out", out)[0] == 0
    assert json.loads((out / "manifest.json").read_text())["seed"] == 8
    assert list(tmp_path.iterdir()) == [out]


def test_ignored_signals_stay_ignored_and_handlers_are_given_back(monkeypatch, capsys):
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    handlers = [signal.getsignal(number) for number in numbers]
    seen = []
    monkeypatch.setattr("leadrisk.commands.schema.print_json", lambda _: seen.append(signal.getsignal(signal.SIGHUP)))
    try:
        call(capsys, "schema")
        assert seen == [signal.SIG_IGN]
        assert [signal.getsignal(number) for number in numbers] == handlers
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_terminal_that_was_closed_takes_no_run_with_it():
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.EIO, "Input/output error")

    console = Console(file=io.StringIO(), force_terminal=True)
    with progress_bar(console) as progress:
        progress("simulating", 0, 2)
        console.file = Closed()


@pytest.mark.parametrize("terminal", [True, False])
def test_time_left_begins_anew_with_work_of_the_same_name(monkeypatch, terminal):
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    file = io.StringIO()
    with progress_bar(Console(file=file, force_terminal=terminal, width=120, get_time=lambda: clock[0])) as progress:
        for begin in (0.0, 3600.0):
            for done in (0, 100, 200, 400):
                clock[0] = begin + done
                progress("simulating", done, 400)
    if not terminal:
        assert (
            file.getvalue().splitlines()
            == [
                "simulating: 100 of 400 done, about 5 min left",
                "simulating: 200 of 400 done, about 3 min left",
            ]
            * 2
        )
