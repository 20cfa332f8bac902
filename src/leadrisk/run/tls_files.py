"""Certificates for the connections between client, scheduler and workers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from leadrisk.errors import InputError
from leadrisk.run.cluster_extra import extra
from leadrisk.scenario.explain import input_error
from leadrisk.scenario.table import Table
from leadrisk.scenario.toml_file import read_toml

if TYPE_CHECKING:
    from os import PathLike


class TlsFiles(Table):
    """Files of one certificate authority, one certificate and its key, all in PEM."""

    ca: str = Field(min_length=1, description="certificate of the authority that signed all others of this cluster")
    cert: str = Field(min_length=1, description="certificate of this process")
    key: str = Field(min_length=1, description="its private key, which nobody else may read")

    def security(self) -> Any:
        """Return them as `distributed.Security` for every role, encryption required."""
        own = {f"tls_{role}_{part}": getattr(self, part) for role in _ROLES for part in ("cert", "key")}
        return extra("distributed").Security(require_encryption=True, tls_ca_file=self.ca, **own)


_ROLES = ("client", "scheduler", "worker")


def read_tls(path: str | PathLike[str]) -> TlsFiles:
    """Read a TOML file with ``ca``, ``cert`` and ``key``; relative names are taken from the file's folder.

    Raises
    ------
    InputError
        If it is wrong, or a file it names is not there.
    """
    document, lines = read_toml(path)
    origins = {location: (path, line) for location, line in lines.items()}
    try:
        named = TlsFiles.model_validate(document)
    except ValidationError as error:
        raise input_error(error, document, {(): (path, None), **origins}, root=TlsFiles) from None
    folder = Path(path).parent
    files = {name: str(folder / Path(value).expanduser()) for name, value in named.model_dump().items()}
    return checked(TlsFiles(**files), path=path, lines={name: lines.get((name,)) for name in files})


def checked(
    files: TlsFiles, *, path: object = None, lines: dict[str, int | None] | None = None, prefix: str = ""
) -> TlsFiles:
    """Refuse certificates that cannot be read.

    Raises
    ------
    InputError
        If one is no file or is not readable.
    """
    for name, value in files.model_dump().items():
        try:
            with Path(value).open("rb"):
                pass
        except OSError as error:
            problem = f"{value} cannot be read: {error.strerror}"
            line = (lines or {}).get(name)
            raise InputError(problem, path=path, line=line, key=f"{prefix}{name}", cure="name a PEM file") from None
    return files
