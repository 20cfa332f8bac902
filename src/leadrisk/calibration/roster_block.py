"""Person-years of one file, whatever its form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Block:
    """Person-years of one file: all of the long form, one year of the wide form; record by record as in the file.

    Parameters
    ----------
    table
        Number of the file.
    repeated, in_year
        Names of the columns to which a repeated person-year and months after death are put down.
    person
        Number of the person, int32 (record,), -1 where not known.
    year
        Calendar year, int16 (record,), -1 where not known.
    months
        float32 (record,); NaN where the value cannot be used.
    cost
        Dollars, float64 (record,); NaN where the value cannot be used.
    score, age
        float32 (record,), NaN where not known; ``None`` without the column.
    category, dual, disabled, died
        int8 (record,), -1 where not known; ``None`` without the column.
    """

    table: int
    repeated: str
    in_year: str
    person: NDArray[np.int32]
    year: NDArray[np.int16]
    months: NDArray[np.float32]
    cost: NDArray[np.float64]
    score: NDArray[np.float32] | None = None
    age: NDArray[np.float32] | None = None
    category: NDArray[np.int8] | None = None
    died: NDArray[np.int8] | None = None
    dual: NDArray[np.int8] | None = None
    disabled: NDArray[np.int8] | None = None
