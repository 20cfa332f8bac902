"""A finished run opened again, and exported: the same numbers, labels and attributes; complete or absent."""

from __future__ import annotations

import errno
import json
import shutil
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr

import leadrisk as lr
from leadrisk.cli import main
from leadrisk.errors import InputError
from leadrisk.report.outputs import write_outputs
from leadrisk.run import export_netcdf, export_parquet
from leadrisk.run.executors import Threads
from leadrisk.run.export import export
from leadrisk.run.open_store import open_group
from leadrisk.run.resumable import run_in_directory
from leadrisk.run.store import digest
from scenario_fixture import small_scenario

NAMES = ["lead_global", "lead_professional", "mssp_enhanced"]
OF_CONTRACTS = ("contract", "lead_contract", "rebased_contract")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    directory = tmp_path_factory.mktemp("run")
    scenario = small_scenario(contract={"entrant": "renewing_mssp", "names": NAMES})
    found = run_in_directory(scenario, directory, executor=Threads(2), chunk=5)
    write_outputs(directory, found)
    return directory, found


@pytest.fixture(scope="module")
def exported(result, tmp_path_factory):
    directory = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_netcdf, "_CHUNK_BYTES", 600)
        patch.setattr(export_netcdf, "_PART_CHUNKS", 2)
        patch.setattr(export_parquet, "_ROWS", 70)
        files = export(result[0], netcdf=directory / "run.nc", parquet=directory / "tables")
    return directory, files


def test_a_run_is_opened_as_it_was(result):
    directory, found = result
    opened = lr.open_run(directory)
    for group in ("experience", "settlement"):
        xr.testing.assert_identical(getattr(opened, group), getattr(found, group))
        assert not any(array.variable._in_memory for array in getattr(opened, group).data_vars.values())
    assert digest(opened.experience, opened.settlement) == opened.manifest["digest"]
    assert opened.summary == json.loads(json.dumps(found.summary))
    assert {key: opened.summary[key] for key in lr.summarize(opened.settlement)} | opened.summary == opened.summary


@pytest.mark.parametrize("left_out", ["manifest.json", "summary.json", "results.zarr"])
def test_what_is_no_run_is_told_once(result, tmp_path, left_out):
    copy = tmp_path / "run"
    shutil.copytree(result[0], copy)
    shutil.rmtree(copy / left_out) if (copy / left_out).is_dir() else (copy / left_out).unlink()
    with pytest.raises(InputError, match="finished run") as raised:
        lr.open_run(copy)
    assert str(copy) in str(raised.value)


@pytest.mark.parametrize("text", ["{", "[1]", '{"name": "of a web page"}'])
def test_a_manifest_of_something_else_is_no_run(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"not the directory of a finished run: manifest\.json is"):
        lr.open_run(tmp_path)


def test_a_store_that_is_being_written_is_read_as_far_as_it_is(result, tmp_path):
    store = tmp_path / "results.zarr"
    shutil.copytree(result[0] / "results.zarr", store)
    shutil.rmtree(store / "settlement" / "contract")
    (store / "settlement" / "net_settlement" / "c.1.1.0.0").unlink()
    (store / "settlement" / "expenditure" / "zarr.json").write_text('{"half')
    settlement, whole = open_group(store, "settlement"), result[1].settlement
    assert "contract" not in settlement.coords
    assert "expenditure" not in settlement
    expected = whole["net_settlement"].values.copy()
    expected[1, 5:10] = 0.0
    np.testing.assert_array_equal(settlement["net_settlement"].values, expected)


def test_consolidated_metadata_change_nothing(result, tmp_path):
    import zarr

    store = tmp_path / "results.zarr"
    shutil.copytree(result[0] / "results.zarr", store)
    with pytest.warns(UserWarning, match="Consolidated metadata"):
        zarr.consolidate_metadata(store)
    xr.testing.assert_identical(open_group(store, "settlement"), result[1].settlement)


