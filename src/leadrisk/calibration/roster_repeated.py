"""Records that repeat an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadrisk.calibration.roster_faults import Faults


def note_repeated(
    columns: Sequence[tuple[int, str, NDArray[np.int32] | NDArray[np.int64]]],
    count: int,
    faults: Faults,
    *,
    rule: str,
    cure: str,
) -> None:
    """Note each record that stands for the same thing as an earlier one, in the same file or one before.

    Parameters
    ----------
    columns
        For each file its number, the name of the column to blame, and what each record stands for, integer
        (record,), -1 where that is not known.
    count
        How many things there are.
    rule, cure
        Told of each repetition.
    """
    times = np.zeros(count + 1, np.int64)
    for _, _, ids in columns:
        times += np.bincount(ids + 1, minlength=count + 1)
    if not (times[1:] > 1).any():
        return
    seen = np.full(count + 1, -1, np.int64)
    starts = np.cumsum([0, *(len(ids) for _, _, ids in columns)]).tolist()
    for start, (table, name, ids) in zip(starts, columns, strict=False):
        row = np.arange(start, start + len(ids))
        known, first = np.unique(ids, return_index=True)
        new = seen[known] < 0
        seen[known[new]] = row[first[new]]

        def earlier(record: int, ids: NDArray[np.int32] | NDArray[np.int64] = ids) -> tuple[int, int]:
            at = int(seen[ids[record]])
            file = int(np.searchsorted(starts, at, side="right")) - 1
            return columns[file][0], at - starts[file]

        faults.add(table, name, rule, (seen[ids] != row) & (ids >= 0), other=earlier, cure=cure)
