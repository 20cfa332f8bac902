"""``leadrisk verify``: targets with sources and limits, checks that measure every part, and what a user meets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from leadrisk.cli import main
from leadrisk.errors import InputError
from leadrisk.experience.compilation import ONCE
from leadrisk.report.verification_table import print_verification
from leadrisk.validation.check_change import change_sums, measured
from leadrisk.validation.check_mix import moments, pair_sums
from leadrisk.validation.check_score import check_cap
from leadrisk.validation.check_settlements import reach_rows
from leadrisk.validation.check_trend import REAL_MISSES
from leadrisk.validation.cms_files import CmsFiles
from leadrisk.validation.standard_aco import Sizes
from leadrisk.validation.targets import Measured, all_targets, judged, part_of, programme_sizes, severity
from leadrisk.validation.verify import CHECKS, find_data, verify

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
IDS = [*(f"V{number}" for number in range(1, 17)), "V16b", *(f"V{number}" for number in range(17, 22))]
TINY = Sizes(populations=16, seed=3, threads=1)


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        main([str(argument) for argument in arguments])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err.replace(f"{ONCE}\n", "")  # said by the first command on a machine


def test_every_target_is_there_with_source_and_grade():
    targets = all_targets()
    assert list(targets) == IDS
    for target in targets.values():
        assert target.what
        assert target.how
        assert target.unit
        assert target.source
        assert set(target.grade.split("/")) <= {"A", "A-", "B", "C"}
        assert len({part.name for part in target.parts}) == len(target.parts)
        assert target.parts or "parts: check_" in target.source


def test_limits_hold_the_target_itself():
    for target in all_targets().values():
        for part in target.parts:
            assert part.low <= part.target <= part.high, (target.id, part.name)


def test_limits_are_those_written_for_the_project():
    """The figures of the project's target file, where it is at hand."""
    path = DATA / "targets.json"
    if not path.exists():
        pytest.skip("the project's target file is not on this machine")
    written = json.loads(path.read_text())["targets"]
    parts = {name: target.parts for name, target in all_targets().items()}
    noise = written["V1_single_year_sd_truncated_pct"]
    for part, value in zip(parts["V1"], noise["value"], strict=False):
        assert (part.target, part.high) == (value, pytest.approx(value * (1.0 + noise["tol_rel"])))
    assert [[part.low, part.high] for part in parts["V2"]] == written["V2_false_pass_msr"]["accept"]
    growth = written["V4_sd_change_10k_pp"]
    assert [part.target for part in parts["V4"]] == [*growth["value"], growth["ratio_3_1"][0]]
    assert parts["V4"][3].low == pytest.approx(growth["ratio_3_1"][0] - growth["ratio_3_1"][1])
    assert parts["V4"][2].low == pytest.approx(growth["value"][2] * (1.0 - growth["tol_rel"]))
    correlation = written["V6_lag1_corr_same_period"]
    assert parts["V6"][0].low == pytest.approx(correlation["value"] - correlation["tol_abs"])
    assert parts["V6"][1].low == pytest.approx(correlation["value_gt10k"] - correlation["tol_abs"])
    shares = written["V7_lorenz_top"]
    assert [part.high - part.target for part in parts["V7"]] == pytest.approx(shares["tol_abs"])
    bands = written["V18_pit"]["coverage"]
    *intervals, ranks = parts["V18"]
    assert {part.name: [part.low, part.high] for part in intervals} == {f"{k} %": v for k, v in bands.items()}
    assert ranks.low == 0.05  # calibration section 11


def test_the_band_of_the_nation_must_hold_every_real_miss():
    low, high = all_targets()["V20"].parts
    assert (low.high, high.low) == (min(REAL_MISSES), max(REAL_MISSES))


def test_sizes_of_the_programme():
    sizes = programme_sizes()
    assert sum(share for _, share in sizes) == pytest.approx(1.0)
    assert sum(share for lives, share in sizes if lives < 7_500) == pytest.approx(366 / 1886)


