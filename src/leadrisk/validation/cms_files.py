"""Where CMS's public files lie for the checks that need them, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

MSSP_FILES = tuple(f"mssp/PY_Financial_and_Quality_Results_{year}.csv" for year in (2021, 2022, 2023))
REACH_FILE = "reach/settlement_py2021_py2022.csv"


class CmsFiles(NamedTuple):
    """Folder with CMS's files, ``None`` where there is none.

    Examples
    --------
    >>> CmsFiles(None).lacking("reach")
    'needs the CMS file reach/settlement_py2021_py2022.csv (--data)'
    """

    folder: Path | None

    @property
    def mssp(self) -> tuple[Path, ...]:
        """Shared Savings Program results of 2021, 2022 and 2023; empty unless all three are there."""
        found = tuple(self.folder / name for name in MSSP_FILES) if self.folder else ()
        return found if all(path.is_file() for path in found) else ()

    @property
    def reach(self) -> Path | None:
        """ACO REACH results of 2021 and 2022."""
        path = self.folder / REACH_FILE if self.folder else None
        return path if path is not None and path.is_file() else None

    def lacking(self, needs: str) -> str:
        """Say which files a part of a target was not run for."""
        files = {"mssp": MSSP_FILES, "reach": (REACH_FILE,)}[needs]
        missing = [name for name in files if self.folder is None or not (self.folder / name).is_file()]
        return f"needs the CMS file{'s' if len(missing) > 1 else ''} {', '.join(missing)} (--data)"
