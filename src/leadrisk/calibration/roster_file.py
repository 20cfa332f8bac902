"""Files of a roster, CSV or Parquet: names of columns, the columns asked for, and the line of a record."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from leadrisk.calibration.roster_columns import BLANK
from leadrisk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

ENDINGS = (".csv", ".csv.gz", ".parquet")
_BLOCK_BYTES = 8 << 20


def arrow() -> Any:
    """Return `pyarrow`, which is an extra.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        for module in ("pyarrow.compute", "pyarrow.csv", "pyarrow.parquet"):
            import_module(module)
    except ModuleNotFoundError:
        msg = "reading a roster needs pyarrow, which is not installed"
        raise InputError(msg, cure="pip install leadrisk[roster]") from None
    return import_module("pyarrow")


@dataclass
class RosterTable:
    """One file, opened by :func:`open_table`.

    Parameters
    ----------
    path
        As it was named.
    columns
        Names in the header.
    ending
        One of `ENDINGS`.
    rows
        Records read; known after :meth:`read`.
    broken
        How many rows have more or fewer values than the header.
    """

    path: Path
    columns: tuple[str, ...]
    ending: str
    rows: int = 0
    broken: list[int] = field(default_factory=list)

    @property
    def place(self) -> str:
        """What the number of a record is called."""
        return "row" if self.ending == ".parquet" else "line"

    @property
    def broken_rule(self) -> str:
        """Rule for rows that `broken` counts."""
        return f"must have as many values as the header, {len(self.columns)}"

    def read(self, numbers: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
        """Read columns.

        Parameters
        ----------
        numbers, words
            Names of columns that should hold numbers, and of others.

        Returns
        -------
        dict
            Name to `pyarrow.ChunkedArray`: of a CSV file numbers as float64 unless one of them is no number, when
            all columns are text; of a Parquet file as stored.

        Raises
        ------
        InputError
            If the file is not what its ending says.
        """
        pa = arrow()
        names = [*numbers, *words]
        try:
            if self.ending == ".parquet":
                table = pa.parquet.read_table(self.path, columns=names, partitioning=None)
            else:
                try:
                    table = self._read_csv(dict.fromkeys(numbers, pa.float64()) | dict.fromkeys(words, pa.string()))
                except pa.ArrowInvalid:
                    self.broken.clear()
                    table = self._read_csv(dict.fromkeys(names, pa.string()))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, EOFError, gzip.BadGzipFile):
            what = "Parquet" if self.ending == ".parquet" else "comma-separated text in UTF-8"
            msg = f"cannot be read as {what}"
            raise InputError(msg, path=self.path, cure="export the table anew") from None
        self.rows = table.num_rows
        for name in names:
            self._check_type(name, table.schema.field(name).type)
        return {name: table.column(name) for name in names}

    def _check_type(self, name: str, kind: Any) -> None:
        """Refuse dates, lists, bytes and the like, which only Parquet has."""
        types = arrow().types
        plain = kind.value_type if types.is_dictionary(kind) else kind
        text = types.is_string(plain) or types.is_large_string(plain)
        number = types.is_integer(plain) or types.is_floating(plain) or types.is_decimal(plain)
        if not (text or number or types.is_boolean(plain) or types.is_null(plain)):
            msg = f"is stored as {kind}, but must be numbers, text, or true and false"
            raise InputError(msg, path=self.path, key=name, cure="export the table with this column as one of them")

    def _read_csv(self, types: Mapping[str, Any]) -> Any:
        pa = arrow()

        def skip(_: object) -> str:
            self.broken.append(1)
            return "skip"

        return pa.csv.read_csv(
            pa.input_stream(str(self.path), compression="gzip" if self.ending.endswith(".gz") else None),
            read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pa.csv.ConvertOptions(
                column_types=types, include_columns=list(types), null_values=list(BLANK), strings_can_be_null=True
            ),
        )

    def lines(self, records: Sequence[int]) -> dict[int, int]:
        """Find where records stand.

        Parameters
        ----------
        records
            Numbers of records in the order read, from 0, ascending.

        Returns
        -------
        dict
            Record to line of the file (the header is line 1), or to row of a Parquet file (the first is row 1).
        """
        if self.place == "row":
            return {record: record + 1 for record in records}
        wanted, found, record = set(records), dict[int, int](), 0
        for line, values in self._rows():
            if len(found) == len(wanted):
                break
            if len(values) == len(self.columns):
                if record in wanted:
                    found[record] = line
                record += 1
        return found

    def broken_lines(self, most: int) -> tuple[int, list[int]]:
        """Return how many rows have more or fewer values than the header, and the lines of the first of them."""
        lines: list[int] = []
        if self.broken:
            for line, values in self._rows():
                if len(values) != len(self.columns):
                    lines.append(line)
                if len(lines) == most:
                    break
        return len(self.broken), lines

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows of a text file below its header, each with the line it begins on; empty lines are passed over."""
        with _text(self.path) as file:
            reader = csv.reader(file)
            next(reader)
            begins = reader.line_num + 1
            for values in reader:
                if values:
                    yield begins, values
                begins = reader.line_num + 1


def _text(path: Path) -> TextIO:
    if path.name.endswith(".gz"):
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline=""))
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def open_table(path: str | PathLike[str]) -> RosterTable:
    """Open a file and read the names of its columns.

    Parameters
    ----------
    path
        CSV, CSV compressed by gzip, or Parquet, by its ending.

    Raises
    ------
    InputError
        If there is no such file, its ending is another one, or it has no header with names that differ.

    Examples
    --------
    >>> open_table("members.xlsx")
    Traceback (most recent call last):
    leadrisk.errors.InputError: members.xlsx: is not a .csv, .csv.gz or .parquet file (export it as CSV or Parquet)
    """
    file = Path(path)
    ending = next((ending for ending in ENDINGS if file.name.lower().endswith(ending)), None)
    if ending is None:
        msg = f"is not a {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]} file"
        raise InputError(msg, path=path, cure="export it as CSV or Parquet")
    if file.is_dir():
        msg = "is a directory, not a file"
        raise InputError(msg, path=path, cure="name the files in it")
    if not file.exists():
        msg = "there is no such file"
        raise InputError(msg, path=path)
    columns = _parquet_columns(file) if ending == ".parquet" else _csv_columns(file)
    if len(set(columns)) < len(columns):
        again = next(at for at, name in enumerate(columns) if name in columns[:at])
        msg = f"column {again + 1} has the name of column {columns.index(columns[again]) + 1}"
        line = None if ending == ".parquet" else 1
        raise InputError(msg, path=path, line=line, cure="write a header with names that differ")
    return RosterTable(file, columns, ending)


def _parquet_columns(path: Path) -> tuple[str, ...]:
    pa = arrow()
    try:
        return tuple(pa.parquet.read_schema(path).names)
    except pa.ArrowInvalid:
        msg = "is not a Parquet file"
        raise InputError(msg, path=path, cure="export the table anew") from None


def _csv_columns(path: Path) -> tuple[str, ...]:
    try:
        with _text(path) as file:
            header = next(csv.reader(file), [])
    except (gzip.BadGzipFile, EOFError, csv.Error):
        msg = "is not a comma-separated file with a header"
        raise InputError(msg, path=path, cure="export the table anew") from None
    if not header:
        msg = "is empty"
        raise InputError(msg, path=path, cure="write a header with the names of the columns")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        msg = "values are not separated by commas"
        raise InputError(msg, path=path, line=1, cure="export the table with commas between values")
    return tuple(header)
