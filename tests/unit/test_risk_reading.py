"""Statistics read each line once and keep their bits wherever the numbers of the paths wait."""

from __future__ import annotations

import errno
import os
import tempfile
from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

import leadrisk as lr
from leadrisk.report import figure_counts
from leadrisk.risk import parts, reading, summary
from leadrisk.risk.choice import OF_COSTS
from leadrisk.risk.vectors import PathVectors
from leadrisk.run.chunks import ChunkedArray
from run_fixture import streamed
from scenario_fixture import small_scenario

NAMES = ["lead_global", "lead_professional", "mssp_enhanced"]


@pytest.fixture(scope="module")
def settlement(tmp_path_factory):
    scenario = small_scenario(
        horizon={"performance_years": 10},
        contract={"entrant": "renewing_mssp", "names": NAMES},
        participation={"exit_rule": "after_cumulative_loss", "exit_loss_share": 0.02},
    )
    return streamed(scenario, tmp_path_factory.mktemp("store"), chunk=3)[1]


def written(vectors):
    sample = np.arange(24.0).reshape(6, 4)
    for first, last in pairwise((0, 3, 5, 6)):
        vectors.put("loss", first, sample[first:last])
        vectors.put(("inside", 0), first, sample[first:last] > 7)
    return sample


@pytest.mark.parametrize("held_bytes", [0, 1 << 20])
def test_vectors_come_back_as_they_were_put(held_bytes):
    with PathVectors(6, 4, held_bytes=held_bytes) as vectors:
        sample = written(vectors)
        np.testing.assert_array_equal(vectors["loss"], sample)
        np.testing.assert_array_equal(vectors["inside", 0], sample > 7)
        assert vectors["inside", 0].dtype == bool
        assert set(vectors) == {"loss", ("inside", 0)}
        assert len(vectors) == 2
        assert bool(vectors._held) == (held_bytes > 0)
        assert "gain" not in vectors
        with pytest.raises(KeyError):
            vectors["gain"]


@pytest.mark.parametrize("fails", ["posix_fallocate", "TemporaryFile"])
def test_a_vector_without_room_on_disk_is_held_in_memory(monkeypatch, fails):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os if fails == "posix_fallocate" else tempfile, fails, full)
    with PathVectors(6, 4, held_bytes=0) as vectors:
        np.testing.assert_array_equal(written(vectors), vectors["loss"])


def test_no_number_depends_on_where_vectors_wait_or_how_much_is_read_at_once(settlement, monkeypatch):
    found = lr.summarize(settlement)
    figures = figure_counts.figure_data(found, settlement)
    for module in (summary, figure_counts):
        monkeypatch.setattr(module, "PathVectors", partial(PathVectors, held_bytes=0))
    monkeypatch.setattr(reading, "_TOGETHER_BYTES", 1)
    assert lr.summarize(settlement) == found
    again = figure_counts.figure_data(found, settlement)
    np.testing.assert_equal(again._asdict(), figures._asdict())
    assert lr.summarize(settlement.compute()) == found
    assert parts.population_parts is reading.population_parts


def test_every_line_of_paths_is_read_once(settlement, monkeypatch):
    read, bytes_read = ChunkedArray._read, Counter()

    def counted(self, key):
        found = read(self, key)
        bytes_read[self._directory.name] += found.nbytes
        return found

    monkeypatch.setattr(ChunkedArray, "_read", counted)
    lr.summarize(settlement)
    one_path = 8 * 20 * len(NAMES)  # the waterfall reads single numbers
    for line in [*reading._ONCE, *OF_COSTS, "lowest_cash", "net_without_rebasing"]:
        if line in settlement and "future" in settlement[line].dims:
            assert bytes_read[line] <= settlement[line].nbytes + one_path, line
