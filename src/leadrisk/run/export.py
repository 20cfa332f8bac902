"""Results of a finished run in formats of other programs, complete or absent."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from leadrisk.errors import InputError
from leadrisk.run.directory import clear_stale, locked_beside
from leadrisk.run.export_netcdf import write_netcdf
from leadrisk.run.export_parquet import tables_of, write_tables
from leadrisk.run.intact import refuse_damaged
from leadrisk.run.opened import open_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from os import PathLike

    import xarray as xr

    Groups = Mapping[str, xr.Dataset]

GROUPS = ("experience", "settlement")
_OF_CONTRACTS = ("contract", "lead_contract", "rebased_contract")


def export(
    run: str | PathLike[str],
    *,
    netcdf: str | PathLike[str] | None = None,
    parquet: str | PathLike[str] | None = None,
    groups: Sequence[str] = GROUPS,
    variables: Sequence[str] | None = None,
    contracts: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Path]:
    """Write the results of a finished run as NetCDF-4, Parquet or both, some populations at a time.

    Parameters
    ----------
    run
        Directory that ``leadrisk run`` wrote.
    netcdf
        File to write, with a group for experience and one for settlement.
    parquet
        Directory to write a file a table into, or a file with the ending ``.parquet`` where there is but one table.
    groups
        ``experience``, ``settlement`` or both.
    variables, contracts
        What to write of them; default everything.
    progress
        Called with (label, done, total) after each part.

    Returns
    -------
    list of pathlib.Path
        Files written.

    Raises
    ------
    InputError
        If ``run`` is no run or is damaged, there is no such variable or contract, a file exists, or a library is not
        installed.
    """
    if netcdf is None and parquet is None:
        problem = "there is no file to write"
        raise InputError(problem, cure="name one with --netcdf or --parquet")
    opened = open_run(run)
    chosen = _chosen({name: getattr(opened, name) for name in groups}, variables, contracts)
    about = {name: opened.manifest[name] for name in ("scenario", "scenario_sha256", "digest", "version")}
    tables = tables_of(chosen)
    single = parquet is not None and Path(parquet).suffix == ".parquet"
    if single and len(tables) > 1:
        problem = f"is one file, but there are {len(tables)} tables: {', '.join(tables)}"
        raise InputError(problem, path=parquet, key="--parquet", cure="name a directory, or one group with --group")
    if netcdf is not None and parquet is not None and Path(netcdf).absolute() == Path(parquet).absolute():
        problem = "is the place of the NetCDF file, too"
        raise InputError(problem, path=parquet, key="--parquet", cure="name another one")
    for target, key in ((netcdf, "--netcdf"), (parquet, "--parquet")):
        if target is not None:
            _check_target(Path(target), key)
            _check_installed(key)
    refuse_damaged(Path(run), contents=True, progress=progress)  # not carried on under the digest
    written = []
    if netcdf is not None:
        with _complete_or_absent(Path(netcdf)) as path:
            write_netcdf(path, chosen, about=about, progress=progress)
        written.append(Path(netcdf))
    if parquet is not None:
        target = Path(parquet)
        with _complete_or_absent(target) as path:
            if not single:
                path.mkdir()
            files = {name: path if single else path / f"{name}.parquet" for name in tables}
            write_tables(files, tables, about=about, progress=progress)
        written += [target if single else target / f"{name}.parquet" for name in tables]
    return written


def _chosen(groups: Groups, variables: Sequence[str] | None, contracts: Sequence[str] | None) -> Groups:
    """Variables and contracts that were asked for; a group without any is left out."""
    _check_names("--variables", variables, {str(name) for one in groups.values() for name in one.data_vars})
    known = [str(name) for one in groups.values() if "contract" in one.coords for name in one["contract"].values]
    _check_names("--contracts", contracts, set(known))
    found = {}
    for name, dataset in groups.items():
        one = dataset if variables is None else dataset[[line for line in dataset.data_vars if line in variables]]
        if contracts is not None:
            one = _of_contracts(one, contracts)
        if one.data_vars:
            found[name] = one
    if not found:
        problem = "nothing is left to write"
        raise InputError(problem, cure="ask for more variables or contracts")
    return found


def _of_contracts(dataset: xr.Dataset, contracts: Sequence[str]) -> xr.Dataset:
    for dim in _OF_CONTRACTS:
        if dim not in dataset.dims:
            continue
        places = [at for at, name in enumerate(dataset[dim].values.tolist()) if name in contracts]
        dataset = dataset.isel({dim: places}) if places else dataset.drop_dims(dim)
    return dataset


def _check_names(key: str, asked: Sequence[str] | None, known: set[str]) -> None:
    unknown = [name for name in asked or () if name not in known]
    if unknown:
        problem = f"there is no {unknown[0]!r} in what is to be written"
        raise InputError(problem, key=key, cure=f"one of {', '.join(sorted(known))}" if known else "there is none")


def _check_target(target: Path, key: str) -> None:
    """Tell before long work that something cannot be written."""
    if target.exists() or target.is_symlink():
        problem = "exists, refusing to replace it"
        raise InputError(problem, path=target, key=key, cure="name another one")
    if not target.absolute().parent.is_dir():
        problem = "cannot be written: its directory does not exist"
        raise InputError(problem, path=target, key=key, cure="name one in a directory that exists")


def _check_installed(key: str) -> None:
    try:
        for module in {"--netcdf": ("h5py", "h5netcdf"), "--parquet": ("pyarrow.parquet",)}[key]:
            import_module(module)
    except ModuleNotFoundError as error:
        problem = f"needs {error.name}, which is not installed"
        raise InputError(problem, key=key, cure='pip install "leadrisk[export]"') from None


@contextmanager
def _complete_or_absent(target: Path) -> Iterator[Path]:
    """Give a path to write a file or directory at, which takes its name when it is complete."""
    final = target.absolute()
    with ExitStack() as undo:
        try:
            clear_stale(final)
            staging = locked_beside(final, undo)
        except OSError as error:
            problem = f"cannot be written: {error.strerror or error}"
            raise InputError(problem, path=target, cure="choose a writable directory") from error
        yield staging / final.name
        (staging / final.name).rename(final)
