"""Results as Parquet: long tables, one row a path and year, one column a line, written in row groups."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.run.plan import plan_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    Tables = Mapping[str, xr.Dataset]

_ROWS = 1 << 17  # of a row group
_INDEX = ("contract", "population", "future", "year", "cash_year", "category")
_SOME_CONTRACTS = ("lead_contract", "rebased_contract")


def tables_of(groups: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Part groups of results into tables: cash by calendar year is one of its own, as it has other years.

    Examples
    --------
    >>> import xarray as xr
    >>> settlement = xr.Dataset({"net": ("year", [1.0]), "lowest_cash": ("cash_year", [1.0, 2.0])})
    >>> {name: list(table.data_vars) for name, table in tables_of({"settlement": settlement}).items()}
    {'settlement': ['net'], 'settlement_cash': ['lowest_cash']}
    """
    found: dict[str, xr.Dataset] = {}
    for name, dataset in groups.items():
        cash = [line for line, array in dataset.data_vars.items() if "cash_year" in array.dims]
        others = [line for line in dataset.data_vars if line not in cash]
        found |= {key: dataset[lines] for key, lines in ((name, others), (f"{name}_cash", cash)) if lines}
    return found


def write_tables(
    files: Mapping[str, Path],
    tables: Tables,
    *,
    about: Mapping[str, str],
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Write tables, a file each, some populations of one contract at a time.

    Columns are the contract (dictionary-encoded), population, future and year of a row, as far as any line has them,
    then the lines. A line that does not differ along one of them is repeated. Further dimensions become columns:
    ``excess_0.8``. A line that a contract does not have is null.

    Parameters
    ----------
    about
        Metadata of each file, beside the attributes of its group.
    """
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    for name, table in tables.items():
        index = [dim for dim in _INDEX if any(dim in _dims(array.variable) for array in table.data_vars.values())]
        columns = dict(_columns(table))
        schema = _schema(pa, table, index, columns, about=about)
        parts = list(_parts(table, index))
        with parquet.ParquetWriter(files[name], schema, compression="zstd", use_dictionary=index) as writer:
            for done, part in enumerate(parts, start=1):
                arrays = [*_labels(pa, table, index, part), *_lines(pa, index, columns, part)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=2 * _ROWS)
                if progress is not None:
                    progress(f"writing {name}.parquet", done, len(parts))


def _dims(line: xr.Variable) -> tuple[str, ...]:
    """Dimensions of a line, where its contracts are some of all."""
    return tuple("contract" if dim in _SOME_CONTRACTS else str(dim) for dim in line.dims)


def _columns(table: xr.Dataset) -> Iterator[tuple[str, xr.DataArray]]:
    """Lines with the names of their columns; nothing is read yet."""
    for name, line in table.data_vars.items():
        further = [dim for dim in line.dims if dim not in _INDEX and dim not in _SOME_CONTRACTS]
        if not further:
            yield str(name), line
            continue
        (dim,) = further
        for at, label in enumerate(line[dim].values.tolist()):
            yield f"{name}_{label}", line.isel({dim: at}, drop=True)


def _schema(
    pa: Any, table: xr.Dataset, index: list[str], columns: Mapping[str, xr.DataArray], *, about: Mapping[str, str]
) -> Any:
    labels = []
    for dim in index:
        kind = pa.int32()
        if dim in {"contract", "category"}:
            kind = pa.dictionary(pa.int32(), pa.string())
        labels.append(pa.field(dim, kind, nullable=False))
    lines = [
        pa.field(name, pa.from_numpy_dtype(line.dtype), metadata={key: str(text) for key, text in line.attrs.items()})
        for name, line in columns.items()
    ]
    attributes = {str(key): json.dumps(value) for key, value in table.attrs.items()}
    return pa.schema([*labels, *lines], metadata={**about, **attributes})


def _parts(table: xr.Dataset, index: list[str]) -> Iterator[dict[str, Any]]:
    """Places of what is written at once, and how long it is along each dimension of the rows."""
    extents = {dim: table.sizes[dim] for dim in index if dim != "contract"}
    if "contract" in index:
        contracts = list(dict.fromkeys(str(name) for dim in _contract_dims(table) for name in table[dim].values))
    else:
        contracts = [""]
    populations = extents.get("population", 1)
    rows = max(1, _ROWS * populations // max(int(np.prod([*extents.values()])), 1))
    for contract in contracts:
        for block in plan_blocks(populations, size=rows):
            shape = tuple(block.size if dim == "population" else extent for dim, extent in extents.items())
            yield {"contract": contract, "rows": block.rows, "shape": shape, "contracts": contracts}


def _contract_dims(table: xr.Dataset) -> list[str]:
    """Dimensions of contracts, that of all of them first."""
    return [dim for dim in ("contract", *_SOME_CONTRACTS) if any(dim in line.dims for line in table.data_vars.values())]


def _labels(pa: Any, table: xr.Dataset, index: list[str], part: Mapping[str, Any]) -> Iterator[Any]:
    size = int(np.prod(part["shape"]))
    inner = [dim for dim in index if dim != "contract"]
    for dim in index:
        if dim == "contract":
            places = np.full(size, part["contracts"].index(part["contract"]), np.int32)
            yield pa.DictionaryArray.from_arrays(places, pa.array(part["contracts"], pa.string()))
            continue
        values = table[dim].values[part["rows"]] if dim == "population" else table[dim].values
        stretched = [1] * len(inner)
        stretched[inner.index(dim)] = -1
        text = values.dtype.kind in "UO"
        numbers = np.arange(values.size) if text else values
        whole = np.broadcast_to(numbers.reshape(stretched), part["shape"]).astype(np.int32).ravel()
        yield pa.DictionaryArray.from_arrays(whole, pa.array(values.tolist())) if text else pa.array(whole)


def _lines(pa: Any, index: list[str], columns: Mapping[str, xr.DataArray], part: Mapping[str, Any]) -> Iterator[Any]:
    inner = [dim for dim in index if dim != "contract"]
    for line in columns.values():
        values = _values(line, inner, part)
        if values is None:
            yield pa.nulls(int(np.prod(part["shape"])), pa.from_numpy_dtype(line.dtype))
        else:
            yield pa.array(np.broadcast_to(values, part["shape"]).ravel())


def _values(line: xr.DataArray, inner: list[str], part: Mapping[str, Any]) -> NDArray[Any] | None:
    """Numbers of a line under the contract and populations of a part; none where the contract has no such line."""
    one = line.variable
    dims = _dims(one)
    if "contract" in dims:
        names = line[one.dims[dims.index("contract")]].values.tolist()
        if part["contract"] not in names:
            return None
        one = one.isel({one.dims[dims.index("contract")]: names.index(part["contract"])})
    if "population" in one.dims:
        one = one.isel(population=part["rows"])
    one = one.transpose(*(dim for dim in inner if dim in one.dims))
    return np.asarray(one.values).reshape([one.sizes.get(dim, 1) for dim in inner])
