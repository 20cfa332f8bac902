"""``leadrisk export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

Names = Annotated[str | None, Parameter(negative=())]


def export(
    run: Path,
    *,
    netcdf: Path | None = None,
    parquet: Path | None = None,
    group: Literal["experience", "settlement"] | None = None,
    variables: Names = None,
    contracts: Names = None,
) -> None:
    """Write the results of a finished run as NetCDF or Parquet, for other programs.

    Parameters
    ----------
    run
        Directory that leadrisk run wrote.
    netcdf
        NetCDF-4 file to write.
    parquet
        Directory to write Parquet files into, one a table; or a .parquet file where there is but one table.
    group
        Write only the experience or only the settlement.
    variables
        Write only these, for example net_settlement,expenditure.
    contracts
        Write only these contracts, for example lead_global,mssp_enhanced.
    """
    from leadrisk.run.export import GROUPS
    from leadrisk.run.export import export as export_run
    from leadrisk.run.progress import progress_bar

    with progress_bar(Console(stderr=True)) as progress:
        written = export_run(
            run,
            netcdf=netcdf,
            parquet=parquet,
            groups=GROUPS if group is None else (group,),
            variables=_listed(variables),
            contracts=_listed(contracts),
            progress=progress,
        )
    console = Console()
    for path in written:
        console.print(f"{path}: {path.stat().st_size / 1e6:,.1f} MB", soft_wrap=True, highlight=False)


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