@pytest.mark.parametrize(("value", "se", "verdict", "near"), [
    (2.0, 0.01, "pass", False), (2.19, 0.01, "pass", True), (2.21, 0.01, "fail", True), (1.0, 0.01, "fail", False),
    (2.19, None, "pass", False), (float("nan"), 0.01, "fail", False),
])  # fmt: skip
def test_verdicts(value, se, verdict, near):
    part = part_of({"name": "SD", "target": 2.0, "relative": 0.1}, {})
    found = judged(part, Measured(value, se))
    assert (found["verdict"], found["near_limit"]) == (verdict, near)
    assert bool(found["cause"]) == (verdict == "fail")
    json.dumps(found, allow_nan=False)


def test_the_part_furthest_out_stands_for_the_target():
    inside, outside = (
        {"target": 1.0, "result": value, "low": 0.9, "high": 1.2, "verdict": "-"} for value in (1.1, 0.8)
    )
    not_run = {"target": 1.0, "result": None, "low": 0.9, "high": 1.1, "verdict": "not run"}
    assert max(inside, outside, not_run, key=severity) is outside


@pytest.mark.parametrize("check", [check for check in CHECKS if "V18" not in check.targets], ids=lambda c: c.targets[0])
def test_each_check_measures_every_part(check):
    found = check.run(check.targets, TINY, CmsFiles(None))
    assert set(found) == set(check.targets)
    for name in check.targets:
        against = {part.name for part in all_targets()[name].parts if not part.needs}
        against |= {one.part.name for one in found[name].values() if one.part is not None}
        assert set(found[name]) == against != set()
        for measured_part in found[name].values():
            assert np.isfinite(measured_part.value)
            assert measured_part.se is None or measured_part.se >= 0.0


def test_threads_change_nothing():
    one, two = (check_cap(["V12"], Sizes(populations=16, seed=3, threads=threads)) for threads in (1, 2))
    assert one == two


def test_changes_leave_out_unsteady_panels():
    rng = np.random.default_rng(1)
    rates, panel = rng.normal(size=(6, 3, 4)), np.ones((6, 4))
    panel[0, 2:] = 0.5  # a change of 50 % from the second to the third year
    count, total, squares = change_sums(rates, panel, lag=1)[0].T
    assert count.tolist() == [3.0, 0.0, 3.0]
    assert total[1] == squares[1] == 0.0
    assert total[0] == pytest.approx((rates[0, :, 1] - rates[0, :, 0]).sum())
    assert change_sums(rates, panel, lag=3)[0, 0, 0] == 0.0


def test_moments_of_pairs_are_those_of_numpy():
    rates = np.random.default_rng(2).normal(size=(50, 4, 2)).cumsum(axis=-1)
    first, second, together = moments(pair_sums(rates, np.ones((50, 1))))
    wanted = np.cov(rates[..., 0].ravel(), rates[..., 1].ravel(), ddof=0)
    assert [first, second, together] == pytest.approx([wanted[0, 0], wanted[1, 1], wanted[0, 1]])


def test_errors_count_populations_and_not_futures():
    """Each population's futures are copies of one: the error is that of the populations alone."""
    rng = np.random.default_rng(3)
    own = rng.normal(size=(256, 1, 2)).cumsum(axis=-1)
    few, many = (
        measured(lambda kept, rates=rates: _sd(rates[kept]), 256) for rates in (own, np.repeat(own, 64, axis=1))
    )
    assert many.value == pytest.approx(few.value, rel=0.01)
    assert many.se == pytest.approx(few.se, rel=0.05)
    assert few.se == pytest.approx(few.value / np.sqrt(2 * 256), rel=0.6)


def _sd(rates):
    count, total, squares = change_sums(rates, np.ones((len(rates), 2)), lag=1)[:, 0].sum(axis=0)
    return float(np.sqrt(squares / count - (total / count) ** 2))


