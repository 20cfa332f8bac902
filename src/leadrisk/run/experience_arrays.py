"""Write the experience of blocks into the arrays of a run, and label them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.run.check import persons_sha256
from leadrisk.run.chunks import Declared

if TYPE_CHECKING:
    import xarray as xr

    from leadrisk.run.arrays import Arrays
    from leadrisk.scenario.model import Scenario


def put_experience(arrays: Arrays, block: xr.Dataset, *, rows: slice, populations: int) -> None:
    """Write a block's experience; what is the same for all populations is written by the first."""
    for name, array in block.data_vars.items():
        of_populations = "population" in array.dims
        shape = (populations, *array.shape[1:]) if of_populations else array.shape
        arrays.declare(Declared(str(name), tuple(map(str, array.dims)), shape, array.dtype, array.attrs))
        if of_populations:
            arrays.write(str(name), array.values, rows=rows)
        elif rows.start == 0:
            arrays.write(str(name), array.values)


def experience_labels(
    block: xr.Dataset, scenario: Scenario, *, populations: int, seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Coordinates and attributes of a run's experience, from those of any block."""
    own = {str(name): coord.values for name, coord in block.coords.items() if name != "population"}
    coords = {"population": np.arange(populations), **own}
    attrs = {"seed": str(seed), "populations": populations, "persons_sha256": persons_sha256(scenario)}
    return coords, attrs
