"""Which file was given instead of the MSSP public use file, told from its first bytes and its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

WANTED = "MSSP Performance Year Financial and Quality Results (data.cms.gov) of one year as CSV"
_FIRST_BYTES = {
    b"PK\x03\x04": ("is an Excel workbook or another ZIP archive", "save the sheet as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": ("is an Excel workbook of the old format", "save the sheet as CSV UTF-8"),
    b"%PDF": ("is a PDF", f"give the {WANTED}"),
    b"\x1f\x8b": ("is compressed with gzip", "unpack it first"),
    b"<": ("is a web page, not the file itself", "download the CSV that the page links to"),
    b"{": ("is JSON, not CSV", f"give the {WANTED}"),
    b"[": ("is JSON, not CSV", f"give the {WANTED}"),
}
_ENOUGH_NAMED = 4
_REACH_COLUMNS = {"perf_year", "risk_arrangement", "heba_net", "final_benchmark", "tot_cost_care", "dce_id", "aco_type"}
_PARTICIPANT_COLUMNS = {"par_lbn", "participant_lbn", "participant legal business name", "par_name", "npi"}


def refuse_first_bytes(content: bytes, *, path: object) -> None:
    """Refuse what is no comma-separated text at all.

    Raises
    ------
    InputError
        Naming what the file is.

    Examples
    --------
    >>> refuse_first_bytes(b"  <!DOCTYPE html>", path="puf.csv")
    Traceback (most recent call last):
    leadrisk.errors.InputError: puf.csv: is a web page, not the file itself (download the CSV that the page links to)
    """
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        msg = "is empty"
        raise InputError(msg, path=path, cure=f"give the {WANTED}")
    for sign, (problem, cure) in _FIRST_BYTES.items():
        if start.startswith(sign):
            raise InputError(problem, path=path, cure=cure)


def refuse_other_columns(header: Sequence[str], needed: Collection[str], *, path: object) -> None:
    """Refuse a table that lacks columns, and say which table it seems to be.

    Parameters
    ----------
    header
        Column names as they stand in the file.
    needed
        Columns that must be there, in any case of letters.

    Raises
    ------
    InputError
        Naming the kind of file and up to four of the columns it lacks.

    Examples
    --------
    >>> refuse_other_columns(["aco_id", "perf_year", "final_benchmark"], ["ACO_ID", "N_AB"], path="r.csv")
    Traceback (most recent call last):
    leadrisk.errors.InputError: r.csv:1: is a file of ACO REACH results, which gives no cost by enrollment type; lacks \
1 of 2 columns: N_AB (give the MSSP Performance Year Financial and Quality Results (data.cms.gov) of one year as CSV)
    """
    given = {name.strip().casefold() for name in header}
    lacking = [name for name in needed if name.casefold() not in given]
    if not lacking:
        return
    more = f" and {len(lacking) - _ENOUGH_NAMED} more" if len(lacking) > _ENOUGH_NAMED else ""
    listed = f"{', '.join(lacking[:_ENOUGH_NAMED])}{more}"
    kind = _kind(given, header)
    problem = f"{kind}lacks {len(lacking)} of {len(needed)} columns: {listed}"
    raise InputError(problem, path=path, line=1, cure=f"give the {WANTED}")


def _kind(given: Collection[str], header: Sequence[str]) -> str:
    """Say what the table is, where its columns tell."""
    for name, mark in {"semicolons": ";", "tabs": "\t", "bars": "|"}.items():
        if len(header) == 1 and mark in header[0]:
            return f"is separated by {name}, not by commas; "
    if len(_REACH_COLUMNS.intersection(given)) > 1:
        return "is a file of ACO REACH results, which gives no cost by enrollment type; "
    if _PARTICIPANT_COLUMNS.intersection(given):
        return "is a list of participants, not of results; "
    has_quality = any(name.startswith(("cahps_", "qualityid_", "measure_", "qualscore")) for name in given)
    if has_quality and not any(name.startswith("per_capita_exp_") for name in given):
        return "holds results of quality but no costs; "
    if {"aco_id", "per_capita_exp_total_py"}.issubset(given):
        return "is an MSSP file of another layout; "
    return ""
