"""The committed result of ``leadrisk verify`` is what this version gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadrisk.validation.verify import verify

REPOSITORY = Path(__file__).resolve().parents[2]
COMMITTED = REPOSITORY / "docs" / "model" / "results" / "verify.json"
DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="module")
def committed():
    return json.loads(COMMITTED.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_verify_gives_what_is_committed(committed):
    if not all((DATA / name).is_dir() for name in ("mssp", "reach")):
        pytest.skip("CMS's public files are not on this machine")
    found = verify(data=DATA, populations=committed["populations"], seed=committed["seed"])
    assert [target["id"] for target in found["targets"]] == [target["id"] for target in committed["targets"]]
    for target, wanted in zip(found["targets"], committed["targets"], strict=True):
        assert target["verdict"] == wanted["verdict"], target["id"]
        for part, before in zip(target["parts"], wanted["parts"], strict=True):
            where = (target["id"], part["name"])
            for key in ("name", "target", "tolerance", "low", "high", "verdict"):
                assert part[key] == before[key], where
            assert part["result"] == pytest.approx(before["result"], rel=1e-6, abs=1e-9), where
            assert (part["se"] is None) == (before["se"] is None), where
            if before["se"] is not None:
                assert part["se"] == pytest.approx(before["se"], rel=1e-6, abs=1e-9), where


def test_the_committed_result_is_of_a_full_run_and_hides_no_failure(committed):
    """Every target was run, on CMS's files, and its verdict follows from its parts."""
    assert committed["data"] == {"mssp": True, "reach": True}
    for target in committed["targets"]:
        verdicts = {part["verdict"] for part in target["parts"]}
        assert verdicts <= {"pass", "fail"}, target["id"]
        assert target["verdict"] == ("fail" if "fail" in verdicts else "pass")
        assert bool(target["cause"]) >= (target["verdict"] == "fail")
        for part in target["parts"]:
            inside = (part["low"] is None or part["low"] <= part["result"]) and (
                part["high"] is None or part["result"] <= part["high"]
            )
            assert inside == (part["verdict"] == "pass"), (target["id"], part["name"])