def test_without_files_what_needs_them_is_not_run(tmp_path):
    found = {one["id"]: one for one in verify(data=tmp_path, only=["V16", "V18", "V19"], populations=16)["targets"]}
    assert {one["verdict"] for one in found.values()} == {"not run"}
    assert "reach/settlement_py2021_py2022.csv" in found["V16"]["cause"]
    assert "mssp/PY_Financial_and_Quality_Results_2022.csv" in found["V18"]["cause"]
    vectors = [part["verdict"] for part in found["V16"]["parts"] if "152 rows" not in part["name"]]
    assert vectors == ["pass"] * 3


def test_published_settlements():
    if not (DATA / "reach").is_dir():
        pytest.skip("CMS's public ACO REACH results are not on this machine")
    (target,) = verify(data=DATA, only=["V16"], populations=16)["targets"]
    assert target["verdict"] == "pass"
    assert target["part"] == "MSSP risk ratios, 4 vectors"


def test_a_file_cut_short_is_refused(tmp_path):
    (tmp_path / "rows.csv").write_text("aco_id,perf_year\nD0001,2021\n")
    with pytest.raises(InputError, match="152 rows"):
        reach_rows(tmp_path / "rows.csv")


def test_where_files_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADRISK_DATA", raising=False)
    assert find_data(None) is None
    (tmp_path / "data").mkdir()
    assert find_data(None) == Path("data")
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("LEADRISK_DATA", str(tmp_path / "other"))
    assert find_data(None) == tmp_path / "other"
    assert find_data(tmp_path) == tmp_path
    with pytest.raises(InputError, match="no folder"):
        find_data(tmp_path / "missing")


def test_json_on_the_command_line(capsys, tmp_path):
    code, out, err = call(
        capsys,
        "verify",
        "--only",
        "v14",
        "--only",
        "V15",
        "--populations",
        "16",
        "--json",
        "--out",
        tmp_path / "v.json",
    )
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["populations"] == 16
    assert [target["id"] for target in found["targets"]] == ["V14", "V15"]
    for target in found["targets"]:
        wanted = {"id", "target", "result", "se", "tolerance", "verdict", "source", "cause", "parts"}
        assert wanted <= set(target)
        assert target["verdict"] == "pass"
        assert [part["verdict"] for part in target["parts"]] == ["pass"]
    assert json.loads((tmp_path / "v.json").read_text()) == found


def test_what_was_not_run_is_no_error(capsys):
    code, out, _ = call(capsys, "verify", "--only", "V18", "--only", "V14", "--populations", "16", "--data", "tests")
    assert code == 0
    assert "2 targets: 1 pass, 0 fail, 1 not run" in out
    assert "V18 not run: needs the CMS files mssp/" in out


@pytest.mark.parametrize(("arguments", "said"), [
    (("--only", "V99"), "unknown target 'V99'"), (("--data", "nowhere"), "nowhere"),
    (("--only", "V14", "--populations", "7"), "7"),
])  # fmt: skip
def test_wrong_input(capsys, arguments, said):
    code, out, err = call(capsys, "verify", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_the_table_names_every_part_and_the_cause_of_a_failure():
    target = all_targets()["V6"]
    parts = [judged(part, Measured(part.target, 0.001)) for part in target.parts[:2]]
    parts.append(judged(target.parts[2], Measured(0.9, 0.001, note="a gap")))
    found = {
        "populations": 16, "seed": 1, "data": {"mssp": True, "reach": False},
        "targets": [{
            "id": "V6", "what": target.what, "unit": target.unit, "source": target.source, "grade": target.grade,
            "verdict": "fail", "near_limit": False, "cause": "5,000: too high; a gap", "parts": parts,
        }],
    }  # fmt: skip
    with (console := Console(width=150)).capture() as capture:
        print_verification(found, console)
    said = capture.get()
    for name in ("all sizes", "above 10,000", "5,000", "V6 fail: 5,000: too high; a gap", "1 target: 0 pass, 1 fail"):
        assert name in said
    assert "CMS files: mssp" in said