def test_a_store_of_another_program_is_refused(tmp_path):
    xr.Dataset({"net": (("population",), np.ones(4))}).to_zarr(tmp_path / "s.zarr", group="g", consolidated=False)
    with pytest.raises(InputError, match="stored otherwise"):
        open_group(tmp_path / "s.zarr", "g")


@pytest.mark.parametrize("group", ["experience", "settlement"])
def test_netcdf_holds_the_bits_labels_and_meanings(result, exported, group):
    held = getattr(result[1], group)
    with xr.open_dataset(exported[0] / "run.nc", group=group, engine="h5netcdf") as read:
        assert set(read.variables) == set(held.variables)
        assert set(read.coords) == set(held.coords)
        for name, array in held.variables.items():
            assert (read[name].dims, read[name].attrs) == (array.dims, array.attrs)
            if array.dtype.kind == "U":
                assert read[name].values.tolist() == array.values.tolist()
            else:
                assert read[name].dtype == array.dtype
                assert read[name].values.tobytes() == array.values.tobytes()
        for key, value in held.attrs.items():
            assert (json.loads(read.attrs[key]) if isinstance(value, list) else read.attrs[key]) == value
    with xr.open_dataset(exported[0] / "run.nc", engine="h5netcdf") as root:
        assert root.attrs["digest"] == result[1].manifest["digest"]


def rows_of(dataset, name, index):
    """Numbers of a line in the order of the rows of its table, NaN where its contract has none."""
    line = dataset[name].astype(float).load()
    own = next((dim for dim in OF_CONTRACTS if dim in line.dims), None)
    if own is not None and own != "contract":
        line = line.rename({own: "contract"})
        if "contract" in index and "cash_year" not in line.dims:
            line = line.reindex(contract=NAMES)
    if set(index) - set(line.dims):
        line = line.broadcast_like(dataset.drop_vars([*dataset.data_vars]), exclude={*dataset.dims} - set(index))
    return line.transpose(*index).values.ravel()


def test_parquet_holds_one_row_a_path_and_year(result, exported):
    settlement = result[1].settlement
    file = pq.ParquetFile(exported[0] / "tables" / "settlement.parquet")
    table = file.read()
    index = ["contract", "population", "future", "year"]
    assert table.num_rows == settlement["net_settlement"].size
    assert file.num_row_groups > len(NAMES)
    assert str(table.schema.field("contract").type).startswith("dictionary<values=string")
    assert table.schema.field("net_settlement").metadata == {b"units": b"dollars"}
    assert table.schema.metadata[b"digest"].decode() == result[1].manifest["digest"]
    assert json.loads(table.schema.metadata[b"unread_overrides"]) == []
    frame = table.to_pandas()
    at = xr.Dataset(coords={dim: settlement[dim] for dim in index}).stack(row=index)["row"].to_index()
    for place, dim in enumerate(index):
        assert frame[dim].tolist() == at.get_level_values(place).tolist()
    lines = [name for name in settlement.data_vars if "cash_year" not in settlement[name].dims]
    assert [*index, *lines] == table.column_names
    for name in lines:
        found = table.column(name).to_pandas().to_numpy().astype(float)
        np.testing.assert_array_equal(found, rows_of(settlement, name, index), err_msg=name)
    assert table.column("net_without_rebasing").null_count == 2 * table.num_rows // 3


def test_cash_and_experience_are_tables_of_their_own(result, exported):
    cash = pq.read_table(exported[0] / "tables" / "settlement_cash.parquet")
    assert cash.column_names == ["contract", "population", "future", "cash_year", "lowest_cash"]
    lowest = result[1].settlement["lowest_cash"]
    np.testing.assert_array_equal(cash.column("lowest_cash").to_numpy(), lowest.values.ravel())
    persons = pq.read_table(exported[0] / "tables" / "experience.parquet")
    experience = result[1].experience
    assert persons.num_rows == experience["person_years"].size
    assert persons.column("category").to_pylist()[:2] == experience["category"].values.tolist()[:2]
    np.testing.assert_array_equal(persons.column("excess_0.8").to_numpy(), experience["excess"].values[..., 0].ravel())
    panel = np.repeat(experience["panel"].values, experience.sizes["category"])
    np.testing.assert_array_equal(persons.column("panel").to_numpy(), panel)


