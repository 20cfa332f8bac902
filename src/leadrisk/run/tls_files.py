"""Certificates for the connections between client, scheduler and workers."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from leadrisk.errors import InputError
from leadrisk.run.cluster_extra import extra
from leadrisk.scenario.explain import input_error
from leadrisk.scenario.table import Table
from leadrisk.scenario.toml_file import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    return located(named, path=path, lines={name: lines.get((name,)) for name in TlsFiles.model_fields})


def located(
    files: TlsFiles, *, path: str | PathLike[str], lines: Mapping[str, int | None], prefix: str = ""
) -> TlsFiles:
    """Find certificates that a file names, relative to the file's folder, and refuse those that cannot be read.

    Parameters
    ----------
    path
        File that names them.
    lines, prefix
        Where in it each is named, and under what key.

    Raises
    ------
    InputError
        If one is no file or is not readable, or key and certificate are no pair.
    """
    found, folder = {}, Path(path).parent.absolute()
    for name, value in files.model_dump().items():
        place = folder / value
        try:
            place = folder / Path(value).expanduser()
            with place.open("rb"):
                pass
        except (OSError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error  # the latter: there is no such user
            problem, key = f"{place} cannot be read: {reason}", f"{prefix}{name}"
            raise InputError(problem, path=path, line=lines[name], key=key, cure="name a PEM file") from None
        found[name] = str(place)
    try:
        context = ssl.create_default_context(cafile=found["ca"])
        context.load_cert_chain(found["cert"], found["key"])
    except ssl.SSLError as error:
        problem = f"ca, cert and key do not go together: {error.reason or error}"
        key, cure = f"{prefix}cert", "name PEM files: an authority, a certificate, and the key of that certificate"
        raise InputError(problem, path=path, line=lines["cert"], key=key, cure=cure) from None
    return TlsFiles(**found)
