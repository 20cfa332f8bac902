"""The file that says what kind of SLURM jobs to ask for."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from dask.utils import parse_bytes
from pydantic import AfterValidator, Field, Strict, ValidationError, model_validator

from leadrisk.errors import InputError
from leadrisk.run.tls_files import TlsFiles, located
from leadrisk.scenario.explain import input_error
from leadrisk.scenario.table import Table, reject
from leadrisk.scenario.toml_file import read_toml

if TYPE_CHECKING:
    from os import PathLike

_WALLTIME = re.compile(r"(?:\d+-\d{1,2}(?::\d{2}){0,2}|\d+(?::\d{2}){0,2})")
_MEMORY = re.compile(r"\d+(?:\.\d+)?\s?[KMGT]i?B")
_PATH = re.compile(r"[\w.:,/@+~-]+")  # SLURM and Dask write paths into the job script without quotation marks
_PLACE = re.compile(r"[\w.:,/@+~${}-]+")  # one that the node works out
_LEAST_MEMORY = 64_000_000
_WORD = re.compile(r"[\w.:,/@+-]+")


def _one_line(text: str) -> str:
    """Refuse what would add lines of its own to a job script."""
    if any(character in text for character in "\r\n\0"):
        message = "must be one line"
        raise ValueError(message)
    return text


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        message = "must be one word of letters, digits and . _ : , / @ + -"
        raise ValueError(message)
    return text


def _folder(text: str) -> str:
    """Resolve a folder against where the command runs, and refuse one that a job script would misread."""
    try:
        folder = str(Path(text).expanduser().absolute())
    except RuntimeError as error:  # no such user
        raise ValueError(str(error)) from None
    if not _PATH.fullmatch(folder):
        message = f'must lead to a path without blanks and signs of the shell, not to "{folder}"'
        raise ValueError(message)
    return folder


def _place(text: str) -> str:
    if not _PLACE.fullmatch(text):
        message = 'must be a path without blanks, such as "/tmp" or "$TMPDIR"'
        raise ValueError(message)
    return text


Word = Annotated[str, AfterValidator(_word)]
Line = Annotated[str, AfterValidator(_one_line)]
Lines = Annotated[tuple[Line, ...], Strict(strict=False)]
Folder = Annotated[str, AfterValidator(_folder)]
Place = Annotated[str, AfterValidator(_place)]


class SlurmSettings(Table):
    """Jobs that run Dask workers; every key is written into the job script or says where files lie."""

    jobs: int = Field(ge=1, le=10_000, description="jobs that run at once")
    cores: int = Field(ge=1, le=1024, description="cores of each job (--cpus-per-task)")
    processes: int | None = Field(
        default=None, ge=1, le=1024, description="processes of each job, one task at a time each; left out: one a core"
    )
    memory: str = Field(description='memory of each job (--mem), for example "16 GB"')
    walltime: str = Field(description='time limit of each job (--time), for example "04:00:00"; workers come back')
    partition: Word | None = Field(default=None, description="partition (--partition)")
    account: Word | None = Field(default=None, description="account (--account)")
    interface: Word | None = Field(
        default=None, description="network interface that nodes and this machine share, for example ib0"
    )
    directives: Lines = Field(default=(), description='further #SBATCH lines, for example "--constraint=cpu"')
    python: Line | None = Field(
        default=None,
        description="Python on the nodes, as a line of the shell has it; left out: the path of this one, on a shared "
        "file system",
    )
    prologue: Lines = Field(default=(), description="shell lines that each job runs before its workers, yours alone")
    log_directory: Folder = Field(
        default="slurm-logs", validate_default=True, description="folder of the jobs' output, which nodes can write"
    )
    local_directory: Place | None = Field(
        default=None, description='fast folder of a node for temporary files, for example "/tmp" or "$TMPDIR"'
    )
    tls: Literal["temporary", "files", "none"] = Field(
        default="temporary",
        description="connections: with certificates made for this run, with your own, or unprotected",
    )
    tls_directory: Folder | None = Field(
        default=None,
        description="folder of the temporary certificates, which nodes and nobody else can read; "
        "left out: log_directory",
    )
    certificates: TlsFiles | None = Field(default=None, description='ca, cert and key, for tls = "files"')

    @model_validator(mode="after")
    def _consistent(self) -> SlurmSettings:
        if not _MEMORY.fullmatch(self.memory):
            reject("memory", f'must be a number and KB, MB, GB or TB, got "{self.memory}"', cure='write "16 GB"')
        if parse_bytes(self.memory) < _LEAST_MEMORY:
            reject("memory", f'must be at least 64 MB, got "{self.memory}"', cure='write "16 GB"')
        if not _WALLTIME.fullmatch(self.walltime) or not re.search("[1-9]", self.walltime):
            wanted = "must be minutes, H:MM:SS or D-HH:MM:SS, above zero"
            reject("walltime", f'{wanted}, got "{self.walltime}"', cure='write "04:00:00"')
        if self.processes is not None and self.processes > self.cores:
            reject("processes", f"must be at most cores = {self.cores}, got {self.processes}")
        for line in self.directives:
            if not line.startswith("-"):
                reject("directives", f'each must begin with "-", got "{line}"', cure="leave #SBATCH out")
        if (self.tls == "files") != (self.certificates is not None):
            wanted = 'tls = "files" and a table [certificates] go together'
            reject("tls", wanted, cure="write both or neither")
        return self

    @property
    def workers_a_job(self) -> int:
        """Processes of each job."""
        return self.processes or self.cores


def read_slurm(path: str | PathLike[str]) -> SlurmSettings:
    r"""Read the file that ``--slurm`` names.

    Relative folders are taken from where the command runs, certificates from the folder of the file.

    Raises
    ------
    InputError
        If anything in it is wrong; the message says where, what and which rule.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "slurm.toml"
    ...     _ = file.write_text('jobs = 4\ncores = 8\nmemory = "16 GB"\nwalltime = "04:00:00"')
    ...     read_slurm(file).workers_a_job
    8
    """
    document, lines = read_toml(path)
    origins: dict[Any, Any] = {(): (path, None)}
    origins |= {location: (path, line) for location, line in lines.items()}
    try:
        settings = SlurmSettings.model_validate(document)
    except ValidationError as error:
        raise input_error(error, document, origins, root=SlurmSettings) from None
    if settings.certificates is None:
        return settings
    named = {name: lines.get(("certificates", name)) for name in TlsFiles.model_fields}
    found = located(settings.certificates, path=path, lines=named, prefix="certificates.")
    for name, place in found.model_dump().items():
        if not _PATH.fullmatch(place):
            problem, key = f'leads to "{place}": blanks and signs of the shell cannot be there', f"certificates.{name}"
            raise InputError(problem, path=path, line=named[name], key=key, cure="move the files")
    return settings.model_copy(update={"certificates": found})


def job_options(settings: SlurmSettings) -> dict[str, Any]:
    """Settings as dask-jobqueue's `SLURMCluster` names them; nothing is left to its configuration files."""
    return {
        "cores": settings.workers_a_job,  # Dask's threads: one task at a time in each process
        "job_cpu": settings.cores,
        "processes": settings.workers_a_job,
        "memory": settings.memory,
        "walltime": settings.walltime,
        "queue": settings.partition,
        "account": settings.account,
        "interface": settings.interface,
        "job_extra_directives": list(settings.directives),
        "job_script_prologue": list(settings.prologue),
        "python": settings.python or shlex.quote(sys.executable),
        "log_directory": settings.log_directory,
        "local_directory": settings.local_directory,
    }