def test_some_variables_of_some_contracts(result, tmp_path, capsys):
    chosen = ["--variables", "net_settlement, guarantee_fee", "--contracts", "mssp_enhanced"]
    files = ["--netcdf", str(tmp_path / "some.nc"), "--parquet", str(tmp_path / "some.parquet")]
    main(["export", str(result[0]), "--group", "settlement", *chosen, *files])
    assert "some.nc: " in capsys.readouterr().out
    net = result[1].settlement["net_settlement"].sel(contract="mssp_enhanced").values
    table = pq.read_table(tmp_path / "some.parquet")
    assert table.column_names == ["contract", "population", "future", "year", "guarantee_fee", "net_settlement"]
    assert set(table.column("contract").to_pylist()) == {"mssp_enhanced"}
    np.testing.assert_array_equal(table.column("net_settlement").to_numpy(), net.ravel())
    with xr.open_dataset(tmp_path / "some.nc", group="settlement", engine="h5netcdf") as read:
        assert list(read.data_vars) == ["guarantee_fee", "net_settlement"]
        np.testing.assert_array_equal(read["net_settlement"].values[0], net)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "no file to write"),
        ({"netcdf": "a.nc", "variables": ["nett"]}, "there is no 'nett'"),
        ({"netcdf": "a.nc", "contracts": ["nett"]}, "one of lead_global, lead_professional, mssp_enhanced"),
        ({"netcdf": "a.nc", "contracts": ["mssp_enhanced"], "variables": ["lowest_cash"]}, "nothing is left"),
        ({"netcdf": "none/a.nc"}, "its directory does not exist"),
        ({"netcdf": "mine"}, "refusing to replace"),
        ({"netcdf": "a.nc", "parquet": "a.nc", "groups": ["experience"]}, "is the place of the NetCDF file, too"),
        ({"parquet": "a.parquet"}, "3 tables: experience, settlement, settlement_cash"),
    ],
)
def test_bad_wishes_are_told_before_anything_is_written(result, tmp_path, monkeypatch, options, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("x")
    with pytest.raises(InputError, match=told):
        export(result[0], **options)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(("option", "module"), [("netcdf", "h5netcdf"), ("parquet", "pyarrow.parquet")])
def test_a_library_that_is_missing_is_told_with_its_cure(result, tmp_path, monkeypatch, option, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=r'not installed \(pip install "leadrisk\[export\]"\)'):
        export(result[0], **{option: tmp_path / "out"})


@pytest.mark.parametrize("missing", [False, True])
def test_a_damaged_run_is_refused(result, tmp_path, missing):
    """Its numbers would go on under the digest of the whole run, those without a file as zeros."""
    shutil.copytree(result[0], tmp_path / "run")
    chunk = tmp_path / "run" / "results.zarr" / "settlement" / "net_settlement" / "c.1.1.0.0"
    content = bytearray(chunk.read_bytes())
    content[100] ^= 1
    chunk.write_bytes(content)
    if missing:
        chunk.unlink()
        with pytest.raises(InputError, match=r"chunks of 1 of \d tasks are missing or damaged .*--resume"):
            lr.open_run(tmp_path / "run")
    with pytest.raises(InputError, match=r"chunks of 1 of \d tasks are missing or damaged .*--resume"):
        export(tmp_path / "run", netcdf=tmp_path / "out.nc")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("option", ["netcdf", "parquet"])
def test_what_a_killed_export_left_is_cleared_by_the_next(result, tmp_path, option):
    left = tmp_path / ".out.partial-abc"
    left.mkdir()
    (left / "out").write_text("half")
    export(result[0], **{option: tmp_path / "out"})
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("option", ["netcdf", "parquet"])
def test_what_is_cut_short_leaves_nothing(result, tmp_path, option):
    def full(label, done, total):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export(result[0], **{option: tmp_path / "out"}, progress=full)
    assert list(tmp_path.iterdir()) == []
